"""The plan of a reproduction: which commands, in which order, into which folders."""

import pytest

from gendiv.benchmark.reproduce.reproducing import Reproduction
from gendiv.benchmark.reproduce.scale import MINI, SCALES
from gendiv.benchmark.reproduce.step import Layout
from gendiv.benchmark.reproduce.steps import plan_steps
from gendiv.errors import BadInput


def planned(tmp_path, scale=MINI, **asked):
    return plan_steps(Layout(tmp_path, scale), **{"seeds": [1], **asked})


def names(steps):
    return [step.name for step in steps]


def option(step, name):
    return step.arguments[step.arguments.index(name) + 1]


@pytest.mark.parametrize("scale", SCALES.values(), ids=list(SCALES))
def test_every_step_comes_after_those_it_needs(scale, tmp_path):
    done = set()
    for step in planned(tmp_path, scale, seeds=[1, 2], sweeps=["kl", "temperature"]):
        assert done.issuperset(step.needs)
        done.add(step.name)


def test_each_policy_is_trained_drawn_and_graded_exactly(tmp_path):
    steps = planned(tmp_path)
    assert names(steps) == [
        *("seed-1/base", "seed-1/sft", "seed-1/reward", "seed-1/ppo"),
        *("seed-1/run-sft", "seed-1/run-ppo", "seed-1/run-best-of-n", "seed-1/grades"),
    ]
    grades = steps[-1]
    assert grades.arguments[0] == "reward"
    assert set(grades.arguments[1:4]) == {
        str(tmp_path / f"seed-1/runs/{policy}") for policy in ("sft", "ppo", "best-of-n")
    }
    assert option(grades, "--reward") == "gold:small-world"


def test_no_two_steps_write_to_the_same_folder(tmp_path):
    steps = planned(tmp_path, seeds=[1, 2, 3], sweeps=["kl", "temperature"])
    folders = [option(step, "--out") for step in steps if "--out" in step.arguments]
    assert len(set(folders)) == len(folders)


def test_the_kl_sweep_trains_at_each_other_coefficient_and_draws_in_distribution_only(tmp_path):
    steps = planned(tmp_path, sweeps=["kl"])
    trained = {option(step, "--kl-coefficient") for step in steps if step.arguments[:2] == ("train", "ppo")}
    assert trained == {f"{coefficient:g}" for coefficient in MINI.kl_sweep}
    swept = next(step for step in steps if step.name == f"seed-1/run-ppo-kl-{MINI.kl_sweep[-1]:g}")
    assert swept.arguments.count("--task") == 1
    assert option(swept, "--task") == "small-world/id"


def test_the_temperature_sweep_draws_at_every_temperature_but_the_one_that_is_there(tmp_path):
    steps = planned(tmp_path, sweeps=["temperature"])
    heated = [step for step in steps if "temperature" in step.name]
    assert len(heated) == 2 * (len(MINI.temperatures) - 1)
    assert "1" not in {option(step, "--temperature") for step in heated}


def test_more_seeds_add_steps_and_change_none(tmp_path):
    one, two = planned(tmp_path), planned(tmp_path, seeds=[1, 2])
    assert two[: len(one)] == one


def test_a_judge_is_asked_where_nothing_else_says_how_good_a_sample_is(tmp_path):
    steps = planned(tmp_path, SCALES["llama"], judge="openai:http://127.0.0.1:8000/v1#judge")
    drawn = [step for step in steps if step.arguments[0] == "run"]
    assert len(drawn) == 3
    assert all(option(step, "--judge").startswith("openai:") for step in drawn)
    assert not [step for step in steps if step.name.endswith("/grades")]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"scale": "mni"}, "no scale is called 'mni'.*mini"),
        ({"seeds": 0}, "--seeds: wanted at least 1, found 0"),
        ({"sweeps": ["heat"]}, "--sweep: wanted kl, temperature or both, found 'heat'"),
        ({"base": "facebook/opt-125m"}, "--base: scale mini makes its model from nothing"),
        ({"judge": "hf:x"}, "--judge: scale mini knows exactly"),
    ],
)
def test_what_cannot_be_had_is_refused_before_anything_runs(asked, message, tmp_path):
    with pytest.raises(BadInput, match=message):
        Reproduction.of(asked.pop("scale", "mini"), tmp_path, **asked)
