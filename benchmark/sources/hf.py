"""`hf:PATH_OR_HUB_ID[@revision]`: a checkpoint run by transformers in this process; slow, needs no server."""

import asyncio
import importlib.util
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ...errors import BadInput, NotInstalled, SourceFailed
from ...tasks import Format
from ..decoding import Decoding
from ..installed import installed
from .identity import CheckpointSource
from .source import Abilities, Answer, Choice, Refused, Request, SourceOptions


def open_hf(rest: str, options: SourceOptions) -> "Transformers":
    """Return the source for `PATH_OR_HUB_ID[@revision]`."""
    options.refuse("hf", server_args=options.server_args)
    return Transformers(rest, options)


class Transformers(CheckpointSource):
    """A model in this process, on the GPU if there is one; one request at a time, its samples as one batch.

    Samples of one request come from one random stream seeded with the request's seed, so they repeat only when the
    same samples are asked for together.
    """

    slots = 1

    def __init__(self, checkpoint: str, options: SourceOptions) -> None:
        for package in ("torch", "transformers"):
            if importlib.util.find_spec(package) is None:
                raise NotInstalled(f"hf: models need {package}: pip install 'gendiv[hf]' (see `gendiv doctor`)")
        super().__init__("hf", checkpoint, options)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="transformers")
        self._network: Any = None
        self._tokenizer: Any = None

    async def __aenter__(self) -> Self:
        self._options.log(f"loading {self._model.name} with transformers")
        await self._in_thread(self._load)
        self.details.update(installed("transformers"), device=str(self._network.device))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._thread.shutdown(wait=True, cancel_futures=True)
        self._network = None

    async def draw(self, request: Request) -> Answer:
        """Answer one request."""
        answer: Answer = await self._in_thread(self._draw, request)
        return answer

    def require(self, format: Format, decoding: Decoding) -> None:
        """Refuse what transformers does not know, and chat prompts where there is no template."""
        super().require(format, decoding)
        if decoding.presence_penalty or decoding.frequency_penalty:
            raise BadInput("hf: models know no presence or frequency penalty; use repetition_penalty, or vllm:")

    async def examine(self, format: Format) -> Abilities:  # noqa: ARG002  the same for both
        """A model in this process honours seeds, and any number of samples a request."""
        return Abilities(seeded=True)

    async def _in_thread(self, work: Any, *arguments: object) -> Any:  # noqa: ANN401  torch is untyped here
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *arguments)

    def _load(self) -> None:
        import torch
        from safetensors import SafetensorError
        from transformers import AutoModelForCausalLM, AutoTokenizer, GenerationConfig

        where, revision = self._checkpoint.location, self._checkpoint.revision
        dtype = "auto" if self._options.dtype == "auto" else getattr(torch, self._options.dtype)
        try:
            self._tokenizer = AutoTokenizer.from_pretrained(where, revision=revision)
            network: Any = AutoModelForCausalLM.from_pretrained(where, revision=revision, dtype=dtype)
        except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
            raise SourceFailed(f"transformers cannot load {where}: {' '.join(str(error).split())[:300]}") from error
        self._tokenizer.truncation_side = "left"
        # generate() fills what a request leaves unset from the checkpoint's own config: only its end tokens may stay
        network.generation_config = GenerationConfig(eos_token_id=network.generation_config.eos_token_id)
        if self._adapter:
            from peft import PeftModel

            network = PeftModel.from_pretrained(network, self._adapter.location, revision=self._adapter.revision)
        if self._options.chat_template:
            self._tokenizer.chat_template = Path(self._options.chat_template).read_text(encoding="utf-8")
        self._network = network.to("cuda" if torch.cuda.is_available() else "cpu").eval()

    def _draw(self, request: Request) -> Answer:
        import torch

        encoded = self._encode(request).to(self._network.device)
        length = encoded["input_ids"].shape[1]
        if too_long := request.decoding.check_context(length, self._model.context):
            raise Refused(too_long)
        torch.manual_seed(request.seed)
        with torch.inference_mode():
            drawn = self._network.generate(
                **encoded,
                generation_config=self._generation(request.decoding, request.n),
                tokenizer=self._tokenizer if request.decoding.stop else None,
            )[:, length:]  # (n, T)
        choices = tuple(self._choice(tokens.tolist(), request.decoding) for tokens in drawn)
        pad = self._tokenizer.pad_token_id
        return Answer(choices, length, int((drawn != pad).sum()) if pad is not None else drawn.numel())

    def _encode(self, request: Request) -> Any:  # noqa: ANN401  transformers' BatchEncoding
        if request.format == "raw":
            room = request.decoding.room_for_prompt(self._model.context)
            shortened = {"truncation": True, "max_length": room} if room else {}
            return self._tokenizer(request.text, return_tensors="pt", **shortened)
        return self._tokenizer.apply_chat_template(
            [{"role": "user", "content": request.text}],
            add_generation_prompt=True,
            return_tensors="pt",
            return_dict=True,
        )

    def _ends(self) -> set[int]:
        """Return the end tokens: those of the checkpoint's generation config, else the tokeniser's."""
        found = self._network.generation_config.eos_token_id
        if found is None:
            found = self._tokenizer.eos_token_id
        return set(found if isinstance(found, list) else [found]) - {None}

    def _generation(self, decoding: Decoding, n: int) -> Any:  # noqa: ANN401  transformers' GenerationConfig
        """Return a fresh generation config, so that nothing of the checkpoint's own sampling defaults gets in."""
        from transformers import GenerationConfig

        ends = sorted(self._ends())
        pad = self._tokenizer.pad_token_id
        if decoding.temperature == 0:
            sampling: dict[str, Any] = {"do_sample": False}
        else:
            sampling = {
                "do_sample": True,
                "temperature": decoding.temperature,
                "top_p": decoding.top_p,
                "top_k": decoding.top_k or 0,
                "min_p": decoding.min_p or None,
                "num_return_sequences": n,
            }
        return GenerationConfig(
            max_new_tokens=decoding.max_tokens,
            repetition_penalty=decoding.repetition_penalty,
            stop_strings=list(decoding.stop) or None,
            eos_token_id=ends or None,
            pad_token_id=pad if pad is not None else (ends[0] if ends else 0),
            **sampling,
        )

    def _choice(self, tokens: list[int], decoding: Decoding) -> Choice:
        ends = self._ends()
        end = next((position for position, token in enumerate(tokens) if token in ends), None)
        text = str(self._tokenizer.decode(tokens[:end], skip_special_tokens=True))
        cuts = [text.find(stop) for stop in decoding.stop if stop in text]
        if cuts:
            return Choice(text[: min(cuts)], "stop")
        return Choice(text, "length" if end is None else "stop")
