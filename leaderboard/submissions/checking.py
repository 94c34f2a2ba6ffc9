"""Checking: a results repository in, for each submission every reason to refuse it or how far it can be trusted out."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from ...benchmark.store import read_json
from ...errors import GendivError, StoreFailed
from ...version import __version__
from .between import OTHERWISE, Copies, other_decoding, other_prompts
from .origin import Origins
from .reading import UNSAFE, examine, read_grouped, read_repository, read_sums
from .recomputing import recompute
from .regenerating import DRAWN_AGAIN, ENOUGH, Regenerated
from .standing import Checks, Refused, Verified
from .submission import CARD, Submission
from .sums import ENCODER, require_encoder, sums_of
from .tables import require_pyarrow
from .wholeness import Findings, check_whole, newer, unlike_card

SAME_DIRECTION: Final = 0.999
"""Cosine of a stored sum of embeddings and the one computed here from which on they are the same."""

SUMMED: Final = 2
"""Prompts of a submission whose sums are computed again."""

Regenerate = Callable[[Submission], Regenerated | None]
"""Draws a seeded share of a submission's samples again: gives what came of it, None for not asked."""


@dataclass
class _Seen:
    """A submission, what was found of it, and whether a ledger knew it."""

    submission: Submission
    reasons: list[str]
    verified: Verified
    known: bool


def check_repository(
    root: str | Path,
    earlier: Checks | None = None,
    *,
    fresh: bool = False,
    regenerate: Regenerate = lambda submission: None,
    tell: Callable[[str], None] = lambda line: None,
) -> Checks:
    """Check every submission of a results repository: `gendiv board check` from Python.

    Args:
        root: the repository.
        earlier: what an earlier check found. Submissions that it verified and that have not changed come first where
            two cannot both be right, and are not computed again by the same version of gendiv.
        fresh: compute all again.
        regenerate: draws samples again.
        tell: told what is being checked.

    Raises:
        StoreFailed: there is no repository.
        NotInstalled: pyarrow is missing.
    """
    require_pyarrow()
    submissions, unread = read_repository(Path(root))
    ledger = {one.submission: one for one in earlier.verified} if earlier else {}
    origins, copies = Origins(), Copies()
    reasons = {one.submission: [*one.reasons, *_further(Path(root) / one.submission, one)] for one in unread}
    known = [one for one in submissions if _is_known(one, ledger)]
    right: dict[str, bool] = {}
    seen: list[_Seen] = []
    for submission in [*known, *(one for one in submissions if not _is_known(one, ledger))]:
        tell(f"checking {submission.name}")
        reuse = not fresh and earlier is not None and earlier.gendiv == __version__ and _is_known(submission, ledger)
        found = _one(submission, ledger[submission.name] if reuse else None, origins, copies, right)
        _draw_again(submission, found, regenerate)
        seen.append(found)
    _compare(seen, right)
    reasons |= {one.submission.name: one.reasons for one in seen if one.reasons}
    verified = [one.verified for one in seen if not one.reasons]
    return Checks(
        gendiv=__version__,
        verified=tuple(sorted(verified, key=lambda one: one.submission)),
        refused=tuple(
            Refused(submission=name, reasons=tuple(dict.fromkeys(found))) for name, found in sorted(reasons.items())
        ),
    )


def _further(folder: Path, refused: Refused) -> list[str]:
    """Return what else is wrong with a submission of a wrong form, where it is safe to read on."""
    if not (folder / CARD).is_file() or any(UNSAFE in reason for reason in refused.reasons):
        return []
    submission, again = examine(folder)
    if submission is None or tuple(again) != refused.reasons:
        return []
    found = check_whole(submission)
    return [*found.reasons, *recompute(submission, found.splits).reasons]


def read_checks(path: Path) -> Checks:
    """Return the ledger of an earlier check.

    Raises:
        StoreFailed: it cannot be read.
    """
    try:
        return Checks.model_validate(read_json(path))
    except ValueError as error:
        raise StoreFailed(f"{path}: wanted what `gendiv board check --out` wrote, found {error}; remove it") from error


def _is_known(submission: Submission, ledger: dict[str, Verified]) -> bool:
    return submission.name in ledger and ledger[submission.name].card == submission.card_hash


def _one(
    submission: Submission, before: Verified | None, origins: Origins, copies: Copies, right: dict[str, bool]
) -> _Seen:
    """Check one submission by itself, and against the samples of those before it."""
    if before is not None:
        found, standings, regenerated = _reread(submission), before.standings, before.regenerated
        found.remarks += [remark for remark in before.remarks if not remark.endswith(OTHERWISE)]  # of that time
    else:
        found = check_whole(submission)
        unknown = newer(submission.record.gendiv, __version__)
        scores = recompute(submission, found.splits, only_form=unknown)
        found.reasons += scores.reasons
        found.remarks += scores.remarks + _sums(submission, found)
        standings, regenerated = scores.standings, None
    for split in submission.record.splits:
        same, said = origins.check(split)
        if same is not None:
            right[split.content] = same
        (found.reasons if same is False else found.remarks).extend([said] if said else [])
    if not found.reasons:
        texts = {name: [text for row in split.rows for text in row.samples] for name, split in found.splits.items()}
        copied, remark = copies.check(submission, texts)
        found.reasons += [copied] if copied else []
        found.remarks += [remark] if remark else []
    verified = Verified(
        submission=submission.name,
        card=submission.card_hash,
        standings=standings,
        regenerated=regenerated,
        remarks=tuple(dict.fromkeys(found.remarks)),
    )
    return _Seen(submission, found.reasons, verified, before is not None)


def _reread(submission: Submission) -> Findings:
    """Return the samples of a submission that was verified before, after a look at the hashes of its files."""
    found = Findings(reasons=unlike_card(submission))
    try:
        found.splits = {split.name: read_grouped(submission, split.name) for split in submission.record.splits}
    except StoreFailed as error:
        found.reasons.append(str(error))
    return found


def _draw_again(submission: Submission, found: _Seen, regenerate: Regenerate) -> None:
    """Draw samples again where that is asked; what comes out the same lifts every recomputed result."""
    if found.reasons:
        return
    try:
        again = regenerate(submission)
    except GendivError as failed:
        remarks = (*found.verified.remarks, f"samples could not be drawn again: {failed}")
        found.verified = found.verified.model_copy(update={"remarks": remarks})
    else:
        if again is not None:
            verified = lifted(found.verified, again.same)
            before = (line for line in verified.remarks if not line.startswith(DRAWN_AGAIN))
            remarks = (*before, str(again), *again.remarks)
            found.verified = verified.model_copy(update={"remarks": tuple(dict.fromkeys(remarks))})


def lifted(verified: Verified, share: float) -> Verified:
    """Return what a check found after a share of the samples drawn again came out the same.

    From `ENOUGH` on, every result that was recomputed counts as regenerated; below it none does, whatever an earlier
    check found, and a remark says so.
    """
    enough = share >= ENOUGH
    standings = {
        key: standing if standing == "self_reported" else "regenerated" if enough else "recomputed"
        for key, standing in verified.standings.items()
    }
    said = f"{share:.0%} of the samples drawn again came out the same, {ENOUGH:.0%} are wanted"
    remarks = verified.remarks if enough else (*verified.remarks, said)
    return verified.model_copy(update={"standings": standings, "regenerated": share, "remarks": remarks})


def _compare(seen: Sequence[_Seen], right: dict[str, bool]) -> None:
    """Hold the prompts and the decoding of submissions against each other."""
    good = [one.submission for one in seen if not one.reasons]
    prompts = other_prompts(good, right)
    decoding = other_decoding([one for one in good if one.name not in prompts])
    for one in seen:
        one.reasons += prompts.get(one.submission.name, [])
        remarks = [line for line in decoding.get(one.submission.name, []) if line not in one.verified.remarks]
        if remarks:
            one.verified = one.verified.model_copy(update={"remarks": (*one.verified.remarks, *remarks)})


def _sums(submission: Submission, found: Findings) -> list[str]:
    """Compute some sums of embeddings again; adds reasons and returns remarks."""
    remarks: list[str] = []
    chosen = random.Random(submission.card_hash)
    with_sums = [split for split in found.splits if submission.file("sums", split).exists()]
    looked_at = chosen.sample(with_sums, min(SUMMED, len(with_sums)))
    for split in with_sums:
        try:
            stored = read_sums(submission, split)
        except StoreFailed as error:
            found.reasons.append(str(error))
            continue
        rows = found.splits[split].rows
        if stored is None or not rows:
            continue
        if stored.prompts != tuple(row.id for row in rows) or stored.counts.tolist() != [
            len(row.samples) for row in rows
        ]:
            found.reasons.append(f"sums/{split}: are not of the prompts and samples of the run")
            continue
        if split not in looked_at:
            continue
        if stored.encoder != ENCODER:
            remarks.append(f"sums/{split}: of another encoder, not checked")
            continue
        place = chosen.randrange(len(rows))
        try:
            require_encoder()
            here = sums_of([rows[place]]).sums[0]
        except GendivError as missing:
            remarks.append(f"sums of embeddings were not checked: {missing}")
            continue
        if not _same_direction(stored.sums[place], here):
            found.reasons.append(f"sums/{split}: the sum of {rows[place].id!r} is not that of its samples")
    return remarks


def _same_direction(stored: np.ndarray, here: np.ndarray) -> bool:
    if stored.shape != here.shape:
        return False
    length, other = float(np.linalg.norm(stored)), float(np.linalg.norm(here))
    return bool(stored @ here >= SAME_DIRECTION * length * other and abs(length - other) <= 0.01 * other)
