"""Anybody's samples become a run folder that every other command takes, and that claims nothing that is not known."""

import hashlib
import json
import os
from collections import Counter
from pathlib import Path

import pytest
from calling import calling

import gendiv
from gendiv.benchmark.faults import find_faults
from gendiv.benchmark.plan import make_plan
from gendiv.benchmark.record import read_run
from gendiv.benchmark.registry import find_split
from gendiv.benchmark.replaying import replayed
from gendiv.benchmark.run import Run
from gendiv.benchmark.sources.scripted import Scripted
from gendiv.benchmark.store import read_samples, split_file
from gendiv.errors import BadInput, StoreFailed
from gendiv.leaderboard.submissions.checking import check_repository
from gendiv.leaderboard.submissions.packing import add_run

EVERYDAY, FAR = "mini-instructions/everyday", "mini-instructions/sequential"
OWN = ["--split", "own/poems", "--shift", "far", "--format", "chat"]


def prompts_of(split):
    return list(find_split(split)[1].load())


@pytest.fixture
def rows(tmp_path):
    """Write rows as a file of lines."""

    def write(*rows, name="samples"):
        path = tmp_path / f"{name}.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return path

    return write


@pytest.fixture
def importing(monkeypatch, capsys, tmp_path):
    """Call `gendiv import` into the folder `run`."""
    call = calling(monkeypatch, capsys, "import", "--model", "org/model", "--out", tmp_path / "run")

    def running(*words):
        code, out, err = call(*words)
        return code, out, err.splitlines()[-1] if err else ""

    return running


def answers(split, count, k=2, **more):
    return [
        {"id": f"mine-{place}", "prompt": prompt.message, "samples": [f"answer {place} {j}" for j in range(k)], **more}
        for place, prompt in enumerate(prompts_of(split)[:count])
    ]


def test_rows_of_a_known_split_become_the_run_that_asked_its_prompts(rows, importing, tmp_path):
    found = answers(EVERYDAY, 4)
    code, out, _ = importing(rows(*reversed(found)), "--split", EVERYDAY, "--revision", "v2")
    record = read_run(tmp_path / "run")
    asked = make_plan(tasks=[EVERYDAY], prompts=4, samples=2).splits[0].record()
    assert code == 0
    assert "org/model" in out
    assert record.splits[0].model_copy(update={"decoding": asked.decoding}) == asked
    assert (record.splits[0].decoding, record.splits[0].sampler, record.seed) == (None, "unknown", None)
    assert (record.model.spec, record.model.identity) == ("imported:org/model@v2", "stated")
    assert (record.samples_per_prompt, record.state, record.environment) == (2, "complete", None)
    samples = list(read_samples(split_file(tmp_path / "run", EVERYDAY)))
    ids = [prompt.id for prompt in prompts_of(EVERYDAY)[:4]]
    assert [(one.prompt, one.index, one.seed) for one in samples] == [(name, j, j) for name in ids for j in (0, 1)]
    assert samples[3].text == "answer 1 1"
    digest = hashlib.sha256(b"answer 1 1").hexdigest()[:16]
    assert (samples[3].key, samples[3].finish_reason) == (f"imported:{digest}", "imported")
    assert {result.signature.rpartition("|")[2] for result in Run.load(tmp_path / "run").scores.results} == {"unknown"}


def test_decoding_that_is_stated_is_that_of_a_run_with_the_same_options(rows, importing, tmp_path):
    importing(rows(*answers(EVERYDAY, 3)), "--split", EVERYDAY, "--temperature", "0.7")
    drawn = make_plan(tasks=[EVERYDAY], prompts=3, samples=2, decoding={"temperature": 0.7})
    record = read_run(tmp_path / "run")
    assert record.splits[0].decoding == drawn.splits[0].decoding
    again = replayed(record, tmp_path / "run")
    assert (again.splits, again.seed) == (drawn.splits, 0)


def test_an_import_of_unknown_decoding_cannot_be_drawn_again_or_gone_on_with(rows, importing, tmp_path):
    importing(rows(*answers(EVERYDAY, 3)), "--split", EVERYDAY)
    with pytest.raises(BadInput, match=r"imported without a word on how they were drawn.*--temperature"):
        replayed(read_run(tmp_path / "run"), tmp_path / "run")
    with pytest.raises(BadInput, match="holds imported samples, beside which none can be drawn; use another --out"):
        gendiv.evaluate(Scripted(), tasks=[EVERYDAY], prompts=3, samples=2, metrics=["length"], out=tmp_path / "run")


def test_a_split_of_ones_own_is_described(rows, importing, tmp_path):
    path = rows(
        {"id": 7, "prompt": "A poem.", "samples": ["a", "b", "c"], "reference": "r"},
        {"id": 8, "prompt": "Another.", "samples": ["d", "e"]},
    )
    code, out, _ = importing(path, *OWN, "--kind", "instruction", "-k", "2", "--json", "--metrics", "length")
    split = read_run(tmp_path / "run").splits[0]
    assert (code, json.loads(out)["results"][0]["value"]) == (0, 1.0)
    assert (split.name, split.shift, split.kind, split.format) == ("own/poems", "far", "instruction", "chat")
    assert (split.task_version, split.available, split.data) == (0, None, None)
    assert split.content == hashlib.sha256(b'["7", "A poem.", "r"]["8", "Another.", null]').hexdigest()
    record = read_run(tmp_path / "run")
    assert record.imported == hashlib.sha256(path.read_bytes()).hexdigest()
    assert len(list(read_samples(split_file(tmp_path / "run", "own/poems")))) == 4


def test_the_order_of_the_rows_of_a_split_of_ones_own_makes_no_other_split(rows, tmp_path):
    found = [{"id": name, "prompt": f"About {name}.", "samples": [name]} for name in ("b", "a", "c")]
    own = {"split": "own/poems", "shift": "far", "format": "chat", "metrics": ["length"]}
    one, two = (
        gendiv.import_samples(rows(*some, name=name), out=tmp_path / name, model=name, **own)
        for name, some in (("one", found), ("two", found[::-1]))
    )
    assert one.record.splits == two.record.splits
    samples = [[one.prompt for one in read_samples(split_file(run.folder, "own/poems"))] for run in (one, two)]
    assert samples == [["a", "b", "c"]] * 2


def test_a_pipe_whose_hash_would_be_that_of_nothing_is_refused(importing, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    code, _, line = importing(pipe, *OWN, "--file-format", "plain")
    assert (code, line) == (
        2,
        f"gendiv: {pipe} is no plain file, and an import is known by its files' hash; save it to one first",
    )
    assert not (tmp_path / "run").exists()


def test_two_splits_give_a_gap_and_two_models_a_comparison(rows, tmp_path):
    files = [rows(*answers(split, 4), name=split.rpartition("/")[2]) for split in (EVERYDAY, FAR)]
    hashes = "".join(hashlib.sha256(file.read_bytes()).hexdigest() + "\n" for file in files)
    for model in ("one", "two"):
        run = gendiv.import_samples(*files, out=tmp_path / model, model=model, split=[EVERYDAY, FAR], metrics=["ead"])
    assert run.record.imported == hashlib.sha256(hashes.encode()).hexdigest()
    assert {gap.level for gap in gendiv.gap(run)} == {"per_input", "across_input"}
    (per_input, *_) = gendiv.compare(tmp_path / "one", tmp_path / "two", metrics=["ead"]).differences
    assert (per_input.difference.value, per_input.inputs) == (0.0, 4)
    assert gendiv.report(tmp_path / "one", run).columns == ("one", "two")


def test_a_report_tells_unknown_decoding_from_known_one(rows, tmp_path):
    path = rows(*answers(EVERYDAY, 3))
    known = gendiv.import_samples(path, out=tmp_path / "a", model="m", split=EVERYDAY, decoding={"temperature": 0.5})
    unknown = gendiv.import_samples(path, out=tmp_path / "b", model="m", split=EVERYDAY)
    assert gendiv.report(known, unknown).columns == ("m", "m, decoding unknown")


def test_rows_without_prompts_are_known_by_id_and_rows_of_raw_prompts_by_their_format(rows, tmp_path):
    first, second = prompts_of("mini-summarisation/news")[:2]
    path = rows({"id": second.id, "samples": ["x"]}, {"id": first.id, "samples": ["y"]})
    run = gendiv.import_samples(path, out=tmp_path / "ids", model="m", split="mini-summarisation/news")
    assert [one.text for one in read_samples(split_file(run.folder, "mini-summarisation/news"))] == ["y", "x"]
    for form, text in (("raw", first.raw), ("chat", first.message)):
        path = rows({"id": "z", "prompt": text, "samples": ["x"]})
        run = gendiv.import_samples(path, out=tmp_path / form, model="m", split="mini-summarisation/news")
        assert run.record.splits[0].format == form


def test_bad_rows_are_left_out_and_counted_when_told(rows, importing, tmp_path):
    good = answers(EVERYDAY, 3)
    path = rows(good[0], {"id": "x", "prompt": "What?", "samples": ["a", "b"]}, *good[1:])
    assert importing(path, "--split", EVERYDAY)[0] == 2
    code, _, line = importing(path, "--split", EVERYDAY, "--skip-bad")
    assert (code, read_run(tmp_path / "run").splits[0].prompts) == (0, 3)
    assert line.startswith("1 bad row was left out, that is: ")
    assert "row 2: wanted a prompt of mini-instructions/everyday, found 'What?'" in line


BAD = {
    "an empty file": ([], OWN, "holds no rows"),
    "no model's name": ([{"id": 1, "prompt": "p", "samples": ["a"]}], [*OWN, "--model", " "], "--model: wanted a name"),
    "unequal numbers of samples": (
        [{"id": 1, "prompt": "p", "samples": ["a", "b"]}, {"id": 2, "prompt": "q", "samples": ["a"]}],
        OWN,
        "row 2: wanted 2 samples, as many as the first row has, found 1; -k 1 takes the first 1 of each",
    ),
    "fewer samples than asked for": (
        [{"id": 1, "prompt": "p", "samples": ["a"]}],
        [*OWN, "-k", "2"],
        "row 1: wanted 2 samples, found 1",
    ),
    "an unknown split": (
        [{"id": 1, "prompt": "p", "samples": ["a"]}],
        ["--split", "poem/everyday"],
        "; or describe a split of your own: --shift id|near|far --format chat|raw",
    ),
    "a wrong name of a split, with what one's own would take": (
        [{"id": 1, "prompt": "p", "samples": ["a"]}],
        ["--split", "mini-instructions/everyda", *OWN[2:]],
        "did you mean everyday?; a split of your own is of no task of gendiv's",
    ),
    "a budget that nobody states": (
        [{"id": 1, "prompt": "p", "samples": ["a"]}],
        [*OWN, "--temperature", "1"],
        "--max-tokens: own/poems is no split of gendiv's, so no task says it",
    ),
    "an unknown split without a format": (
        [{"id": 1, "prompt": "p", "samples": ["a"]}],
        ["--split", "own/poems", "--shift", "far"],
        "--format: own/poems is no split of gendiv's: say chat or raw",
    ),
    "a shift of a known split": (
        answers(EVERYDAY, 1),
        ["--split", EVERYDAY, "--shift", "far"],
        "is one of gendiv's, whose shift is known",
    ),
    "a name that leaves the folder": (
        [{"id": 1, "prompt": "p", "samples": ["a"]}],
        ["--split", "../poems", *OWN[2:]],
        "wanted TASK/SPLIT of letters, digits and ._+=-",
    ),
    "a row without a prompt": ([{"id": 1, "samples": ["a"]}], OWN, "row 1: wanted a prompt, found none"),
    "a row without a prompt or a known id": (
        [{"id": 1, "samples": ["a"]}],
        ["--split", EVERYDAY],
        "row 1: wanted a prompt of mini-instructions/everyday or its id, found no prompt and the id '1'",
    ),
    "a gap in the prompts": (
        [answers(EVERYDAY, 4)[place] for place in (0, 1, 3)],
        ["--split", EVERYDAY],
        "wanted its first prompts, without a gap, found 3 prompts and not number 3",
    ),
    "a prompt twice": (
        [*answers(EVERYDAY, 1), {**answers(EVERYDAY, 1)[0], "id": "again"}],
        ["--split", EVERYDAY],
        "wanted one row for each prompt",
    ),
    "more prompts than there are": (answers(EVERYDAY, 1), ["--split", EVERYDAY, "-n", "999"], "-n asks for 999"),
    "temperature that is none": (answers(EVERYDAY, 1), ["--split", EVERYDAY, "--temperature", "9"], "temperature:"),
}


@pytest.mark.parametrize(("found", "words", "said"), BAD.values(), ids=BAD.keys())
def test_what_cannot_be_imported_is_refused_in_one_line_and_nothing_is_left(
    rows, importing, tmp_path, found, words, said
):
    path = rows(*found)
    code, out, line = importing(path, *words)
    assert (code, out) == (2, "")
    assert said in line
    assert not (tmp_path / "run").exists()


def test_a_folder_that_holds_a_run_or_anything_else_is_not_written_into(rows, importing, tmp_path):
    path = rows(*answers(EVERYDAY, 2))
    assert importing(path, "--split", EVERYDAY)[0] == 0
    before = (tmp_path / "run" / "run.json").read_bytes()
    assert importing(path, "--split", EVERYDAY)[::2] == (
        2,
        f"gendiv: {tmp_path / 'run'} holds a run already; use another --out",
    )
    assert (tmp_path / "run" / "run.json").read_bytes() == before
    with pytest.raises(BadInput, match="is no empty folder; use another --out"):
        gendiv.import_samples(path, out=tmp_path, model="m", split=EVERYDAY)


def test_the_part_of_a_gap_that_is_there_can_be_taken(rows, tmp_path):
    path = rows(*(answers(EVERYDAY, 4)[place] for place in (0, 1, 3)))
    run = gendiv.import_samples(path, out=tmp_path / "run", model="m", split=EVERYDAY, prompts=2)
    assert run.record.splits[0].prompts == 2


def test_faults_are_found_without_a_decoding():
    faults = find_faults("s", None, [["same", "same"], ["one", "two"]], Counter({"imported": 2, "length": 2}))
    assert [(fault.fault, fault.share) for fault in faults] == [("identical_samples", 0.5), ("truncated", 0.5)]
    assert "50% of prompts have identical samples at an unknown temperature" in faults[0].message


def test_a_record_that_only_half_says_that_it_is_an_import_is_damaged(rows, importing, tmp_path):
    importing(rows(*answers(EVERYDAY, 2)), "--split", EVERYDAY)
    path = tmp_path / "run" / "run.json"
    record = json.loads(path.read_text())
    for edit in ({"imported": None}, {"model": {**record["model"], "identity": "weights"}}):
        path.write_text(json.dumps({**record, **edit}))
        with pytest.raises(StoreFailed, match="wanted "):
            read_run(tmp_path / "run")


def test_exports_and_pushes_of_an_import_say_what_they_can(rows, importing, monkeypatch, capsys, tmp_path):
    importing(rows(*answers(EVERYDAY, 2)), "--split", EVERYDAY)
    call = calling(monkeypatch, capsys)
    code, out, _ = call("push", tmp_path / "run", "--to", "org/set")
    assert (code, "the machine by its processor" in out) == (0, False)
    code, _, line = call("export", "eval-results", tmp_path / "run", tmp_path / "out", "--benchmark", "org/set")
    assert (code, "nobody says when they were drawn" in line) == (2, True)


def test_a_board_takes_an_import_by_its_stated_revision(rows, importing, tmp_path):
    importing(rows(*answers(EVERYDAY, 4)), "--split", EVERYDAY, "--revision", "v2")
    assert add_run(tmp_path / "run", tmp_path / "board", sums=False).folder.relative_to(tmp_path / "board").parts == (
        "org-model",
        "v2",
        "mini-instructions",
    )
    (verified,) = check_repository(tmp_path / "board").verified
    assert set(verified.standings.values()) == {"recomputed"}
    assert any("nothing ties them to the model" in remark for remark in verified.remarks)


REAL = Path(os.environ.get("GENDIV_DATA", "")) / "samples"


@pytest.mark.skipif(not REAL.is_dir(), reason="GENDIV_DATA holds no samples")
@pytest.mark.parametrize(("model", "k"), [("gpt-4o-mini", 10), ("llama-3.2-1b-instruct", 10), ("human", 8)])
def test_real_samples_are_imported_whole(tmp_path, model, k):
    path = REAL / "noveltybench" / f"{model}.jsonl"
    run = gendiv.import_samples(
        path,
        out=tmp_path / "run",
        model=model,
        split="noveltybench/curated",
        shift="far",
        format="chat",
        metrics=["length"],
    )
    found = sorted((json.loads(line) for line in path.read_text().splitlines()), key=lambda row: row["id"])
    texts = [text for row in found for text in row["samples"]]
    assert (run.record.splits[0].prompts, run.record.samples_per_prompt) == (100, k)
    assert [one.text for one in read_samples(split_file(run.folder, "noveltybench/curated"))] == texts


@pytest.mark.skipif(not REAL.is_dir(), reason="GENDIV_DATA holds no samples")
def test_real_outputs_on_alpaca_eval_are_its_prompts(tmp_path):
    split = "instruction-following/alpaca_eval"
    run = gendiv.import_samples(
        REAL / "alpaca_eval" / "phi-2-sft.jsonl", out=tmp_path / "run", model="m", split=split, metrics=["length"]
    )
    asked = make_plan(tasks=[split], samples=1).splits[0].record()
    assert (run.record.splits[0].prompts, run.record.splits[0].content) == (805, asked.content)
