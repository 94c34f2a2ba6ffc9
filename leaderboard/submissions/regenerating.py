"""Regenerating: a seeded share of a submission's samples drawn again from the model, and held against those it brought.

Whoever draws again chooses the seed, after the submission was made, so that no submitter can know which prompts it will
be. One who writes some samples by hand is then found with a chance that grows with their share.
"""

import math
import random
import re
import secrets
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ...benchmark.drawing import RunFolder
from ...benchmark.open import open_source
from ...benchmark.plan import Plan
from ...benchmark.progress import Progress, Silent
from ...benchmark.prompts import write_prompts
from ...benchmark.record import RunRecord
from ...benchmark.replaying import replayed
from ...benchmark.sources.source import Model, Source, SourceOptions
from ...benchmark.store import read_samples, split_file
from ...benchmark.to_the_end import to_the_end
from ...errors import BadInput
from ...naming import nearest
from . import reading
from .submission import Submission

ENOUGH: Final = 0.9
"""Share of texts drawn again that must come out the same, in every split: engines that batch otherwise round otherwise,
and then a sample takes another turn somewhere, which some in a hundred do; samples of another model, or written by hand
in more than a tenth, do not reach it."""

SHARE: Final = 0.01
"""Share of a split's prompts that is drawn again."""

FEWEST: Final = 3
"""Prompts of a split that are drawn again at least, or all."""

WEIGHTS: Final = frozenset({"weights", "revision"})
"""Identities whose fingerprints are of a checkpoint's files."""

DRAWN_AGAIN: Final = "drawn again"
"""How the remark begins that says what came of it."""

ASKED: Final = re.compile(r"(.+?)=([A-Za-z][\w-]*:.+)")
"""NAME=SPEC; the name may hold a `=` of its own."""

DTYPES: Final = frozenset({"float32", "float16", "bfloat16"})


@dataclass(frozen=True)
class SplitAgain:
    """One split drawn again: how many prompts and samples, and how many of the texts came out the same."""

    split: str
    prompts: int
    samples: int
    same: int


@dataclass(frozen=True)
class Regenerated:
    """A share of a submission drawn again.

    Attributes:
        seed: by which its prompts were chosen.
        splits: what came of each.
        remarks: what a maintainer should know.
    """

    seed: int
    splits: tuple[SplitAgain, ...]
    remarks: tuple[str, ...] = ()

    @property
    def same(self) -> float:
        """Share of texts that came out the same, in the split where the fewest did: one split may be the forged one."""
        return min(split.same / split.samples for split in self.splits)

    @property
    def enough(self) -> bool:
        """Whether the submission counts as regenerated."""
        return self.same >= ENOUGH

    def __str__(self) -> str:
        whole = [(split.prompts, split.samples, split.same) for split in self.splits]
        prompts, samples, same = (sum(counts) for counts in zip(*whole, strict=True))
        worst = min(self.splits, key=lambda split: split.same / split.samples)
        fewest = (
            f", in {worst.split} {worst.same} of {worst.samples}" if len(self.splits) > 1 and same < samples else ""
        )
        return f"{DRAWN_AGAIN} with seed {self.seed}: {prompts} prompts, {same} of {samples} texts the same{fewest}"


def regenerate(
    submission: Submission,
    source: str | Source,
    *,
    seed: int | None = None,
    share: float = SHARE,
    progress: Progress | None = None,
) -> Regenerated:
    """Draw a seeded share of a submission's samples again and compare them, text by text.

    Args:
        submission: as read.
        source: what is said to have drawn it: a spec, or a source that was not entered.
        seed: chooses the prompts; a random one unless given, which the result keeps.
        share: of each split's prompts, of which there are `FEWEST` at least.
        progress: told how it goes.

    Raises:
        BadInput: it was imported, its prompts are not to be had, the source is another model by its weights, or does
            not honour seeds.
        GendivError: the source cannot draw.
    """
    record = submission.record
    if not 0 < share <= 1:
        raise BadInput(f"the share to be drawn again: wanted a number above 0, up to 1, found {share}")
    if record.imported is not None:
        raise BadInput("its samples were imported: their seeds are not known, so none can be drawn again")
    chosen = secrets.randbelow(2**32) if seed is None else seed
    opened = open_source(source, _options(record.model)) if isinstance(source, str) else source
    with tempfile.TemporaryDirectory() as folder:
        plan = _plan(submission, Path(folder) / "prompts", chosen, share)
        for split in plan.splits:
            opened.require(split.format, split.decoding)
        again = RunFolder(plan, Path(folder) / "again")
        with again:
            there = to_the_end(lambda: _draw(again, opened, record, progress or Silent()))
        splits = tuple(_compared(submission, again.folder, split.name) for split in plan.splits)
    return Regenerated(chosen, splits, tuple(_remarks(record, there)))


def named(given: Iterable[str], root: Path) -> dict[str, str]:
    """Return specs by name from NAME=SPEC, each the name of a model or a submission in a repository.

    Raises:
        BadInput: one is of another form, stands there twice, or names nothing in the repository.
    """
    specs: dict[str, str] = {}
    known: set[str] = set()
    for text in given:
        parts = ASKED.fullmatch(text)
        if parts is None:
            raise BadInput(f"--regenerate: wanted NAME=SPEC, such as my-model=hf:./checkpoint, found {text!r}")
        name, spec = parts.groups()
        if name in specs:
            raise BadInput(f"--regenerate: {name} is named twice")
        known = known or {one for submission in reading.read_repository(root)[0] for one in _names(submission)}
        if name not in known:
            raise BadInput(f"--regenerate: no submission is called {name!r}: {nearest(name, known)}")
        specs[name] = spec
    return specs


def _names(submission: Submission) -> tuple[str, ...]:
    return (submission.name, submission.card.model, submission.name.partition("/")[0])


def regenerating(
    submissions: dict[str, str],
    *,
    seed: int | None = None,
    share: float = SHARE,
    tell: Callable[[str], None] = lambda line: None,
    progress: Progress | None = None,
) -> Callable[[Submission], Regenerated | None]:
    """Return what draws submissions again, for `check_repository`.

    Args:
        submissions: specs by the submission's name, MODEL/REVISION/SUITE, or by the model's name alone.
        seed: as for `regenerate`.
        share: as for `regenerate`.
        tell: told the seed and what came out.
        progress: told how drawing goes.
    """
    chosen = secrets.randbelow(2**32) if seed is None else seed
    tell(f"samples to be drawn again are chosen with seed {chosen}")

    def again(submission: Submission) -> Regenerated | None:
        spec = next((submissions[name] for name in _names(submission) if name in submissions), None)
        if spec is None:
            return None
        tell(f"drawing {submission.name} again from {spec}")
        found = regenerate(submission, spec, seed=chosen, share=share, progress=progress)
        tell(f"{submission.name}: {found}")
        return found

    return again


def _options(model: Model) -> SourceOptions:
    return SourceOptions(dtype=model.dtype if model.identity in WEIGHTS and model.dtype in DTYPES else "auto")


def _plan(submission: Submission, folder: Path, seed: int, share: float) -> Plan:
    """Return the part of the plan that drew the submission."""
    wanted = {}
    for split in submission.record.splits:
        write_prompts(folder, split.name, reading.read_prompts(submission, split.name).values())
        ids = sorted({sample.prompt for sample in reading.read_samples(submission, split.name)})
        count = min(len(ids), max(FEWEST, math.ceil(share * len(ids))))
        wanted[split.name] = random.Random(f"{seed}:{submission.name}:{split.name}").sample(ids, count)
    return replayed(submission.record, folder, only=wanted)


async def _draw(again: RunFolder, source: Source, record: RunRecord, progress: Progress) -> RunRecord:
    """Draw what is wanted, after making sure that the source can come to the same texts."""
    known = source.peek()
    if known is not None:
        _check_model(record.model, known)
    async with source:
        _check_model(record.model, source.model)
        for split in again.plan.splits:
            seeded = (await source.examine(split.format)).seeded
            recorded = record.abilities[split.format].seeded if split.format in record.abilities else None
            if split.decoding.temperature > 0 and False in (seeded, recorded):
                where = "the source" if seeded is False else "the one that drew it"
                raise BadInput(f"{where} gives other texts for the same seed, so the same cannot be expected again")
        return await again.draw(source, again.missing(source.model), progress)


def _check_model(recorded: Model, here: Model) -> None:
    """Refuse a model that is another one by its weights, or that is asked in another template."""
    alike = recorded.identity == here.identity and recorded.identity in WEIGHTS | {"script"}
    if alike and recorded.fingerprint != here.fingerprint:
        there = recorded.fingerprint[:20]
        raise BadInput(f"{here.spec} is another model: its fingerprint is {here.fingerprint[:20]}, recorded is {there}")
    if None not in (recorded.chat_template, here.chat_template) and recorded.chat_template != here.chat_template:
        raise BadInput(f"{here.spec} has another chat template than the one that is recorded")


def _compared(submission: Submission, folder: Path, split: str) -> SplitAgain:
    k = submission.record.samples_per_prompt
    drawn = list(read_samples(split_file(folder, split)))
    there = {(one.prompt, one.index): one.text for one in reading.read_samples(submission, split) if one.index < k}
    same = sum(there.get((one.prompt, one.index)) == one.text for one in drawn)
    return SplitAgain(split, len({one.prompt for one in drawn}), len(drawn), same)


def _remarks(record: RunRecord, again: RunRecord) -> list[str]:
    """Return why a comparison shows less than it could, if it does."""
    recorded, here = record.model.identity, again.model.identity
    if recorded == here and recorded in WEIGHTS:
        return []
    how = f"{recorded}, that of {again.model.spec} {here}" if recorded != here else recorded
    return [f"the model's recorded identity is {how}: the texts drawn again alone tell that it is the model"]
