"""The early warning: diversity lost before reward is won, by paired intervals."""

import pytest

from gendiv.benchmark.train.reinforcement.early_warning import Change, Look


def test_a_look_takes_ead_and_mean_reward_of_each_prompt():
    look = Look.at([["a b", "a b"], ["", ""]], [[1.0, 3.0], [0.0, 0.0]])
    assert look.diversity[0] == pytest.approx(0.5, abs=1e-4)  # 2 of 4 words, 1 of 2 pairs
    assert look.diversity[1] is None  # no words, no diversity: not zero
    assert look.rewards == (2.0, 0.0)
    assert Look.of_json(look.to_json()) == look


@pytest.mark.parametrize(
    ("diversity", "reward", "alarm"),
    [
        ((-0.3, -0.2, -0.25, -0.35), (0.1, -0.1, 0.0, 0.05), True),
        ((-0.3, -0.2, -0.25, -0.35), (1.0, 0.9, 1.1, 1.0), False),  # reward has risen
        ((-0.3, 0.4, -0.25, 0.2), (0.1, -0.1, 0.0, 0.05), False),  # diversity may not have fallen
        ((0.3, 0.2, 0.25, 0.35), (-1.0, -0.9, -1.1, -1.0), False),
    ],
)
def test_the_alarm_needs_a_sure_loss_and_no_sure_gain(diversity, reward, alarm):
    first = Look((0.9, 0.8, 0.7, 0.6), (0.0, 1.0, 2.0, 3.0))
    now = Look(
        tuple(a + b for a, b in zip(first.diversity, diversity, strict=True)),
        tuple(a + b for a, b in zip(first.rewards, reward, strict=True)),
    )
    assert Change.between(first, now).alarming is alarm


def test_prompts_without_diversity_are_left_out_of_pairs_and_counted():
    first, now = Look((0.9, 0.8, None), (0.0, 0.0, 0.0)), Look((0.5, None, 0.4), (0.0, 0.0, 0.0))
    change = Change.between(first, now)
    assert change.undefined == 2
    assert change.diversity_change.value == pytest.approx(-0.4)
    assert not change.alarming  # one prompt says nothing for sure
    none = Change.between(Look((None, None), (0.0, 1.0)), Look((None, None), (1.0, 2.0)))
    assert none.diversity_change is None
    assert none.to_json()["watch_ead"] is None
    assert not none.alarming
