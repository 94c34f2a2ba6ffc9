"""Plans: from a pilot's grades and samples to numbers of prompts, as the command prints them."""

import json

import pytest
from graded_runs import FAR, ID, WIN_RATE, graded_run

import gendiv
from gendiv.__main__ import main
from gendiv.benchmark.planning.power import prompts_for_difference, prompts_for_gap, prompts_for_width
from gendiv.benchmark.run import Run
from gendiv.benchmark.sources.scripted import Scripted
from gendiv.errors import BadInput

GRADES = {ID: [1.0, 0.5, 1.0, 0.5, 1.0], FAR: [0.0, 0.5, 0.5, 0.0, 1.0]}
VARIANCES = {ID: 0.075, FAR: 0.175}


def needs(plan, samples=1):
    (size,) = [size for size in plan.sizes if size.samples == samples]
    return {(need.purpose, need.power): need for need in size.needs}


def test_the_needs_are_those_of_the_grades_variances(tmp_path):
    (plan,) = gendiv.plan(graded_run(tmp_path, GRADES), 0.1, metric="win_rate")
    assert (plan.task, plan.metric, plan.level) == ("mini-instructions", WIN_RATE.signature, "per_input")
    assert {split.split: split.values[0].total for split in plan.spreads} == pytest.approx(VARIANCES)
    found = needs(plan)
    assert found["score", None].prompts == prompts_for_width(0.175, 0.1)  # enough for the more varied split
    assert found["gap", 0.8].prompts == prompts_for_gap((0.075, 0.175), 0.1, 0.8)
    assert found["gap", 0.9].samples == 2 * prompts_for_gap((0.075, 0.175), 0.1, 0.9)
    assert found["paired", 0.8].prompts == prompts_for_difference(2 * 0.175, 0.1, 0.8)
    assert plan.gap_splits == ((ID, FAR),)
    assert [size.samples for size in plan.sizes] == [1]  # one sample was judged


def test_a_second_pilot_measures_what_pairing_saves(tmp_path):
    one = graded_run(tmp_path / "one", GRADES)
    graded_run(tmp_path / "two", {ID: [1.0, 0.5, 1.0, 0.5, 0.5], FAR: [0.0, 0.5, 0.5, 0.5, 1.0]})
    (alone,) = gendiv.plan(one, 0.1, metric="win_rate")
    (paired,) = gendiv.plan(tmp_path / "one", 0.1, metric="win_rate", paired_with=tmp_path / "two")
    assert needs(paired)["paired", 0.8].prompts == prompts_for_difference(0.05, 0.1, 0.8)
    assert needs(paired)["paired", 0.8].prompts < needs(alone)["paired", 0.8].prompts / 3
    assert needs(paired)["gap", 0.8] == needs(alone)["gap", 0.8]


def test_prompts_without_a_value_are_made_up_for(tmp_path):
    nan = float("nan")
    (plan,) = gendiv.plan(
        graded_run(tmp_path, {ID: [*GRADES[ID], *[nan] * 5], FAR: GRADES[FAR] * 2}), 0.1, metric="win_rate"
    )
    full = prompts_for_width(VARIANCES[ID], 0.1)
    assert needs(plan)["score", None].prompts >= 2 * full


def test_the_cheapest_number_of_samples_is_marked_and_never_one_sample_for_a_diversity(tmp_path):
    out = tmp_path / "run"
    gendiv.evaluate(Scripted(), tasks=[ID], prompts=12, samples=8, metrics=["ead", "length"], out=out)
    (plan,) = gendiv.plan(out, 0.02)
    for purpose in [("score", None), ("paired", 0.8), ("gap", 0.9)]:
        every = {size.samples: needs(plan, size.samples)[purpose] for size in plan.sizes}
        (best,) = [samples for samples, need in every.items() if need.cheapest]
        assert best >= 2
        assert every[best].samples == min(need.samples for samples, need in every.items() if samples >= 2)
    assert [size.samples for size in plan.sizes] == [1, 2, 4, 8, 16, 32]
    assert [size.how for size in plan.sizes] == [*["measured"] * 4, *["extrapolated"] * 2]
    assert plan.gap_splits == ()  # one side only: as if the other varied as much
    one = plan.spreads[0].values[1]
    assert needs(plan, 2)["gap", 0.8].prompts == prompts_for_gap((one.total, one.total), 0.02, 0.8)


def test_the_command_prints_a_row_for_each_k_that_fits_a_terminal_and_the_same_json(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    folders = [str(tmp_path / name) for name in ("one", "two")]
    for seed, folder in enumerate(folders):
        gendiv.evaluate(
            Scripted(lambda text, place, seed=seed: "w " * (1 + (place * (7 + seed) + len(text)) % 9)),
            tasks=[ID, FAR], prompts=12, samples=4, metrics=["ead", "length"], out=folder,
        )  # fmt: skip
    words = ["plan", folders[0], "--detect", "0.5", "--metric", "length", "--paired-with", folders[1]]
    assert main(words) == 0
    out = capsys.readouterr().out
    rows = [line for line in out.splitlines() if line.split()[:1] and line.split()[0].rstrip("~").isdigit()]
    assert [row.split()[0] for row in rows] == ["1", "2", "4", "8~", "16~", "32~"]
    assert all(len(row) <= 80 and "(" in row for row in rows)
    assert sum(row.count("*") for row in rows) == 5
    assert f"paired: the differences to {folders[1]} were measured" in out
    assert "a pilot of 12 prompts leaves a factor of 0.50 to 2.88 (95%) on these numbers" in out
    assert main([*words, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    plans = gendiv.plan(folders[0], 0.5, metric="length", paired_with=folders[1])
    assert found["plans"] == json.loads(json.dumps([plan.to_json() for plan in plans]))
    spread = found["plans"][0]["spreads"][0]["values"][0]
    assert spread["between"] == max(0, spread["total"] - spread["within"])
    assert f"{found['plans'][0]['sizes'][0]['needs'][0]['prompts']} (" in rows[0]


def test_more_power_needs_more_prompts_and_only_the_wanted_ones_are_planned(tmp_path):
    run = graded_run(tmp_path, {**GRADES, "mini-summarisation/forum": [1.0, 0.0, 0.5, 0.5, 0.5]})
    (plan,) = gendiv.plan(run, 0.1, metric="win_rate", powers=[0.5, 0.95], tasks=["mini-instructions"])
    assert {power for _, power in needs(plan)} == {None, 0.5, 0.95}
    assert needs(plan)["gap", 0.95].prompts > 2 * needs(plan)["gap", 0.5].prompts
    assert [plan.task for plan in gendiv.plan(run, 0.1, metric="win_rate")] == [
        "mini-instructions",
        "mini-summarisation",
    ]


def test_a_metric_of_two_settings_must_be_named_with_them(tmp_path):
    gendiv.evaluate(Scripted(), tasks=[ID], prompts=4, samples=4, metrics=["ead:n=1,ead:n=2"], out=tmp_path)
    with pytest.raises(BadInput, match=r"has several scores of ead, name one: ead:n=1:.* or ead:n=2:"):
        gendiv.plan(tmp_path, 0.1)
    assert gendiv.plan(tmp_path, 0.1, metric="ead:n=2")[0].metric.startswith("ead:n=2:")
    assert gendiv.plan(Run.load(tmp_path), 0.1, metric="self_bleu")[0].metric.startswith(
        "self_bleu:"
    )  # from the samples


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["run"], "Missing option '--detect'"),
        (["run", "--detect", "0"], "--detect: wanted a difference above 0, in the metric's unit, found 0"),
        (["run", "--detect", "-0.02"], "--detect: wanted a difference above 0, in the metric's unit, found -0.02"),
        (["run", "--detect", "nan"], "--detect: wanted a difference above 0"),
        (["run", "--detect", "much"], "'much' is not a valid float"),
        (["run", "--detect", "0.1", "--power", "80"], "--power: wanted a chance above 0.05 and below 1, found 80"),
        (["run", "--detect", "0.1", "--metric", "eda"], "no metric is called 'eda': did you mean ead?"),
        (["run", "--detect", "0.1", "--metric", "ead,distinct"], "--metric: a plan is for one metric, found"),
        (["run", "--detect", "0.1", "--metric", "reward"], "is undefined for every prompt of the pilot"),
        (
            ["run", "--detect", "0.1", "--metric", "length", "--level", "across_input"],
            "length has no across_input value",
        ),
        (["run", "--detect", "0.1", "--task", "mini"], "run has no task 'mini': it holds mini-instructions"),
        (["run", "--detect", "0.1", "--paired-with", "other"], f"other has no split {FAR}, of which the pilot is"),
        (["single", "--detect", "0.1"], f"single: a pilot needs 2 finished prompts of {ID} or more, found 1"),
        (["gone", "--detect", "0.1"], "gone holds no run.json"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_planned_is_refused_in_one_line(arguments, reason, capfd, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    graded_run(tmp_path / "run", GRADES, samples=2)
    graded_run(tmp_path / "other", {ID: GRADES[ID]}, samples=2)
    graded_run(tmp_path / "single", {ID: [1.0]})
    capfd.readouterr()
    code = main(["plan", *arguments])
    out, error = capfd.readouterr()
    assert (code, out) == (2, "")
    assert "Traceback" not in error
    assert reason in error.splitlines()[-1]
