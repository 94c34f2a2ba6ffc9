"""Cards: what a metric says about itself, as one page of Markdown."""

import re
from collections.abc import Mapping
from dataclasses import fields
from inspect import cleandoc
from typing import Final

from . import METRICS
from .metric import Metric
from .notation import write_settings

SECTIONS: Final = (
    "Source",
    "Tokeniser",
    "Range",
    "Unit",
    "Direction",
    "Undefined",
    "Settings",
    "Edge cases",
    "Do not use",
)
_SECTION = re.compile(rf"^({'|'.join(SECTIONS)}): ", re.MULTILINE)


def card(metric: type[Metric]) -> str:
    """Return the card of a metric: its docstring in sections, its settings, its worked example.

    >>> print(card(METRICS["length"]).splitlines()[0])
    ## `length`
    """
    prose, _, example = cleandoc(metric.__doc__ or "").partition("\n>>> ")
    head, sections, introduction = _parts(prose)
    # As declared: what a machine makes of "auto" has no place on a card.
    settings = write_settings({field.name: field.default for field in fields(metric)})
    lines = [
        f"## `{metric.name}`",
        "",
        *head,
        *(f"- **{name}**: {sections[name]}" for name in SECTIONS if name in sections and name != "Settings"),
        f"- **Levels**: {', '.join(level.replace('_', '-') for level in metric.levels)}.",
        f"- **Cost**: {metric.cost.replace('_', '-')}.",
        f"- **Settings**: {f'`{settings}`' if settings else 'none'}. {sections.get('Settings', '')}".rstrip(),
        f"- **Version**: {metric.version}.",
        "",
        *introduction,
        f"```pycon\n>>> {example}\n```",
    ]
    return "\n".join(lines) + "\n"


def cards(metrics: Mapping[str, type[Metric]] = METRICS) -> str:
    """Return the page with the cards of all metrics."""
    head = (
        "# Metric cards\n\nMade from the docstrings of the metrics by `make cards`; the worked examples are run by the "
        "tests. `gendiv metrics NAME` prints a card.\n"
    )
    return "\n".join([head, *map(card, metrics.values())])


def _parts(prose: str) -> tuple[list[str], dict[str, str], list[str]]:
    """Sort the paragraphs of a docstring: those before the sections, the sections, those that introduce the example."""
    head: list[str] = []
    sections: dict[str, str] = {}
    introduction: list[str] = []
    for paragraph in filter(None, map(str.strip, prose.split("\n\n"))):
        before, *labelled = _SECTION.split(paragraph)
        if before:
            (introduction if sections else head).extend([" ".join(before.split()), ""])
        for name, text in zip(labelled[::2], labelled[1::2], strict=True):
            sections[name] = " ".join(text.split())
    return head, sections, introduction


if __name__ == "__main__":
    print(cards(), end="")  # noqa: T201  the page goes to standard output
