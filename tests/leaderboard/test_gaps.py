"""Gaps as people see them: on a terminal, in Markdown, as JSON, in a report and its figure."""

import json
import math

import pytest
from graded_runs import FAR, ID, NEAR, graded_run

import gendiv
from gendiv.__main__ import main
from gendiv.benchmark.intervals import Interval
from gendiv.benchmark.sources.scripted import Scripted
from gendiv.leaderboard.gaps import percent_cell

GRADES = {ID: [1.0, 0.5, 1.0, 0.5], NEAR: [0.75, 0.5, 1.0, 0.5], FAR: [0.0, 0.5, 0.5, 0.0]}


@pytest.fixture
def folders(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    graded_run(tmp_path / "one", GRADES)
    graded_run(tmp_path / "two", {**GRADES, FAR: [0.5, 0.5, 1.0, 0.0]})
    return tmp_path


def shown(capsys, *words):
    assert main(["gap", *words]) == 0
    return capsys.readouterr().out


@pytest.mark.usefixtures("folders")
@pytest.mark.parametrize("arguments", [["one"], ["one", "two"]], ids=" ".join)
def test_the_table_fits_a_terminal_of_80_columns_with_a_row_a_line(arguments, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    lines = shown(capsys, *arguments).splitlines()
    rows = [line for line in lines if line.lstrip().startswith(("length ", "win_rate "))]
    assert len(rows) == 4
    assert all("]" in row and len(row) <= 80 for row in rows)


@pytest.mark.usefixtures("folders")
def test_the_table_says_what_stands_in_the_json(capsys):
    out = shown(capsys, "one")
    (gap,) = [
        gap
        for gap in json.loads(shown(capsys, "one", "--json"))["gaps"]
        if (gap["metric"], gap["ood_split"]) == ("win_rate", FAR)
    ]
    assert gap["gap"]["value"] == 0.5
    assert "everyday (id) - sequential (far)" in out
    assert f"0.750  0.250  +0.500 [{gap['gap']['low']:.3f}, {gap['gap']['high']:.3f}]" in out
    assert f"+67 [{100 * gap['relative']['low']:.0f}, 100]" in out
    assert "a gap above 0: worse out of distribution (win_rate)" in out


@pytest.mark.usefixtures("folders")
def test_json_alone_stands_on_standard_output_in_the_documented_shape(capsys):
    one = json.loads(shown(capsys, "one", "--json"))
    assert (one["schema"], one["run"]) == (1, "one")
    assert {"gap", "relative", "p_value", "adjusted", "reading", "reason", "signature"} <= set(one["gaps"][0])
    both = json.loads(shown(capsys, "one", "two", "--json"))
    assert (both["schema"], both["first"], both["second"]) == (1, "one", "two")
    assert {"first", "second", "difference", "id_paired", "ood_paired", "reading"} <= set(both["differences"][0])
    assert json.loads(shown(capsys, "one", "two", "--json", "--independent"))["differences"][0]["id_paired"] == 0


@pytest.mark.usefixtures("folders")
@pytest.mark.parametrize("arguments", [["one"], ["one", "two"]], ids=" ".join)
def test_markdown_has_a_row_for_each_gap_and_the_signatures(arguments, capsys):
    page = shown(capsys, *arguments, "--markdown")
    rows = [line for line in page.splitlines() if line.startswith("| mini-instructions/everyday")]
    assert len(rows) == 4
    assert "- `win_rate:judge=hand:questions=:opponent=reference:orders=both:judged=1|version=1|" in page


def test_a_reason_that_many_rows_share_is_said_once(folders, capsys):
    path = folders / "one" / "scores.json"
    scores = json.loads(path.read_text())
    for result in scores["results"]:
        result["error"] = None
    path.write_text(json.dumps(scores))
    out = shown(capsys, "one")
    assert out.count("older gendiv") == 1
    assert "formal length per input, formal win_rate per input, sequential length per input" in out


def test_python_gives_what_the_command_prints(folders, capsys):
    found = [gap.to_json() for gap in gendiv.gap(folders / "one")]
    assert json.loads(json.dumps(found)) == json.loads(shown(capsys, "one", "--json"))["gaps"]


def test_shares_have_the_digits_a_reader_can_use():
    assert percent_cell(Interval(0.123, -0.051, 0.304)) == "+12 [-5, 30]"
    assert percent_cell(Interval(-0.0123, -0.051, 0.004)) == "-1.2 [-5.1, 0.4]"
    assert percent_cell(Interval(0.5, None, None)) == "+50 unbounded"
    assert percent_cell(None) == "none"


def test_a_report_shows_the_gaps_of_its_runs_side_by_side_with_a_figure(folders, capsys):
    assert main(["report", "one", "two", "--out", "site"]) == 0
    table = capsys.readouterr().out
    assert "gap, per input: in minus out of distribution" in table
    assert "+0.500 [" in table
    page = (folders / "site" / "report.md").read_text()
    assert "![Gap by split out of distribution, with 95% intervals](gap.png)" in page
    (row,) = [line for line in page.splitlines() if line.startswith(f"| win_rate | per input | {FAR} | far |")]
    assert row.count("[") == 2
    assert (folders / "site" / "gap.png").read_bytes().startswith(b"\x89PNG")
    assert main(["report", "one", "two", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["gaps"]
    assert len({gap["run"] for gap in found}) == 2
    assert len(found) == 8


def test_a_report_of_a_run_without_both_sides_has_no_gaps_and_no_figure_of_them(folders):
    gendiv.evaluate(Scripted(), tasks=[ID], prompts=3, samples=2, metrics=["length"], out=folders / "alone")
    report = gendiv.report(folders / "alone")
    assert report.to_json()["gaps"] == []
    assert "Gap" not in report.to_markdown()
    assert {path.name for path in report.write(folders / "site")} == {"report.md", "diversity.png"}


def test_a_report_says_why_a_gap_is_missing_and_never_0(folders, capsys):
    graded_run(folders / "three", {**GRADES, FAR: [math.nan] * 4})
    assert main(["report", "one", "three"]) == 0
    out = capsys.readouterr().out
    assert f"sequential win_rate per input: undefined in {FAR}" in out
    (row,) = [line for line in out.splitlines() if "sequential" in line and "+0.500" in line]
    assert row.rstrip().endswith("none")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["gap"], "Missing argument 'RUN'"),
        (["gap", "no"], "no holds no run.json: give the folder that `gendiv run` wrote"),
        (["gap", "one", "no"], "no holds no run.json"),
        (["gap", "one", "--metrics", "ead"], "one has scores of length, win_rate, not of ead: gendiv score one"),
        (["gap", "one", "--metrics", "eda:n=1"], "no metric is called 'eda': did you mean ead"),
        (["gap", "alone"], "alone: a gap needs a split in distribution (id) and one out of it (near, far) of one task"),
        (["gap", "one", "other"], "the runs have no task in common with a split in distribution"),
        (["gap", "unscored"], "unscored holds no scores.json: gendiv score unscored"),
    ],
)
def test_what_has_no_gap_is_refused_in_one_line(folders, arguments, reason, capfd):
    graded_run(folders / "alone", {ID: [1.0, 0.5]})
    graded_run(folders / "other", {"mini-summarisation/forum": [1.0], "mini-summarisation/news": [0.0]})
    (graded_run(folders / "unscored", {ID: [1.0]}).folder / "scores.json").unlink()
    code = main(arguments)
    out, error = capfd.readouterr()
    assert (code, out) == (2, "")
    assert "Traceback" not in error
    assert error.splitlines()[-1].startswith(f"gendiv{' gap' if 'Missing' in reason else ''}: ")
    assert reason in error.splitlines()[-1]
