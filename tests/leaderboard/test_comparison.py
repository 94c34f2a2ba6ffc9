"""A comparison as people see it: terminal, Markdown, LaTeX, JSON and a picture, with foreign text in its labels."""

import json
import re
import shutil

import pytest
from calling import calling
from graded_runs import FAR, ID, NEAR, graded_run

import gendiv
from gendiv.benchmark.sources.scripted import Scripted
from gendiv.leaderboard.latex import ROWS, escaped, latex_table
from gendiv.leaderboard.markdown import escaped as in_markdown

HOSTILE = r"a_b & 50% | \input{x} <script> $#^~ --`[y](http://z)` 模型"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Three runs with grades, of which the third has a hostile label, and one without quality."""
    folder = tmp_path_factory.mktemp("made")
    for name, far in (("one", 0.25), ("two", 0.75), ("three", 0.5)):
        grades = {split: [0.5, 0.25, 0.75, 0.5 + far / 4, far] for split in (ID, NEAR)} | {FAR: [far] * 5}
        label = HOSTILE if name == "three" else None
        graded_run(folder / name, grades, metrics=["length", "ead", "distinct"], samples=2, label=label)
    for name in ("plain", "plainer"):
        path = shutil.copytree(folder / "one", folder / name) / "scores.json"
        scores = json.loads(path.read_text())
        scores["results"] = [result for result in scores["results"] if result["metric"] != "win_rate"]
        path.write_text(json.dumps(scores))
    (folder / "empty").mkdir()
    (folder / "good.jsonl").write_text('{"id": 0, "samples": ["a", "b"]}\n')
    return folder


@pytest.fixture
def compare(made, monkeypatch, capsys):
    monkeypatch.chdir(made)
    return calling(monkeypatch, capsys, "compare")


def test_three_runs_fit_100_columns_with_a_row_a_line(compare, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    code, out, _ = compare("one", "two", "three")
    assert code == 0
    lines = [line for line in out.splitlines() if line.startswith(" ")]
    rows = [line for line in lines if re.search(r"\[-?\d+\.\d+, -?\d+\.\d+\]", line)]
    # Two others, three splits: four metrics per input and two across; two gaps of each.
    assert len(rows) == 2 * (3 * (4 + 2) + 2 * (4 + 2))
    assert all(len(line) <= 100 for line in lines)


def test_the_page_says_how_to_read_it(compare):
    _, out, _ = compare("one", "two", "three")
    assert "better: of higher quality, or more diverse" in out
    assert "Holm's over all 36 differences of this comparison" in out
    assert "Holm's over all 24 differences of gaps, a family of their own" in out
    assert "A beside C: " in out
    assert f"C: {HOSTILE} (three)" in out


def test_json_has_one_shape_for_two_and_for_three(compare):
    two, three = (json.loads(compare(*names, "--json")[1]) for names in (["one", "two"], ["one", "two", "three"]))
    assert set(two) == {*three, "second"}
    assert (two["schema"], two["first"], two["second"], two["others"]) == (1, "one", "two", ["two"])
    assert three["others"] == ["two", "three"]
    assert three["runs"][2] == {"letter": "C", "name": "three", "label": HOSTILE}
    assert {row["other"] for row in three["differences"]} == {row["other"] for row in three["gaps"]} == {"two", "three"}
    known = {"split", "metric", "level", "signature", "first", "second", "difference", "p_value", "adjusted", "inputs"}
    assert known | {"reason", "other_prompts", "direction", "verdict", "other"} == set(two["differences"][0])
    assert {"verdict", "reading", "id_paired"} <= set(two["gaps"][0])
    assert [point["run"] for point in three["planes"][0]["points"]] == ["A", "B", "C"]


def test_python_gives_what_the_command_prints(compare, made):
    found = gendiv.compare("one", gendiv.benchmark.run.Run.load("two"))
    assert json.loads(json.dumps(found.to_json())) == json.loads(compare("one", "two", "--json")[1])
    assert found.to_markdown() == compare("one", "two", "--markdown")[1]
    assert found.to_latex() == compare("one", "two", "--latex")[1]
    assert made.exists()


def test_out_writes_pages_and_the_picture(compare, tmp_path):
    code, _, err = compare("one", "two", "three", "--out", tmp_path / "out")
    assert code == 0
    names = ["comparison.md", "comparison.tex", "comparison.json", "quality-diversity.png"]
    assert [line for line in err.splitlines() if "wrote" in line] == [
        f"wrote {tmp_path / 'out' / name}" for name in names
    ]
    assert (tmp_path / "out" / names[3]).read_bytes().startswith(b"\x89PNG")
    assert "(quality-diversity.png)" in (tmp_path / "out" / names[0]).read_text()
    assert json.loads((tmp_path / "out" / names[2]).read_text())["schema"] == 1


def test_a_point_of_the_picture_is_the_two_scores_of_a_run_with_their_intervals(compare, made):
    planes = json.loads(compare("one", "two", "--json")[1])["planes"]
    assert [plane["split"] for plane in planes] == [ID, NEAR, FAR]
    scores = json.loads((made / "two" / "scores.json").read_text())["results"]
    for axis, name in (("diversity", "ead"), ("quality", "win_rate")):
        (score,) = [one for one in scores if (one["metric"], one["split"], one["level"]) == (name, FAR, "per_input")]
        shown = planes[2]["points"][1][axis]
        assert [shown[end] for end in ("value", "low", "high")] == [score[end] for end in ("value", "low", "high")]


def test_without_a_quality_in_common_there_is_no_picture_and_one_line_says_what_brings_it(compare, tmp_path):
    code, _, err = compare("one", "plain", "--out", tmp_path / "out")
    assert code == 0
    assert not (tmp_path / "out" / "quality-diversity.png").exists()
    (line,) = [line for line in err.splitlines() if "no picture of quality and diversity" in line]
    assert "gendiv judge reference RUN" in line
    assert "![" not in (tmp_path / "out" / "comparison.md").read_text()


def test_a_run_that_cannot_be_in_the_picture_is_named(compare):
    _, out, _ = compare("one", "two", "plain")
    assert re.search(
        r"^C is not in the picture: it has no scores of ead:.* and win_rate:.* like A's$", out, re.MULTILINE
    )
    assert "A is not in the picture" not in out


def test_a_picture_that_lacks_diversity_says_so_and_samples_of_no_run_have_none(compare, made):
    assert (
        "A has no scores of vendi per input: gendiv score one --metrics vendi"
        in (json.loads(compare("one", "two", "--diversity", "vendi", "--json")[1])["no_picture"])
    )
    shutil.copy(made / "good.jsonl", made / "better.jsonl")
    found = json.loads(compare("good.jsonl", "better.jsonl", "--json")[1])
    assert "A (good.jsonl) is no scored run" in found["no_picture"]


def test_foreign_text_adds_no_cell_tag_or_link_to_markdown(compare):
    page = compare("one", "three", "--markdown")[1]
    tables = re.findall(r"(?m)^\|.*\|$", page)
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in tables} == {8}
    assert "<script" not in page
    assert r"\`[y]\(http://z)\`" in page
    assert in_markdown(r"\|") == r"\\\|"


def test_foreign_text_is_plain_in_latex(compare):
    assert escaped(HOSTILE) == (
        r"a\_b \& 50\% \textbar{} \textbackslash{}input\{x\} \textless{}script\textgreater{} "
        r"\$\#\textasciicircum{}\textasciitilde{} -{}-\`{}{[}y](http://z)\`{} U+6A21U+578B"
    )
    page = compare("one", "three", "--latex")[1]
    assert escaped(HOSTILE) in page
    check_latex(page)


def check_latex(page):
    """Hold a page to what TeX asks: known commands, balanced braces, environments closed, rows of equal width."""
    body = page.partition("\n")[2]
    assert page.startswith("% ")
    known = (
        "begin end centering footnotesize caption toprule midrule bottomrule addlinespace item textbar textbackslash "
    )
    known += "textless textgreater textasciicircum textasciitilde"
    assert set(re.findall(r"\\([a-z]+)", body)) <= set(known.split())
    bare = re.sub(r"\\[\\&%#_${}`]", "", body)
    assert not re.search(r"[%#_^~|<>]", bare)
    assert bare.isascii()
    assert bare.count("$") == 2 * bare.count("$-$")
    depth = 0
    for mark in re.findall(r"[{}]", bare):
        depth += 1 if mark == "{" else -1
        assert depth >= 0
    assert depth == 0
    opened = []
    for kind, name in re.findall(r"\\(begin|end)\{(\w+)\}", body):
        if kind == "begin":
            opened.append(name)
        else:
            assert opened.pop() == name
    assert not opened
    for columns, rows in re.findall(r"\\begin\{tabular\}\{(l+)\}(.*?)\\end\{tabular\}", body, flags=re.DOTALL):
        for row in re.findall(r"(?m)^(.*) \\\\$", rows):
            assert len(re.findall(r"(?<!\\)&", row)) == len(columns) - 1


def test_long_tables_of_latex_are_cut_between_blocks():
    block = [("m", "1")] * (ROWS // 2 - 1)
    page = latex_table("t", ("a", "b"), [block] * 3)
    assert page.count(r"\begin{table}[htbp]") == 2
    assert "part 2 of 2" in page


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ("one", "Missing argument 'B...'"),
        ("one empty", "empty holds no run.json"),
        ("one nowhere", "no samples at nowhere"),
        ("one two one", "one is given twice: nothing differs from itself"),
        ("one ./one", "one is given twice"),
        ("one good.jsonl", "nothing to compare: mini-instructions/everyday"),
        ("one two --metrics eaad", "no metric is called 'eaad': did you mean ead"),
        ("one two --quality nothing", "no metric is called 'nothing'"),
        ("one two --quality length", "--quality: length is no metric of quality"),
        ("one two --quality rouge", "--quality rouge: no other run has scores of ead per input and of rouge"),
        ("one two --diversity win_rate", "--diversity: win_rate is no metric of diversity"),
        ("one two --sbert-model minilm", "name metrics too"),
    ],
)
def test_what_cannot_be_compared_is_refused_in_one_line(arguments, reason, compare):
    code, out, err = compare(*arguments.split())
    assert (code, out) == (2, "")
    (line,) = err.splitlines()
    assert reason in line


def test_runs_that_were_asked_in_other_formats_are_told_of(made, tmp_path):
    raw = graded_run(tmp_path / "raw", {ID: [0.5] * 5}, metrics=["length", "ead"], samples=2, format="raw")
    compared = gendiv.compare(made / "one", raw)
    assert f"{ID}: asked as chat in A, as raw in B" in compared.to_markdown()


def test_a_run_without_grades_is_sent_to_a_judge_not_to_scoring(made, tmp_path):
    bare = gendiv.evaluate(Scripted(), tasks=[ID], prompts=5, samples=2, metrics=["length"], out=tmp_path / "bare")
    compared = gendiv.compare(made / "one", bare)
    reasons = {one.split: one.reason for one in compared.differences if one.metric == "win_rate"}
    assert reasons[ID] == f"not graded in {ID} of {bare.folder}: gendiv judge or gendiv reward brings win_rate"
