"""YAML files that people write: read safely, and more strictly than YAML asks."""

from pathlib import Path
from typing import Any

from ..errors import BadInput


def parse_yaml(path: Path, text: str) -> Any:  # noqa: ANN401  YAML can be anything
    """Return what the text of a file holds.

    Raises:
        BadInput: it is no YAML, or a key comes twice, of which YAML would keep the last without a word.
    """
    import yaml  # type: ignore[import-untyped]  # ships no types

    class Strict(yaml.SafeLoader):  # type: ignore[misc]  # untyped
        def construct_mapping(self, node: Any, deep: bool = False) -> Any:  # noqa: ANN401  PyYAML's own
            seen: set[str] = set()
            for key, _ in node.value:
                if key.value in seen:
                    raise yaml.constructor.ConstructorError(None, None, f"the key {key.value!r} twice", key.start_mark)
                seen.add(key.value)
            return super().construct_mapping(node, deep)

    try:
        return yaml.load(text, Loader=Strict)  # noqa: S506  a safe loader, made stricter
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{path}:{mark.line + 1}" if mark else f"{path}"
        raise BadInput(f"{where}: wanted YAML: {getattr(error, 'problem', None) or error}") from error
