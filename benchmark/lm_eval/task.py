"""Tasks of lm-eval as splits of ours: prompts, budget, stops and references as lm-eval itself makes them."""

import contextlib
import io
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, get_args
from urllib.parse import quote, unquote

from ...errors import BadInput, NotInstalled
from ...naming import nearest
from ...tasks import Prompt, Shift, Split, Task

if TYPE_CHECKING:
    from lm_eval.api.instance import Instance  # type: ignore[import-untyped]  # ships no types
    from lm_eval.api.task import Task as LmEvalTask  # type: ignore[import-untyped]
    from lm_eval.tasks import TaskManager  # type: ignore[import-untyped]

NAME: Final = "lm-eval"
"""What run folders call the task of all these splits."""

FEW_SHOT_SEED: Final = 1234
"""With which lm-eval draws examples unless told otherwise, so that prompts are the same as its own."""

BUDGETS: Final = ("max_gen_toks", "max_new_tokens", "max_tokens", "max_completion_tokens")
"""Settings that lm-eval takes for the budget of an answer, the first one that is given."""

DEFAULT_BUDGET: Final = 256
"""Tokens that lm-eval gives an answer unless the task says otherwise."""

_SPEC: Final = re.compile(rf"{NAME}(?P<mark>[:/])(?P<name>[^=]+)(=(?P<shift>.*))?")


def names_lm_eval_task(name: str) -> bool:
    """Tell whether what `--task` was given is for lm-eval.

    >>> names_lm_eval_task("lm-eval:gsm8k=far"), names_lm_eval_task("mini-summarisation/news")
    (True, False)
    """
    return name.startswith((f"{NAME}:", f"{NAME}/"))


def find_lm_eval_split(name: str, include_path: Path | None = None) -> tuple[Task, Split]:
    """Return the split that `lm-eval:NAME[=SHIFT]` names, or `lm-eval/NAME` as run folders write it.

    The shift is `id` unless said: lm-eval knows of none. Its prompts are rendered once, here, with the examples that
    the task asks for and no chat template; as a chat, the whole text is one user message.

    Args:
        name: as `--task` takes it.
        include_path: a folder of tasks, looked at before lm-eval's own.

    Raises:
        NotInstalled: lm-eval is missing.
        BadInput: there is no such task, it does not generate text, or its data cannot be loaded.
    """
    parts = _SPEC.fullmatch(name)
    shift = (parts["shift"] if parts else None) or "id"
    if not parts or shift not in get_args(Shift):
        raise BadInput(
            f"--task {name}: wanted {NAME}:NAME[=SHIFT], SHIFT being one of {', '.join(get_args(Shift))}, such as "
            f"{NAME}:gsm8k=far"
        )
    task_name = unquote(parts["name"]) if parts["mark"] == "/" else parts["name"]
    with _quiet():
        task = _load(task_name, include_path)
        instances = _instances(task_name, task)
        prompts = [_prompt(task, instance) for instance in instances]
    settings = instances[0].args[1]
    split = Split(
        name=quote(task_name, safe=""),  # a file's name in run folders
        shift=shift,  # type: ignore[arg-type]  # checked above
        description=f"the task {task_name} of lm-eval",
        kind="instruction",
        load=lambda: prompts,
    )
    ours = Task(
        name=NAME,
        version=_version(task),
        description="Tasks of lm-eval.",
        licence="unknown",
        format="raw",
        max_tokens=int(next((settings[key] for key in BUDGETS if settings.get(key) is not None), DEFAULT_BUDGET)),
        stop=_stops(settings),
        splits=(split,),
    )
    return ours, split


def _load(name: str, include_path: Path | None) -> "LmEvalTask":
    if include_path is not None and not include_path.is_dir():
        raise BadInput(f"--include-path {include_path}: there is no such folder")
    manager = _manager(include_path) if include_path else None
    if manager is None or name not in manager.all_tasks:
        manager = _manager(None)
    if name not in manager.all_subtasks:
        raise BadInput(_no_task(name, manager, include_path))
    _check_kind(name, (manager.task_index[name].cfg or {}).get("output_type"))  # before its data are fetched
    try:
        return next(iter(manager.load([name])["tasks"].values()))
    except Exception as broken:  # whatever a task's code and its data set raise
        reason = (str(broken).strip() or type(broken).__name__).splitlines()[0]
        raise BadInput(f"lm-eval task {name!r} cannot be loaded ({reason:.200})") from broken


@cache
def _manager(folder: Path | None) -> "TaskManager":
    """Return lm-eval's index of a folder of tasks, or of its own ones, which takes some seconds."""
    try:
        from lm_eval.tasks import TaskManager
    except ImportError as missing:
        raise NotInstalled(f"tasks of lm-eval need: pip install 'gendiv[lm-eval]' ({missing})") from missing
    return TaskManager() if folder is None else TaskManager(include_path=folder, include_defaults=False)


def _no_task(name: str, manager: "TaskManager", include_path: Path | None) -> str:
    if name in manager.all_tasks:
        members = sorted(_members(manager, name))
        return f"lm-eval knows {name!r} as a group; name its tasks one by one: {', '.join(members)[:200]}"
    known = [*manager.all_subtasks, *(_manager(include_path).all_subtasks if include_path else ())]
    found = nearest(name, known)
    return f"lm-eval has no task {name!r}" + (f": {found}" if found.startswith("did") else " (`lm-eval ls tasks`)")


def _members(manager: "TaskManager", name: str) -> Iterator[str]:
    entry = manager.task_index[name]
    listed = (entry.cfg or {}).get("task", ())
    for item in [*entry.tags, *([listed] if isinstance(listed, str) else listed)]:
        yield str(item.get("task") or item.get("group")) if isinstance(item, dict) else str(item)


def _instances(name: str, task: "LmEvalTask") -> Sequence["Instance"]:
    """Return one request a document.

    Raises:
        BadInput: the task asks for anything but one text a document.
    """
    _check_kind(name, task.OUTPUT_TYPE)
    if getattr(task, "MULTIMODAL", False):
        raise BadInput(f"lm-eval task {name!r} shows pictures or sound; wanted a task of text alone")
    if task.get_config("num_fewshot") is None:
        task.set_config(key="num_fewshot", value=0)
    task.set_fewshot_seed(seed=FEW_SHOT_SEED)
    try:
        with contextlib.redirect_stderr(io.StringIO()):  # its progress bar
            task.build_all_requests()
    except Exception as broken:  # whatever a task's code and its data set raise
        reason = (str(broken).strip() or type(broken).__name__).splitlines()[0]
        raise BadInput(f"lm-eval task {name!r}: its prompts cannot be made ({reason:.200})") from broken
    instances: Sequence[Instance] = task.instances
    if len({instance.doc_id for instance in instances}) < len(instances) or any(
        instance.request_type != "generate_until" for instance in instances
    ):
        raise BadInput(f"lm-eval task {name!r} asks several things of a document; wanted one text")
    return instances


def _check_kind(name: str, kind: str | None) -> None:
    if kind not in (None, "generate_until"):
        raise BadInput(
            f"lm-eval task {name!r} asks for log-likelihoods ({kind}), and diversity needs text: wanted a "
            "generate_until task"
        )


def _prompt(task: "LmEvalTask", instance: "Instance") -> Prompt:
    text = instance.args[0]
    question = task.doc_to_text(instance.doc)
    return Prompt(
        id=str(instance.doc_id),
        raw=text,
        message=text,
        reference=_reference(task, instance.doc),
        shown=question if isinstance(question, str) else text,
    )


def _reference(task: "LmEvalTask", document: Mapping[str, Any]) -> str | None:
    """Return the target of a document as one text: the first of several, the choice that a number stands for."""
    target = task.doc_to_target(document)
    if isinstance(target, list):
        target = target[0] if target else None
    if isinstance(target, int) and task.get_config("doc_to_choice") is not None:
        target = task.doc_to_choice(document)[target]
    return None if target is None else str(target)


def _stops(settings: Mapping[str, Any]) -> tuple[str, ...]:
    until = settings.get("until") or ()
    return tuple(filter(None, [until] if isinstance(until, str) else until))


def _version(task: "LmEvalTask") -> int:
    """Return the whole part of the version, which is all that ours have."""
    try:
        return int(float(task.VERSION))
    except (TypeError, ValueError):
        return 0


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep lm-eval's log off the terminal."""
    logger = logging.getLogger("lm_eval")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)
