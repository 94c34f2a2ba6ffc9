"""Copies that share what is frozen: the same memory, and a reference that stays as it is."""

import pytest
from tiny_causal import tiny_causal

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from gendiv.benchmark.train.networks import adapt, blocks, find_base, load_policy, trunk  # noqa: E402
from gendiv.benchmark.train.reinforcement.critics import make_critic  # noqa: E402  after torch is known to be there
from gendiv.benchmark.train.reinforcement.frozen import find_frozen  # noqa: E402
from gendiv.benchmark.train.reinforcement.policy import Policy, readings  # noqa: E402
from gendiv.benchmark.train.reinforcement.ppo_settings import PPOSettings  # noqa: E402
from gendiv.benchmark.train.reinforcement.reference import Reference  # noqa: E402
from gendiv.benchmark.train.reinforcement.sharing import copy_trained, reference_copy  # noqa: E402

KINDS = ["llama", "gpt_neox", "gpt2", "opt"]


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
    reference = Reference(policy).log_probabilities
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


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("given", [{}, {"value": "separate"}, {"lora_rank": 2, "value": "separate"}], ids=str)
def test_frozen_blocks_are_computed_once_and_change_nothing(kind, given, tmp_path):
    settings = PPOSettings(freeze=0.5, **given)
    network = adapt(load_policy(find_base(str(tiny_causal(tmp_path / "m", kind, layers=4, spread=0.3)))), settings)
    policy = Policy(network, 2, critic=make_critic(network, settings, None, 10))
    prompts, mask = [[1, 5], [1, 6, 7, 8]], torch.tensor([[True, True, True], [True, True, False]])
    tokens = torch.tensor([[6, 7, 2], [9, 4, 0]])
    policy.frozen = find_frozen(trunk(policy.bare), prompts[1])
    assert policy.frozen.count == 2
    reference = Reference(policy)
    with reference.noting() as noted:
        whole = next(readings(prompts, tokens, mask, [0, 1], 2))
        before = reference.log_probabilities(whole)
    kept = torch.zeros(2, 7, 64)
    kept[whole.rows, : noted[0].shape[1]] = noted[0]
    again = next(readings(prompts, tokens, mask, [0, 1], 2, kept=kept))
    plain, quick = policy.view(whole, entropy=True), policy.view(again, entropy=True)
    assert all(torch.equal(one, other) for one, other in zip(plain, quick, strict=True))
    assert torch.equal(reference.log_probabilities(again), before)
    passed = []
    hook = blocks(trunk(policy.bare))[1].register_forward_hook(lambda *given: passed.append(1))
    policy.view(again)
    assert passed == []  # the frozen block was not run
    policy.view(whole)
    hook.remove()
    assert passed == [1]
    gradients = []
    for reading in (whole, again):
        view = policy.view(reading)
        (view.log_probabilities.sum() + view.values.sum()).backward()
        gradients.append({name: one.grad for name, one in policy.named_parameters() if one.grad is not None})
        policy.zero_grad()
    assert gradients[0].keys() == gradients[1].keys()
    assert all(torch.allclose(gradients[0][name], gradients[1][name], atol=1e-6) for name in gradients[0])


def test_nothing_is_passed_over_where_embeddings_or_all_blocks_are_trained(tmp_path):
    network, policy = made(tmp_path / "m")
    assert find_frozen(trunk(policy.bare), [1, 5]) is None
    network.model.layers[0].requires_grad_(False)
    assert find_frozen(trunk(policy.bare), [1, 5]) is None  # the embeddings below it are trained


def test_asking_the_reference_leaves_frozen_adapters_frozen(tmp_path):
    network, policy = made(tmp_path / "m", lora_rank=2, freeze=0.5)
    before = {name for name, one in network.named_parameters() if one.requires_grad}
    reading = next(readings([[1, 5]], torch.tensor([[6, 7]]), torch.ones(1, 2, dtype=torch.bool), [0], 1))
    Reference(policy).log_probabilities(reading)
    assert {name for name, one in network.named_parameters() if one.requires_grad} == before
    assert not any("layers.0" in name for name in before)
