"""The pytest plugin in real pytest sessions."""

import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import yaml
from graded_runs import FAR, ID, graded_run
from openai_server import PROBE, OpenAIServer, prompt_of

pytest_plugins = ["pytester"]

GRADES = {
    "baseline": {ID: [1.0] * 32, FAR: [1.0] * 16 + [0.0] * 16},
    "worse": {ID: [1.0] * 16 + [0.0] * 16, FAR: [1.0] * 16 + [0.0] * 16},
    "unsure": {ID: [1.0] * 30 + [0.0] * 2, FAR: [1.0] * 16 + [0.0] * 16},
}
ROOT = Path(__file__).parents[3]
CHECK = f"win_rate on {ID}: drop <= 0.1"
NAME = f"per_input.win_rate on {ID}: drop <= 0.1"


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    for name, grades in GRADES.items():
        graded_run(folder / name, grades)
    return folder


@pytest.fixture
def session(pytester, runs):
    """Return a function that runs pytest on a gendiv.toml, and gives its result."""

    def run(candidate, *arguments, checks=(CHECK, "faults == 0"), more=""):
        lines = [f'baseline = "{runs / "baseline"}"', f'candidate = "{runs / candidate}"', more]
        pytester.path.joinpath("gendiv.toml").write_text("\n".join([*lines, f"checks = {list(checks)}"]))
        return pytester.runpytest_inprocess(*arguments)

    return run


def test_each_check_is_a_test_of_its_own_with_a_readable_id(session):
    result = session("worse", "-v", checks=[CHECK, "win_rate: drop <= 0.1", "faults == 0"])
    result.assert_outcomes(failed=1, passed=2)  # the same check twice is one test
    result.stdout.fnmatch_lines([f"gendiv.toml::{NAME} FAILED*", f"gendiv.toml::*{FAR}: drop <= 0.1 PASSED*"])
    result.stdout.fnmatch_lines([f"{NAME}: failed: drop 0.5 [[]*; 1 in the baseline, 0.5 in the candidate; 32 prompts"])
    assert "Traceback" not in result.stdout.str()
    assert "weighing.py" not in result.stdout.str()


@pytest.mark.parametrize(("word", "outcome"), [("fail", "failed"), ("skip", "skipped"), ("pass", "passed")])
def test_an_undecided_check_fails_is_skipped_or_passes_as_it_is_set(session, word, outcome):
    result = session("unsure", "-rs", more=f'inconclusive = "{word}"', checks=[CHECK])
    result.assert_outcomes(**{outcome: 1})
    if word != "pass":
        result.stdout.fnmatch_lines(["*inconclusive: drop 0.0625*more prompts would decide*"])


def test_options_stand_in_the_place_of_the_file(session, runs):
    session("worse", "--gendiv-candidate", str(runs / "unsure"), "--gendiv-inconclusive", "pass").assert_outcomes(
        passed=2
    )


def test_k_chooses_x_stops_and_junit_xml_tells(session, pytester):
    session("worse", "-k", "faults").assert_outcomes(passed=1, deselected=1)
    result = session("worse", "-x", "--junit-xml=report.xml")
    result.assert_outcomes(failed=1)
    (case,) = ET.parse(pytester.path / "report.xml").getroot().iter("testcase")  # noqa: S314  our own file
    assert case.get("name") == NAME
    assert case.find("failure").get("message").startswith(f"Failed: {NAME}: failed: drop 0.5")


def test_a_metric_that_vanished_and_another_decoding_fail(session, tmp_path):
    graded_run(tmp_path / "cold", GRADES["baseline"], decoding={"temperature": 0.5})
    result = session(tmp_path / "cold")
    result.assert_outcomes(failed=1, passed=1)
    result.stdout.fnmatch_lines(["*not comparable: drawn with temperature=1.0 in the baseline*"])
    for path in (tmp_path / "cold").glob("grades/**/*.jsonl"):
        path.unlink()
    result = session(tmp_path / "cold", checks=["win_rate <= 1"])
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines([f"*undefined in {ID} of the candidate*"])


@pytest.mark.parametrize(
    ("more", "reason"),
    [("chekcs = []", "did you mean checks?"), ('inconclusive = "maybe"', "known: fail, pass, skip")],
)
def test_a_gendiv_toml_that_is_not_usable_is_a_line_and_no_traceback(session, more, reason):
    result = session("worse", more=more)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"*gendiv.toml*{reason}"])
    assert "Traceback" not in result.stdout.str()
    assert "settings.py" not in result.stdout.str()


def test_three_lines_of_pytest_are_a_gate(pytester, runs):
    pytester.makepyfile(
        f"""
        import pytest

        @pytest.mark.gendiv(baseline={str(runs / "baseline")!r}, candidate={str(runs / "worse")!r},
                            checks=[{CHECK!r}, "faults == 0"])
        def test_release(gendiv_check):
            gendiv_check()

        def test_unmarked(gendiv_check):
            gendiv_check()
        """
    )
    result = pytester.runpytest_inprocess("-v", "--strict-markers")
    result.assert_outcomes(failed=1, passed=1, errors=1)
    result.stdout.fnmatch_lines([f"*::test_release[[]{NAME}[]] FAILED*", "*::test_release[[]faults == 0[]] PASSED*"])
    result.stdout.fnmatch_lines(["*gendiv_check needs the marker*"])


def test_workers_of_xdist_see_the_same_tests_and_draw_a_candidate_once(pytester, runs):
    with OpenAIServer() as server:
        pytester.path.joinpath("gendiv.toml").write_text(
            f'baseline = "{runs / "baseline"}"\ncandidate = "{server.spec}"\nout = "drawn"\ninconclusive = "pass"\n'
            f'checks = ["length: change <= 99", "faults == 0", "refusals == 0"]'
        )
        result = pytester.runpytest_subprocess("-n", "2", "-p", "no:cacheprovider")
        prompts = [prompt_of(one.body) for one in server.asked]
    result.assert_outcomes(passed=4)
    drawn = [prompt for prompt in prompts if PROBE not in prompt]
    assert len(drawn) == 64  # 32 prompts of two splits, one sample each
    assert len(set(drawn)) == 64


def test_a_session_without_checks_shows_no_trace_and_the_plugin_loads_nothing_heavy(pytester):
    pytester.makepyfile("def test_nothing(): pass")
    result = pytester.runpytest_inprocess("-v")
    result.assert_outcomes(passed=1)
    _, _, rest = result.stdout.str().replace(str(pytester.path), "").partition("collecting")
    assert "gendiv" not in rest.partition("test session")[0]
    heavy = (
        "import sys, gendiv.benchmark.gating.plugin; print(sorted({'numpy', 'pydantic', 'torch'} & set(sys.modules)))"
    )
    said = subprocess.run([sys.executable, "-c", heavy], capture_output=True, text=True, check=True)
    assert said.stdout == "[]\n"


def test_the_example_workflow_is_yaml_whose_commands_exist(pytester):
    workflow = yaml.safe_load((ROOT / "docs" / "gate-workflow.yml").read_text(encoding="utf-8"))
    (command,) = (step["run"] for step in workflow["jobs"]["gate"]["steps"] if "pytest " in step.get("run", ""))
    (option,) = (word for word in command.split() if word.startswith("--gendiv"))
    assert option in pytester.runpytest_inprocess("--help").stdout.str()
