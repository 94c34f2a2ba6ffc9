"""Push: a run folder as a data set on the Hugging Face hub, told in full before anything is sent."""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ..benchmark.grades import grades_file
from ..benchmark.hub import OWNED_ID, hub_errors
from ..benchmark.lm_eval.task import names_lm_eval_task
from ..benchmark.prompts import prompts_file
from ..benchmark.registry import find_split
from ..benchmark.run import Run
from ..benchmark.store import split_file
from ..errors import BadInput, NotInstalled, StoreFailed
from ..version import __version__
from .exports.eval_results import Source, eval_results_file, eval_results_text
from .exports.run import load_scored

if TYPE_CHECKING:
    from huggingface_hub import CommitOperationAdd

HUB: Final = "https://huggingface.co"
CARD: Final = "README.md"


@dataclass(frozen=True)
class Upload:
    """One file: its path in the repository, and its content or where that is."""

    name: str
    content: bytes | Path

    @property
    def size(self) -> int:
        """In bytes."""
        return self.content.stat().st_size if isinstance(self.content, Path) else len(self.content)


@dataclass(frozen=True)
class Push:
    """What would be sent where.

    Attributes:
        run: what it is of.
        to: id of the data set repository, made if it is not there.
        private: whether a repository that is made is seen by its owners alone.
        files: all that is sent to it.
        licences: of each split's data, as far as it is known here.
        kept: what of the run is not sent.
        model: id of the model repository that is offered the results as a pull request, or None.
        benchmark: id of the data set whose leaderboard the results are for, or None.
    """

    run: Run
    to: str
    private: bool
    files: tuple[Upload, ...]
    licences: Mapping[str, str]
    kept: tuple[str, ...]
    model: str | None = None
    benchmark: str | None = None

    @property
    def address(self) -> str:
        """Where the data set will be seen."""
        return f"{os.environ.get('HF_ENDPOINT', HUB).rstrip('/')}/datasets/{self.to}"

    def results(self) -> Upload | None:
        """Return the file that the model's repository is offered, if one is."""
        if self.model is None or self.benchmark is None:
            return None
        text = eval_results_text(self.run, self.benchmark, Source(self.address, "samples and scores by gendiv"))
        return Upload(eval_results_file(self.run), text.encode())

    def remarks(self) -> list[str]:
        """Return what the files tell beside numbers and texts."""
        record = self.run.record
        machine = " and the machine by its processor and packages" if record.environment else ""
        lines = [f"run.json names the model as {record.model.spec!r}{machine}"]
        if record.source:
            lines.append(
                "run.json holds the server's facts: " + ", ".join(f"{k}={v}" for k, v in record.source.items())
            )
        return [*lines, "samples may repeat the text of the prompts, which stays under the licence of its data set"]


@dataclass(frozen=True)
class Pushed:
    """What was made: the address of the commit, and of the pull request if there is one."""

    commit: str
    pull_request: str | None


def plan_push(
    run: str | Path,
    to: str,
    *,
    private: bool = False,
    with_prompts: bool = False,
    model: str | None = None,
    benchmark: str | None = None,
) -> Push:
    """Return what `push` would send; asks no hub.

    Args:
        run: a scored run folder.
        to: ORGANISATION/NAME of the data set repository.
        private: make it a private one.
        with_prompts: send the prompts and references too, whose licence must allow it.
        model: ORGANISATION/NAME of a model repository to offer the results to.
        benchmark: with `model`, the data set whose leaderboard the results are for.

    Raises:
        BadInput: a name is no hub id, or the one of `model` and `benchmark` is given without the other.
        StoreFailed: the run cannot be read, or its scores are of other samples.
    """
    for option, given in (("--to", to), ("--model-repo", model), ("--benchmark", benchmark)):
        if given is not None and not OWNED_ID.fullmatch(given):
            raise BadInput(f"{option}: wanted ORGANISATION/NAME, found {given!r}")
    if (model is None) != (benchmark is None):
        raise BadInput("--model-repo and --benchmark go together: whose results, and for which leaderboard")
    found = load_scored(run)
    names = [split.name for split in found.record.splits]
    places = [split_file, grades_file, *([prompts_file] if with_prompts else [])]
    paths = [found.folder / "run.json", found.folder / "scores.json"]
    paths += [path for place in places for name in names if (path := place(found.folder, name)).exists()]
    kept = () if with_prompts else tuple(f"prompts/{n}.jsonl" for n in names if prompts_file(found.folder, n).exists())
    licences = {name: licence_of(name) for name in names}
    files = [Upload(path.relative_to(found.folder).as_posix(), path) for path in paths]
    card = Upload(CARD, _card(found, licences).encode())
    plan = Push(found, to, private, (card, *files), licences, kept, model, benchmark)
    plan.results()  # what is wrong with it is told now
    return plan


def licence_of(split: str) -> str:
    """Return the licence of a split's data, or "unknown"; lm-eval knows of none, and finding its task fetches data."""
    if names_lm_eval_task(split):
        return "unknown"
    try:
        task, found = find_split(split)
    except BadInput:
        return "unknown"
    return found.data.licence if found.data else task.licence


def push(plan: Push) -> Pushed:
    """Send it: make the repository if it is not there, commit the files, open the pull request.

    The token is that of `hf auth login` or `HF_TOKEN`; it is neither printed nor stored.

    Raises:
        NotInstalled: huggingface_hub is missing.
        BadInput: there is no token.
        StoreFailed: the hub cannot be reached, or refuses.
    """
    try:
        from huggingface_hub import HfApi, get_token
    except ImportError as missing:
        raise NotInstalled("gendiv push needs huggingface_hub: pip install 'gendiv[hub]'") from missing
    token = get_token()
    if token is None:
        raise BadInput("no token for the hub: hf auth login, or set HF_TOKEN to one that may write")
    hub = HfApi(token=token, library_name="gendiv", library_version=__version__)
    with _one_line(plan.to, token):
        hub.create_repo(plan.to, repo_type="dataset", private=plan.private or None, exist_ok=True)
        made = hub.create_commit(
            plan.to, _operations(plan.files), commit_message=_message(plan.run), repo_type="dataset"
        )
    offered = plan.results()
    if offered is None or plan.model is None:
        return Pushed(made.commit_url, None)
    with _one_line(plan.model, token):
        request = hub.create_commit(
            plan.model, _operations([offered]), commit_message=_message(plan.run), repo_type="model", create_pr=True
        )
    return Pushed(made.commit_url, request.pr_url)


def _operations(files: Iterable[Upload]) -> "list[CommitOperationAdd]":
    from huggingface_hub import CommitOperationAdd

    return [CommitOperationAdd(path_in_repo=file.name, path_or_fileobj=file.content) for file in files]


def _message(run: Run) -> str:
    return f"Add a run of {run.record.label} by gendiv {__version__}"


@contextmanager
def _one_line(repository: str, token: str) -> Iterator[None]:
    """Turn what the hub's client raises into one line that does not hold the token."""
    failures: tuple[type[Exception], ...] = (*hub_errors(), ValueError, RuntimeError)  # these two by its own checks
    try:
        yield
    except failures as error:
        status = getattr(getattr(error, "response", None), "status_code", None)
        said = getattr(error, "server_message", None) or (str(error).strip() or type(error).__name__).splitlines()[0]
        said = " ".join(said.replace(token, "(token)").split())[:200]
        if status in (401, 403):
            reason = f"the hub does not let this token write to {repository} ({said}); use one that may"
        elif status is not None:
            reason = f"the hub refused {repository} with status {status}: {said}"
        else:
            reason = f"the hub cannot be reached ({type(error).__name__}: {said}); nothing is lost, push again"
        raise StoreFailed(reason) from error


def _card(run: Run, licences: Mapping[str, str]) -> str:
    """Return the data set's page: what it is, which file is what, and under which licences."""
    record = run.record
    splits = [
        f"| `{split.name}` | {split.shift} | {split.prompts} | {record.samples_per_prompt} | {licences[split.name]} |"
        for split in record.splits
    ]
    drawn = "Drawn" if record.imported is None else "Imported"
    return "\n".join(
        [
            "---",
            "tags: [gendiv]",
            "configs:",
            "- config_name: samples",
            "  data_files: samples/**/*.jsonl",
            "---",
            "",
            f"# {record.label}: samples and scores",
            "",
            f"{drawn} and scored by gendiv {record.gendiv}. `run.json` tells how the samples were drawn, `samples/`",
            "holds them, a row each, and `scores.json` what was measured, with intervals and signatures.",
            "",
            "| split | shift | prompts | samples for each | licence of the prompts |",
            "|---|---|---|---|---|",
            *splits,
            "",
        ]
    )
