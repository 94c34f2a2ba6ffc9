"""The gate: runs made by hand, and what their checks find."""

import json
from types import SimpleNamespace

import pytest
from calling import calling
from graded_runs import FAR, ID, graded_run

import gendiv
from gendiv.benchmark.sources.scripted import Scripted
from gendiv.errors import BadInput

GRADES = {
    "baseline": {ID: [1.0] * 32, FAR: [1.0] * 16 + [0.0] * 16},
    "same": {ID: [1.0] * 32, FAR: [1.0] * 16 + [0.0] * 16},
    "worse": {ID: [1.0] * 16 + [0.0] * 16, FAR: [0.0] * 32},
    "unsure": {ID: [1.0] * 30 + [0.0] * 2, FAR: [1.0] * 16 + [0.0] * 16},
    "farther": {ID: [1.0] * 32, FAR: [1.0] * 3 + [0.0] * 29},
}


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Runs of 32 prompts in and out of distribution, won and lost as GRADES says; and some with something wrong."""
    folder = tmp_path_factory.mktemp("runs")
    for name, grades in GRADES.items():
        graded_run(folder / name, grades)
    plan = {"tasks": [ID, FAR], "prompts": 32, "samples": 1, "metrics": ["length"]}
    gendiv.evaluate(Scripted(), out=folder / "cold", decoding={"temperature": 0.5}, **plan)
    gendiv.evaluate(Scripted(), out=folder / "one-split", **{**plan, "tasks": [ID]})
    gendiv.evaluate(Scripted(), out=folder / "pairs", **{**plan, "samples": 2})
    silent = Scripted(lambda text, seed: "" if seed % 4 == 0 else "a cat sat on the mat today")
    gendiv.evaluate(silent, out=folder / "silent", **plan)
    gendiv.evaluate(Scripted(name="talker"), out=folder / "other", **plan)
    gendiv.evaluate(Scripted(), out=folder / "uneven", **plan)
    for path in (folder / "uneven").glob(f"samples/{FAR}.jsonl"):
        path.write_text("".join(path.read_text().splitlines(keepends=True)[:20]))
    torn = folder / "torn"
    gendiv.evaluate(Scripted(), out=torn, **plan)
    record = json.loads((torn / "run.json").read_text())
    (torn / "run.json").write_text(json.dumps({**record, "state": "incomplete"}))
    return folder


@pytest.fixture
def check(runs):
    """Return a function that puts one check to a run, and gives what it found."""

    def put(candidate, line, baseline="baseline", **settings):
        try:
            (found,) = gendiv.assert_no_regression(
                runs / candidate, None if baseline is None else runs / baseline, [line], **settings
            )
        except AssertionError as failed:
            return SimpleNamespace(outcome="fail", line=str(failed))
        return found

    return put


def test_a_drop_is_paired_on_prompts_and_has_three_outcomes(check):
    line = f"win_rate on {ID}: drop <= 0.1"
    same = check("same", line)
    assert (same.outcome, same.value, same.inputs) == ("pass", 0.0, 32)
    assert same.high == -same.low == pytest.approx(1 - 0.05 ** (1 / 32))
    failed = check("worse", line)
    assert failed.outcome == "fail"
    assert "drop 0.5 [0.3" in failed.line
    assert "1 in the baseline, 0.5 in the candidate; 32 prompts" in failed.line
    unsure = check("unsure", line, inconclusive="pass")  # two of 32 lost
    assert unsure.outcome == "inconclusive"
    assert unsure.value == pytest.approx(2 / 32)
    assert unsure.low < 0.1 < unsure.high
    assert unsure.more > 0
    assert f"about {unsure.more} more prompts would decide, if it stays so (-n {32 + unsure.more} in both runs)" in str(
        unsure
    )


def test_an_undecided_check_counts_as_it_is_set(check):
    line = f"win_rate on {ID}: drop <= 0.1"
    assert "inconclusive: drop 0.0625" in check("unsure", line).line  # fails unless told otherwise
    assert check("unsure", line, inconclusive="skip").outcome == "inconclusive"


def test_more_confidence_decides_less(check):
    line = f"win_rate on {ID}: drop <= 0.3"
    assert check("worse", line).outcome == "fail"
    assert check("worse", line, confidence=0.999, inconclusive="pass").outcome == "inconclusive"


def test_a_gap_is_the_candidate_s_own_and_its_growth_is_against_the_baseline(check):
    assert check("same", "gap.win_rate <= 0.9").value == pytest.approx(0.5)  # 1 in distribution, 0.5 out of it
    assert check("same", "gap.win_rate <= 20 points").outcome == "fail"
    grown = check("farther", "gap.win_rate: growth <= 1.5")  # from 16/32 to 29/32
    assert grown.value == pytest.approx(13 / 32)
    assert (grown.baseline, grown.candidate) == pytest.approx((16 / 32, 29 / 32))
    assert "growth 0.4" in check("farther", "gap.win_rate: growth <= 0.05").line
    smaller = check("worse", "gap.win_rate: growth <= 0.4")  # 0.5 in distribution, 0 out of it: as far as before
    assert smaller.value == pytest.approx(0.0)


def test_a_floor_a_ceiling_and_a_share_of_the_baseline(check):
    assert check("same", f"win_rate on {ID} >= 0.9", baseline=None).outcome == "pass"
    assert check("worse", f"win_rate on {ID} >= 0.9", baseline=None).outcome == "fail"
    assert check("worse", f"win_rate on {FAR} <= 0.1", baseline=None).outcome == "pass"
    half = check("farther", f"win_rate on {FAR}: drop <= 200%")  # of 0.5
    assert half.limit == pytest.approx(1.0)
    assert half.value == pytest.approx(13 / 32)


def test_where_less_is_more_diverse_a_rise_is_a_drop(check):
    assert (
        check("same", f"per_input.self_bleu on {ID} <= 1", baseline=None).outcome == "fail"
    )  # undefined for one sample
    drop = check("silent", f"across_input.duplicates on {ID}: drop <= 0.01", undefined=0.9)
    assert drop.outcome == "fail"  # one text for all: duplicates rise, and that is a loss
    assert "failed: drop 0." in drop.line


@pytest.mark.parametrize(
    ("candidate", "line", "reason"),
    [
        ("other", f"win_rate on {ID}: drop <= 0.1", f"undefined in {ID} of the candidate"),
        ("one-split", f"win_rate on {FAR}: drop <= 0.1", f"{FAR} is not in the candidate"),
        ("one-split", "gap.win_rate: growth <= 0.1", f"{FAR} is not in the candidate"),
        ("cold", f"length on {ID}: change <= 9", "temperature=1.0 in the baseline, with temperature=0.5 in the candid"),
        ("pairs", f"length on {ID}: change <= 9", "not comparable: 1 samples a prompt in the baseline, 2 in the cand"),
        ("uneven", "gap.across_input.distinct: growth <= 9", "depends on the number of inputs, 32 in"),
        ("uneven", "gap.across_input.distinct <= 9", "depends on the number of inputs, 32 in"),
        ("torn", f"length on {ID}: change <= 9", "the candidate is incomplete"),
        ("silent", f"per_input.compression on {ID}: rise <= 9", "of 32 prompts"),
        ("silent", "faults == 0", "of samples are empty"),
    ],
)
def test_what_vanished_is_undefined_or_not_comparable_fails_with_its_reason(check, candidate, line, reason):
    found = check(candidate, line)
    assert found.outcome == "fail"
    assert reason in found.line


def test_counts_are_of_the_candidate(check):
    assert check("same", "faults == 0", baseline=None).outcome == "pass"
    assert check("same", "refusals <= 2", baseline=None).value == 0


def test_a_model_is_drawn_from_with_the_plan_of_the_baseline(runs, tmp_path):
    settings = {"out": tmp_path / "drawn", "inconclusive": "pass"}
    checks = [f"length on {ID}: change <= 1", "faults == 0"]
    found = gendiv.assert_no_regression(Scripted(), runs / "baseline", checks, **settings)
    assert [one.outcome for one in found] == ["pass", "pass"]
    drawn, baseline = (json.loads((folder / "run.json").read_text()) for folder in (tmp_path / "drawn", runs / "same"))
    assert [split["content"] for split in drawn["splits"]] == [split["content"] for split in baseline["splits"]]
    with pytest.raises(BadInput, match="holds samples of scripted:scripted"):
        gendiv.assert_no_regression(Scripted(name="another"), runs / "baseline", checks, **settings)


def test_the_command_line_says_each_outcome_and_ends_with_1_if_one_fails(runs, monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    gendiv_check = calling(monkeypatch, capsys, "check")
    (tmp_path / "gendiv.toml").write_text(
        f'baseline = "{runs / "baseline"}"\ncandidate = "{runs / "same"}"\n'
        f'checks = ["win_rate: drop <= 0.1", "faults == 0"]\n'
    )
    code, out, _ = gendiv_check()
    assert code == 0
    assert out.splitlines()[0] == f"passed       per_input.win_rate on {ID}: drop <= 0.1"
    assert out.splitlines()[-1] == "3 passed; none counts as a failure"
    code, out, _ = gendiv_check("--candidate", runs / "worse", "--json")
    found = json.loads(out)
    assert (code, found["schema"], found["passed"]) == (1, 1, False)
    assert [row["counts_as"] for row in found["checks"]] == ["fail", "fail", "pass"]
    code, out, _ = gendiv_check("--candidate", runs / "unsure", "--inconclusive", "skip")
    assert (code, out.splitlines()[-1]) == (0, "2 passed, 1 inconclusive; none counts as a failure")


@pytest.mark.parametrize(
    ("toml", "reason"),
    [
        ("candidate = 3", "candidate: wanted a run folder or a model spec, found 3"),
        ('checks = "faults == 0"', "checks: wanted a list of lines"),
        ("chekcs = []", "did you mean checks?"),
        ("baseline = [", "wanted TOML"),
        ('candidate = "c"', "no check is named"),
        ('checks = ["faults == 0"]', "no candidate is named"),
        ('candidate = "c"\nchecks = ["ead: drop <= 1"]', "against a baseline, and none is named"),
        ('candidate = "c"\nchecks = ["faults == 0"]\ninconclusive = "maybe"', "known: fail, pass, skip"),
        ('candidate = "c"\nchecks = ["faults == 0"]\nconfidence = 95', "between 0.5 and 1, found 95"),
        ('candidate = "nowhere"\nchecks = ["faults == 0"]', "holds no run.json"),
        ('candidate = "hf:m"\nchecks = ["faults == 0"]', "drawn with the plan of a baseline, and none is named"),
        ('candidate = "c"\nbaseline = "RUN"\nchecks = ["length: drop <= 1"]', "no better side; wanted rise or change"),
        ('candidate = "c"\nbaseline = "RUN"\nchecks = ["eadd: drop <= 1"]', "did you mean ead"),
        ('candidate = "c"\nbaseline = "RUN"\nchecks = ["ead on a/b: drop <= 1"]', "no such split in the run"),
        ('candidate = "c"\nbaseline = "RUN"\nchecks = ["across_input.win_rate <= 1"]', "but per_input"),
    ],
)
def test_a_gendiv_toml_that_is_not_usable_is_one_line(runs, monkeypatch, capsys, tmp_path, toml, reason):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "gendiv.toml").write_text(toml.replace("RUN", str(runs / "baseline")))
    code, out, err = calling(monkeypatch, capsys, "check")()
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert reason in err
