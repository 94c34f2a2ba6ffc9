"""`openai:BASE_URL[,BASE_URL...]#MODEL`: any server that speaks the OpenAI completions API and is already up."""

import asyncio
import email.utils
import hashlib
import json
import math
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import aiohttp

from ...errors import BadInput, SourceFailed
from ...tasks import Format
from ..decoding import Decoding
from .source import Abilities, Answer, Choice, Flaky, Model, Overloaded, Refused, Request, Source, SourceOptions

EXTENSIONS: Mapping[str, object] = {"top_k": -1, "min_p": 0.0, "repetition_penalty": 1.0}
"""Parameters beyond OpenAI's own, with the values that mean "off"; vLLM, SGLang and llama.cpp know them."""

REST = 15.0
"""Seconds an endpoint that dropped a connection is passed over while another one is up."""

BESIDE = frozenset({"/classify"})
"""What vLLM serves beside OpenAI's own addresses, so without the `/v1`."""

OVERLOAD = frozenset({429, 503, 529})
CURABLE = frozenset({408, 409, 425, 500, 502, 504})


@dataclass
class Endpoint:
    """One address of the model, and how busy it is."""

    url: str
    under_way: int = 0
    resting_until: float = 0.0

    def address(self, path: str) -> str:
        """Return where `path` is served."""
        return (self.url.removesuffix("/v1") if path in BESIDE else self.url) + path


def open_openai(rest: str, options: SourceOptions) -> "OpenAI":
    """Return the source for `BASE_URL[,BASE_URL...]#MODEL`; `#MODEL` may be left out where one model is served."""
    options.refuse(
        "openai", adapter=options.adapter, server_args=options.server_args, chat_template=options.chat_template
    )
    addresses, _, model = rest.partition("#")
    urls = [address.strip().rstrip("/") for address in addresses.split(",")]
    for url in urls:
        _check_address(url, options.api_key_variable)
    return OpenAI(urls, model or None, options)


def _check_address(url: str, key_variable: str) -> None:
    wanted = "openai: wanted openai:http://HOST:PORT/v1#MODEL, found the address"
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError as error:  # a port that is none, an unfinished IPv6 address
        raise BadInput(f"{wanted} {url!r} ({error})") from error
    if parts.username or parts.password or parts.query:
        raise BadInput(
            "openai: the address holds a password or a query, which would end up in the record; "
            f"put the key into the environment variable {key_variable}"
        )
    if not usable:
        raise BadInput(f"{wanted} {url!r}")


class NotFound(SourceFailed):
    """There is nothing at that address."""


class _Unreachable(SourceFailed):
    """Nobody answers at that address."""


class OpenAI(Source):
    """A model behind one or several OpenAI-compatible addresses; each request goes to the least busy one.

    Attributes:
        root: what the server says it has loaded, a folder of its own or a hub id; None where it does not say.
    """

    def __init__(self, urls: list[str], model: str | None, options: SourceOptions) -> None:
        super().__init__()
        self.root: str | None = None
        self._endpoints = [Endpoint(url) for url in urls]
        self._options = options
        self._asked_for = model
        self._model: Model | None = None
        self._unsent: frozenset[str] = frozenset()
        self._session: aiohttp.ClientSession | None = None

    @property
    def model(self) -> Model:
        """Identity as the server tells it: the endpoint's word, not a hash of weights."""
        if self._model is None:
            raise RuntimeError("enter the source before asking for its model")
        return self._model

    @property
    def served(self) -> str | None:
        """The model's name in requests; known once the source has been entered."""
        return self._asked_for

    @property
    def spec(self) -> str:
        """The spec in full, with the model's name."""
        return f"openai:{','.join(e.url for e in self._endpoints)}#{self._asked_for or ''}".rstrip("#")

    async def __aenter__(self) -> Self:
        headers = {"Accept": "application/json"}
        if key := os.environ.get(self._options.api_key_variable):
            headers["Authorization"] = f"Bearer {key}"
        self._session = aiohttp.ClientSession(
            headers=headers,
            connector=aiohttp.TCPConnector(limit=0),
            timeout=aiohttp.ClientTimeout(total=self._options.timeout, sock_connect=30),
        )
        try:
            self._model = self._identify(await self._served_by_each())
        except BaseException:
            await self._session.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def draw(self, request: Request) -> Answer:
        """Answer one request by `/completions` (raw) or `/chat/completions` (chat)."""
        path = "/chat/completions" if request.format == "chat" else "/completions"
        return self._checked(_answer(await self.post(path, self._body(request)), request.format), request)

    async def post(self, path: str, body: dict[str, Any]) -> Any:  # noqa: ANN401  JSON
        """Return what the least busy address answers.

        Raises:
            Overloaded, Flaky, Refused, SourceFailed: as from `draw`.
        """
        endpoint = self._least_busy()
        endpoint.under_way += 1
        try:
            return await self._ask("POST", endpoint, path, body)
        except Flaky:
            endpoint.resting_until = time.monotonic() + REST
            raise
        finally:
            endpoint.under_way -= 1

    def _checked(self, answer: Answer, request: Request) -> Answer:
        """Refuse an answer to a prompt that was not shortened as asked, or that left the answer too little room."""
        room = request.decoding.room_for_prompt(self._context)
        if request.format == "raw" and room is not None and answer.prompt_tokens > room:
            raise BadInput(
                f"{self.spec} does not shorten prompts to {room} tokens, as --prompt-tokens asks (it read "
                f"{answer.prompt_tokens}); serve the model with vLLM, or shorten the prompts"
            )
        if too_long := request.decoding.check_context(answer.prompt_tokens, self._context):
            raise Refused(too_long)
        return answer

    @property
    def _context(self) -> int | None:
        return self._model.context if self._model else None

    async def examine(self, format: Format) -> Abilities:
        """Ask a few small questions to learn whether `n`, seeds and the extension parameters work."""
        question = Request("Name something one may find in a kitchen.", format, Decoding(max_tokens=12), 2, 7)
        try:
            first = await self._examine_once(question)
        except Refused as refused:
            self._unsent = frozenset(EXTENSIONS)
            try:
                first = await self._examine_once(question)
            except Refused:
                try:
                    first = await self._examine_once(replace(question, n=1))
                except Refused:
                    raise BadInput(f"{self.spec} refuses a plain {format} request: {refused}") from refused
        texts = [choice.text for choice in first.choices]
        alone = len(texts) < 2 or (texts[0] == texts[1] and await self._differs_alone(question, texts[0]))
        again = await self._examine_once(replace(question, n=1) if alone else question)
        other = await self._examine_once(replace(question, n=1, seed=question.seed + 1000))
        return Abilities(
            choices_per_request=1 if alone else 0,
            seeded=_seeded(texts, [choice.text for choice in again.choices], other.choices[0].text),
            unsent=tuple(sorted(self._unsent)),
        )

    async def _differs_alone(self, question: Request, text: str) -> bool:
        """Tell whether single requests with other seeds vary where the siblings of one request did not."""
        singles = [await self._examine_once(replace(question, n=1, seed=question.seed + j)) for j in (1, 2, 3)]
        return any(single.choices[0].text != text for single in singles)

    async def _examine_once(self, question: Request) -> Answer:
        """Draw with patience for a server that is still warming up."""
        for attempt in range(1, 7):
            try:
                answer = await self.draw(question)
                if answer.choices:
                    return answer
                reason: Exception = Flaky("the answer held no choices")
            except (Flaky, Overloaded) as error:
                reason = error
            wait = reason.retry_after if isinstance(reason, Overloaded) else None
            await asyncio.sleep(min(30.0, wait if wait is not None else 0.25 * 2**attempt))
        raise SourceFailed(f"{self.spec} does not answer: {reason}")

    def _body(self, request: Request) -> dict[str, Any]:
        decoding = request.decoding
        body: dict[str, Any] = {
            "model": self._asked_for,
            "n": request.n,
            "seed": request.seed,
            "temperature": decoding.temperature,
            "top_p": decoding.top_p,
            "presence_penalty": decoding.presence_penalty,
            "frequency_penalty": decoding.frequency_penalty,
            "max_tokens": decoding.max_tokens,
            "stream": False,
        }
        if decoding.stop:
            body["stop"] = list(decoding.stop)
        for name, off in EXTENSIONS.items():
            value = getattr(decoding, name)
            value = off if value is None else value
            if name not in self._unsent:
                body[name] = value
            elif value != off:
                raise BadInput(f"{self.spec} does not know {name}, which was set to {value}; leave it off")
        if request.format == "chat":
            body["messages"] = [{"role": "user", "content": request.text}]
        else:
            body["prompt"] = request.text
            if (room := decoding.room_for_prompt(self._context)) is not None:
                body |= {"truncate_prompt_tokens": room, "truncation_side": "left"}
        return body

    def _least_busy(self) -> Endpoint:
        now = time.monotonic()
        up = [endpoint for endpoint in self._endpoints if endpoint.resting_until <= now]
        return min(up or self._endpoints, key=lambda endpoint: endpoint.under_way)

    async def _ask(self, method: str, endpoint: Endpoint, path: str, body: dict[str, Any] | None = None) -> Any:  # noqa: ANN401  JSON
        if self._session is None:
            raise RuntimeError("enter the source before asking it")
        try:
            async with self._session.request(method, endpoint.address(path), json=body) as response:
                content = await response.read()
                if response.status != 200:
                    self._raise_for(response.status, response.headers, content, endpoint.address(path))
        except TimeoutError as error:
            raise Overloaded(f"{endpoint.url} did not answer within {self._options.timeout:.0f} s") from error
        except aiohttp.InvalidURL as error:
            raise BadInput(f"{endpoint.url} is not a usable address: {error}") from error
        except aiohttp.ClientError as error:
            raise Flaky(f"{endpoint.url} dropped the connection: {error or type(error).__name__}") from error
        try:
            return json.loads(content)
        except (ValueError, RecursionError) as error:
            raise Flaky(f"{endpoint.url} answered with something that is not JSON: {content[:60]!r}") from error

    def _raise_for(self, status: int, headers: Mapping[str, str], content: bytes, url: str) -> None:
        said = _message(content)
        if status in OVERLOAD:
            raise Overloaded(f"{url} answered {status}: {said}", _retry_after(headers))
        if status in CURABLE:
            raise Flaky(f"{url} answered {status}: {said}")
        if status in (401, 403):
            variable = self._options.api_key_variable
            state = "was refused" if os.environ.get(variable) else "is not set"
            raise SourceFailed(f"{url} answered {status}: the key in {variable} {state} ({said})")
        if status == 404:
            raise NotFound(f"{url} answered 404: {said}; is the address right, and does it end in /v1?")
        raise Refused(f"{said} (status {status})")

    async def _served_by_each(self) -> list[tuple[Endpoint, list[dict[str, Any]]]]:
        """Return what each endpoint lists; one that is down is passed over as long as another one is up."""
        found: list[tuple[Endpoint, list[dict[str, Any]]]] = []
        down: list[_Unreachable] = []
        for endpoint in self._endpoints:
            try:
                found.append((endpoint, await self._served(endpoint)))
            except _Unreachable as error:
                endpoint.resting_until = time.monotonic() + REST
                down.append(error)
        if not found:
            raise down[0]
        for failure in down:
            self._options.log(f"passed over: {failure}")
        return found

    async def _served(self, endpoint: Endpoint) -> list[dict[str, Any]]:
        """Return the models an endpoint lists; none where it keeps no list."""
        for attempt in range(3):
            try:
                listed = await self._ask("GET", endpoint, "/models")
                break
            except NotFound:
                if self._asked_for is None:
                    raise
                return []  # whether the address is right, the first question will tell
            except (Refused, Overloaded) as error:
                raise SourceFailed(f"openai:{endpoint.url}: {error}") from error
            except Flaky as error:
                if attempt == 2:
                    raise _Unreachable(f"openai:{endpoint.url}: no answer; is the server up? ({error})") from error
                await asyncio.sleep(0.3)
        models = listed.get("data") if isinstance(listed, dict) else None
        return [model for model in models or [] if isinstance(model, dict) and "id" in model]

    def _identify(self, served: list[tuple[Endpoint, list[dict[str, Any]]]]) -> Model:
        """Agree on one model that every endpoint serves."""
        for endpoint, models in served:
            ids = [str(model["id"]) for model in models]
            if self._asked_for is None and len(ids) == 1:
                self._asked_for = ids[0]
            if self._asked_for is None:
                raise BadInput(
                    f"openai:{endpoint.url}: say which model, as {endpoint.url}#MODEL; served: {', '.join(ids)}"
                )
            if ids and self._asked_for not in ids:
                raise BadInput(
                    f"openai:{endpoint.url} does not serve {self._asked_for!r}; it serves {', '.join(sorted(ids)[:8])}"
                )
        card = next((model for model in served[0][1] if model["id"] == self._asked_for), {})
        self.root = card.get("root")
        told = {"model": self._asked_for, "root": self.root, "parent": card.get("parent")}
        if card.get("owned_by"):
            self.details["server"] = str(card["owned_by"])
        return Model(
            spec=self.spec,
            name=str(self._asked_for).rstrip("/").rsplit("/", 1)[-1],
            identity="endpoint",
            fingerprint="endpoint:" + hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest(),
            context=card.get("max_model_len"),
        )


def _seeded(texts: list[str], again: list[str], other: str) -> bool | None:
    """Tell from repeated questions whether the seed decides the text; None if nothing varies at all."""
    if texts[: len(again)] != again[: len(texts)]:
        return False
    return None if len({*texts, *again, other}) == 1 else True


def _answer(body: Any, format: Format) -> Answer:  # noqa: ANN401  JSON
    try:
        choices = sorted(body["choices"], key=lambda choice: int(choice.get("index", 0)))
        usage = body.get("usage") or {}
        return Answer(
            choices=tuple(
                Choice(
                    text=(choice["message"]["content"] if format == "chat" else choice["text"]) or "",
                    finish_reason=str(choice.get("finish_reason") or "unknown"),
                )
                for choice in choices
            ),
            prompt_tokens=int(usage.get("prompt_tokens") or 0),
            completion_tokens=int(usage.get("completion_tokens") or 0),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Flaky(f"the answer is not a completion ({type(error).__name__}: {error}): {str(body)[:60]}") from error


def _message(content: bytes) -> str:
    """Return the server's own words, on one line."""
    text = content.decode("utf-8", "replace")
    try:
        body = json.loads(text)
        body = body.get("error", body) if isinstance(body, dict) else body
        text = str(body.get("message") or body) if isinstance(body, dict) else str(body)
    except ValueError:
        pass  # not JSON: the text itself is the message
    return " ".join(text.split())[:300] or "no reason given"


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds a `Retry-After` header asks for, given as a number or as a date."""
    value = headers.get("Retry-After")
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = email.utils.parsedate_to_datetime(value).timestamp() - time.time()
        except ValueError:
            return None
    return None if math.isnan(seconds) else min(max(0.0, seconds), 600.0)
