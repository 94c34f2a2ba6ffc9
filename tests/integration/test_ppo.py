"""PPO whose answers a real vLLM server draws: adapters reach it, and what it draws is what transformers would."""

import json

import pytest
from integration.test_vllm import servers_of
from tiny_causal import WORDS, tiny_causal

import gendiv
from gendiv.benchmark.progress import Silent
from gendiv.benchmark.train.networks import adapt, find_base, load_policy
from gendiv.benchmark.train.reinforcement.critics import make_critic
from gendiv.benchmark.train.reinforcement.policy import Policy, readings
from gendiv.benchmark.train.reinforcement.ppo_settings import PPOSettings
from gendiv.benchmark.train.reinforcement.vllm_rollouts import VLLMRollouts

torch = pytest.importorskip("torch")


def cats(pairs):
    return [answer.split().count("cat") / max(1, len(answer.split())) for _, answer in pairs]


def test_a_server_draws_by_the_adapter_of_the_step_and_raises_the_reward(tmp_path):
    model = tiny_causal(tmp_path / "m")
    settings = PPOSettings(
        learning_rate=2e-2, batch=64, minibatch=32, micro_batch=32, steps=6, max_tokens=10, lora_rank=4,
        kl_coefficient=0.02, rollouts="vllm", prompt_tokens=50,
    )  # fmt: skip
    outcome = gendiv.train_ppo(
        str(model), ["the cat", "a dog ran on"] * 40, cats, out=tmp_path / "out", settings=settings
    )
    rows = [json.loads(line) for line in (tmp_path / "out/training/log.jsonl").read_text().splitlines()]
    assert rows[0]["kl"] == pytest.approx(0, abs=1e-6)  # the first adapter changes nothing
    assert rows[1]["kl"] != 0
    assert outcome.metrics["reward"] > rows[0]["reward"] + 0.2
    assert not servers_of(model)


def test_what_the_server_draws_has_the_probabilities_of_the_policy(tmp_path):
    model = tiny_causal(tmp_path / "m")
    settings = PPOSettings(lora_rank=4, max_tokens=1, rollouts="vllm", batch=1500, minibatch=1500, prompt_tokens=50)
    base = find_base(str(model))
    network = adapt(load_policy(base), settings)
    with torch.no_grad():
        for name, one in network.named_parameters():
            if "lora_B" in name:
                one.normal_(0, 0.5, generator=torch.Generator().manual_seed(len(name)))
    policy = Policy(network, 2, critic=make_critic(network, settings, None, len(WORDS)))
    prompt = [1, 5, 6]
    with VLLMRollouts(policy, (base.location, None), settings, Silent()) as server:
        draws = server.draw([prompt] * 1500, 0)
        again = server.draw([prompt] * 1500, 0)
    assert torch.equal(draws.tokens, again.tokens)
    reading = next(readings([prompt], torch.tensor([[7]]), torch.tensor([[True]]), [0], 1))
    with torch.no_grad():
        chances = torch.softmax(network(reading.tokens[:, :3]).logits[0, -1], -1)
    found = torch.bincount(draws.tokens[:, 0], minlength=len(chances)) / 1500
    assert float((found - chances).abs().sum()) < 0.2  # the expected distance of 1500 draws is below 0.11
