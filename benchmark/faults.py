"""Faults: what about a split's samples a reader of its scores must know."""

from collections import Counter
from collections.abc import Sequence

from .decoding import Decoding
from .record import Fault, FaultKind

IDENTICAL_SHARE = 0.5
"""Share of prompts with K identical samples from which on the sampler, not the model, is suspected."""

NOTABLE_SHARE = 0.02
"""Share of empty or oddly ended samples that is worth a line."""

TRUNCATED_SHARE = 0.5
"""Share of samples cut off by max_tokens that is worth a line: length then measures the budget."""

IMPORTED = "imported"
"""How samples ended of which nobody says it."""

ENDINGS = frozenset({"stop", "length", IMPORTED})


def find_faults(
    split: str, decoding: Decoding | None, groups: Sequence[Sequence[str]], endings: Counter[str]
) -> list[Fault]:
    """Return the faults of one split.

    Args:
        split: its name.
        decoding: how its samples were drawn; None where nobody says.
        groups: the samples of its whole prompts.
        endings: how often each finish reason ended a sample, those of unfinished prompts included.
    """
    samples = max(1, sum(len(group) for group in groups))
    ended = max(1, endings.total())  # more than `samples` where a run stopped within a prompt
    many = [group for group in groups if len(group) > 1] if decoding is None or decoding.temperature > 0 else []
    identical = sum(len(set(group)) == 1 for group in many) / max(1, len(many))
    empty = sum(not text.strip() for group in groups for text in group) / samples
    truncated = endings["length"] / ended
    odd = {reason: count for reason, count in sorted(endings.items()) if reason not in ENDINGS}
    found: tuple[tuple[FaultKind, float, float, str], ...] = (
        (
            "identical_samples",
            identical,
            IDENTICAL_SHARE,
            f"{identical:.0%} of prompts have identical samples at {_temperature(decoding)}",
        ),
        (
            "empty_outputs",
            empty,
            NOTABLE_SHARE,
            f"{empty:.0%} of samples are empty: wrong prompt format for this model, or a stop string that comes at "
            "once?",
        ),
        (
            "truncated",
            truncated,
            TRUNCATED_SHARE,
            f"{truncated:.0%} of samples were cut off{_budget(decoding)}: length then measures the "
            "budget; raise --max-tokens to see whole answers",
        ),
        (
            "unknown_finish",
            sum(odd.values()) / ended,
            NOTABLE_SHARE,
            "samples ended for reasons other than stop and length: "
            + ", ".join(f"{reason} {count}" for reason, count in odd.items()),
        ),
    )
    return [
        Fault(split=split, fault=kind, share=share, message=message)
        for kind, share, notable, message in found
        if share >= notable
    ]


def _temperature(decoding: Decoding | None) -> str:
    if decoding is None:
        return "an unknown temperature: greedy decoding, one seed for all, or a model that has collapsed"
    return (
        f"temperature {decoding.temperature}: does the server ignore temperature or use one seed for all? If not, the "
        "model has collapsed"
    )


def _budget(decoding: Decoding | None) -> str:
    return "" if decoding is None else f" at {decoding.max_tokens} tokens"
