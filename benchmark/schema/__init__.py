"""The published JSON Schemas of the files in a run folder, and how they are written."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from ..judging.record import Judgement
from ..record import RunRecord, Scores, json_schema

FILES: Final[Mapping[str, type[RunRecord] | type[Scores] | type[Judgement]]] = {
    "judgement.schema.json": Judgement,
    "run.schema.json": RunRecord,
    "scores.schema.json": Scores,
}


def schema_text(name: str) -> str:
    """Return what the published file `name` must hold."""
    return json.dumps(json_schema(FILES[name]), indent=2, ensure_ascii=False) + "\n"


def published(name: str) -> Path:
    """Return where the published file `name` is."""
    return Path(__file__).with_name(name)
