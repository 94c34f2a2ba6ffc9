"""What a run will ask: splits, decoding, samples per prompt and metrics, all checked before anything is started."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import BadInput
from ..metrics import Metric
from ..tasks import Format, Kind, Origin, Prompt, Shift, Split, Task
from ..tasks.reading import read
from .choosing import choose_metrics
from .decoding import Decoding
from .lm_eval.task import names_lm_eval_task
from .prompts import Asked, content_of
from .record import RunRecord, SplitRecord
from .registry import find_splits, find_suite, names
from .selecting import FIRST, Selection

DEFAULT_METRICS = ("distinct", "ead", "sbert", "length", "duplicates")


@dataclass(frozen=True)
class PlannedSplit:
    """One split as it will be asked.

    Attributes:
        prompts: those selected, in the order they were taken.
        selection: how they were.
        available: how many prompts the split has.
        origin: where they were read, for splits that are a data set's.
    """

    name: str
    shift: Shift
    kind: Kind
    task_version: int
    format: Format
    decoding: Decoding
    prompts: tuple[Prompt, ...]
    selection: Selection = FIRST
    available: int | None = None
    origin: Origin | None = None

    def record(self) -> SplitRecord:
        """Return what the run's record keeps of it."""
        return SplitRecord(
            name=self.name,
            shift=self.shift,
            kind=self.kind,
            task_version=self.task_version,
            format=self.format,
            decoding=self.decoding,
            prompts=len(self.prompts),
            select=self.selection.select,
            select_seed=self.selection.seed,
            available=self.available,
            data=self.origin,
            content=self.content(len(self.prompts)),
        )

    def asked(self) -> list[Asked]:
        """Return the prompts as the run folder keeps them."""
        return [Asked(one.id, one.text(self.format), one.reference, one.shown) for one in self.prompts]

    def content(self, count: int) -> str:
        """Return the hash of the first `count` prompts as they are sent, with their references."""
        return content_of(self.asked()[:count])


@dataclass(frozen=True)
class Plan:
    """All of a run but the model."""

    suite: str | None
    splits: tuple[PlannedSplit, ...]
    metrics: tuple[Metric, ...]
    samples_per_prompt: int
    seed: int

    @property
    def samples(self) -> int:
        """How many samples the whole run has."""
        return sum(len(split.prompts) for split in self.splits) * self.samples_per_prompt

    @property
    def notes(self) -> tuple[str, ...]:
        """What a user should know of the data: a line for each data set that was read at no pinned commit."""
        origins = [split.origin for split in self.splits if split.origin is not None]
        return tuple(
            dict.fromkeys(
                f"{origin.data}: {origin.revision or 'main'} is commit {origin.commit} now, which the record keeps"
                for origin in origins
                if origin.commit != origin.revision
            )
        )

    def check_extends(self, before: RunRecord, folder: str) -> None:
        """Refuse to go on in a folder that holds samples of a different kind; more of the same kind is fine.

        Raises:
            BadInput: naming the first thing that differs.
        """
        if before.imported is not None:
            raise BadInput(f"{folder} holds imported samples, beside which none can be drawn; {ANOTHER}")
        planned = {split.name: split for split in self.splits}
        _same(folder, "--seed", before.seed, self.seed)
        if self.samples_per_prompt < before.samples_per_prompt:
            raise BadInput(f"{folder} holds {before.samples_per_prompt} samples a prompt, more than -k asks; {ANOTHER}")
        for old in before.splits:
            new = planned.get(old.name)
            if new is None:
                raise BadInput(f"{folder} also holds {old.name}, which is not asked for now: add it, or {ANOTHER}")
            if len(new.prompts) < old.prompts:
                raise BadInput(f"{folder} holds {old.prompts} prompts of {old.name}, more than -n asks; {ANOTHER}")
            chosen = Selection(old.select, old.select_seed).name
            _same(folder, f"--select of {old.name}", chosen, new.selection.name)
            _same(folder, f"format of {old.name}", old.format, new.format)
            _same(folder, f"decoding of {old.name}", old.sampler, new.decoding.signature)
            if new.content(old.prompts) != old.content:
                raise BadInput(f"{folder} holds another version of the prompts of {old.name}; {ANOTHER}")


ANOTHER = "use another --out"


def _same(folder: str, what: str, there: object, here: object) -> None:
    if there != here:
        raise BadInput(f"{folder} was drawn with another {what}: {there} there, {here} here; {ANOTHER}")


def make_plan(
    *,
    suite: str | None = None,
    tasks: Sequence[str] = (),
    include_path: str | Path | None = None,
    prompts: int | None = None,
    select: str = "first",
    select_seed: int | None = None,
    samples: int = 16,
    decoding: Mapping[str, object] | None = None,
    format: Format | None = None,
    metrics: Sequence[str | Metric] = (),
    sbert_model: str | None = None,
    nli_model: str | None = None,
    seed: int = 0,
) -> Plan:
    """Return a checked plan.

    Args:
        suite: name of a suite; exclusive with `tasks`.
        tasks: TASK/SPLIT names, task files as FILE.yaml/SPLIT or FILE.yaml (all its splits), lm-eval:NAME[=SHIFT].
        include_path: a folder with tasks of lm-eval.
        prompts: so many of each split; by default the suite's own number or, of a smaller split, all; otherwise all.
        select: "first" takes the first prompts in published order, "random" a sample, which a larger one extends.
        select_seed: of a random sample.
        samples: K, samples for each prompt.
        decoding: fields of `Decoding` that differ from its defaults and from the task's budget.
        format: "chat" or "raw" for all splits; each task's own by default.
        metrics: metrics or their specs; the suite's own by default.
        sbert_model: replaces the sentence encoder of every metric that has one.
        nli_model: replaces the NLI model of every metric that has one.
        seed: of the run; every sample's seed derives from it.

    Raises:
        BadInput: something is not usable, in one line.
    """
    if (suite is None) == (not tasks):
        raise BadInput(f"name either a --suite ({', '.join(names('suite'))}) or one --task TASK/SPLIT and more")
    if samples < 1:
        raise BadInput(f"-k: wanted at least 1 sample a prompt, found {samples}")
    if prompts is not None and prompts < 1:
        raise BadInput(f"-n: wanted at least 1 prompt a split, found {prompts}")
    named = find_suite(suite) if suite is not None else None
    selection = Selection.of(select, select_seed)
    metric_specs = metrics or (named.metrics if named else DEFAULT_METRICS)
    chosen = choose_metrics(metric_specs, sbert_model=sbert_model, nli_model=nli_model)
    found = _find(named.splits if named else tasks, None if include_path is None else Path(include_path))
    count = Count(prompts, exact=True) if prompts or named is None else Count(named.prompts, exact=False)
    splits = tuple(_plan_split(task, split, selection, count, dict(decoding or {}), format) for task, split in found)
    if samples > 1 and any(split.decoding.temperature == 0 for split in splits):
        raise BadInput(
            f"temperature 0 gives one text a prompt, and -k asks for {samples}: -k 1, or a temperature above 0"
        )
    return Plan(suite, splits, chosen, samples, seed)


@dataclass(frozen=True)
class Count:
    """How many prompts of each split are asked: None for all; `exact` refuses a split that has fewer."""

    prompts: int | None
    exact: bool


def _find(asked: Sequence[str], include_path: Path | None) -> list[tuple[Task, Split]]:
    """Return the splits that names ask for, each once.

    Raises:
        BadInput: two names are two splits of the same name, or a folder is given for tasks that are not asked for.
    """
    if include_path is not None and not any(map(names_lm_eval_task, asked)):
        raise BadInput(
            f"--include-path {include_path} is for tasks of lm-eval, and none is asked for: --task lm-eval:NAME"
        )
    found: dict[str, tuple[Task, Split]] = {}
    for name in dict.fromkeys(asked):
        for task, split in find_splits(name, include_path):
            same = found.setdefault(task.full_name(split), (task, split))
            if same != (task, split):
                raise BadInput(f"--task {name}: another {task.full_name(split)} is asked for too; leave one out")
    return list(found.values())


def _plan_split(
    task: Task,
    split: Split,
    selection: Selection,
    count: Count,
    decoding: Mapping[str, object],
    format: Format | None,
) -> PlannedSplit:
    name = task.full_name(split)
    used = format or task.format
    checked = decoding_for(task, used, decoding)
    prompts = selection.order(name, split.load())
    if count.exact and count.prompts is not None and count.prompts > len(prompts):
        raise BadInput(f"{name} has {len(prompts)} prompts, and -n asks for {count.prompts}")
    repeated = len(prompts) - len({prompt.id for prompt in prompts})
    if repeated or not prompts:
        raise BadInput(
            f"{name}: wanted prompts with ids of their own, found {len(prompts)}, {repeated} of them repeated"
        )
    return PlannedSplit(
        name=name,
        shift=split.shift,
        kind=split.kind,
        task_version=task.version,
        format=used,
        decoding=checked,
        prompts=tuple(prompts[: count.prompts]),
        selection=selection,
        available=len(prompts),
        origin=read(split.data).origin if split.data else None,  # read a moment ago, and kept
    )


def decoding_for(task: Task, format: Format, given: Mapping[str, object]) -> Decoding:
    """Return how samples of a task are drawn: as given, else by the task's own budget, else by the defaults.

    Raises:
        BadInput: a parameter is not usable.
    """
    if format == "chat" and given.get("prompt_tokens") is not None:
        raise BadInput(
            f"--prompt-tokens: {task.name} is asked in chat format, whose prompts are never cut; --format raw"
        )
    budget = task.prompt_tokens if format == "raw" else None
    settings = {"max_tokens": task.max_tokens, "stop": task.stop, "prompt_tokens": budget, **given}
    return Decoding(**settings)  # type: ignore[arg-type]  # checked by Decoding itself
