"""The report of a reproduction, from findings written down by hand."""

import json

import pytest

from gendiv.benchmark.intervals import Interval
from gendiv.benchmark.reproduce.claims import Claim, Part
from gendiv.benchmark.reproduce.findings import Findings, Level
from gendiv.benchmark.reproduce.scale import MINI
from gendiv.benchmark.reproduce.sweeps import Match, Point
from gendiv.leaderboard.reproduction import print_findings, write_findings

GOOD = Interval(0.25, 0.1, 0.4)
SCORES = ("quality", "ead per input", "ead across inputs")


def findings(**other):
    levels = tuple(
        Level(policy, score, side, GOOD) for policy in ("sft", "ppo") for score in SCORES for side in ("id", "far")
    )
    points = tuple(Point(setting, 2 * setting, dict.fromkeys(SCORES, GOOD)) for setting in (0.05, 0.2))
    parts = (Part("quality, RLHF - SFT, far", "above", GOOD), Part("quality, RLHF - SFT, near", "above", None))
    whole = {
        "scale": MINI,
        "seeds": (1, 2, 3),
        "claims": (Claim("C1", "it is better", parts[:1]), Claim("C2", "it grows", parts)),
        "levels": levels,
        "kl": points,
        "temperature": {"sft": points, "ppo": points},
        "matches": (
            Match("ead per input, SFT - RLHF, at equal quality", GOOD, (0.5, 0.61)),
            Match("quality, RLHF - SFT, at equal ead per input", None, reason="seed 1: SFT has less"),
        ),
    }
    return Findings(**{**whole, **other})


def test_the_report_states_each_verdict_with_the_difference_behind_it(tmp_path):
    files = write_findings(findings(), tmp_path, seconds=1200)
    report = (tmp_path / "report.md").read_text()
    assert "| C1 | it is better | holds |" in report
    assert "| C2 | it grows | not tested |" in report
    assert "| quality, RLHF - SFT, far | +0.250 [0.100, 0.400] | above 0 | holds |" in report
    assert "- ead per input, SFT - RLHF, at equal quality: +0.250 [0.100, 0.400], at temperature 0.50, 0.61" in report
    assert "at equal ead per input: nowhere equal (seed 1: SFT has less)" in report
    assert "20 minutes" in report
    assert [path.name for path in files] == ["report.md", "report.json", "policies.png", "kl.png", "temperature.png"]
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in files[2:])
    for name in ("policies.png", "kl.png", "temperature.png"):
        assert f"]({name})" in report


def test_the_json_holds_verdicts_and_numbers(tmp_path):
    write_findings(findings(), tmp_path)
    data = json.loads((tmp_path / "report.json").read_text())
    assert [claim["verdict"] for claim in data["claims"]] == ["holds", "not tested"]
    assert data["claims"][0]["parts"][0]["interval"] == {"value": 0.25, "low": 0.1, "high": 0.4}
    assert data["scale"]["name"] == "mini"


def test_one_seed_is_said_to_say_nothing_of_another_training(tmp_path):
    write_findings(findings(seeds=(1,), kl=(), temperature={}, matches=()), tmp_path)
    report = (tmp_path / "report.md").read_text()
    assert "With one seed the intervals are about prompts alone" in report
    assert "Sweep" not in report
    assert not (tmp_path / "kl.png").exists()


def test_the_terminal_shows_what_decides(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    print_findings(findings())
    shown = capsys.readouterr().out
    for text in ("C1", "holds", "quality, RLHF - SFT, far"):
        assert text in shown


@pytest.mark.parametrize("missing", ["quality", "ead per input"])
def test_a_score_that_could_not_be_measured_is_left_out_of_the_figures(missing, tmp_path):
    levels = tuple(
        Level(level.policy, level.score, level.side, None if level.score == missing else GOOD)
        for level in findings().levels
    )
    write_findings(findings(levels=levels), tmp_path)
    assert (tmp_path / "policies.png").exists()
