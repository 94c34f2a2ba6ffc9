"""Scores of submissions computed anew: exactly what a changed metric moves is shown, and written whole."""

import json
import shutil
from pathlib import Path

import pytest
from calling import calling

import gendiv
from gendiv.benchmark.record import dumps
from gendiv.benchmark.sources.scripted import Scripted
from gendiv.benchmark.store import hash_file
from gendiv.leaderboard.submissions.checking import check_repository
from gendiv.leaderboard.submissions.packing import About, add_run
from gendiv.leaderboard.submissions.reading import read_submission
from gendiv.leaderboard.submissions.rescoring import rescore, rescore_repository
from gendiv.leaderboard.submissions.submission import CARD
from gendiv.metrics import METRICS

ID = "mini-instructions/everyday"
SAYING = {
    "alpha": lambda text, seed: " ".join(f"a{(seed * 7 + len(text) * j) % 11}" for j in range(6)),
    "beta": lambda text, seed: " ".join(f"b{(seed + len(text) + j) % 5}" for j in range(6)),
}


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    folder = tmp_path_factory.mktemp("board")
    for name, say in SAYING.items():
        run = gendiv.evaluate(
            Scripted(say, name=name), tasks=[ID], prompts=6, samples=2, metrics=["ead:n=1", "length"], out=folder / name
        )
        add_run(run.folder, folder / "root", About(revision="r", suite="s"), sums=False)
    return folder / "root"


@pytest.fixture
def root(good, tmp_path):
    return Path(shutil.copytree(good, tmp_path / "root"))


@pytest.fixture
def rescoring(monkeypatch, capsys):
    return calling(monkeypatch, capsys, "board", "rescore")


@pytest.fixture
def longer(monkeypatch):
    """A version of `length` that counts one word more."""
    kind = METRICS["length"]
    before = kind.value
    monkeypatch.setattr(kind, "value", lambda self, texts, members: before(self, texts, members) + 1)
    monkeypatch.setattr(kind, "version", kind.version + 1)
    return kind


def contents(folder):
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_nothing_moves_where_nothing_changed(root, rescoring):
    before = contents(root)
    code, out, _ = rescoring(root, "--write")
    assert (code, out) == (0, "nothing moved: 6 results of 2 submissions are as they were\n")
    assert contents(root) == before


def test_a_raised_version_shows_exactly_its_rows(root, longer):
    found = rescore_repository(root)
    assert [(one.submission, one.split, one.metric, one.level, one.old, one.new) for one in found.moved] == [
        ("alpha/r/s", ID, "length", "per_input", 6.0, 7.0),
        ("beta/r/s", ID, "length", "per_input", 6.0, 7.0),
    ]
    assert {one.size for one in found.moved} == {1 / 7}
    assert f"|version={longer.version - 1}|" in found.moved[0].old_signature
    assert f"|version={longer.version}|" in found.moved[0].new_signature
    assert [one.stood for one in found.rescored] == [2, 2]


def test_the_command_shows_what_would_move_and_writes_only_when_told(root, rescoring, longer):
    before = contents(root)
    code, out, _ = rescoring(root)
    assert code == 0
    assert out.splitlines() == [
        f"alpha/r/s  {ID}  length per input: 6 -> 7 (version {longer.version - 1} -> {longer.version})",
        f"beta/r/s  {ID}  length per input: 6 -> 7 (version {longer.version - 1} -> {longer.version})",
        "2 results would move, 4 stand; --write replaces them in 2 submissions",
    ]
    assert contents(root) == before
    code, out, _ = rescoring(root, "--json")
    told = json.loads(out)
    assert [(one["old"], one["new"]) for one in told["moved"]] == [(6.0, 7.0)] * 2
    assert told["broken"] == []


@pytest.mark.usefixtures("longer")
def test_what_was_written_is_in_order_and_the_rest_stands_byte_for_byte(root, rescoring):
    before, old = contents(root), read_submission(root / "alpha/r/s")
    assert rescoring(root, "--write")[0] == 0
    checks = check_repository(root)
    assert (checks.refused, len(checks.verified)) == ((), 2)
    assert {standing for one in checks.verified for standing in one.standings.values()} == {"recomputed"}
    new = read_submission(root / "alpha/r/s")
    assert [one for one in new.scores.results if one.metric == "ead"] == [
        one for one in old.scores.results if one.metric == "ead"
    ]
    assert new.scores.samples == old.scores.samples
    changed = [path.name for path, data in contents(root).items() if before[path] != data]
    assert changed == ["scores.json", CARD] * 2
    assert list(contents(root)) == list(before)
    assert rescoring(root)[1].startswith("nothing moved: 6 results")


def test_metrics_that_are_asked_for_are_added(root, rescoring):
    code, out, _ = rescoring(root, "--metrics", "distinct:n=1,length", "--write")
    assert (code, "4 results moved, 6 stand; 2 submissions written: check them again" in out) == (0, True)
    checks = check_repository(root)
    assert (checks.refused, len(checks.verified[0].standings)) == ((), 5)
    assert rescoring(root, "--metrics", "distinct:n=1")[1].startswith("nothing moved: 10 results")


@pytest.mark.usefixtures("longer")
def test_an_older_result_beside_the_new_one_gives_way(root):
    rescored = rescore_repository(root).rescored[0]
    results = (*rescored.submission.scores.results, rescored.scores.results[-1])
    path = rescored.submission.folder / "scores.json"
    both = rescored.scores.model_copy(update={"results": results})
    path.write_text(dumps(both))
    again = rescore(read_submission(rescored.submission.folder))
    signatures = [one.signature for one in again.scores.results]
    assert len(signatures) == len(set(signatures)) == 3


@pytest.mark.usefixtures("longer")
def test_a_broken_submission_is_told_of_and_left_and_the_others_go_on(root, rescoring):
    samples = root / f"alpha/r/s/samples/{ID}.parquet"
    samples.write_bytes(samples.read_bytes()[:-9])
    (root / "gamma/r/s").mkdir(parents=True)
    (root / "gamma/r/s" / CARD).write_text("{")
    before = contents(root)
    code, out, _ = rescoring(root, "--write")
    assert code == 0
    assert "broken, left as it is: gamma/r/s: " in out
    assert f"broken, left as it is: alpha/r/s: samples/{ID}.parquet: its hash is not the card's" in out
    changed = {path.relative_to(root).parts[0] for path, data in contents(root).items() if before[path] != data}
    assert changed == {"beta"}


@pytest.mark.usefixtures("longer")
def test_samples_that_are_not_those_of_the_scores_are_not_given_new_ones(root, rescoring):
    folder = root / "alpha/r/s"
    scores = json.loads((folder / "scores.json").read_text())
    (folder / "scores.json").write_text(json.dumps({**scores, "samples": "0" * 64}))
    card = json.loads((folder / CARD).read_text())
    card["files"]["scores.json"] = hash_file(folder / "scores.json")  # signed again, so its card fits
    (folder / CARD).write_text(json.dumps(card))
    before = contents(folder)
    _, out, _ = rescoring(root, "--write")
    assert "broken, left as it is: alpha/r/s: scores.json: the scores are of other samples than these" in out
    assert contents(folder) == before


def test_what_needs_a_model_is_left_as_it_is_and_told(root):
    path = root / "beta/r/s/scores.json"
    path.write_text(path.read_text().replace("ead:n=1:", "nli:n=1:"))
    found = json.loads(path.read_text())
    assert any("nli:n=1" in one["signature"] for one in found["results"])
    rescored = rescore(read_submission(root / "beta/r/s"))
    assert (rescored.moved, rescored.stood) == ((), 1)
    assert "left as it is" in rescored.remarks[0]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nowhere"], "nowhere is no folder: wanted a results repository"),
        (["."], "holds no submission; gendiv board add RUN --to . packs one"),
        ([".", "--metrics", "eed"], "did you mean ead"),
    ],
)
def test_what_cannot_be_rescored_is_refused_in_one_line(rescoring, tmp_path, monkeypatch, words, said):
    monkeypatch.chdir(tmp_path)
    code, out, err = rescoring(*words)
    assert (code, out) == (2, "")
    assert said in err
