"""A server process of our own: started under a guard, watched while it loads, always stopped."""

import asyncio
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import aiohttp

from ...errors import SourceFailed
from . import guard

START_LIMIT = 1800.0
"""Seconds a server may take to become ready; large models are read from slow disks."""

LAST_LINES = 12
"""Lines of the server's own output that an error shows."""


def free_port() -> int:
    """Return a loopback port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Server:
    """A command that serves HTTP on a loopback port.

    Args:
        name: what messages call it.
        command: program and arguments.
        environment: of the process, whole.
        health: URL that answers 200 once it is ready.
        output: file for what it prints; a temporary one by default.
    """

    def __init__(
        self, name: str, command: Sequence[str], environment: Mapping[str, str], health: str, output: Path | None
    ) -> None:
        self.name = name
        self._command = list(command)
        self._environment = dict(environment)
        self._health = health
        self.output = output or Path(tempfile.mkdtemp(prefix="gendiv-")) / "server.log"
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self, log: Callable[[str], None]) -> None:
        """Start it and wait until it is ready, telling `log` how it goes.

        Raises:
            SourceFailed: it died while starting, with the last lines it printed, or took longer than START_LIMIT.
        """
        began = time.monotonic()
        with self.output.open("wb") as output:
            self._process = subprocess.Popen(  # noqa: ASYNC220, S603  starting does not block; arguments are a list
                [sys.executable, guard.__file__, *self._command],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=self._environment,
                start_new_session=True,  # Ctrl-C reaches gendiv alone, which then stops the server in order
            )
        log(f"starting {self.name}; its output goes to {self.output}")
        told = began
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
            while not await self._ready(session):
                self.check()
                now = time.monotonic()
                if now - began > START_LIMIT:
                    raise SourceFailed(f"{self.name} was not ready after {START_LIMIT:.0f} s; see {self.output}")
                if now - told >= 5:
                    told = now
                    log(f"{self.name} is loading, {now - began:.0f} s so far")
                await asyncio.sleep(0.25)
        log(f"{self.name} is ready after {time.monotonic() - began:.0f} s")

    async def _ready(self, session: aiohttp.ClientSession) -> bool:
        try:
            async with session.get(self._health) as response:
                return response.status == 200
        except (aiohttp.ClientError, TimeoutError):
            return False

    def check(self) -> None:
        """Raise SourceFailed, with the server's last lines, if it has died."""
        if self._process is not None and self._process.poll() is not None:
            raise SourceFailed(f"{self.name} died (exit code {self._process.returncode}): {self.last_words()}")

    def last_words(self) -> str:
        """Return the last lines it printed, indented below the message, and where the rest is."""
        lines = self.output.read_text(encoding="utf-8", errors="replace").splitlines()
        shown = "".join(f"\n    {line[:300]}" for line in lines[-LAST_LINES:] if line.strip())
        return f"its last lines ({self.output}):{shown or ' none'}"

    async def stop(self) -> None:
        """Stop it, politely first; returns when it and all its processes are gone."""
        if self._process is None or self._process.stdin is None:
            return
        self._process.stdin.close()  # the guard reads end-of-file and stops the server
        await asyncio.shield(asyncio.to_thread(self._process.wait))
        self._process = None
