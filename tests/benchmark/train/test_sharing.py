"""Copies that share what is frozen: the same memory, and a reference that stays as it is."""

import pytest
from tiny_causal import tiny_causal

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from gendiv.benchmark.train.critics import make_critic  # noqa: E402  after torch is known to be there
from gendiv.benchmark.train.networks import adapt, find_base, load_policy  # noqa: E402
from gendiv.benchmark.train.policy import Policy, readings  # noqa: E402
from gendiv.benchmark.train.ppo_settings import PPOSettings  # noqa: E402
from gendiv.benchmark.train.reference import make_reference  # noqa: E402
from gendiv.benchmark.train.sharing import copy_trained, reference_copy  # noqa: E402


def made(folder, **given):
    settings = PPOSettings(**given)
    network = adapt(load_policy(find_base(str(tiny_causal(folder, layers=4)))), settings)
    return network, Policy(network, 2, critic=make_critic(network, settings, None, 10))


def test_frozen_layers_lie_in_memory_once_and_trained_ones_twice(tmp_path):
    network, _ = made(tmp_path / "m", freeze=0.5)
    other = reference_copy(network)
    for (name, mine), theirs in zip(network.named_parameters(), other.parameters(), strict=True):
        assert (mine.data_ptr() == theirs.data_ptr()) == (not mine.requires_grad), name
        assert torch.equal(mine, theirs)
        assert not theirs.requires_grad
    assert any(one.requires_grad for one in network.parameters())
    trained = copy_trained(network)
    wanted = {name for name, one in network.named_parameters() if one.requires_grad}
    assert {name for name, one in trained.named_parameters() if one.requires_grad} == wanted


@pytest.mark.parametrize("given", [{}, {"freeze": 0.5}, {"lora_rank": 2}, {"value": "separate", "freeze": 0.5}])
def test_the_reference_is_the_policy_before_training_and_never_changes(given, tmp_path):
    _, policy = made(tmp_path / "m", **given)
    reference = make_reference(policy)
    reading = next(readings([[1, 5]], torch.tensor([[6, 7]]), torch.ones(1, 2, dtype=torch.bool), [0], 1))
    before = policy.view(reading).log_probabilities.detach()
    assert torch.equal(reference(reading), before)
    optimizer = torch.optim.SGD([one for one in policy.parameters() if one.requires_grad], 0.5)
    for _ in range(3):
        policy.view(reading).log_probabilities.sum().backward()
        optimizer.step()
    assert not torch.allclose(policy.view(reading).log_probabilities, before, atol=1e-3)
    assert torch.equal(reference(reading), before)


def test_a_separate_value_network_shares_the_frozen_layers_with_the_policy(tmp_path):
    network, policy = made(tmp_path / "m", freeze=0.5, value="separate")
    mine, theirs = dict(network.model.named_parameters()), dict(policy.critic.trunk.named_parameters())
    assert {mine[name].data_ptr() == theirs[name].data_ptr() for name in mine if "layers.0" in name} == {True}
    assert {mine[name].data_ptr() == theirs[name].data_ptr() for name in mine if "layers.3" in name} == {False}


def test_with_an_adapter_only_adapters_are_there_twice(tmp_path):
    network, policy = made(tmp_path / "m", lora_rank=2, value="separate")
    shared = {one.data_ptr() for one in network.parameters()}
    own = [name for name, one in policy.critic.trunk.named_parameters() if one.data_ptr() not in shared]
    assert own
    assert all("lora_" in name for name in own)
