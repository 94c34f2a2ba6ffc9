"""Steps a second of the trainers beside transformers' Trainer: one network, one data set, one batch, side by side.

Trainer pads to the longest row of a micro-batch and has its fused AdamW. For fine-tuning it runs twice: as it comes,
and with `group_by_length`, which fills whole batches with rows of like length and so pads less than an order of the
data that is random; gendiv keeps the order random and sorts within a batch. Each runs the same number of optimiser
steps in turn, round after round, and the median of the ratios is printed. Start-up, saving and the tokenising of
demonstrations are left out on all sides.
"""

import os
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch
import transformers

sys.path.insert(0, str(Path(__file__).parents[1]))
from tiny_causal import some_words, tiny_causal

from gendiv.benchmark.rewarding.reader import reader_for
from gendiv.benchmark.rewarding.reward_model import RewardOptions
from gendiv.benchmark.train.last_token import last_token_scorer
from gendiv.benchmark.train.learner import Learner, make_accelerator
from gendiv.benchmark.train.loop import batch_of
from gendiv.benchmark.train.networks import find_base, load_policy, load_scorer, load_tokenizer
from gendiv.benchmark.train.reward import Ranking, RewardSettings
from gendiv.benchmark.train.sft import Imitation, SFTSettings, tokenise
from gendiv.tasks import Demonstration, Ranked

ROUNDS, STEPS, BATCH, MICRO = 5, 12, 32, 8
LENGTHS = (10, 80), (3, 25)
"""Words of prompts and of answers, as far apart as those of posts and summaries."""


class Collator:
    """Pads rows to the longest one, as Trainer's own collators do."""

    def __init__(self, paired: bool) -> None:
        self._paired = paired

    def __call__(self, rows: list[dict[str, list[int]]]) -> dict[str, torch.Tensor]:
        sides = ("chosen", "rejected") if self._paired else ("input_ids",)
        inputs = [torch.tensor(row[side]) for side in sides for row in rows]
        tokens = torch.nn.utils.rnn.pad_sequence(inputs, batch_first=True, padding_value=3)
        found = {"input_ids": tokens, "attention_mask": (tokens != 3).long()}
        if not self._paired:
            labels = [torch.tensor(row["labels"]) for row in rows]
            found["labels"] = torch.nn.utils.rnn.pad_sequence(labels, batch_first=True, padding_value=-100)
        return found


class PairTrainer(transformers.Trainer):
    """Trainer with the loss of Bradley and Terry, as its users write it."""

    def compute_loss(self, model, inputs, return_outputs=False, num_items_in_batch=None):  # noqa: ARG002
        better, worse = model(**inputs).logits[:, 0].chunk(2)
        return -torch.nn.functional.logsigmoid(better - worse).mean()


def trainer_seconds(
    network: torch.nn.Module, rows: list[dict], folder: Path, *, paired: bool = False, grouped: bool = False
) -> float:
    arguments = transformers.TrainingArguments(
        output_dir=str(folder),
        per_device_train_batch_size=MICRO,
        gradient_accumulation_steps=BATCH // MICRO,
        max_steps=STEPS,
        learning_rate=1e-4,
        use_cpu=True,
        save_strategy="no",
        report_to=[],
        logging_strategy="no",
        disable_tqdm=True,
        remove_unused_columns=False,
        train_sampling_strategy="group_by_length" if grouped else "random",
    )
    kind = PairTrainer if paired else transformers.Trainer
    trainer = kind(model=network, args=arguments, train_dataset=rows, data_collator=Collator(paired))
    return trainer.train().metrics["train_runtime"]


def sft_seconds(base: object, rows: list, state: Path) -> float:
    settings = SFTSettings(batch=BATCH, micro_batch=MICRO, learning_rate=1e-4)
    imitation = Imitation(Learner(load_policy(base), settings, STEPS, state, make_accelerator()), 2)
    began = time.perf_counter()
    for step in range(STEPS):
        imitation.learn([rows[row] for row in batch_of(step, len(rows), settings)])
    return time.perf_counter() - began


def reward_seconds(base: object, rows: list[Ranked], state: Path) -> float:
    settings = RewardSettings(batch=BATCH, micro_batch=MICRO, learning_rate=1e-4)
    network, tokenizer = load_scorer(base, 0), load_tokenizer(base)
    reader = reader_for("m", network.config, tokenizer, RewardOptions())
    ranking = Ranking(Learner(last_token_scorer(network), settings, STEPS, state, make_accelerator()), reader)
    began = time.perf_counter()
    for step in range(STEPS):
        ranking.learn([rows[row] for row in batch_of(step, len(rows), settings)])
    return time.perf_counter() - began


def report(what: str, ours: list[float], theirs: list[float]) -> None:
    mine, other = statistics.median(ours), statistics.median(theirs)
    ratio = statistics.median(second / first for first, second in zip(ours, theirs, strict=True))
    print(f"{what}: gendiv {STEPS / mine:.2f} steps/s, Trainer {STEPS / other:.2f} steps/s, ratio {ratio:.2f}")


def main() -> None:
    """Print the ratios."""
    torch.set_num_threads(1)
    generator = random.Random(0)
    words = lambda some: some_words(generator, *some)  # noqa: E731
    texts = [(words(LENGTHS[0]), words(LENGTHS[1]), words(LENGTHS[1])) for _ in range(BATCH * STEPS)]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        base = find_base(str(tiny_causal(folder / "m", layers=4)))
        tokenizer = load_tokenizer(base)
        lessons = tokenise(tokenizer, [Demonstration(prompt, answer) for prompt, answer, _ in texts], SFTSettings())
        rows = [{"input_ids": row.tokens, "labels": [-100] * row.start + row.tokens[row.start :]} for row in lessons]
        ranked = [Ranked(*text) for text in texts]
        network = load_scorer(base, 0)
        reader = reader_for("m", network.config, tokenizer, RewardOptions())
        chosen, _ = reader.read([(row.prompt, row.chosen) for row in ranked])
        rejected, _ = reader.read([(row.prompt, row.rejected) for row in ranked])
        pairs = [{"chosen": one, "rejected": other} for one, other in zip(chosen, rejected, strict=True)]
        found: dict[str, list[float]] = {"sft": [], "plain": [], "grouped": [], "reward": [], "pairs": []}
        for _ in range(ROUNDS):
            found["sft"].append(sft_seconds(base, lessons, folder / "s"))
            found["plain"].append(trainer_seconds(load_policy(base), rows, folder / "t"))
            found["grouped"].append(trainer_seconds(load_policy(base), rows, folder / "t", grouped=True))
            found["reward"].append(reward_seconds(base, ranked, folder / "s"))
            found["pairs"].append(trainer_seconds(load_scorer(base, 0), pairs, folder / "t", paired=True))
    report("sft", found["sft"], found["plain"])
    report("sft, group_by_length", found["sft"], found["grouped"])
    report("reward, tokenising included", found["reward"], found["pairs"])


if __name__ == "__main__":
    main()
