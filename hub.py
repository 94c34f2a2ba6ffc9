"""The Hugging Face hub: whether it can be reached at all, asked before a library waits for it again and again."""

import os
import socket
from typing import Final
from urllib.parse import urlsplit

HUB: Final = "https://huggingface.co"
PROXIES: Final = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")


def hub_is_known() -> bool:
    """Say whether the hub's name leads anywhere; behind a proxy, only the proxy knows."""
    if any(os.environ.get(name) for name in PROXIES):
        return True
    try:
        return bool(socket.getaddrinfo(urlsplit(os.environ.get("HF_ENDPOINT") or HUB).hostname, 443))
    except OSError:
        return False
