"""alpaca_eval's outputs: `{"instruction": ..., "output": ..., "generator": ...}`, in one array or one a line."""

import reprlib
from collections.abc import Iterator
from pathlib import Path

from ...errors import BadInput
from .records import Record, decode, records
from .row import Bad, Malformed, Row


def read(path: Path, bad: Bad) -> Iterator[Row]:
    """Yield the outputs for each instruction; rows of one instruction are samples of one input, in the file's order.

    They may be anywhere in the file, so all its texts are read before the first row comes out.

    Raises:
        BadInput: the file holds the outputs of several models.
    """
    outputs: dict[str, list[str]] = {}
    generator: object = None
    for line, data in records(path, bad):
        try:
            record = decode(data)
            prompt, output = _prompt(record), _text(record, "output")
        except Malformed as wrong:
            bad.report(f"{path}:{line}", wrong)
            continue
        named = record.get("generator")
        if generator is not None and named is not None and named != generator:
            raise BadInput(
                f"{path}:{line}: wanted the outputs of one model, found generator {reprlib.repr(named)}"
                f" after {reprlib.repr(generator)}; give each its own file"
            )
        generator = named if generator is None else generator
        outputs.setdefault(prompt, []).append(output)
    for prompt, texts in outputs.items():
        yield Row(prompt, prompt, tuple(texts))


def _prompt(record: Record) -> str:
    """Return the instruction with its input, which older data sets keep apart."""
    instruction = _text(record, "instruction")
    given = record.get("input")
    return f"{instruction}\n\n{given}" if isinstance(given, str) and given else instruction


def _text(record: Record, name: str) -> str:
    text = record.get(name)
    if not isinstance(text, str):
        found = f"{name} = {reprlib.repr(text)}" if name in record else f"no {name}"
        raise Malformed(f'wanted {{"instruction": ..., "output": ...}} with texts, found {found}')
    return text
