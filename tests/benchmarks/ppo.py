"""How fast PPO is beside TRL's, and how much memory it saves that frozen layers are shared.

    python tests/benchmarks/ppo.py [--prompts 64] [--tokens 24] [--steps 8] [--rounds 3] [--peer PYTHON]

Speed: a Llama of 1.5 million parameters, made from nothing, is trained by both on the same prompts with the same batch,
answers of up to the same length (both end at the end token), micro-batches of 16, 4 passes over each batch, the same
reward function, on one thread. Each run is a process of its own, they take turns, and what is timed are whole steps
(answers, rewards, reference, values, updates) after the first two, in response tokens a second of processor time; the
medians' ratio is printed, with everything trained and with 80% of the blocks frozen. TRL has a separate value network
alone, so its one figure stands beside both of ours; its reward model is replaced by our function, its logging is off.

TRL removed PPO after 1.12, which the benchmark wants in an environment of its own beside this one's packages:

    python -m venv /tmp/trl
    python -c "import site; print(site.getsitepackages()[0])" > "$(echo /tmp/trl/lib/python3*/site-packages)/here.pth"
    /tmp/trl/bin/pip install --no-deps trl==1.12.0
    python tests/benchmarks/ppo.py --peer /tmp/trl/bin/python

Memory: parameters of policy, reference and separate value network in bytes, and the growth of the process while they
are made, with frozen layers shared and with whole copies, for `freeze` 0.8 on a Llama of 10 blocks.
"""

import argparse
import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

try:
    from gendiv.benchmark.progress import Silent
except ImportError:  # in the peer's environment
    Silent = object  # type: ignore[assignment, misc]

WORDS = [f"word{number}" for number in range(500)]
WANTED = 1.5
WARM = 2
MICRO = 16
FROZEN = ("0", "0.8")


def prompts(count: int) -> list[str]:
    """Return prompts of 20 to 60 words."""
    import random

    generator = random.Random(0)
    return [" ".join(generator.choices(WORDS, k=generator.randint(20, 60))) for _ in range(count)]


def score(words: list[str]) -> float:
    """Return how many of an answer's words have an even number, less their share of repeats."""
    return sum(int(word[4:]) % 2 == 0 for word in words) / 12 - 1


class Clock(Silent):
    """Clocks steps in seconds of this process, which an idle machine's are too: neighbours slow both alike."""

    def __init__(self) -> None:
        self.rates: list[float] = []

    def start(self, total: int, done: int, what: str = "", doing: str = "") -> None:  # noqa: ARG002  the protocol's
        self._last = time.process_time()

    def advance(self, samples: int, tokens: int) -> None:  # noqa: ARG002  the protocol's
        now = time.process_time()
        self.rates.append(tokens / (now - self._last))
        self._last = now


def ours(folder: Path, value: str, freeze: float, batch: int, tokens: int, steps: int) -> list[float]:
    """Return the response tokens a second of each of our steps."""
    import torch

    from gendiv.benchmark.train.ppo import train_ppo
    from gendiv.benchmark.train.reinforcement.ppo_settings import PPOSettings

    torch.set_num_threads(1)
    clock = Clock()
    settings = PPOSettings(
        learning_rate=1e-4,
        batch=batch,
        minibatch=batch,
        micro_batch=MICRO,
        rollout_batch=batch,
        ppo_epochs=4,
        steps=steps,
        max_tokens=tokens,
        freeze=freeze,
        value=value,  # type: ignore[arg-type]
    )
    with tempfile.TemporaryDirectory() as out:
        train_ppo(
            str(folder),
            prompts(batch * steps),
            lambda pairs: [score(answer.split()) for _, answer in pairs],
            out=Path(out) / "out",
            settings=settings,
            progress=clock,
        )
    return clock.rates


def trl(folder: Path, freeze: float, batch: int, tokens: int, steps: int) -> list[float]:
    """Return the response tokens a second of each of TRL's steps; runs in the peer's environment."""
    import torch
    from datasets import Dataset
    from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification, AutoTokenizer
    from trl.experimental.ppo import PPOConfig, PPOTrainer

    torch.set_num_threads(1)
    tokenizer = AutoTokenizer.from_pretrained(folder, padding_side="left")
    policy = AutoModelForCausalLM.from_pretrained(folder)
    value = AutoModelForSequenceClassification.from_pretrained(folder, num_labels=1)
    reward = AutoModelForSequenceClassification.from_pretrained(folder, num_labels=1)
    for network in (policy, value) if freeze else ():
        network.get_input_embeddings().requires_grad_(False)  # the head is tied to it
        network.model.layers[: int(freeze * len(network.model.layers))].requires_grad_(False)
    data = Dataset.from_dict({"input_ids": tokenizer(prompts(batch * steps))["input_ids"]})
    clock: list[tuple[float, int]] = []

    class Timed(PPOTrainer):
        def log(self, logs: dict[str, float], start_time: float | None = None) -> None:  # noqa: ARG002  TRL's
            clock.append((time.process_time(), drawn[-1]))

    import trl.experimental.ppo.ppo_trainer as module

    drawn: list[int] = []

    def score_all(model: Any, query_responses: Any, padding: int, context: int) -> tuple[None, Any, Any]:
        """Score answers as ours are scored; the value network, which comes this way too, does what TRL does."""
        if model is not reward:
            return real(model, query_responses, padding, context)
        answers = query_responses[:, context:]
        texts = tokenizer.batch_decode(answers, skip_special_tokens=True)
        lengths = (answers != padding).sum(1)
        drawn.append(int(lengths.sum()))
        return None, torch.tensor([score(text.split()) for text in texts]), context + lengths - 1

    real = module.get_reward
    module.get_reward = score_all
    with tempfile.TemporaryDirectory() as out:
        config = PPOConfig(
            output_dir=out,
            learning_rate=1e-4,
            per_device_train_batch_size=MICRO,
            gradient_accumulation_steps=batch // MICRO,
            num_mini_batches=1,
            local_rollout_forward_batch_size=batch,
            total_episodes=batch * steps,
            num_ppo_epochs=4,
            response_length=tokens,
            stop_token="eos",
            kl_coef=0.05,
            bf16=False,
            fp16=False,
            use_cpu=True,
            gradient_checkpointing=False,
            num_sample_generations=0,
            save_strategy="no",
            report_to="none",
            disable_tqdm=True,
        )
        trainer = Timed(
            args=config,
            processing_class=tokenizer,
            model=policy,
            ref_model=None,
            reward_model=reward,
            value_model=value,
            train_dataset=data,
            eval_dataset=data,
        )
        trainer.train()
    return [after[1] / (after[0] - before[0]) for before, after in itertools.pairwise(clock)]


def memory(shared: bool) -> tuple[int, int]:
    """Return bytes of all distinct parameters, and the growth of the process, of the three networks."""
    import copy

    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    from gendiv.benchmark.train.networks import freeze
    from gendiv.benchmark.train.reinforcement.sharing import copy_trained, reference_copy

    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=8000, hidden_size=512, intermediate_size=1536, num_hidden_layers=10, num_attention_heads=8
    )
    before = resident()
    policy = LlamaForCausalLM(config)
    freeze(policy, 0.8)
    reference = reference_copy(policy) if shared else copy.deepcopy(policy)
    value = copy_trained(policy.model) if shared else copy.deepcopy(policy.model)
    distinct = {one.data_ptr(): one.nbytes for part in (policy, reference, value) for one in part.parameters()}
    return sum(distinct.values()), resident() - before


def resident() -> int:
    """Return the bytes of memory that this process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def ask(python: str, *arguments: str) -> Any:
    """Run a part of this file in a process of its own, and return what it measured."""
    environment = {
        **os.environ,
        "OMP_NUM_THREADS": "1",
        "TRL_EXPERIMENTAL_SILENCE": "1",
        "TOKENIZERS_PARALLELISM": "false",
    }
    done = subprocess.run([python, __file__, *arguments], capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(arguments)} failed:\n{done.stderr[-3000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def speed(given: argparse.Namespace) -> bool:
    """Print rates and ratios; tells whether they are as wanted."""
    from gendiv.benchmark.train.scratch import make_checkpoint

    trainers = {"gendiv, value shared": ("ours", "shared"), "gendiv, value separate": ("ours", "separate")}
    peer = {"TRL 1.12, value separate": ("trl", "-")} if given.peer else {}
    cells = [(name, freeze) for freeze in FROZEN for name in {**trainers, **peer}]
    rates: dict[tuple[str, str], list[float]] = {cell: [] for cell in cells}
    with tempfile.TemporaryDirectory() as folder:
        model = make_checkpoint(Path(folder) / "llama", WORDS)
        size = (str(given.prompts), str(given.tokens), str(given.steps))
        for number in range(given.rounds):
            turn = number % len(cells)
            for name, freeze in cells[turn:] + cells[:turn]:
                kind, value = {**trainers, **peer}[name]
                python = given.peer if kind == "trl" else sys.executable
                found = ask(python, "--part", kind, value, str(model), freeze, *size)[WARM:]
                rates[name, freeze] += found
                median = statistics.median(found)
                print(f"round {number + 1}: {name}, {freeze} frozen: {median:.0f}", file=sys.stderr, flush=True)
    good = True
    print(f"\n{'frozen':<8}{'trainer':<28}{'response tokens/s':>20}{'of TRL':>10}")
    for name, freeze in cells:
        rate = statistics.median(rates[name, freeze])
        peers = [statistics.median(rates[other, freeze]) for other in peer]
        ratio = rate / peers[0] if peers and name in trainers else None
        good &= ratio is None or ratio >= WANTED
        told = "" if ratio is None else f"{ratio:>10.2f}  {'ok' if ratio >= WANTED else f'NOT OK: wanted {WANTED}'}"
        print(f"{freeze:<8}{name:<28}{rate:>20.0f}{told}")
    return good


def main(given: argparse.Namespace) -> int:
    """Print all figures; 1 if a ratio is not as wanted."""
    good = speed(given)
    figures = {
        shared: ask(sys.executable, "--part", "memory", shared, "", "0", "0", "0", "0")
        for shared in ("shared", "whole")
    }
    print(f"\n{'policy, reference, value':<28}{'parameters, MB':>20}{'process, MB':>20}")
    for shared, found in figures.items():
        print(f"{'frozen layers ' + shared:<28}{found[0] / 1e6:>20.0f}{found[1] / 1e6:>20.0f}")
    ratios = (f"{few / many:.2f}" for few, many in zip(figures["shared"], figures["whole"], strict=True))
    print(f"shared / whole: {', '.join(ratios)}")
    return 0 if good else 1


def part(kind: str, value: str, folder: str, *sizes: str) -> Any:
    """Return what one process measures."""
    freeze, (batch, tokens, steps) = float(sizes[0]), map(int, sizes[1:])
    if kind == "memory":
        return memory(value == "shared")
    if kind == "trl":
        return trl(Path(folder), freeze, batch, tokens, steps)
    return ours(Path(folder), value, freeze, batch, tokens, steps)


if __name__ == "__main__":
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--prompts", type=int, default=64)
    parser.add_argument("--tokens", type=int, default=24)
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peer", metavar="PYTHON")
    parser.add_argument("--part", nargs=7, help=argparse.SUPPRESS)
    parsed = parser.parse_args()
    if parsed.part:
        print(json.dumps(part(*parsed.part)))
    else:
        sys.exit(main(parsed))
