"""Faults: what about a split's samples a reader of its scores must know."""

from collections import Counter
from collections.abc import Sequence

from .decoding import Decoding
from .record import Fault

IDENTICAL_SHARE = 0.5
"""Share of prompts with K identical samples from which on the sampler, not the model, is suspected."""

NOTABLE_SHARE = 0.02
"""Share of empty or oddly ended samples that is worth a line."""

TRUNCATED_SHARE = 0.5
"""Share of samples cut off by max_tokens that is worth a line: length then measures the budget."""

ENDINGS = frozenset({"stop", "length"})


def find_faults(split: str, decoding: Decoding, groups: Sequence[Sequence[str]], endings: Counter[str]) -> list[Fault]:
    """Return the faults of one split.

    Args:
        split: its name.
        decoding: how its samples were drawn.
        groups: its samples, prompt by prompt.
        endings: how often each finish reason ended a sample.
    """
    samples = sum(len(group) for group in groups)
    faults = []
    many = [group for group in groups if len(group) > 1]
    identical = sum(len(set(group)) == 1 for group in many) / max(1, len(many))
    if decoding.temperature > 0 and many and identical >= IDENTICAL_SHARE:
        faults.append(
            Fault(
                split=split,
                fault="identical_samples",
                share=identical,
                message=f"{identical:.0%} of prompts have identical samples at temperature {decoding.temperature}: "
                "does the server ignore temperature or use one seed for all? If not, the model has collapsed",
            )
        )
    empty = sum(not text.strip() for group in groups for text in group) / max(1, samples)
    if empty >= NOTABLE_SHARE:
        faults.append(
            Fault(
                split=split,
                fault="empty_outputs",
                share=empty,
                message=f"{empty:.0%} of samples are empty: wrong prompt format for this model, or a stop string that "
                "comes at once?",
            )
        )
    truncated = endings["length"] / max(1, samples)
    if truncated >= TRUNCATED_SHARE:
        faults.append(
            Fault(
                split=split,
                fault="truncated",
                share=truncated,
                message=f"{truncated:.0%} of samples were cut off at {decoding.max_tokens} tokens: length then "
                "measures the budget; raise --max-tokens to see whole answers",
            )
        )
    odd = {reason: count for reason, count in endings.items() if reason not in ENDINGS}
    if sum(odd.values()) / max(1, samples) >= NOTABLE_SHARE:
        faults.append(
            Fault(
                split=split,
                fault="unknown_finish",
                share=sum(odd.values()) / samples,
                message="samples ended for reasons other than stop and length: "
                + ", ".join(f"{reason} {count}" for reason, count in sorted(odd.items())),
            )
        )
    return faults
