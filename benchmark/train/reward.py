"""The reward model: a sequence classifier of one label that scores the preferred of two answers higher."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from ...errors import TrainingFailed
from ...tasks.lessons import Ranked
from ..judging.share import share
from ..progress import Progress, Silent
from ..rewarding.reader import RECORDED, Reader, Recorded, reader_for
from ..rewarding.reward_model import RewardOptions
from .folder import Purpose, TrainingFolder, hash_rows, opened
from .last_token import last_token_scorer, padded
from .learner import Learner, make_accelerator
from .loop import Micro, Outcome, batch_of, finished, go_through, micro_batches, some_of, steps_of
from .networks import adapt, find_base, load_scorer, load_tokenizer, plain, save_network
from .settings import Supervised

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import PreTrainedModel


class RewardSettings(Supervised):
    """What the trainer of reward models can be told."""

    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "default": {},
        "kirk2023": {
            "learning_rate": 3e-5,
            "batch": 64,
            "micro_batch": 1,
            "schedule": "cosine",
            "warmup": 0.0,
            "freeze": 0.8,
            "gradient_norm": None,
            "format": "raw",
            "longest": 2048,
        },
        "mini": {
            "learning_rate": 1e-3,
            "beta2": 0.98,
            "batch": 32,
            "micro_batch": 32,
            "steps": 400,
            "longest": 320,
            "evaluate_every": 400,
        },
    }

    batch: int = Field(default=64, ge=1, description="Pairs of an optimiser step, over all processes.")
    micro_batch: int = Field(default=4, ge=1, description="Pairs of a forward pass of one process.")
    format: Literal["auto", "raw", "chat"] = Field(
        default="auto",
        description="raw reads prompt and answer as one text, chat puts them into the chat template; auto is chat "
        "where there is a template.",
    )
    longest: int = Field(default=2048, ge=1, description="Most tokens of an input; a longer one loses its beginning.")


def train_reward(
    model: str,
    rows: Sequence[Ranked],
    *,
    out: Path | str,
    held_out: Mapping[str, Sequence[Ranked]] | None = None,
    settings: RewardSettings | None = None,
    progress: Progress | None = None,
) -> Outcome:
    """Train a reward model on ranked answers, and write a checkpoint that `--reward vllm:` and `hf:` serve.

    The loss is that of Bradley and Terry, -log sigmoid(chosen - rejected). In the end scores are divided by their
    standard deviation on the first part that is held out, and their mean is kept in config.json for the engines to
    subtract; where nothing is held out, both are measured on the rows trained on.

    Args:
        model: a causal language model, say from `train_sft`, whose head is replaced; or a classifier of one label.
        rows: two answers each, of which one was preferred.
        out: the folder; the same call on it goes on after an interruption, and returns at once when it is finished.
        held_out: parts by name, the first in distribution: accuracy is measured on each.
        settings: the defaults unless given.
        progress: told how it goes; silent by default.

    Raises:
        gendiv.errors.GendivError: what went wrong, in one line; the last good state is kept.
    """
    settings = settings or RewardSettings()
    steps, parts = steps_of(len(rows), settings), {name: part for name, part in (held_out or {}).items() if part}
    some = {name: some_of(part, settings) for name, part in parts.items()}
    base = find_base(model)
    accelerator = make_accelerator()
    data = {"train": hash_rows(rows), **{f"held_out {name}": hash_rows(part) for name, part in parts.items()}}
    folder = TrainingFolder(Path(out), Purpose("reward", settings, base, data), main=accelerator.is_main_process)
    if done := finished(folder):
        return done
    tokenizer = load_tokenizer(base)
    network = load_scorer(base, settings.seed)
    network.config.pad_token_id = tokenizer.pad_token_id
    options = RewardOptions(format=settings.format, longest=settings.longest)
    reader = reader_for(base.location, network.config, tokenizer, options)
    network = adapt(network, settings)
    with opened(folder):
        learner = Learner(last_token_scorer(network), settings, steps, folder.state, accelerator)
        ranking = Ranking(learner, reader)
        learner.resume()
        metrics = go_through(
            learner,
            folder,
            lambda step: ranking.learn([rows[row] for row in batch_of(step, len(rows), settings)]),
            lambda last: ranking.measure(parts if last else some),
            progress or Silent(),
        )
        mean = normalise(network, ranking, next(iter(parts.values()), rows))
        if learner.main:
            record(network, reader, mean)
            metrics = {**metrics, "mean": mean, "normalised_on": next(iter(parts), "train")}
            folder.save(
                lambda where: save_network(network, tokenizer, where, settings.dtype),
                {"steps": steps, "metrics": metrics},
            )
        accelerator.wait_for_everyone()
    return Outcome(Path(out), steps, metrics)


class Ranking:
    """The loss of Bradley and Terry, and how often held-out pairs are put in order."""

    def __init__(self, learner: Learner, reader: Reader) -> None:
        self._learner = learner
        self._reader = reader

    def learn(self, batch: Sequence[Ranked]) -> tuple[dict[str, Any], int]:
        """Do one optimiser step on a batch of all processes; return its metrics, and its tokens."""
        import torch

        learner = self._learner
        chosen, rejected = self._tokens(batch)
        lengths = [max(len(one), len(other)) for one, other in zip(chosen, rejected, strict=True)]
        right = torch.zeros((), device=learner.accelerator.device)

        def loss(micro: Micro) -> "Tensor":
            nonlocal right
            places, counts = micro
            both = [chosen[place] for place in places] + [rejected[place] for place in places]
            better, worse = learner.network(*padded(both, learner.accelerator.device)).chunk(2)
            right = right + counts * ((better > worse).float() + (better == worse).float() / 2).sum().detach()
            return -torch.nn.functional.logsigmoid(better - worse).sum() * (float(counts) / len(batch))

        parts = micro_batches(
            range(len(batch)), lengths, learner.settings.micro_batch, learner.process, learner.processes
        )
        metrics = learner.optimise(parts, loss)
        return {**metrics, "accuracy": float(learner.sum(right)) / len(batch)}, sum(map(len, [*chosen, *rejected]))

    def measure(self, parts: Mapping[str, Sequence[Ranked]]) -> dict[str, Any]:
        """Return for each part its loss, and the share of pairs in order with its 95% interval.

        Intervals are Wilson's, over prompts. Equal scores count half.
        """
        import torch

        found: dict[str, Any] = {}
        for name, part in parts.items():
            better, worse = self.scores(part)
            cases = (better > worse).float() + (better == worse).float() / 2
            known = share(zip((row.prompt for row in part), cases.tolist(), strict=True))
            interval = known[0] if known else None
            loss = float(-torch.nn.functional.logsigmoid(better - worse).mean())
            self._learner.check(f"loss on {name}", loss)
            found[name] = {
                "loss": loss,
                "accuracy": interval and interval.value,
                "low": interval and interval.low,
                "high": interval and interval.high,
                "pairs": len(part),
            }
        return {"held_out": found} if found else {}

    def scores(self, rows: Sequence[Ranked]) -> "tuple[Tensor, Tensor]":
        """Return the scores of chosen and of rejected answers, on every process all of them."""
        import torch

        learner = self._learner
        inputs = [tokens for side in self._tokens(rows) for tokens in side]
        found = torch.zeros(len(inputs), device=learner.accelerator.device)
        parts = micro_batches(
            range(len(inputs)),
            list(map(len, inputs)),
            2 * learner.settings.micro_batch,
            learner.process,
            learner.processes,
        )
        learner.network.eval()
        with torch.inference_mode(), learner.arithmetic():
            for places, counts in parts:
                scores = learner.network(*padded([inputs[place] for place in places], found.device))
                found[places] += counts * scores
        better, worse = learner.sum(found).cpu().chunk(2)
        return better, worse

    def _tokens(self, rows: Sequence[Ranked]) -> tuple[list[list[int]], list[list[int]]]:
        chosen, _ = self._reader.read([(row.prompt, row.chosen) for row in rows])
        rejected, _ = self._reader.read([(row.prompt, row.rejected) for row in rows])
        return chosen, rejected


def normalise(network: "PreTrainedModel", ranking: Ranking, rows: Sequence[Ranked]) -> float:
    """Divide the head by the standard deviation of scores of both sides, and return the mean that is then left.

    Raises:
        TrainingFailed: all scores are alike.
    """
    import torch

    scores = torch.cat(ranking.scores(rows)).double()
    deviation = float(scores.std(correction=0))
    if not deviation > 0:
        raise TrainingFailed("the reward model gives every answer the same score; train it longer, or look at the data")
    head: Any = plain(network).score
    for one in head.parameters():
        one.data /= deviation
    return float(scores.mean()) / deviation


def record(network: "PreTrainedModel", reader: Reader, mean: float) -> None:
    """Write into a network's config how it reads and the mean of its scores, for `find_reader`."""
    network.config.id2label, network.config.label2id = {0: "reward"}, {"reward": 0}
    found = Recorded(format=reader.format, ending=reader.ending, longest=reader.longest, mean=mean)
    setattr(network.config, RECORDED, found.model_dump())
