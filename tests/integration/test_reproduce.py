"""The whole reproduction, hardly trained: every step is the real command, every number comes from real models."""

import json
import subprocess
import sys

import pytest

import gendiv
from gendiv.benchmark.run import Run


@pytest.fixture(scope="module")
def reproduced(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reproduced")
    findings = gendiv.reproduce("smoke", out=folder, sweeps=["kl", "temperature"])
    return folder, findings


def test_all_claims_are_answered_by_measured_intervals(reproduced):
    _, findings = reproduced
    assert [claim.name for claim in findings.claims] == ["C1", "C2", "C3", "C4", "C5", "C6"]
    for claim in findings.claims:
        assert claim.verdict != "not tested"
        assert all(part.interval.low <= part.interval.value <= part.interval.high for part in claim.parts)


def test_the_policies_are_run_folders_that_reports_take_with_exact_grades(reproduced):
    folder, _ = reproduced
    for policy in ("sft", "ppo", "best-of-n"):
        run = Run.load(folder / "seed-1" / "runs" / policy)
        assert run.record.state == "complete"
        assert any("gold" in result.signature for result in run.scores.results)
    assert gendiv.report(folder / "seed-1/runs/sft", folder / "seed-1/runs/ppo").rows


def test_ppo_logs_the_kl_that_the_sweep_is_drawn_over(reproduced):
    _, findings = reproduced
    assert [point.setting for point in findings.kl] == list(findings.scale.kl_sweep)
    assert all(point.kl is not None for point in findings.kl)


def test_the_same_command_again_does_nothing_anew_and_says_the_same(reproduced):
    folder, findings = reproduced
    steps = folder / "steps"
    before = {path: path.stat().st_mtime_ns for path in steps.iterdir()}
    command = [sys.executable, "-m", "gendiv", "reproduce", "--scale", "smoke", "--out", str(folder), "--json"]
    done = subprocess.run([*command, "--sweep", "kl,temperature"], capture_output=True, text=True, check=True)
    assert {path: path.stat().st_mtime_ns for path in steps.iterdir()} == before
    shown = json.loads(done.stdout)
    assert [claim["verdict"] for claim in shown["claims"]] == [claim.verdict for claim in findings.claims]
    report = (folder / "report.md").read_text()
    assert "| C1 |" in report
    assert (folder / "policies.png").exists()
