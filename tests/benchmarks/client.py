"""What gendiv's own client costs: completions per second of its CPU, and its memory over 100,000 samples.

    python tests/benchmarks/client.py [--samples 100000]

A stub of an OpenAI server, in a process of its own, answers at once with prepared bytes: n choices of 48 words, and in
the second half never more than one choice, as some servers do. The client goes the whole real way: `RunFolder.draw`
with the OpenAI source, the adaptive pace, keys, and the store with its locks and fsyncs. It is measured from the first
request to the last stored sample (`Progress.start` to `Progress.finish`) in CPU time of this process, so that neither
the stub nor whatever else runs on the machine counts against it.

Memory is sampled in the same run, of 16 samples for each of many prompts: the prompts and the list of what is missing
grow with the plan, are there before the first sample, and so are part of the first figure. Reading all samples back
when the record is closed is not part of drawing; its peak is printed as well.
"""

import argparse
import asyncio
import contextlib
import functools
import itertools
import json
import os
import random
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from gendiv.benchmark.decoding import Decoding
from gendiv.benchmark.drawing import RunFolder
from gendiv.benchmark.open import open_source
from gendiv.benchmark.plan import Plan, PlannedSplit
from gendiv.benchmark.progress import Silent
from gendiv.tasks import Prompt

WANTED_RATE = 1500
"""Completions per second of one core."""

WANTED_GROWTH = 0.05
"""Of the resident memory, from a tenth of the samples to all of them."""

SAMPLES_PER_PROMPT = 16
WORDS = 48
ROUNDS = 3


class Stub(asyncio.Protocol):
    """As little of an OpenAI server as a client can tell from a real one; `most` choices an answer."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._came = b""
        self._turns = itertools.cycle(range(8))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._came += data
        while (end := self._came.find(b"\r\n\r\n")) >= 0:
            head = self._came[:end]
            length = re.search(rb"(?i)content-length: *(\d+)", head)
            whole = end + 4 + (int(length[1]) if length else 0)
            if len(self._came) < whole:
                return
            body, self._came = self._came[end + 4 : whole], self._came[whole:]
            self._transport.write(self._answer(head.split(b" ", 2)[1], body))

    def _answer(self, path: bytes, body: bytes) -> bytes:
        if path.endswith(b"/models"):
            return _http({"object": "list", "data": [{"id": "stub", "object": "model", "owned_by": "stub"}]})
        asked = re.search(rb'"n": ?(\d+)', body)
        n = min(int(asked[1]) if asked else 1, self._most)
        return _completion(path.endswith(b"/chat/completions"), n, next(self._turns))


@functools.cache
def _completion(chat: bool, n: int, turn: int) -> bytes:
    """Return the prepared answer number `turn` of `n` choices."""
    words = random.Random(turn)
    texts = [" ".join("abcdefghij"[: words.randint(2, 9)] for _ in range(WORDS)) for _ in range(n)]
    told = [{"message": {"role": "assistant", "content": text}} if chat else {"text": text} for text in texts]
    choices = [{"index": j, "finish_reason": "stop", "logprobs": None, **text} for j, text in enumerate(told)]
    usage = {"prompt_tokens": 100, "completion_tokens": 60 * n, "total_tokens": 100 + 60 * n}
    return _http({"id": "cmpl-0", "object": "completion", "model": "stub", "choices": choices, "usage": usage})


def _http(body: object) -> bytes:
    content = json.dumps(body).encode()
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(content) + content


async def serve(most: int) -> None:
    """Serve on a free loopback port, which is printed, until killed."""
    server = await asyncio.get_running_loop().create_server(lambda: Stub(most), "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextlib.contextmanager
def stub(most: int) -> Iterator[str]:
    """Run the stub in a process of its own and give its base URL."""
    with subprocess.Popen(
        [sys.executable, __file__, "--serve", str(most)], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}/v1"
        finally:
            process.terminate()


@dataclass
class Meter(Silent):
    """Clocks the drawing, and notes the resident memory at the given numbers of samples."""

    marks: tuple[int, ...] = ()
    cpu: float = 0.0
    wall: float = 0.0
    memory: dict[int, float] = field(default_factory=dict)
    _done: int = 0

    def start(self, total: int, done: int) -> None:  # noqa: ARG002  the protocol's
        self.cpu, self.wall = -time.process_time(), -time.monotonic()

    def advance(self, samples: int, tokens: int) -> None:  # noqa: ARG002  the protocol's
        self._done += samples
        if self.marks and self._done >= self.marks[0]:
            self.memory[self.marks[0]] = resident()
            self.marks = self.marks[1:]

    def finish(self) -> None:
        self.cpu += time.process_time()
        self.wall += time.monotonic()


def resident() -> float:
    """Return the resident memory of this process in MiB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def plan(samples: int) -> Plan:
    """Return a plan of about `samples` samples, 16 for each prompt of some 80 words."""
    words = random.Random(0)
    prompts = []
    for number in range(samples // SAMPLES_PER_PROMPT):
        text = " ".join(f"word{words.randint(0, 9999)}" for _ in range(80))
        prompts.append(Prompt(f"p{number}", text, text, None, text))
    split = PlannedSplit("stub/prompts", "id", "instruction", 1, "raw", Decoding(max_tokens=64), tuple(prompts))
    return Plan(None, (split,), (), SAMPLES_PER_PROMPT, 0)


async def draw(url: str, samples: int, meter: Meter) -> None:
    """Draw a whole new run folder."""
    with tempfile.TemporaryDirectory() as folder, RunFolder(plan(samples), Path(folder) / "run") as run:
        async with open_source(f"openai:{url}#stub") as source:
            await run.draw(source, run.missing(source.model), meter)


def rates(most: int, samples: int) -> tuple[float, float]:
    """Return the completions per second of CPU and of wall time, medians over the rounds."""
    meters = [Meter() for _ in range(ROUNDS)]
    with stub(most) as url:
        for meter in meters:
            asyncio.run(draw(url, samples, meter))
    drawn = samples // SAMPLES_PER_PROMPT * SAMPLES_PER_PROMPT
    return statistics.median(drawn / m.cpu for m in meters), statistics.median(drawn / m.wall for m in meters)


def memory(samples: int) -> dict[int, float]:
    """Return the resident memory in MiB after a tenth, a half and (nearly) all of the samples."""
    last = samples // SAMPLES_PER_PROMPT * SAMPLES_PER_PROMPT
    meter = Meter(marks=(samples // 10, samples // 2, last))
    with stub(SAMPLES_PER_PROMPT) as url:
        asyncio.run(draw(url, samples, meter))
    return meter.memory


def row(figure: str, wanted: str, measured: str, good: bool | None) -> bool:
    """Print a row of the table; returns whether it is as wanted."""
    print(f"{figure:<58}{wanted:>12}{measured:>12}  {'' if good is None else 'ok' if good else 'NOT OK'}")
    return good is not False


def main(samples: int) -> int:
    """Measure, print, and return 1 if a figure is not as wanted."""
    print(f"{'figure':<58}{'wanted':>12}{'measured':>12}")
    found = memory(samples)  # first, in a process that has held nothing yet
    first, *_, last = found.values()
    growth = last / first - 1
    good = [row(f"memory after {count:,} samples, MiB", "", f"{mib:.1f}", None) for count, mib in found.items()]
    good.append(
        row("its growth from a tenth to all", f"<= {WANTED_GROWTH:.0%}", f"{growth:+.1%}", growth <= WANTED_GROWTH)
    )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    row("its peak when the record is closed, MiB", "", f"{peak:.1f}", None)
    for most, count in ((SAMPLES_PER_PROMPT, samples // 5), (1, samples // 20)):
        cpu, wall = rates(most, count)
        good.append(
            row(f"completions/s of client CPU, n={most}", f">= {WANTED_RATE:,}", f"{cpu:,.0f}", cpu >= WANTED_RATE)
        )
        row(f"completions/s of wall time, n={most}", "", f"{wall:,.0f}", None)
    return 0 if all(good) else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--samples", type=int, default=100_000)
    parser.add_argument("--serve", type=int, metavar="MOST", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        asyncio.run(serve(given.serve))
    else:
        sys.exit(main(given.samples))
