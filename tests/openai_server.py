"""A server that speaks the OpenAI completions API and misbehaves on demand: for tests, needs no model.

In a thread of the test, `with OpenAIServer(Faults(...)) as server: server.url`, or as a process of its own:
`python tests/openai_server.py --port 8001 --faults 429=0.2,drop=0.1,one_choice --delay 0.01`.

Like vLLM it gives choice j of a request the request's seed plus j, and draws anew where no seed is sent; its texts are
words hashed from prompt and seed.
"""

import argparse
import asyncio
import dataclasses
import email.utils
import hashlib
import json
import math
import random
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from aiohttp import web

MODEL = "m"
PROBE = "Name something one may find in a kitchen."
"""What gendiv asks to learn a server's abilities; a script leaves these requests alone."""

WORDS = "amber birch cedar delta ember fjord grove harbour island juniper kelp lagoon meadow north ocean pine".split()

Fault = Literal["slow", "429", "429_date", "429_bare", "500", "drop", "not_json", "not_completion", "fewer", "none"]
"""What may befall a single request: `none` is an answer without choices, `fewer` one with half of them."""


@dataclass
class Faults:
    """How a server misbehaves.

    Attributes:
        chance: probability of each single fault, drawn with a fixed seed.
        script: names the fault of the i-th completion request that is not a probe (from 0), or None.
        one_choice: one choice whatever n is.
        refuse_n: 400 for n > 1.
        refuse_extensions: 400 for top_k, min_p and repetition_penalty, whatever their values.
        ignore_seed: other texts at every request.
        constant: the same text for all choices of a prompt, whatever the seed.
        identical_siblings: the choices of one request share one text, requests with other seeds vary.
        empty: texts without a character.
        reply: gives the text of every choice, from the request and how many times its prompt came before.
        tokens_per_word: what usage counts a word as; 0 is a server that counts nothing.
        finish_reason: what every choice says it ended by.
        longest_prompt: characters of a prompt from which on it is 400, with vLLM's words.
        key: 401 for requests without it.
        no_list: 404 for /v1/models.
        models: the names that are served.
        delay: seconds each answer takes.
        slow: seconds a `slow` one takes.
        retry_after: seconds that 429 asks for.
        capacity: requests under way from which on the next gets a 429 without Retry-After.
        context: words of a prompt and its answer, told as max_model_len and, as vLLM does, not held to.
        ignore_truncation: prompts are never shortened.
        root: what the server says it has loaded.
        classify: gives the logits of an input's tokens; without it there is no /classify, as on vLLM's generators.
    """

    chance: Mapping[str, float] = field(default_factory=dict)
    script: Callable[[int, dict[str, Any]], Fault | None] = lambda i, body: None
    one_choice: bool = False
    refuse_n: bool = False
    refuse_extensions: bool = False
    ignore_seed: bool = False
    constant: bool = False
    identical_siblings: bool = False
    empty: bool = False
    reply: Callable[[dict[str, Any], int], str] | None = None
    tokens_per_word: int = 1
    finish_reason: str = "stop"
    longest_prompt: int | None = None
    key: str | None = None
    no_list: bool = False
    models: tuple[str, ...] = (MODEL,)
    delay: float = 0.0
    slow: float = 0.3
    retry_after: float = 1.0
    capacity: int | None = None
    context: int | None = None
    ignore_truncation: bool = False
    root: str | None = None
    classify: Callable[[list[int]], list[float | None]] | None = None


@dataclass(frozen=True)
class Received:
    """A completion request as it came: when, where to, what it said, and what befell it."""

    at: float
    path: str
    authorization: str | None
    body: dict[str, Any]
    fault: Fault | None

    @property
    def prompt(self) -> str:
        return prompt_of(self.body)


def prompt_of(body: dict[str, Any]) -> str:
    if "input" in body:
        return ""
    return str(body["prompt"] if "prompt" in body else body["messages"][-1]["content"])


def text_of(prompt: str, seed: int) -> str:
    """Return what a server without faults says to a prompt at a seed."""
    digest = hashlib.sha256(f"{seed}:{prompt}".encode()).digest()
    return " ".join(WORDS[byte % len(WORDS)] for byte in digest[:8])


class _Dropped(Exception):
    pass


class OpenAIServer:
    """The server; a context manager that runs it in a thread.

    Attributes:
        received: every completion request, in the order they came.
        other_authorizations: the Authorization headers of all other requests.
        most_under_way: the most completion requests that were under way at once.
    """

    def __init__(self, faults: Faults | None = None, *, port: int = 0) -> None:
        self.faults = faults or Faults()
        self.port = port
        self.received: list[Received] = []
        self.other_authorizations: list[str | None] = []
        self.under_way = 0
        self.most_under_way = 0
        self._chances = random.Random(0)
        self._counted = 0
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def spec(self) -> str:
        return f"openai:{self.url}#{self.faults.models[0]}"

    @property
    def asked(self) -> list[Received]:
        """The completion requests that are not probes."""
        return [request for request in self.received if request.prompt != PROBE]

    def __enter__(self) -> "OpenAIServer":
        self._thread = threading.Thread(target=asyncio.run, args=(self.serve(),), daemon=True)
        self._thread.start()
        if not self._ready.wait(10):
            raise RuntimeError("the test's server did not start")
        return self

    def __exit__(self, *_: object) -> None:
        if self._loop and self._stop and self._thread:
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(10)

    async def serve(self, ready: Callable[[], None] = lambda: None) -> None:
        """Serve until stopped."""
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        app = web.Application(client_max_size=2**26)
        app.router.add_get("/health", self._health)
        app.router.add_get("/v1/models", self._models)
        app.router.add_post("/v1/completions", self._complete)
        app.router.add_post("/v1/chat/completions", self._complete)
        if self.faults.classify is not None:
            app.router.add_post("/classify", self._complete)
        runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", self.port)
        await site.start()
        self.port = runner.addresses[0][1]
        self._ready.set()
        ready()
        for number in (signal.SIGTERM, signal.SIGINT) if threading.current_thread() is threading.main_thread() else ():
            self._loop.add_signal_handler(number, self._stop.set)
        await self._stop.wait()
        await runner.cleanup()

    async def _health(self, request: web.Request) -> web.Response:  # noqa: ARG002  aiohttp's signature
        return web.Response(text="")

    async def _models(self, request: web.Request) -> web.Response:
        self.other_authorizations.append(request.headers.get("Authorization"))
        if refusal := self._locked(request):
            return refusal
        if self.faults.no_list:
            return _error(404, "Not Found")
        cards = [
            {
                "id": name,
                "object": "model",
                "owned_by": "test",
                "max_model_len": self.faults.context,
                "root": self.faults.root,
            }
            for name in self.faults.models
        ]
        return web.json_response({"object": "list", "data": cards})

    def _locked(self, request: web.Request) -> web.Response | None:
        wrong = self.faults.key is not None and request.headers.get("Authorization") != f"Bearer {self.faults.key}"
        return _error(401, "Incorrect API key provided") if wrong else None

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        fault = self._next_fault(body)
        self.received.append(
            Received(time.monotonic(), request.path, request.headers.get("Authorization"), body, fault)
        )
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            if refusal := self._locked(request) or self._refusal(body):
                return refusal
            await asyncio.sleep(self.faults.slow if fault == "slow" else self.faults.delay)
            return self._faulty(fault) or (self._classes if "input" in body else self._answer)(body, fault)
        except _Dropped:
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        finally:
            self.under_way -= 1

    def _next_fault(self, body: dict[str, Any]) -> Fault | None:
        if prompt_of(body) == PROBE:
            return None
        self._counted += 1
        if fault := self.faults.script(self._counted - 1, body):
            return fault
        for name, chance in self.faults.chance.items():
            if self._chances.random() < chance:
                return name  # type: ignore[return-value]
        return None

    def _refusal(self, body: dict[str, Any]) -> web.Response | None:
        faults, prompt = self.faults, prompt_of(body)
        if body["model"] not in faults.models:
            return _error(404, f"The model `{body['model']}` does not exist.")
        if faults.refuse_n and _count(body) > 1:
            return _error(400, "n > 1 is not supported")
        unknown = sorted({"top_k", "min_p", "repetition_penalty"} & body.keys())
        if faults.refuse_extensions and unknown:
            return _error(400, f"Unrecognized request argument supplied: {', '.join(unknown)}")
        if faults.longest_prompt is not None and len(prompt) > faults.longest_prompt:
            return _error(400, f"This model's maximum context length is {faults.longest_prompt} tokens.")
        if faults.capacity is not None and self.under_way > faults.capacity:
            return _error(429, "too many requests")
        return None

    def _faulty(self, fault: Fault | None) -> web.Response | None:
        if fault == "429":
            return _error(429, "slow down", {"Retry-After": f"{self.faults.retry_after:g}"})
        if fault == "429_date":
            until = email.utils.formatdate(time.time() + self.faults.retry_after, usegmt=True)
            return _error(429, "slow down", {"Retry-After": until})
        if fault == "429_bare":
            return _error(429, "slow down")
        if fault == "500":
            return _error(500, "internal error")
        if fault == "drop":
            raise _Dropped
        if fault == "not_json":
            return web.Response(text='{"choices": [{"te', content_type="application/json")
        if fault == "not_completion":
            return web.json_response({"status": "fine"})
        return None

    def _answer(self, body: dict[str, Any], fault: Fault | None) -> web.Response:
        chat = "messages" in body
        count = {"none": 0, "fewer": max(1, _count(body) // 2)}.get(fault or "", _count(body))
        texts = [self._text(body, j) for j in range(1 if self.faults.one_choice and count else count)]
        choices = [
            {
                "index": j,
                "finish_reason": self.faults.finish_reason,
                **({"message": {"role": "assistant", "content": text}} if chat else {"text": text}),
            }
            for j, text in enumerate(texts)
        ]
        room = None if self.faults.ignore_truncation else body.get("truncate_prompt_tokens")
        words = {
            "prompt": min(len(prompt_of(body).split()), room or sys.maxsize),
            "completion": sum(len(text.split()) for text in texts),
        }
        usage = {f"{name}_tokens": count * self.faults.tokens_per_word for name, count in words.items()}
        return web.json_response(
            {"id": "c", "object": "completion", "model": body["model"], "choices": choices, "usage": usage}
        )

    def _classes(self, body: dict[str, Any], fault: Fault | None) -> web.Response:
        assert self.faults.classify is not None
        found = [self.faults.classify(tokens) for tokens in body["input"]]
        if body.get("use_activation", True):
            found = [[1 / (1 + math.exp(-logit)) for logit in logits] for logits in found]
        rows = [{"index": i, "probs": probs, "num_classes": len(probs)} for i, probs in enumerate(found)]
        return web.json_response({"object": "list", "data": rows[: 0 if fault == "none" else None]})

    def _text(self, body: dict[str, Any], j: int) -> str:
        prompt, seed = prompt_of(body), body.get("seed")
        if self.faults.empty:
            return ""
        if self.faults.reply is not None:
            return self.faults.reply(body, sum(request.prompt == prompt for request in self.received) - 1)
        if self.faults.ignore_seed or seed is None:
            seed = random.SystemRandom().randrange(2**60)
        elif self.faults.constant or body["temperature"] == 0:
            seed = 0
        elif not self.faults.identical_siblings:
            seed += j
        return text_of(prompt, seed)


def _count(body: dict[str, Any]) -> int:
    return int(body.get("n") or 1)


def _error(status: int, message: str, headers: Mapping[str, str] | None = None) -> web.Response:
    return web.json_response({"error": {"message": message, "code": status}}, status=status, headers=headers)


def _parsed(words: str, delay: float) -> Faults:
    """Read `429=0.2,one_choice,longest_prompt=80`: probabilities of single faults, and fields of `Faults`."""
    given: dict[str, Any] = {"delay": delay}
    chance = {}
    for word in filter(None, words.split(",")):
        name, _, value = word.partition("=")
        if name in get_args(Fault):
            chance[name] = float(value or 1)
        elif name in {known.name for known in dataclasses.fields(Faults)}:
            try:
                given[name] = json.loads(value) if value else True
            except ValueError:
                given[name] = value
        else:
            raise SystemExit(f"no fault is called {name!r}")
    return Faults(chance=chance, **given)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--faults", default="", help="such as 429=0.2,drop=0.1,one_choice,key=secret")
    parser.add_argument("--delay", type=float, default=0.0, help="seconds each answer takes")
    given = parser.parse_args()
    server = OpenAIServer(_parsed(given.faults, given.delay), port=given.port)
    asyncio.run(server.serve(lambda: print(server.port, flush=True)))  # noqa: T201  tells its port to who started it


if __name__ == "__main__":
    main()
