"""A file tells its format, a folder holds one, and several files are samples of the same inputs."""

import gzip
import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from gendiv.benchmark.formats import FORMATS
from gendiv.benchmark.formats.detection import PATTERNS, detect
from gendiv.benchmark.formats.files import read_files, read_samples_of
from gendiv.benchmark.formats.row import Bad, Row
from gendiv.errors import BadInput, StoreFailed

DATA = Path(__file__).parent / "data"
PLAIN = '{"id": 1, "samples": ["a"]}\n'
ALPACA = '{"instruction": "Say hi", "output": "hi"}\n'
LM_EVAL = json.dumps(
    {"doc_id": 0, "doc": {"samples": []}, "arguments": {"a": {"arg_0": "q", "arg_1": {}}}, "resps": [["x"]]}
)
CONTENTS = {
    "plain": [PLAIN, f"\n\ufeff[{PLAIN}]".replace("\n\ufeff", "\ufeff\n"), f"torn\n{PLAIN}"],
    "alpaca_eval": [ALPACA, f"[{ALPACA}]", f"[\n  {ALPACA}", f"[oops,\n{ALPACA}]"],
    "lm_eval": [LM_EVAL, f"torn\n{LM_EVAL}"],
    "inspect_ai": ['{\n  "version": 2,\n  "status": "success",\n  "eval": {', '{"version":2,"status":"started"}'],
}


@pytest.mark.parametrize(("format", "text"), [(name, text) for name, texts in CONTENTS.items() for text in texts])
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["", "gz"])
def test_a_file_tells_its_format(format, text, pack, tmp_path):
    path = tmp_path / "file"
    path.write_bytes(pack(text.encode()))
    assert detect(path) == format


@pytest.mark.parametrize("path", sorted(DATA.iterdir()), ids=lambda path: path.name)
def test_the_logs_of_the_tools_tell_their_format(path):
    assert detect(path) == path.name.partition("-")[0]


@pytest.mark.parametrize("text", ["text", "{}", '{"id": 1}', "[1, 2]", "a,b\n1,2\n", '{"samples": ['])
def test_a_file_that_tells_nothing_is_refused_with_the_formats(text, tmp_path):
    path = tmp_path / "file.txt"
    path.write_text(text)
    with pytest.raises(
        BadInput, match=r"name one with --format \(plain, lm_eval, alpaca_eval, inspect_ai, lighteval\)"
    ):
        next(read_files([path]))


@pytest.mark.parametrize("text", ["text\n", '{"id": 1}\n', "[1]\n"])
def test_a_file_named_for_lines_that_tells_nothing_is_told_what_is_wrong_in_which_line(text, tmp_path):
    path = tmp_path / "file.jsonl"
    path.write_text(text)
    with pytest.raises(BadInput, match=f"^{path}:1: wanted"):
        next(read_files([path]))


@pytest.mark.parametrize("format", [None, *FORMATS])
@pytest.mark.parametrize("text", ["", "\n \n"])
def test_a_file_without_rows_is_refused(format, text, tmp_path):
    path = tmp_path / "file.jsonl"
    path.write_text(text)
    with pytest.raises(BadInput, match=r"holds no rows|damaged"):
        next(read_files([path], format))


def test_a_file_of_nothing_but_bad_rows_is_refused_and_says_so(tmp_path):
    path = tmp_path / "file.jsonl"
    path.write_text("a\nb\n")
    with pytest.raises(
        BadInput, match=f"^{path} holds no rows that could be read: 2 bad rows were left out, the first:"
    ):
        next(read_files([path], bad=Bad(skip=True)))


def test_what_is_not_there_or_cannot_be_read_is_said(tmp_path):
    with pytest.raises(
        BadInput, match=r"no samples at no\.jsonl: wanted a run folder or a JSONL file, or a log of plain"
    ):
        next(read_files([Path("no.jsonl")]))
    with pytest.raises(BadInput, match="no format is called 'lmeval': did you mean lm_eval"):
        next(read_files([tmp_path], "lmeval"))
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises((BadInput, StoreFailed)):
        next(read_files([tmp_path / "loop"]))


def test_an_unreadable_file_is_a_failure_of_the_store(tmp_path, monkeypatch):
    path = tmp_path / "rows.jsonl"
    path.write_text(PLAIN)

    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(StoreFailed, match=f"cannot read {path}: Permission denied"):
        next(read_files([path]))


def test_a_pipe_is_read_when_its_format_is_named(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with pytest.raises(BadInput, match="is no plain file, and only those tell their format"):
        next(read_files([path]))
    writer = threading.Thread(target=path.write_text, args=(PLAIN,))
    writer.start()
    assert list(read_files([path], "plain")) == [Row("1", None, ("a",))]
    writer.join()


def test_a_folder_that_a_tool_wrote_stands_for_the_one_log_in_it(tmp_path):
    for path, original in {
        "lighteval/details/org/model/date/details_a|0_date.parquet": DATA / "lighteval-0.13.0-generative.parquet",
        "inspect/2026_poems.json": DATA / "inspect_ai-0.3.285.json.gz",
        "lm_eval/model/results.json": DATA / "inspect_ai-0.3.285.json.gz",
    }.items():
        (tmp_path / path).parent.mkdir(parents=True)
        shutil.copy(original, tmp_path / path)
    (tmp_path / "lm_eval/model/samples_poems_date.jsonl").write_text(LM_EVAL)
    assert len(list(read_files([tmp_path / "lighteval"]))) == 3
    assert [row.samples for row in read_files([tmp_path / "lm_eval"], "lm_eval")] == [("x",)]
    with pytest.raises(BadInput, match=r"lm_eval holds no run\.json and no log of samples; wanted one of details_"):
        next(read_files([tmp_path / "lm_eval"], "lighteval"))
    with pytest.raises(BadInput, match="is a folder; wanted a file in the format alpaca_eval"):
        next(read_files([tmp_path], "alpaca_eval"))
    with pytest.raises(BadInput, match=r"holds 2 logs, name one: .*details_a.*parquet, .*samples_poems_date.jsonl$"):
        next(read_files([tmp_path]))
    (tmp_path / "run.json").touch()
    with pytest.raises(BadInput, match="is a run folder, which is scored alone"):
        next(read_files([tmp_path]))
    assert set(PATTERNS) < set(FORMATS)


@pytest.fixture
def files(tmp_path):
    """Write each text into a file of its own."""

    def write(*texts):
        paths = [tmp_path / f"{number}.jsonl" for number in range(len(texts))]
        for path, text in zip(paths, texts, strict=True):
            path.write_text(text)
        return paths

    return write


def output(instruction, text, model="m"):
    return json.dumps({"instruction": instruction, "output": text, "generator": model}) + "\n"


def test_files_given_together_are_samples_of_the_same_inputs_in_the_order_of_the_files(files):
    paths = files(output("A", "a1") + output("B", "b1"), output("B", "b2", "m-seed2") + output("A", "a2", "m-seed2"))
    assert list(read_files(paths)) == [Row("A", "A", ("a1", "a2")), Row("B", "B", ("b1", "b2"))]
    assert list(read_files(paths[::-1])) == [Row("B", "B", ("b2", "b1")), Row("A", "A", ("a2", "a1"))]


def row(**fields):
    return json.dumps({"id": 1, "samples": ["a"]} | fields)


def test_quality_and_prompts_are_put_together_too(files):
    paths = files(row(quality=[1]), row(quality=[0.5, 2], samples=["b", "c"], prompt="q"), row(quality=[3]))
    assert list(read_files(paths)) == [Row("1", "q", ("a", "b", "c", "a"), (1.0, 0.5, 2.0, 3.0))]


@pytest.mark.parametrize(
    ("texts", "reason"),
    [
        ([row(prompt="p"), row(prompt="q")], "1.jsonl: the input '1' has another prompt than in .*0.jsonl"),
        ([row(prompt="p"), row(), row(prompt="q")], "2.jsonl: the input '1' has another prompt than in .*1.jsonl"),
        ([row(), row(quality=[1])], "the input '1' has quality in only one of this file and"),
        ([row(), ""], "1.jsonl holds no rows"),
    ],
)
def test_files_that_do_not_go_together_are_refused(texts, reason, files):
    with pytest.raises(BadInput, match=reason):
        list(read_files(files(*texts)))


def test_a_file_given_twice_is_refused(files):
    (path,) = files(row())
    with pytest.raises(BadInput, match="is given twice"):
        list(read_files([path, path.parent / "." / path.name]))


def test_bad_rows_of_all_files_are_counted_together(files):
    bad = Bad(skip=True)
    assert list(read_files(files(row() + "\noops", "oops\n" + row()), bad=bad)) == [Row("1", None, ("a", "a"))]
    assert bad.count == 2


def test_one_file_is_read_as_it_is_asked_for(files):
    (path,) = files(row() + "\noops")
    rows = read_samples_of(path, None, Bad())
    assert next(rows).id == "1"


def test_the_formats_load_nothing_that_reading_lines_does_not_need():
    program = "import sys, gendiv.benchmark.formats.files; print({'pyarrow', 'zstandard', 'numpy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
