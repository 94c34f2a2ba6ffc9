"""What exported tasks call while lm-eval runs them: prompts in, values of metrics out."""

import json
import logging
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ..choosing import choose_metrics
from ..decoding import Decoding
from ..faults import find_faults
from ..formats.row import Row
from ..measuring import measure
from ..result_name import result_name

if TYPE_CHECKING:
    from datasets import DatasetDict  # type: ignore[import-untyped]  # ships no types


WAYS_OUT: Final[Mapping[str, str]] = {
    "identical_samples": ". In lm-eval, a seed in --gen_kwargs and --use_cache give every repeat the same text"
}
"""What lm-eval has to do with a fault, behind the message that tells it."""


class Drawn(Row):
    """The samples of one document on their way to what is computed across documents; logs show how many, once more."""

    def __str__(self) -> str:
        return f"{len(self.samples)} samples, see resps"


class Harness:
    """Metrics as lm-eval asks for them: once for each document, then once for all of them.

    Args:
        metrics: specs, as `--metrics` takes them.
        temperature: of the samples, by which K equal ones are known for a fault.

    Raises:
        GendivError: a metric is unknown, or lacks its package or model: told before anything is drawn.
    """

    def __init__(self, metrics: Sequence[str], temperature: float) -> None:
        self._metrics = choose_metrics(metrics)
        self._temperature = temperature
        self._across = {
            result_name(metric, "across_input", self._metrics): metric
            for metric in self._metrics
            if "across_input" in metric.levels
        }
        for metric in self._metrics:
            metric.require()

    def process_results(
        self, document: Mapping[str, str | None], results: Sequence[Sequence[str]]
    ) -> dict[str, object]:
        """Return what one document contributes to each result.

        Per input that is its value, and nothing where it has none: lm-eval then averages over the others. Across
        inputs it is the samples themselves.

        Args:
            document: a line of the task's prompts.
            results: what the task's filter left of the answers: K texts, for one request.
        """
        row = Drawn(
            str(document["id"]), document["prompt"], tuple(map(str, results[0])), reference=document["reference"]
        )
        found: dict[str, object] = {}
        for measurement in measure([row], self._metrics, levels=("per_input",)):
            (value,) = measurement.values
            if not math.isnan(value):
                found[result_name(measurement.metric, "per_input", self._metrics)] = value
        return found | dict.fromkeys(self._across, row)

    def across(self, name: str, rows: Sequence[Row]) -> float:
        """Return the value across all documents, NaN where there is none; the first result warns of K equal samples.

        Args:
            name: of the result.
            rows: what `process_results` gave for it.
        """
        if name == next(iter(self._across)):
            decoding = Decoding(temperature=self._temperature)
            for fault in find_faults("", decoding, [row.samples for row in rows], Counter()):
                way_out = WAYS_OUT.get(fault.fault, "")
                logging.getLogger("gendiv").warning("%d documents: %s%s", len(rows), fault.message, way_out)
        (measurement,) = measure(rows, [self._across[name]], levels=("across_input",))
        estimate = measurement.estimate()
        return math.nan if estimate is None else estimate.value


def load_prompts(file: Path) -> "DatasetDict":
    """Return the prompts in a JSONL file as lm-eval takes a data set: one split, named test."""
    from datasets import Dataset, DatasetDict

    lines = file.read_text(encoding="utf-8").splitlines()
    return DatasetDict({"test": Dataset.from_list([json.loads(line) for line in lines])})
