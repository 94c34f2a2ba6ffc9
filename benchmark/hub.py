"""The Hugging Face hub: how its ids look, and the errors its client raises when it cannot be reached."""

import re
from typing import Final

HUB_ID: Final = re.compile(r"[\w-][\w.-]*(/[\w-][\w.-]*)?")
"""`NAME` or `ORGANISATION/NAME`."""

OWNED_ID: Final = re.compile(r"[\w-][\w.-]*/[\w-][\w.-]*")
"""`ORGANISATION/NAME`."""


def hub_errors() -> tuple[type[Exception], ...]:
    """Return what huggingface_hub raises for a hub that refuses or cannot be reached.

    Its errors are children of its HTTP library's, which was requests, then httpx, then httpx2; connections fail with
    that library's own ones.
    """
    from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled

    libraries = [base for base in HfHubHTTPError.__bases__ if issubclass(base, Exception)]
    return (HfHubHTTPError, OfflineModeIsEnabled, OSError, *libraries)
