"""Reward models behind real vLLM pooling servers: their scores are transformers', and they choose the best of N."""

import asyncio
import json
import random
import subprocess
import sys

import pytest
from integration.test_vllm import rows, servers_of
from integration.tiny import tiny_llama
from tiny_reward import WORDS, tiny_reward

import gendiv
from gendiv.benchmark.rewarding.open import open_reward
from gendiv.benchmark.rewarding.reward_model import RewardOptions
from gendiv.benchmark.sources.vllm_server import VLLMServer
from gendiv.errors import SourceFailed

SPLIT = "mini-instructions/everyday"


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    tiny_llama(folder / "base")
    for padding in ("own", "eos"):
        tiny_reward(folder / padding, padding=padding, side="left")
    return folder


def pairs():
    """Return 70 pairs: short ones, long ones, and one too long for the model."""
    generator = random.Random(5)
    words = lambda most: " ".join(generator.choices(WORDS, k=generator.randint(1, most)))  # noqa: E731
    return [*((words(40), words(40)) for _ in range(69)), ("rain " * 600 + "TL ; DR :", "the cat sat")]


def scored(spec, **options):
    async def scoring():
        async with open_reward(
            spec, RewardOptions(dtype="auto" if spec.startswith("openai") else "float32", **options)
        ) as model:
            return await model.score(pairs()), model

    return asyncio.run(scoring())


def test_a_server_of_our_own_gives_transformers_logits_and_is_gone_afterwards(models):
    folder = models / "eos"  # which transformers reads before the end token, and vLLM at the last one
    served, model = scored(f"vllm:{folder}")
    here, other = scored(f"hf:{folder}")
    assert served == pytest.approx(here, abs=1e-3)
    assert max(here) - min(here) > 1
    assert model.metric == other.metric  # so what one has graded the other does not grade again
    assert model.metric.ending == "none"
    assert (model.shortened, model.metric.longest) == (1, 512)
    assert not servers_of(folder)


def test_a_server_that_is_already_up_reads_the_same_tokens(models):
    folder = models / "own"
    flags = ["--model", str(folder), "--served-model-name", "rm", "--runner", "pooling", "--dtype", "float32"]

    async def scoring():
        server = VLLMServer("rm", [*flags, "--max-model-len", "100"])
        try:
            await server.start(lambda line: None)
            async with open_reward(f"openai:{server.url}") as model:
                return await model.score(pairs()), model
        finally:
            await server.stop()

    served, model = asyncio.run(scoring())
    here, _ = scored(f"hf:{folder}", longest=100)
    assert served == pytest.approx(here, abs=1e-3)
    assert (model.metric.longest, model.shortened) == (100, 1)
    assert model.model.identity == "endpoint"


def test_a_generator_beside_a_reward_model_draws_the_best_of_n(models, tmp_path):
    base, reward = models / "base", models / "own"
    command = [
        sys.executable, "-m", "gendiv", "run", "--model", f"vllm:{base}", "--task", SPLIT, "-n", 6, "-k", 3,
        "--max-tokens", 8, "--metrics", "length", "--temperature", 0.7, "--best-of", 6, "--json",
    ]  # fmt: skip
    options = [
        "--reward",
        f"vllm:{reward}",
        "--reward-dtype",
        "float32",
        "--reward-server-flag=--max-num-seqs=8",
        "--",
        "--max-model-len",
        "256",
    ]
    done = subprocess.run(
        [*map(str, command), "--out", "best", *options], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert done.returncode == 0, done.stderr
    record = json.loads((tmp_path / "best/run.json").read_text())
    assert record["model"]["name"] == "base best of 6"
    assert "--max-model-len 256" in record["source"]["flags"]
    assert "--max-model-len 512" in record["source"]["reward_flags"]
    assert "--runner pooling" in record["source"]["reward_flags"]
    assert record["source"]["reward_flags"].endswith("--max-num-seqs=8")
    assert "--max-num-seqs" not in record["source"]["flags"]
    assert not servers_of(base)
    assert not servers_of(reward)
    plain = gendiv.evaluate(
        f"hf:{base}", tasks=[SPLIT], prompts=6, samples=12, metrics=["length"], out=tmp_path / "plain",
        decoding={"max_tokens": 8, "temperature": 0.7},
    )  # fmt: skip
    options = RewardOptions(dtype="float32")
    runs = gendiv.reward(tmp_path / "best", plain, model=f"hf:{reward}", options=options)
    best, any_ = (next(found.value for found in run.scores.results if found.metric == "reward") for run in runs)
    assert best > any_
    assert len(rows(tmp_path / "best")) == 18


def test_a_reward_server_that_cannot_start_shows_its_own_last_lines(tmp_path):
    broken = tiny_reward(tmp_path / "broken")
    with pytest.raises(SourceFailed, match=r"vLLM for the reward model broken died \(exit code [1-9]") as died:
        scored(f"vllm:{broken}", server_args=("--no-such-flag",))
    assert "no-such-flag" in str(died.value)
    assert not servers_of(broken)
