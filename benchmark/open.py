"""Opening a model spec: `SCHEME:REST`, the scheme naming a bundled source or a plugin's."""

from ..errors import BadInput
from .registry import find_opener
from .sources.source import Source, SourceOptions


def open_source(spec: str, options: SourceOptions | None = None) -> Source:
    """Return the source, not yet entered, for a model spec.

    Raises:
        BadInput: the spec is not `SCHEME:REST`, or the source refuses the rest or an option.
        NotInstalled: a package the source needs is missing.
    """
    scheme, colon, rest = spec.partition(":")
    if not colon or not rest:
        raise BadInput(
            f"--model: wanted vllm:PATH_OR_HUB_ID, openai:URL#MODEL or hf:PATH_OR_HUB_ID, found {spec!r}"
            + (f"; did you mean vllm:{spec}?" if not colon and spec else "")
        )
    return find_opener(scheme)(rest, options or SourceOptions())
