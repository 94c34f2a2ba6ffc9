"""Samples of a run folder by prompt, with all that is known of the prompt, as faults and scores are found in them."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from .formats.row import Row
from .grades import Grades, read_grades
from .prompts import Asked, read_prompts
from .store import Sample, read_samples, split_file


@dataclass(frozen=True)
class SplitSamples:
    """The samples of one split by prompt.

    Attributes:
        rows: the prompts that have all their samples, in the order of their ids.
        short: how many prompts lack samples and are left out.
        finish_reasons: how often each reason ended a sample.
    """

    rows: tuple[Row, ...]
    short: int
    finish_reasons: Counter[str]


def read_split(folder: Path, split: str, samples_per_prompt: int) -> SplitSamples:
    """Return the samples of one split of a run folder; a split not begun has none.

    Raises:
        StoreFailed: a row is damaged.
    """
    path = split_file(folder, split)
    return group_samples(
        read_samples(path) if path.exists() else (),
        read_prompts(folder, split),
        lambda texts: read_grades(folder, split, texts),
        samples_per_prompt,
    )


def group_samples(
    samples: Iterable[Sample],
    asked: Mapping[str, Asked],
    grades_of: Callable[[Mapping[str, Mapping[int, str]]], Mapping[str, Mapping[str, Grades]]],
    samples_per_prompt: int,
) -> SplitSamples:
    """Put samples together by prompt.

    Args:
        samples: of one split, in the order drawn.
        asked: its prompts by id, as far as they are kept.
        grades_of: gives the grades of texts, by prompt and index, as `read_grades` does.
        samples_per_prompt: K.
    """
    texts: dict[str, dict[int, str]] = {}
    endings = Counter[str]()
    for sample in samples:
        texts.setdefault(sample.prompt, {})[sample.index] = sample.text
        endings[sample.finish_reason] += 1
    grades = grades_of(texts)
    whole = {prompt: found for prompt, found in texts.items() if len(found) >= samples_per_prompt}
    return SplitSamples(
        rows=tuple(
            Row(
                id=prompt,
                prompt=asked[prompt].text if prompt in asked else None,
                samples=tuple(found[index] for index in sorted(found)[:samples_per_prompt]),
                reference=asked[prompt].reference if prompt in asked else None,
                shown=asked[prompt].shown if prompt in asked else None,
                grades=grades.get(prompt, {}),
            )
            for prompt, found in sorted(whole.items())
        ),
        short=len(texts) - len(whole),
        finish_reasons=endings,
    )
