"""Pages: templates filled in, with every foreign text escaped."""

import re
from collections.abc import Callable
from typing import Any, Final

from ...errors import NotInstalled

UNSEEN: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
"""Characters that nobody sees, and that can turn round, hide or break what stands beside them."""


def new_renderer(**everywhere: Any) -> Callable[..., str]:  # noqa: ANN401  templates take anything
    """Return what fills in a template by its name: every foreign text escaped, every name that is missing an error.

    Args:
        **everywhere: what every template knows.

    Raises:
        NotInstalled: jinja2 is missing.
    """
    try:
        from jinja2 import Environment, PackageLoader, StrictUndefined
    except ImportError as missing:
        raise NotInstalled(f"a board's site needs jinja2 ({missing}); run: pip install 'gendiv[board]'") from missing

    environment = Environment(
        loader=PackageLoader(__package__, "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters |= {"visible": visible, "number": number, "signed": signed, "words": words}
    environment.globals |= everywhere

    def render(template: str, **values: Any) -> str:  # noqa: ANN401
        return environment.get_template(template).render(**values)

    return render


def visible(text: object) -> str:
    r"""Return a text on one line in which nothing is hidden, for places that hold plain text alone, such as titles.

    >>> visible("a\u202eb\x00c")
    'a\ufffdb\ufffdc'
    """
    return " ".join(UNSEEN.sub("\ufffd", str(text)).split())


def number(value: float | None, sign: str = "") -> str:
    """Return a number as tables show it.

    >>> number(0.12345), number(123.456), number(None), number(-0.0001)
    ('0.123', '123.5', 'none', '0.000')
    """
    if value is None:
        return "none"
    digits = 3 if abs(value) < 10 else 1
    return f"{round(value, digits) + 0.0:{sign}.{digits}f}"


def signed(value: float | None) -> str:
    """Return a difference as tables show it."""
    return number(value, "+")


def words(name: str) -> str:
    """Return a name of a record as words.

    >>> words("per_input")
    'per input'
    """
    return name.replace("_", " ")
