"""`gendiv export`: what gendiv has, in the formats of other tools and places; a file for each."""

from collections.abc import Mapping
from typing import Final

import click

from ..lazy import Lazy

EXPORTS: Final[Mapping[str, str]] = {
    "lm-eval": "Write splits as tasks of lm-eval, with K samples for each prompt and our metrics.",
    "every-eval-ever": "Write the scores of a run, and its samples, as Every Eval Ever has them.",
    "eval-results": "Write the scores of a run as the Hugging Face hub shows them on a model's page.",
}


@click.group("export", cls=Lazy, package=__package__, listed=EXPORTS)
def command() -> None:
    """Write splits as tasks of lm-eval, or a run in the formats of other places."""
