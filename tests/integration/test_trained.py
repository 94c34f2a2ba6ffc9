"""Checkpoints that gendiv trained, behind real vLLM servers: what was learned is what is served."""

import asyncio

import pytest
from tiny_causal import demonstrations, rankings, tiny_causal

import gendiv
from gendiv.benchmark.decoding import Decoding
from gendiv.benchmark.open import open_source
from gendiv.benchmark.rewarding.open import open_reward
from gendiv.benchmark.rewarding.reward_model import RewardOptions
from gendiv.benchmark.sources.source import Request, SourceOptions
from gendiv.benchmark.train.reward import RewardSettings
from gendiv.benchmark.train.sft import SFTSettings
from gendiv.tasks import Demonstration, Ranked

SHARED = {"batch": 10, "warmup": 0.1, "lora_rank": 8}


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return str(tiny_causal(tmp_path_factory.mktemp("base") / "base", padding="none"))


def test_a_fine_tuned_checkpoint_recites_what_it_learned(model, tmp_path):
    rows = [Demonstration(**row) for row in demonstrations(4)]
    settings = SFTSettings(learning_rate=1e-2, epochs=120, **SHARED)
    outcome = gendiv.train_sft(model, rows, out=tmp_path / "sft", held_out=rows, settings=settings)
    assert outcome.metrics["held_out_accuracy"] == 1

    async def asking():
        async with open_source(f"vllm:{tmp_path / 'sft'}", SourceOptions(dtype="float32")) as source:
            decoding = Decoding(temperature=0, max_tokens=12)
            answers = [await source.draw(Request(row.prompt, "raw", decoding, 1, 0)) for row in rows]
            return [answer.choices[0] for answer in answers]

    found = asyncio.run(asking())
    assert [choice.text.strip() for choice in found] == [row.completion for row in rows]
    assert {choice.finish_reason for choice in found} == {"stop"}


def test_a_reward_model_scores_alike_in_vllm_and_here_around_zero(model, tmp_path):
    rows = [Ranked(**row) for row in rankings()]
    settings = RewardSettings(learning_rate=3e-3, epochs=30, **SHARED)
    gendiv.train_reward(model, rows, out=tmp_path / "rm", held_out={"validation": rows}, settings=settings)
    pairs = [(row.prompt, answer) for row in rows for answer in (row.chosen, row.rejected)]

    async def scoring(spec):
        async with open_reward(spec, RewardOptions(dtype="float32")) as reward:
            return await reward.score(pairs)

    served, here = (asyncio.run(scoring(f"{engine}:{tmp_path / 'rm'}")) for engine in ("vllm", "hf"))
    assert served == pytest.approx(here, abs=2e-3)
    assert sum(served) / len(served) == pytest.approx(0, abs=2e-3)
    assert sum(score**2 for score in served) / len(served) == pytest.approx(1, abs=5e-3)
    assert all(chosen > rejected for chosen, rejected in zip(served[::2], served[1::2], strict=True))
