"""inspect_ai's logs: `.eval` archives and `.json` files (read of 0.3.285)."""

import io
import re
import reprlib
import struct
import zipfile
import zlib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Final, TypeAlias

from ...errors import BadInput, NotInstalled
from .records import Record, decode, elements, opened
from .row import Bad, Malformed, Row

MEMBER: Final = re.compile(r"samples/(.*)_epoch_(\d+)\.json", re.DOTALL)

Answer: TypeAlias = tuple[str, int, str | None, tuple[str, ...]]
"""Id, epoch, prompt, and the texts of one sample in one epoch."""


def read(path: Path, bad: Bad) -> Iterator[Row]:
    """Yield the answers to each sample of the data set, over all epochs; the log keeps these apart."""
    with path.open("rb") as file:
        packed = file.read(2) == b"PK"
    return _read_archive(path, bad) if packed else _read_json(path, bad)


def _read_archive(path: Path, bad: Bad) -> Iterator[Row]:
    """Read the epochs of one sample at a time: the names of the members say which belong together."""
    try:
        archive = zipfile.ZipFile(path)
    except zipfile.BadZipFile as error:
        raise BadInput(f"{path}: wanted a log of inspect_ai, found a damaged archive ({error})") from error
    with archive:
        samples: dict[str, dict[int, zipfile.ZipInfo]] = {}
        for member in archive.infolist():  # a name that comes again replaces what came before
            if named := MEMBER.fullmatch(member.filename):
                samples.setdefault(named[1], {})[int(named[2])] = member
        for epochs in samples.values():
            answers = []
            for _, member in sorted(epochs.items()):
                try:
                    answers.append(_answer(decode(_content(path, archive, member))))
                except Malformed as wrong:
                    bad.report(f"{path}:{member.filename}", wrong)
            if answers:
                yield _row(answers)


def _read_json(path: Path, bad: Bad) -> Iterator[Row]:
    """Read the samples, of which only the texts are kept: the epochs of one sample may be anywhere in the file."""
    samples: dict[str, list[Answer]] = {}
    with opened(path, bad) as stream:
        for line, data in elements(stream, path, bad, key="samples"):
            try:
                answer = _answer(decode(data))
            except Malformed as wrong:
                bad.report(f"{path}:{line}", wrong)
            else:
                samples.setdefault(answer[0], []).append(answer)
    for answers in samples.values():
        yield _row(sorted(answers, key=lambda answer: answer[1]))


def _row(answers: list[Answer]) -> Row:
    return Row(answers[0][0], answers[0][2], tuple(text for answer in answers for text in answer[3]))


def _answer(record: Record) -> Answer:
    """Return what the model said last, in each of its choices."""
    name, epoch, output = record.get("id"), record.get("epoch"), record.get("output")
    if not isinstance(name, (str, int)) or not isinstance(epoch, int) or not isinstance(output, dict):
        raise Malformed("wanted a sample with id, epoch and output, found " + (", ".join(record) or "none"))
    choices = output.get("choices")
    if not isinstance(choices, list) or not choices:
        error = record.get("error")
        reason = " ".join(str(error.get("message")).split()) if isinstance(error, dict) else "no error was logged"
        raise Malformed(f"wanted an answer, found none in epoch {epoch} of {name!r} ({reason[:120]})")
    attachments = record.get("attachments")
    kept = attachments if isinstance(attachments, dict) else {}
    return str(name), epoch, _prompt(record.get("input")), tuple(_said(choice, kept) for choice in choices)


def _prompt(asked: object) -> str | None:
    """Return the input where it is one text, or one message that is."""
    if isinstance(asked, list) and len(asked) == 1 and isinstance(asked[0], dict):
        asked = asked[0].get("content")
    return asked if isinstance(asked, str) else None


def _said(choice: object, attachments: dict[str, object]) -> str:
    """Return the text of a choice without its reasoning; parts stand on lines of their own, as in inspect_ai."""
    message = choice.get("message") if isinstance(choice, dict) else None
    content = message.get("content") if isinstance(message, dict) else None
    parts = [{"type": "text", "text": content}] if isinstance(content, str) else content
    if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
        raise Malformed(f"wanted a message with a text, found {reprlib.repr(content)}")
    texts = [part.get("text") for part in parts if part.get("type") == "text"]
    texts = [attachments.get(str(text).removeprefix("attachment://"), text) for text in texts]
    if not all(isinstance(text, str) for text in texts):
        raise Malformed(f"wanted a message with a text, found {reprlib.repr(content)}")
    return "\n".join(map(str, texts))


def _content(path: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """Return a member, unpacked; Zstandard, which inspect_ai packs by, is in Python's own library from 3.14 on."""
    try:
        return archive.read(member)
    except NotImplementedError:
        return _unpacked(path, member)
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise Malformed(f"wanted a whole member, found it damaged ({error})") from error


def _unpacked(path: Path, member: zipfile.ZipInfo) -> bytes:
    if member.compress_type != 93:
        raise Malformed(f"wanted deflate or Zstandard, found compression method {member.compress_type}")
    try:
        zstandard = import_module("zstandard")
    except ImportError as error:
        raise NotInstalled(f"{path} is packed by Zstandard, and reading it needs: pip install zstandard") from error
    with path.open("rb") as file:
        file.seek(member.header_offset + 26)  # the lengths of the name and of the extra field end the header
        file.seek(sum(struct.unpack("<HH", file.read(4))), io.SEEK_CUR)
        packed = io.BytesIO(file.read(member.compress_size))
    try:  # members above 200 MiB come in several frames
        content: bytes = zstandard.ZstdDecompressor().stream_reader(packed, read_across_frames=True).read()
    except zstandard.ZstdError as error:
        raise Malformed(f"wanted a whole member, found it damaged ({error})") from error
    if zlib.crc32(content) != member.CRC:
        raise Malformed("wanted a whole member, found it damaged (its checksum differs)")
    return content
