"""Between submissions: the same prompts under the same name, and no samples under two models."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from ...benchmark.decoding import Decoding
from ...benchmark.record import SplitRecord
from .submission import Submission

SHARED: Final = 0.5
"""Share of a model's sampled texts from which on they are another's."""

WORDS: Final = 5
"""Shorter texts are said by many models."""

HOLDERS: Final = 8
"""Submissions that are remembered for a text."""

FEWEST: Final = 8
"""Texts below which a share says nothing."""

OTHERWISE: Final = "drawn otherwise than most, so its numbers stand in columns of their own"
"""What is remarked of a split."""

BEST_OF: Final = "best-of:"
"""How the fingerprint of a best of N begins, whose samples are another model's by intent."""


class Copies:
    """Texts of the submissions so far, by which copies are known; submissions come in order, the earlier is right."""

    def __init__(self) -> None:
        self._samples: dict[str, str] = {}
        self._holders: dict[tuple[str, int], list[int]] = defaultdict(list)
        self._seen: list[Submission] = []

    def check(self, submission: Submission, texts: Mapping[str, Iterable[str]]) -> tuple[str | None, str | None]:
        """Return why a submission is a copy, or None, and a remark, or None; one that is none is remembered.

        Args:
            submission: of which `scores.samples` has been found to be the hash of its samples.
            texts: its sampled texts by split.
        """
        whole = submission.scores.samples or ""
        if whole in self._samples:
            return f"has the same samples as {self._samples[whole]}", None
        random = {split.name for split in submission.record.splits if getattr(split.decoding, "temperature", 1) > 0}
        pool = {(name, hash(text)) for name in random for text in texts.get(name, ()) if len(text.split()) >= WORDS}
        shared = Counter(holder for text in pool for holder in self._holders.get(text, ()))
        ours = submission.record.model.fingerprint
        remark = None
        for holder, count in shared.most_common():
            other = self._seen[holder]
            share = count / len(pool)
            if share <= SHARED or len(pool) < FEWEST:
                break
            if other.record.model.fingerprint == ours:
                continue
            said = f"{share:.0%} of its sampled texts are those of {other.name}"
            if BEST_OF in (ours[: len(BEST_OF)], other.record.model.fingerprint[: len(BEST_OF)]):
                remark = f"{said}: one is a best of N"
                continue
            return f"{said}, under another fingerprint", None
        self._samples[whole] = submission.name
        self._seen.append(submission)
        for text in pool:
            if len(self._holders[text]) < HOLDERS:
                self._holders[text].append(len(self._seen) - 1)
        return None, remark


def other_prompts(submissions: Sequence[Submission], right: Mapping[str, bool]) -> dict[str, list[str]]:
    """Return, by submission, which splits have other prompts than those of the same name elsewhere.

    Args:
        submissions: in order; where as many have the one as have the other, the earlier is right.
        right: by content, whether the data set itself has decided.
    """
    groups: dict[tuple[object, ...], list[tuple[Submission, SplitRecord]]] = defaultdict(list)
    for submission in submissions:
        for split in submission.record.splits:
            groups[_same_question(split)].append((submission, split))
    found: dict[str, list[str]] = defaultdict(list)
    for members in groups.values():
        counts = Counter(split.content for _, split in members)  # in order of first occurrence
        if len(counts) == 1 or any(right.get(content) for content in counts):
            continue
        winner = counts.most_common(1)[0][0]
        holder = next(submission.name for submission, split in members if split.content == winner)
        for submission, split in members:
            if split.content != winner:
                found[submission.name].append(
                    f"{split.name}: has other prompts than {holder} under the same name and version"
                )
    return found


def _same_question(split: SplitRecord) -> tuple[object, ...]:
    return (split.name, split.task_version, split.select, split.select_seed, split.prompts, split.format)


def other_decoding(submissions: Sequence[Submission]) -> dict[str, list[str]]:
    """Return, by submission, which splits were drawn otherwise than most of the same name."""
    drawn: dict[str, Counter[tuple[Decoding | None, int]]] = defaultdict(Counter)
    for submission in submissions:
        for split in submission.record.splits:
            drawn[split.name][(split.decoding, submission.record.samples_per_prompt)] += 1
    found: dict[str, list[str]] = defaultdict(list)
    for submission in submissions:
        for split in submission.record.splits:
            usual, count = drawn[split.name].most_common(1)[0]
            ours = (split.decoding, submission.record.samples_per_prompt)
            if ours != usual and count > drawn[split.name][ours]:
                found[submission.name].append(f"{split.name}: {OTHERWISE}")
    return found
