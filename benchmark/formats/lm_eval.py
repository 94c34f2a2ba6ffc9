"""lm-eval's sample logs: `samples_TASK_DATE.jsonl`, as `lm_eval --log_samples` writes them (read of 0.4.13)."""

import reprlib
from collections.abc import Iterator
from pathlib import Path

from .records import Record, records, rows_of
from .row import Bad, Malformed, Row


def read(path: Path, bad: Bad) -> Iterator[Row]:
    """Yield the answers to each document as the model gave them, before any filter.

    A task with several filters logs every document once for each of them, with the same answers: the rows of the first
    filter count.
    """
    seen: set[str] = set()
    chosen: list[object] = []

    def row(record: Record) -> Row | None:
        name = record.get("doc_id")
        if not isinstance(name, (str, int)) or "resps" not in record:
            raise Malformed("wanted a row of lm-eval with doc_id and resps, found " + (", ".join(record) or "none"))
        if chosen and record.get("filter") != chosen[0]:
            return None
        if str(name) in seen:
            raise Malformed(f"the doc_id {name!r} was there before; wanted one task and one run in a file")
        found = Row(str(name), _prompt(record), _answers(record), reference=_reference(record))
        seen.add(found.id)
        chosen[:] = [record.get("filter")]
        return found

    return rows_of(path, bad, records(path, bad), row)


def _prompt(record: Record) -> str | None:
    """Return the one prompt that was asked for generated text; lm-eval turns numbers into texts, so `resps` can't tell.

    A request to generate logs its prompt and a dictionary of settings, a request for log-likelihoods a prompt and a
    continuation, or one text alone.
    """
    arguments = record.get("arguments")
    requests = list(arguments.values()) if isinstance(arguments, dict) else []
    if not requests or not all(isinstance(request, dict) for request in requests):
        raise Malformed(f"wanted the arguments of the requests, found {reprlib.repr(arguments)}")
    if not all(isinstance(request.get("arg_1"), dict) for request in requests):
        raise Malformed("wanted generated text, found log-likelihoods; diversity needs a generate_until task")
    if any(request.get("arg_0") != requests[0].get("arg_0") for request in requests):
        raise Malformed(f"wanted one prompt for a document, found {len(requests)} requests with different ones")
    prompt = requests[0].get("arg_0")
    if isinstance(prompt, list) and len(prompt) == 1:  # a chat, as its JSON, comes in a list of one
        prompt = prompt[0]
    return prompt if isinstance(prompt, str) else None


def _reference(record: Record) -> str | None:
    """Return the document's `reference`, as tasks exported by gendiv have it; `target` is a text whatever it was."""
    document = record.get("doc")
    reference = document.get("reference") if isinstance(document, dict) else None
    return reference if isinstance(reference, str) else None


def _answers(record: Record) -> tuple[str, ...]:
    """Return what came back: for each request, one text for each repeat."""
    requests = record["resps"]
    if not isinstance(requests, list) or not all(isinstance(request, list) for request in requests):
        raise Malformed(f"wanted resps to hold a list for each request, found {reprlib.repr(requests)}")
    answers = tuple(answer for request in requests for answer in request)
    if not answers or not all(isinstance(answer, str) for answer in answers):
        raise Malformed(f"wanted texts in resps, found {reprlib.repr(requests)}")
    return answers
