"""Supervised fine-tuning: a language model learns to answer prompts as demonstrations do."""

import inspect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from ...errors import BadInput
from ...tasks.lessons import Demonstration
from ..progress import Progress, Silent
from ..rewarding.reader import join
from ..truncation import fitted, without_end
from .folder import Purpose, TrainingFolder, hash_rows, opened
from .learner import Learner, make_accelerator
from .loop import Micro, Outcome, batch_of, finished, go_through, micro_batches, some_of, steps_of
from .networks import adapt, find_base, load_policy, load_tokenizer, plain, save_network
from .settings import Supervised

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import PreTrainedTokenizerBase


class SFTSettings(Supervised):
    """What supervised fine-tuning can be told."""

    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "default": {},
        "kirk2023": {
            "learning_rate": 3e-5,
            "batch": 128,
            "micro_batch": 2,
            "schedule": "cosine",
            "warmup": 0.0,
            "freeze": 0.8,
            "gradient_norm": None,
            "prompt_tokens": 1024,
            "completion_tokens": 1024,
            "seed": 3,
        },
        "mini": {
            "learning_rate": 3e-3,
            "beta2": 0.98,
            "batch": 16,
            "micro_batch": 16,
            "steps": 2000,
            "prompt_tokens": 256,
            "completion_tokens": 64,
            "evaluate_every": 1000,
        },
    }

    prompt_tokens: int = Field(default=1024, ge=1, description="A longer prompt loses its beginning.")
    completion_tokens: int = Field(
        default=1024, ge=1, description="A longer completion loses its end; an end token follows."
    )
    packing: bool = Field(
        default=False,
        description="Read several rows as one sequence, each of which sees itself alone: no padding, the same loss. A "
        "sequence has at most prompt_tokens + completion_tokens + 1 tokens, and micro_batch counts sequences.",
    )


@dataclass(frozen=True)
class Row:
    """A demonstration as tokens: `start` of them are prompt, which is never trained on."""

    tokens: list[int]
    start: int


def train_sft(
    model: str,
    rows: Sequence[Demonstration],
    *,
    out: Path | str,
    held_out: Sequence[Demonstration] = (),
    settings: SFTSettings | None = None,
    progress: Progress | None = None,
) -> Outcome:
    """Fine-tune a causal language model on demonstrations, and write a checkpoint that `vllm:` and `hf:` serve.

    The loss of a step is the mean over all completion tokens of its batch, the end tokens included.

    Args:
        model: folder, or hub id with @revision.
        rows: to be imitated.
        out: the folder; the same call on it goes on after an interruption, and returns at once when it is finished.
        held_out: measured now and then, not trained on.
        settings: the defaults unless given.
        progress: told how it goes; silent by default.

    Raises:
        gendiv.errors.GendivError: what went wrong, in one line; the last good state is kept.
    """
    settings = settings or SFTSettings()
    steps = steps_of(len(rows), settings)
    base = find_base(model)
    accelerator = make_accelerator()
    data = {"train": hash_rows(rows), "held_out": hash_rows(held_out)}
    folder = TrainingFolder(Path(out), Purpose("sft", settings, base, data), main=accelerator.is_main_process)
    if done := finished(folder):
        return done
    tokenizer = load_tokenizer(base)
    network = load_policy(base)
    network.config.pad_token_id = tokenizer.pad_token_id
    context = getattr(network.config.get_text_config(), "max_position_embeddings", None)
    lessons, tests = (tokenise(tokenizer, some, settings, context) for some in (rows, held_out))
    network = adapt(network, settings)
    with opened(folder):
        learner = Learner(network, settings, steps, folder.state, accelerator)
        imitation = Imitation(learner, tokenizer.eos_token_id)
        if settings.packing:
            imitation.check_packing([*lessons, *lessons][:2])
        learner.resume()
        metrics = go_through(
            learner,
            folder,
            lambda step: imitation.learn([lessons[row] for row in batch_of(step, len(lessons), settings)]),
            lambda last: imitation.measure(tests if last else some_of(tests, settings)),
            progress or Silent(),
        )
        if learner.main:
            folder.save(
                lambda where: save_network(network, tokenizer, where, settings.dtype),
                {"steps": steps, "metrics": metrics},
            )
        accelerator.wait_for_everyone()
    return Outcome(Path(out), steps, metrics)


def tokenise(
    tokenizer: "PreTrainedTokenizerBase",
    rows: Sequence[Demonstration],
    settings: SFTSettings,
    context: int | None = None,
) -> list[Row]:
    """Return rows as tokens: prompt, completion, one end token.

    The prompt has the tokens that it has alone, as when answers are drawn. The completion has those that follow it in
    the whole text, or, where a token would reach over the seam, those that it has alone.

    Args:
        tokenizer: with an end token.
        rows: the texts.
        settings: how long prompt and completion may be.
        context: most tokens of the model.
    """
    if not rows:
        return []
    whole = [join(row.prompt, row.completion) for row in rows]
    rests = [text[len(row.prompt) :] for text, row in zip(whole, rows, strict=True)]
    quiet: dict[str, Any] = {"truncation": False, "verbose": False}
    prompts = tokenizer([row.prompt for row in rows], **quiet)["input_ids"]
    alone = tokenizer(rests, add_special_tokens=False, **quiet)["input_ids"]
    joint = tokenizer(whole, **quiet)["input_ids"]
    found = []
    for prompt, rest, both in zip(prompts, alone, joint, strict=True):
        prompt = without_end(prompt, tokenizer.eos_token_id)
        completion = both[len(prompt) :] if both[: len(prompt)] == prompt else rest
        completion = without_end(completion, tokenizer.eos_token_id)[: settings.completion_tokens]
        room = settings.prompt_tokens
        if context is not None:
            completion = completion[: context - 2]
            room = min(room, context - len(completion) - 1)
        prompt = fitted(prompt or [tokenizer.eos_token_id], room, {tokenizer.bos_token_id})
        found.append(Row([*prompt, *completion, tokenizer.eos_token_id], len(prompt)))
    return found


class Imitation:
    """The loss on completions, and its measurement on held-out rows."""

    def __init__(self, learner: Learner, padding: int) -> None:
        self._learner = learner
        self._padding = padding  # nothing looks at it: what comes after a sequence is seen by none of its tokens
        self._selects = "logits_to_keep" in inspect.signature(plain(learner.plain).forward).parameters

    def learn(self, batch: Sequence[Row]) -> tuple[dict[str, Any], int]:
        """Do one optimiser step on a batch of all processes; return its metrics, and its tokens."""
        learner = self._learner
        settings: SFTSettings = learner.settings  # type: ignore[assignment]
        packs = _packs(batch, settings) if settings.packing else [[row] for row in batch]
        lengths = [sum(len(row.tokens) for row in pack) for pack in packs]
        tokens = sum(len(row.tokens) - row.start for row in batch)

        def loss(micro: Micro) -> "Tensor":
            found, _ = self._read([packs[place] for place in micro[0]])
            return found * (float(micro[1]) / tokens)

        parts = micro_batches(range(len(packs)), lengths, settings.micro_batch, learner.process, learner.processes)
        return {**learner.optimise(parts, loss), "tokens": tokens}, sum(lengths)

    def measure(self, rows: Sequence[Row]) -> dict[str, Any]:
        """Return loss and accuracy of the next token over all completion tokens; nothing if there are no rows."""
        import torch

        if not rows:
            return {}
        learner = self._learner
        parts = micro_batches(
            range(len(rows)),
            [len(row.tokens) for row in rows],
            learner.settings.micro_batch,
            learner.process,
            learner.processes,
        )
        sums = torch.zeros(2, dtype=torch.float64, device=learner.accelerator.device)
        learner.network.eval()
        with torch.inference_mode(), learner.arithmetic():
            for places, counts in parts:
                loss, hits = self._read([[rows[place]] for place in places])
                sums += counts * torch.stack([loss.double(), hits.double()])
        loss, hits = (learner.sum(sums) / sum(len(row.tokens) - row.start for row in rows)).tolist()
        learner.check("loss on held-out data", loss)
        return {"held_out_loss": loss, "held_out_accuracy": hits}

    def check_packing(self, rows: Sequence[Row]) -> None:
        """Check that rows read as one sequence have the loss that they have apart.

        Raises:
            BadInput: the architecture lets them see each other.
        """
        import torch

        self._learner.network.eval()
        with torch.inference_mode(), self._learner.arithmetic():
            together, _ = self._read([list(rows)])
            apart = sum(self._read([[row]])[0] for row in rows)
        if not torch.isclose(together, torch.as_tensor(apart), rtol=1e-2, atol=1e-3):
            raise BadInput(
                f"--packing: {type(self._learner.plain).__name__} does not keep packed rows apart (loss "
                f"{float(together)}, alone {float(apart)}); pass --no-packing"
            )

    def _read(self, packs: Sequence[Sequence[Row]]) -> "tuple[Tensor, Tensor]":
        """Return the summed loss of sequences of rows over their completion tokens, and how many were foreseen.

        Padding comes last, where no real token sees it, so that no attention mask is needed but for packed rows:
        theirs lets each see itself alone, and its positions begin anew.
        """
        import torch

        device = self._learner.accelerator.device
        longest = max(sum(len(row.tokens) for row in pack) for pack in packs) - 1
        tokens = torch.full((len(packs), longest), self._padding)  # (B, T)
        targets = torch.full((len(packs), longest), -100)
        positions = torch.arange(longest).repeat(len(packs), 1)
        for line, pack in enumerate(packs):
            ids = torch.tensor([token for row in pack for token in row.tokens])
            goals, places = ids.clone(), list[int]()
            for row, begin in zip(pack, _begins(pack), strict=True):
                goals[begin : begin + row.start] = -100
                places += range(len(row.tokens))
            tokens[line, : len(ids) - 1] = ids[:-1]
            targets[line, : len(ids) - 1] = goals[1:]
            positions[line, : len(ids) - 1] = torch.tensor(places[:-1])
        columns = (targets != -100).any(0).nonzero()[:, 0]  # where a completion token is foreseen
        more: dict[str, Any] = {"logits_to_keep": columns.to(device)} if self._selects else {}
        if any(len(pack) > 1 for pack in packs):
            number = (positions == 0).cumsum(1)  # of the row that a token belongs to
            apart = (number[:, None, :] == number[:, :, None]).tril()[:, None]  # (B, 1, T, T)
            more |= {"position_ids": positions.to(device), "attention_mask": apart.to(device)}
        logits = self._learner.network(input_ids=tokens.to(device), use_cache=False, **more).logits
        logits = logits if self._selects else logits[:, columns.to(device)]  # (B, columns, V)
        wanted = targets[:, columns].to(device)
        chosen = wanted != -100
        found, goals = logits[chosen].float(), wanted[chosen]  # (N, V), (N,)
        return torch.nn.functional.cross_entropy(found, goals, reduction="sum"), (found.argmax(-1) == goals).sum()


def _begins(pack: Sequence[Row]) -> Iterator[int]:
    begin = 0
    for row in pack:
        yield begin
        begin += len(row.tokens)


def _packs(batch: Sequence[Row], settings: SFTSettings) -> list[list[Row]]:
    """Return the rows of a batch in as few sequences as fit by first fit, the longest rows first."""
    most = settings.prompt_tokens + settings.completion_tokens + 1
    packs: list[list[Row]] = []
    room: list[int] = []
    for row in sorted(batch, key=lambda one: -len(one.tokens)):
        place = next((place for place, left in enumerate(room) if left >= len(row.tokens)), None)
        if place is None:
            packs.append([])
            room.append(most)
            place = len(packs) - 1
        packs[place].append(row)
        room[place] -= len(row.tokens)
    return packs
