"""The written form of a metric's settings: `key=value` joined by ":", in signatures and on the command line."""

from collections.abc import Mapping
from urllib.parse import unquote

from ..errors import BadInput
from .orders import write_orders

# What separates settings and metrics on the command line cannot stand inside a value (a path may hold any of them).
_ESCAPES = str.maketrans({"%": "%25", ":": "%3A", ",": "%2C"})


def write_settings(settings: Mapping[str, object]) -> str:
    """Write settings in the order given.

    >>> write_settings({"n": (1, 2, 3), "model": "C:/minilm"})
    'n=1-3:model=C%3A/minilm'
    """
    return ":".join(f"{key}={_write_value(key, value)}" for key, value in settings.items())


def read_settings(text: str) -> dict[str, str]:
    """Split what `write_settings` wrote; the values stay text, to be validated by the metric's field types.

    >>> read_settings("n=1-3:model=C%3A/minilm")
    {'n': '1-3', 'model': 'C:/minilm'}
    """
    settings: dict[str, str] = {}
    for part in text.split(":") if text else ():
        key, equals, value = part.partition("=")
        if not (key and equals):
            raise BadInput(f"metric settings {text!r}: wanted key=value joined by ':', found {part!r}")
        if key in settings:
            raise BadInput(f"metric settings {text!r}: {key!r} is given twice; keep one")
        settings[key] = unquote(value)
    return settings


def _write_value(key: str, value: object) -> str:
    if isinstance(value, tuple) and all(isinstance(item, int) for item in value):
        return write_orders(value)
    if isinstance(value, (str, int, float)):
        return str(value).translate(_ESCAPES)
    raise TypeError(f"setting {key!r}: wanted a str, int, float, bool or tuple of int, found {value!r}")
