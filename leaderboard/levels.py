"""The levels of a metric, in the order and the words of reports."""

from collections.abc import Mapping
from typing import Final

LEVELS: Final[Mapping[str, str]] = {"per_input": "per input", "across_input": "across inputs"}
