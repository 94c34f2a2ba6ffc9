"""Samples, metrics and comparisons that nobody should ask for end in one line, and nothing is said that is not so."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest
from tiny_nli import tiny_nli

import gendiv
from gendiv.__main__ import main
from gendiv.benchmark.choosing import choose_metrics, load_metric
from gendiv.benchmark.sources.scripted import Scripted
from gendiv.errors import BadInput, StoreFailed
from gendiv.metrics import EAD

SPLIT = "mini-instructions/everyday"
GROUPS = [["a b", "c d"], ["e f", "e g"], ["h", "i j"]]
MODULE = """
from dataclasses import dataclass
from typing import ClassVar

from gendiv.metrics import Metric


@dataclass(frozen=True)
class Half(Metric):
    name: ClassVar[str] = "half"
    version: ClassVar[int] = 1
    unit: ClassVar[str] = "halves"
    range: ClassVar = (0.0, 1.0)
    direction: ClassVar = "neutral"
    levels: ClassVar = ("per_input",)
    cost: ClassVar = "cpu"

    def value(self, texts, members):
        return 0.5


@dataclass(frozen=True)
class Nameless(Metric):
    def value(self, texts, members):
        return 0.5


@dataclass(frozen=True)
class Valueless(Metric):
    name: ClassVar[str] = "valueless"
    version: ClassVar[int] = 1
    unit: ClassVar[str] = "none"
    range: ClassVar = (0.0, 1.0)
    direction: ClassVar = "neutral"
    levels: ClassVar = ("per_input",)
    cost: ClassVar = "cpu"
"""


def write(path, groups, **fields):
    """Write rows of samples with the ids 0, 1, ...; fields are given by row."""
    rows = [
        {"id": place, "samples": group, **{name: value[place] for name, value in fields.items() if value[place]}}
        for place, group in enumerate(groups)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The folder that commands run in: samples of many kinds, modules with and without metrics."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "prose.txt").write_text("hello world\n")
    (tmp_path / "odd_module.py").write_text(MODULE)
    (tmp_path / "odd_raising.py").write_text("raise RuntimeError('not today')\n")
    (tmp_path / "odd_leaving.py").write_text("raise SystemExit(3)\n")
    write(tmp_path / "good.jsonl", GROUPS, prompt=["p", "q", "r"])
    write(tmp_path / "prompts.jsonl", GROUPS, prompt=["p", "other", "r"])
    write(tmp_path / "single.jsonl", [group[:1] for group in GROUPS])
    write(tmp_path / "graded.jsonl", GROUPS, quality=[[1, 2], [3, 4], [5, 6]])
    write(tmp_path / "partly.jsonl", GROUPS, quality=[[1, 2], None, [5, 6]])
    write(tmp_path / "short.jsonl", GROUPS, quality=[[1], [3, 4], [5, 6]])
    write(tmp_path / "nothing.jsonl", [["", ""]] * 4)
    write(tmp_path / "long.jsonl", [["x" * 100_000, "y " * 50_000]] * 3)
    for name in ("named", "again"):
        (tmp_path / f"{name}.jsonl").write_text('{"id": "elsewhere", "samples": ["a", "b"]}\n')
    return tmp_path


@pytest.fixture
def finished(folder):
    """A finished run of a scripted model in the folder `run`, and its copy in `rerun`."""
    gendiv.evaluate(Scripted(), tasks=[SPLIT], prompts=3, samples=2, metrics=["distinct"], out=folder / "run")
    shutil.copytree(folder / "run", folder / "rerun")
    return folder / "run"


def answer(arguments, capfd, code=0):
    """Run a command and return what it printed on standard output and standard error."""
    found = main(arguments)
    stdout, stderr = capfd.readouterr()
    assert found == code, stderr
    assert "Traceback" not in stderr
    return stdout, stderr


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ("score prose.txt", "is in no format that tells itself: name one with --format"),
        ("score empty", "empty holds no run.json and no log of samples"),
        ("score good.jsonl good.jsonl", "is given twice"),
        ("score good.jsonl absent.jsonl", "no samples at absent.jsonl"),
        ("score good.jsonl prompts.jsonl", "the input '1' has another prompt than in good.jsonl"),
        ("score graded.jsonl good.jsonl", "has quality in only one of"),
        ("score short.jsonl", "short.jsonl:1: wanted quality to hold 2 numbers"),
        ("score run good.jsonl", "run is a run folder, which is scored alone"),
        ("score good.jsonl --format lm_eval", "good.jsonl:1: wanted a row of lm-eval"),
        ("score good.jsonl --profile released", "'released' is not one of"),
        ("score good.jsonl --metrics ,", "--metrics: wanted NAME[:SETTING=VALUE...],..."),
        ("score good.jsonl --metrics ead:n=-1", "n: wanted n-gram lengths such as 1-5, 2 or 1+3, found '-1'"),
        ("score good.jsonl --metrics ead:n=1-1000000000", "n: wanted n-gram lengths"),
        ("score good.jsonl --metrics nli:pairs=0", "pairs: wanted a whole number of at least 1, found 0"),
        ("score good.jsonl --metrics utility:patience=nan", "patience: wanted a probability from 0 to 1, found nan"),
        ("score good.jsonl --metrics self_bleu --profile as-released", "the published code has no metric 'self_bleu'"),
        ("score good.jsonl --metrics nli --nli-model=", "metric 'nli': model: wanted a local folder or a hub id"),
        ("score good.jsonl --metrics sbert --sbert-model=", "metric 'sbert': model: wanted"),
        ("score good.jsonl --metric ./odd_module:Half", "--metric takes MODULE:CLASS[:SETTING=VALUE...], such as"),
        ("score good.jsonl --metric .odd_module:Half", "--metric takes MODULE:CLASS"),
        ("score good.jsonl --metric odd_module.py:Half", "--metric takes MODULE:CLASS"),
        ("score good.jsonl --metric odd_module.Half", "--metric takes MODULE:CLASS"),
        ("score good.jsonl --metric ead", "bundled metrics are named in --metrics"),
        ("score good.jsonl --metric odd_module:Nameless", "the class lacks name, version, unit, range, direction,"),
        ("score good.jsonl --metric odd_module:Valueless", "the class lacks value"),
        ("score good.jsonl --metric gendiv.metrics:Metric", "the class lacks name"),
        ("score good.jsonl --metric odd_raising:Half", "cannot be imported (RuntimeError: not today)"),
        ("score good.jsonl --metric odd_leaving:Half", "cannot be imported (SystemExit: 3)"),
        ("score good.jsonl --metric odd_module:Half --profile as-released", "'half': wanted one of the profile as-rel"),
        ("compare good.jsonl", "Missing argument 'B...'"),
        ("compare good.jsonl good.jsonl", "good.jsonl is given twice: nothing differs from itself"),
        ("compare good.jsonl named.jsonl", "no input is in both, so nothing can be paired"),
        ("compare good.jsonl run", "nothing to compare: samples of no split in good.jsonl"),
        ("compare good.jsonl empty", "empty holds no run.json"),
        ("metrics eaad", "no metric is called 'eaad': did you mean ead or reward?"),
        (f"run --model openai:http://127.0.0.1:9/v1#m --task {SPLIT} --metric odd_module:Valueless", "lacks value"),
    ],
    ids=lambda given: given[:70],
)
@pytest.mark.usefixtures("finished")
def test_what_cannot_be_done_is_refused_in_one_line(arguments, reason, capfd):
    stdout, stderr = answer(arguments.split(), capfd, code=2)
    assert stdout == ""
    (line,) = stderr.splitlines()
    assert line.startswith("gendiv")
    assert reason in line


@pytest.mark.parametrize("metrics", [[EAD], [1], [None]])
def test_a_metric_that_is_neither_a_name_nor_a_metric_is_refused(metrics):
    with pytest.raises(BadInput, match="--metrics: wanted NAME"):
        gendiv.score(GROUPS, metrics=metrics)


def test_one_metric_need_not_be_in_a_list():
    assert choose_metrics("ead:n=2,length") == choose_metrics(["ead:n=2", "length"])
    assert choose_metrics(EAD(n=(2,))) == choose_metrics(["ead:n=2"])


def test_an_unknown_profile_is_refused():
    with pytest.raises(BadInput, match="no profile is called 'released': did you mean as-released"):
        gendiv.score(GROUPS, profile="released")


def test_a_corrected_metric_does_not_pass_for_an_as_released_one():
    with pytest.raises(BadInput, match="metric 'ead': wanted one of the profile as-released, found corrected"):
        gendiv.score(GROUPS, metrics=[EAD()], profile="as-released")


@pytest.mark.parametrize("samples", ["nothing.jsonl", "long.jsonl", "single.jsonl", "partly.jsonl", "named.jsonl"])
@pytest.mark.usefixtures("folder")
def test_odd_samples_are_scored_and_each_missing_value_has_its_reason(samples, capfd):
    metrics = "distinct,ead,cosine_ngram,self_bleu,compression,rarefied_distinct,chao1,utility:same=text,duplicates"
    stdout, _ = answer(["score", samples, "--metrics", metrics, "--json"], capfd)
    results = json.loads(stdout)["results"]
    assert {result["metric"] for result in results} == {name.partition(":")[0] for name in metrics.split(",")}
    assert all(result["reason"] for result in results if result["value"] is None)


@pytest.mark.parametrize(
    "arguments",
    [
        "compare good.jsonl prompts.jsonl graded.jsonl",
        "compare good.jsonl single.jsonl",
        "compare good.jsonl nothing.jsonl",
        "compare graded.jsonl partly.jsonl --metrics utility:same=text",
        "compare good.jsonl graded.jsonl --metrics utility:same=text",
        "compare named.jsonl again.jsonl",
        "compare run rerun",
        "score run --profile as-released",
        "metrics ead",
    ],
)
@pytest.mark.usefixtures("finished")
def test_with_json_standard_output_parses_and_nothing_else_is_there(arguments, capfd):
    stdout, _ = answer([*arguments.split(), "--json"], capfd)
    assert json.loads(stdout)


def test_a_file_does_not_differ_from_its_copy(folder, capfd):
    shutil.copy(folder / "good.jsonl", folder / "copy.jsonl")
    stdout, _ = answer(["compare", "good.jsonl", "copy.jsonl", "--json"], capfd)
    for found in json.loads(stdout)["differences"]:
        assert (found["difference"]["value"], found["p_value"], found["other_prompts"]) == (0, 1, 0)


@pytest.mark.usefixtures("folder")
def test_another_number_of_samples_is_not_compared_and_the_table_says_just_that(capfd):
    stdout, _ = answer(["compare", "good.jsonl", "single.jsonl", "--metrics", "length"], capfd)
    assert "no difference to state; reasons below" in stdout
    assert "A - B: samples: length per input: not comparable: length|per_input with k=2 and with k=1\n" in stdout


@pytest.mark.usefixtures("folder")
def test_other_prompts_under_the_same_ids_are_told(capfd):
    stdout, _ = answer(["compare", "good.jsonl", "prompts.jsonl", "--metrics", "length"], capfd)
    assert "samples: ids with another prompt in B than in A: 1;" in stdout


@pytest.mark.usefixtures("folder")
def test_the_two_values_are_those_of_the_inputs_that_the_difference_rests_on():
    (found,) = gendiv.compare("graded.jsonl", "partly.jsonl", metrics=["utility:same=text:patience=1"]).differences
    assert (found.first, found.second, found.inputs) == (3.5, 3.5, 2)
    assert found.reason == "undefined in one or the other for 1 of 3 inputs, left out of both"


def test_scores_that_cannot_be_read_are_put_aside_and_computed_anew(finished, capfd):
    path = finished / "scores.json"
    for unreadable in ("{", json.dumps({"schema": 0})):
        path.write_text(unreadable)
        _, stderr = answer(["score", "run", "--json"], capfd)
        assert "put aside as run/scores.json.unreadable, and scores are computed anew" in stderr
        assert (finished / "scores.json.unreadable").read_text() == unreadable
        assert json.loads(path.read_text())["results"]


def test_an_unfinished_run_is_scored_and_compared_on_its_finished_prompts(finished, capfd):
    samples = finished / "samples" / f"{SPLIT}.jsonl"
    lines = samples.read_text().splitlines(keepends=True)
    samples.write_text("".join(lines[:-1]))
    stdout, stderr = answer(["score", "run", "--json"], capfd)
    assert f"{SPLIT}: 1 prompt lacks samples and is left out\n" in stderr
    assert {result["inputs"] for result in json.loads(stdout)["results"] if result["level"] == "per_input"} == {2}
    (found,) = gendiv.compare(finished, shutil.copytree(finished, "copy"), metrics=["length"]).differences
    assert found.inputs == 2


@pytest.mark.parametrize("columns", ["80", "60"])
def test_no_name_or_number_is_cut_in_a_narrow_terminal(columns, finished, monkeypatch, capfd):
    monkeypatch.setenv("COLUMNS", columns)
    for command in ("metrics", "compare run rerun", "score good.jsonl --metrics ead:n=2,ead", "report run"):
        stdout, _ = answer(command.split(), capfd)
        assert "…" not in stdout
    assert finished.exists()


def test_no_room_for_temporary_files_is_one_line(monkeypatch):
    def fails(*_, **__):
        raise FileNotFoundError(2, "No usable temporary directory found")

    monkeypatch.setattr("tempfile.TemporaryDirectory", fails)
    with pytest.raises(StoreFailed, match=r"No usable temporary directory found.*; name another one in TMPDIR"):
        gendiv.score(GROUPS)


def test_an_interrupt_ends_a_long_scoring_at_once_with_code_130(folder):
    words = [" ".join(str(word * place % 997) for word in range(60)) for place in range(1, 17)]
    write(folder / "big.jsonl", [words] * 4000)
    command = [sys.executable, "-m", "gendiv", "score", "big.jsonl", "--metrics", "self_bleu", "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stderr.readline() == "computing self_bleu per input\n"
    asked = time.monotonic()
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=30)
    assert time.monotonic() - asked < 5
    assert (process.returncode, stdout) == (130, "")
    assert stderr.splitlines()[-1].startswith("gendiv: interrupted")
    assert "Traceback" not in stderr


@pytest.mark.usefixtures("folder")
def test_a_reader_that_has_gone_is_no_error():
    command = [sys.executable, "-m", "gendiv", "score", "good.jsonl", "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    os.close(process.stdout.fileno())
    stderr = process.stderr.read()
    process.stderr.close()
    process.wait()
    assert b"Traceback" not in stderr


@pytest.mark.parametrize(
    ("samples", "quality", "reason"),
    [
        (None, None, "wanted for each input its texts, or a path, found None"),
        (3, None, "found 3"),
        ([], None, "wanted at least one input"),
        ([["a"], None], None, r"samples\[1\]: wanted a list of texts, found None"),
        ([["a", 1]], None, r"samples\[0\]: wanted texts, found 1"),
        ([b"ab"], None, r"samples\[0\]"),
        (["one.jsonl", "two.jsonl"], None, "paths are given as pathlib.Path"),
        ([["a"]], [None], r"quality\[0\]: wanted a list of numbers"),
        ([["a"]], [["good"]], r"quality\[0\]: wanted numbers, found 'good'"),
        ([["a", "b"]], [[1.0]], "one number for each sample"),
    ],
)
def test_what_python_is_given_by_mistake_is_named(samples, quality, reason):
    with pytest.raises(BadInput, match=reason):
        gendiv.score(samples, quality=quality)


@pytest.mark.parametrize("returned", ["float('nan')", "float('inf')", "'text'", "None"])
def test_an_own_metric_that_returns_no_number_is_named(returned, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    name = f"returns_{abs(hash(returned))}"
    (tmp_path / f"{name}.py").write_text(
        "from gendiv.metrics import Length\n\n\nclass Own(Length):\n    name = 'own'\n\n"
        f"    def value(self, texts, members):\n        return {returned}\n"
    )
    with pytest.raises(BadInput, match="metric 'own': wanted a finite number or Undefined"):
        gendiv.score([["a", "b"]], metrics=[load_metric(f"{name}:Own")])


def test_a_model_without_a_tokeniser_is_refused(tmp_path):
    folder = tiny_nli(tmp_path / "nli")
    for file in folder.glob("*token*"):
        file.unlink()
    for name, given in (("nli", {"nli_model": str(folder)}), (f"ead:tokenizer={folder}", {})):
        with pytest.raises(BadInput, match="cannot be loaded"):
            gendiv.score([["a", "b"], ["c", "d"]], metrics=[name], **given)
