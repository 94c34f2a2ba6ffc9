"""Samples of a submission drawn again: only the model that drew them comes to the same texts."""

import hashlib
import re
import shutil

import pytest
from calling import calling
from tiny_causal import tiny_causal

import gendiv
from gendiv.benchmark.prompts import read_prompts
from gendiv.benchmark.sources.scripted import Scripted
from gendiv.benchmark.store import read_samples, split_file
from gendiv.errors import BadInput
from gendiv.leaderboard.submissions.checking import check_repository, lifted
from gendiv.leaderboard.submissions.packing import About, add_run
from gendiv.leaderboard.submissions.reading import read_submission
from gendiv.leaderboard.submissions.regenerating import Regenerated, SplitAgain, named, regenerate, regenerating
from gendiv.leaderboard.submissions.standing import Verified

ID, FAR = "mini-instructions/everyday", "mini-instructions/sequential"


def speaking(changed=lambda text: False, name="model"):
    """Return a model whose answers vary with prompt and seed; some prompts it answers otherwise."""

    def answer(text, seed):
        digest = hashlib.sha256(f"{seed}{text}".encode()).hexdigest()
        return f"well {digest[:4]} {digest[4:8]}" + (" changed" if changed(text) else "")

    return Scripted(answer, name=name)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "run"
    return gendiv.evaluate(speaking(), tasks=[ID, FAR], prompts=10, samples=3, metrics=["length"], out=folder)


@pytest.fixture(scope="module")
def root(run, tmp_path_factory):
    root = tmp_path_factory.mktemp("repository")
    add_run(run.folder, root, About(revision="r1", suite="pair"), sums=False)
    return root


@pytest.fixture
def submission(root):
    return read_submission(root / "model/r1/pair")


def test_the_model_that_drew_a_submission_comes_to_the_same_texts(submission):
    found = regenerate(submission, speaking(), seed=3)
    assert found.splits == (SplitAgain(ID, 3, 9, 9), SplitAgain(FAR, 3, 9, 9))
    assert (found.same, found.enough) == (1.0, True)
    assert str(found) == "drawn again with seed 3: 6 prompts, 18 of 18 texts the same"
    assert found.remarks == (
        "the model's recorded identity is script: the texts drawn again alone tell that it is the model",
    )


def test_the_seed_decides_which_prompts_are_drawn_and_is_random_and_kept_unless_given(submission):
    asked = []

    def seen(text):
        asked.append(text)
        return False

    def of(seed):
        asked.clear()
        seed = regenerate(submission, speaking(seen), seed=seed, share=0.25).seed
        return seed, sorted(set(asked))

    assert len(of(1)[1]) == 6
    assert of(1) == of(1)
    assert of(1)[1] != of(2)[1]
    assert of(None)[0] != of(None)[0]


def test_the_worst_split_counts(submission, run):
    far = {prompt.text for prompt in read_prompts(run.folder, FAR).values()}
    found = regenerate(submission, speaking(lambda text: text in far), seed=0)
    assert [split.same for split in found.splits] == [9, 0]
    assert (found.same, found.enough) == (0.0, False)
    assert str(found).endswith(f"6 prompts, 9 of 18 texts the same, in {FAR} 0 of 9")


def test_a_model_that_answers_otherwise_does_not_lift_and_one_that_does_not_lifts(root):
    def standings(source, earlier=None):
        checks = check_repository(root, earlier, regenerate=lambda one: regenerate(one, source, seed=5))
        return checks, set(checks.verified[0].standings.values())

    checks, found = standings(speaking())
    assert found == {"regenerated"}
    assert checks.verified[0].regenerated == 1.0
    again, found = standings(speaking(lambda text: True), checks)
    assert found == {"recomputed"}
    assert "0% of the samples drawn again came out the same, 90% are wanted" in again.verified[0].remarks
    assert sum(remark.startswith("drawn again with seed 5") for remark in again.verified[0].remarks) == 1


def test_another_model_is_refused_before_it_draws_and_the_check_goes_on(root, submission):
    with pytest.raises(BadInput, match="is another model: its fingerprint is script:"):
        regenerate(submission, speaking(name="other"))
    checks = check_repository(root, regenerate=lambda one: regenerate(one, speaking(name="other")))
    assert set(checks.verified[0].standings.values()) == {"recomputed"}
    assert "samples could not be drawn again: scripted:other is another model" in checks.verified[0].remarks[-1]


def test_nine_texts_of_ten_are_enough_and_one_less_is_not():
    verified = Verified(submission="a/b/c", card="", standings={"x": "recomputed", "y": "self_reported"})
    for same, standing in ((9, "regenerated"), (8, "recomputed")):
        found = Regenerated(0, (SplitAgain(ID, 5, 10, same),))
        assert lifted(verified, found.same).standings == {"x": standing, "y": "self_reported"}
        assert found.enough is (same == 9)


def test_imported_samples_cannot_be_drawn_again(tmp_path):
    rows = tmp_path / "rows.jsonl"
    rows.write_text('{"id": 1, "prompt": "p", "samples": ["a b"]}\n{"id": 2, "prompt": "q", "samples": ["c"]}\n')
    run = gendiv.import_samples(
        rows, out=tmp_path / "run", model="m", split="own/s", shift="far", format="chat", metrics=["length"]
    )
    added = add_run(run.folder, tmp_path / "repository", sums=False)
    with pytest.raises(BadInput, match="its samples were imported: their seeds are not known"):
        regenerate(read_submission(added.folder), speaking())


def test_a_checkpoint_is_drawn_again_by_the_command(tmp_path, monkeypatch, capsys):
    pytest.importorskip("torch")
    model = tiny_causal(tmp_path / "tiny", end=False)
    code, _, _ = calling(monkeypatch, capsys, "run")(
        *("--model", f"hf:{model}", "--task", ID, "-n", 4, "-k", 2, "--max-tokens", 6, "--format", "raw"),
        *("--metrics", "length", "--out", tmp_path / "run"),
    )
    assert code == 0
    board = calling(monkeypatch, capsys, "board")
    root = tmp_path / "repository"
    assert board("add", tmp_path / "run", "--to", root, "--without-sums")[0] == 0
    code, out, err = board("check", root, "--regenerate", f"tiny=hf:{model}", "--regenerate-seed", 4)
    assert code == 0
    assert "1 regenerated" in out
    assert "- drawn again with seed 4: 3 prompts, 6 of 6 texts the same" in out
    assert "samples to be drawn again are chosen with seed 4" in err
    shutil.rmtree(model)
    tiny_causal(model, end=False, seed=1)
    code, out, _ = board("check", root, "--regenerate", f"tiny=hf:{model}")
    assert (code, "1 recomputed" in out, "is another model" in out) == (0, True, True)
    texts = [one.text for one in read_samples(split_file(tmp_path / "run", ID))]
    assert len(set(texts)) == 8


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["model"], "--regenerate: wanted NAME=SPEC, such as my-model=hf:./checkpoint, found 'model'"),
        (["modle=hf:x"], "--regenerate: no submission is called 'modle': did you mean model"),
        (["model=hf:x", "model=hf:y"], "--regenerate: model is named twice"),
    ],
)
def test_what_is_to_be_drawn_again_must_be_there(root, asked, said):
    with pytest.raises(BadInput, match=re.escape(said)):
        named(asked, root)


def test_a_submission_is_named_by_its_model_or_its_place(root, submission):
    assert named(["model/r1/pair=hf:x=1"], root) == {"model/r1/pair": "hf:x=1"}
    assert regenerating({"other": "hf:x"})(submission) is None
