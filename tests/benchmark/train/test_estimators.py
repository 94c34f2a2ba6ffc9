"""The arithmetic of PPO, against numbers counted by hand."""

import math

import pytest

torch = pytest.importorskip("torch")

from gendiv.benchmark.train.reinforcement import estimators  # noqa: E402  after torch is known to be there
from gendiv.benchmark.train.reinforcement.kl_control import KLControl  # noqa: E402
from gendiv.benchmark.train.reinforcement.shaping import shaped_scores, token_rewards  # noqa: E402


def tensor(*rows):
    return torch.tensor(rows, dtype=torch.float64)


def test_the_three_kl_estimators_of_one_token():
    policy, reference = torch.tensor([math.log(0.5)]), torch.tensor([math.log(0.25)])  # r = ref / pi = 1/2
    assert float(estimators.kl_estimate(policy, reference, "k1")) == pytest.approx(math.log(2))
    assert float(estimators.kl_estimate(policy, reference, "k2")) == pytest.approx(math.log(2) ** 2 / 2)
    assert float(estimators.kl_estimate(policy, reference, "k3")) == pytest.approx(0.5 - 1 + math.log(2))


@pytest.mark.parametrize("estimator", ["k1", "k3"])
def test_an_unbiased_estimator_has_kl_as_its_mean(estimator):
    policy, reference = tensor([0.7, 0.2, 0.1]), tensor([0.3, 0.3, 0.4])
    kl = sum(p * math.log(p / q) for p, q in zip([0.7, 0.2, 0.1], [0.3, 0.3, 0.4], strict=True))
    mean = (policy * estimators.kl_estimate(policy.log(), reference.log(), estimator)).sum()
    assert float(mean) == pytest.approx(kl)


def test_advantages_of_three_tokens_counted_by_hand():
    rewards, values = tensor([1.0, 0.0, 2.0]), tensor([0.5, 1.0, 1.5])
    # discount 0.9, trace 0.5, backwards: 2 - 1.5; 0 + 0.9*1.5 - 1 + 0.45*0.5; 1 + 0.9*1 - 0.5 + 0.45*0.575
    found = estimators.gae(rewards, values, torch.ones(1, 3, dtype=torch.bool), 0.9, 0.5)
    assert found.tolist()[0] == pytest.approx([1.65875, 0.575, 0.5])


def test_with_trace_and_discount_one_advantage_and_value_make_what_is_still_to_come():
    rewards, values = tensor([1.0, -2.0, 4.0]), tensor([3.0, 5.0, -7.0])
    found = estimators.gae(rewards, values, torch.ones(1, 3, dtype=torch.bool), 1.0, 1.0)
    assert (found + values).tolist()[0] == pytest.approx([3.0, 2.0, 4.0])


def test_what_stands_behind_the_last_token_changes_no_advantage():
    mask = torch.tensor([[True, True, False, False]])
    clean = estimators.gae(tensor([1.0, 2.0, 0, 0]), tensor([0.5, 0.25, 0, 0]), mask, 0.9, 0.8)
    dirty = estimators.gae(tensor([1.0, 2.0, 99, -5]), tensor([0.5, 0.25, 42, 7]), mask, 0.9, 0.8)
    assert torch.equal(clean, dirty)
    assert dirty[0, 2:].tolist() == [0, 0]


def test_the_clipped_loss_of_four_tokens():
    ratios, advantages = torch.tensor([1.5, 1.5, 0.5, 0.5]), torch.tensor([1.0, -1.0, 1.0, -1.0])
    loss, clipped = estimators.policy_loss(ratios.log(), torch.zeros(4), advantages, 0.2)
    # -min(1.5, 1.2); -min(-1.5, -1.2); -min(0.5, 0.8); -min(-0.5, -0.8)
    assert loss.tolist() == pytest.approx([-1.2, 1.5, -0.5, 0.8])
    assert clipped.tolist() == [True, False, False, True]


def test_where_the_ratio_is_clipped_no_gradient_flows():
    new = torch.tensor([math.log(1.5), math.log(0.9)], requires_grad=True)
    loss, _ = estimators.policy_loss(new, torch.zeros(2), torch.tensor([1.0, 1.0]), 0.2)
    loss.sum().backward()
    assert new.grad.tolist() == pytest.approx([0.0, -0.9])


def test_the_clipped_value_loss_of_three_values():
    values, old, returns = torch.tensor([1.0, 1.0, 0.1]), torch.tensor([0.0, 0.0, 0.0]), torch.tensor([1.0, 2.0, 0.3])
    # held: 0.2, 0.2, 0.1: max(0, 0.8^2) / 2; max(1, 1.8^2) / 2; 0.2^2 / 2
    assert estimators.value_loss(values, old, returns, 0.2).tolist() == pytest.approx([0.32, 1.62, 0.02])
    assert estimators.value_loss(values, old, returns, None).tolist() == pytest.approx([0.0, 0.5, 0.02])


def test_whitening_sees_the_tokens_that_count_alone():
    mask = torch.tensor([[True, True, False], [True, False, False]])
    found = estimators.whiten(tensor([1.0, 2.0, 1e6], [6.0, -1e6, 0.0]), mask)
    deviation = math.sqrt(14 / 3)  # of 1, 2 and 6, whose mean is 3
    assert found.flatten().tolist() == pytest.approx([-2 / deviation, -1 / deviation, 0, 3 / deviation, 0, 0], abs=1e-6)


def test_whitening_over_two_processes_is_whitening_of_the_whole_batch():
    values, mask = torch.randn(6, 5, dtype=torch.float64), torch.rand(6, 5) < 0.7
    whole = estimators.whiten(values, mask)
    mean, variance = estimators.moments(values, mask)
    sums = iter([mask.sum(), (values * mask).sum(), ((values - mean).square() * mask).sum()])
    part = estimators.whiten(values[:2], mask[:2], lambda own: next(sums).double())
    assert torch.allclose(part, whole[:2])
    assert float(variance) == pytest.approx(float(values[mask].var(correction=0)))


def test_explained_variance_is_one_of_exact_values_and_none_where_nothing_varies():
    mask, returns = torch.ones(1, 3, dtype=torch.bool), tensor([1.0, 2.0, 3.0])
    assert estimators.explained_variance(returns, returns, mask) == 1
    assert estimators.explained_variance(tensor([2.0, 2.0, 2.0]), returns, mask) == pytest.approx(0)
    assert estimators.explained_variance(returns, tensor([1.0, 1.0, 1.0]), mask) is None


def test_the_score_stands_at_the_last_token_and_kl_where_the_mask_is():
    mask = torch.tensor([[True, True, True], [True, False, False]])
    found = token_rewards(torch.tensor([1.0, -1.0]), mask, torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), 0.1)
    assert found.flatten().tolist() == pytest.approx([-0.1, -0.2, 0.7, -1.4, 0, 0])
    alone = token_rewards(torch.tensor([1.0, -1.0]), mask, None, 0.1)
    assert alone.flatten().tolist() == [0, 0, 1, -1, 0, 0]


def test_scores_are_clipped_and_pay_for_missing_ends_and_length():
    found = shaped_scores(
        torch.tensor([5.0, -5.0, 0.5]), torch.tensor([48, 24, 48]), torch.tensor([True, True, False]),
        clip=2.0, missing_end=1.0, length=0.1, longest=48,
    )  # fmt: skip
    assert found.tolist() == pytest.approx([2 - 0.1, -2 - 0.1 / 32, 0.5 - 1 - 0.1])


@pytest.mark.parametrize(("kl", "coefficient"), [(6.6, 0.1 * 1.0005), (0.0, 0.1 * 0.999), (60.0, 0.1 * 1.001)])
def test_the_adaptive_coefficient_moves_by_a_fifth_at_most(kl, coefficient):
    control = KLControl(0.1, target=6.0, horizon=10_000)
    control.update(kl, answers=50)  # error 0.1, -1 held at -0.2, 9 held at 0.2; times 50 / 10000
    assert control.coefficient == pytest.approx(coefficient)


def test_a_fixed_coefficient_stays():
    control = KLControl(0.05)
    control.update(100.0, answers=1000)
    assert control.coefficient == 0.05
