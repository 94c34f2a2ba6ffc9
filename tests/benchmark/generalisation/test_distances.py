"""Distances between splits: near where texts are of one kind, far where they are not, refused where they are none."""

import json
import os
from pathlib import Path

import pytest

import gendiv
from gendiv.__main__ import main
from gendiv.benchmark.generalisation.distances import distances, square_interval
from gendiv.benchmark.generalisation.shown import Shown, shown_pairs
from gendiv.benchmark.intervals import Estimate, Interval
from gendiv.benchmark.registry import find_split
from gendiv.benchmark.sources.scripted import Scripted
from gendiv.errors import BadInput
from gendiv.metrics.novelty import Novelty
from gendiv.tasks.templates import TLDR, tldr_post

FORUM, NEWS = "mini-summarisation/forum", "mini-summarisation/news"
ID, NEAR, FAR = "mini-instructions/everyday", "mini-instructions/formal", "mini-instructions/sequential"


def by_measure(found):
    return {one.measure: one for one in found}


@pytest.fixture(scope="module")
def texts():
    return {name: [prompt.shown for prompt in find_split(name)[1].load()] for name in (FORUM, NEWS)}


def test_news_is_far_from_forum_posts_in_meaning_and_in_wording():
    found = by_measure(gendiv.distance(FORUM, NEWS))
    mmd, novelty = found["mmd"], found["novelty"]
    assert mmd.value.low > 0.03
    assert mmd.baseline == 0
    assert mmd.p_value == 0.001
    assert novelty.value.value > novelty.baseline + 0.02
    assert novelty.excess.low > 0
    assert novelty.adjusted < 0.001
    assert (mmd.first_prompts, mmd.second_prompts, mmd.shared, mmd.reason) == (32, 32, 0, None)
    assert mmd.signature.endswith("permutations=999:seed=0|version=1|prompts=32+32")


def test_two_halves_of_one_split_are_not_told_apart(texts):
    for name in (FORUM, NEWS):
        found = by_measure(gendiv.distance(texts[name][::2], texts[name][1::2]))
        assert found["mmd"].p_value > 0.05
        assert found["mmd"].value.low <= 0 < found["mmd"].value.high < 0.06
        assert found["novelty"].excess.low < 0 < found["novelty"].excess.high


def test_a_split_is_not_far_from_itself_and_what_is_shared_is_counted():
    found = by_measure(gendiv.distance(NEWS, NEWS))
    assert found["mmd"].value.value <= 0
    assert found["mmd"].p_value > 0.9
    assert found["novelty"].value.value < found["novelty"].baseline
    assert found["mmd"].shared == 32


def test_texts_without_a_common_word_are_all_new():
    pair = (Shown("a", ("x y", "x z", "y z", "x x")), Shown("b", ("p q", "r")))
    with pytest.raises(BadInput, match="b: a distance needs 4 prompts or more, found 2"):
        distances([pair], [Novelty(words=4)])
    pair = (pair[0], Shown("b", ("p q", "r", "s", "t")))
    (found,) = distances([pair], [Novelty(words=4)])
    assert found.value.value == 1
    assert (found.value.high, found.excess.high) == (1, min(1, found.excess.high))


def test_one_reference_serves_every_pair():
    found = gendiv.distance(suite="mini", measures=["novelty"])
    assert [(one.first, one.second) for one in found] == [(FORUM, NEWS), (ID, NEAR), (ID, FAR)]
    assert len({one.signature for one in found}) == 1
    assert gendiv.distance(tasks=["mini-instructions"], measures=["novelty"]) == gendiv.distance(
        ID, NEAR, FAR, measures=["novelty"]
    )


def test_p_values_are_corrected_for_all_distances_shown():
    found = gendiv.distance(ID, NEAR, FAR, measures=["novelty"], prompts=8)
    ordered = sorted(found, key=lambda one: one.p_value)
    assert ordered[0].adjusted == pytest.approx(2 * ordered[0].p_value)


def test_a_run_folder_is_measured_by_the_prompts_that_it_keeps(tmp_path):
    out = tmp_path / "run"
    gendiv.evaluate(Scripted(), tasks=[FORUM, NEWS, ID], prompts=6, samples=1, metrics=["length"], out=out)
    (found,) = gendiv.distance(out, measures=["novelty"])
    assert found == gendiv.distance(FORUM, NEWS, measures=["novelty"], prompts=6)[0]
    (other,) = gendiv.distance(f"{out}:{FORUM}", ID, measures=["novelty"])
    assert (other.first, other.first_prompts, other.second_prompts) == (FORUM, 6, 32)
    with pytest.raises(BadInput, match=f"run has no split '{NEAR}': it holds {FORUM}"):
        gendiv.distance(f"{out}:{NEAR}", ID)
    (out / "prompts" / f"{NEWS}.jsonl").unlink()
    with pytest.raises(BadInput, match=f"keeps no prompts of {NEWS}, being of an older gendiv; name the split by"):
        gendiv.distance(out)


def test_the_interval_of_a_square_is_that_of_its_root_squared():
    found = square_interval(Estimate(0.04, 0.01, 10.0**9))
    margin = 1.959963984540054 * 0.01
    root, half = 0.2, margin / (2 * 0.2)
    assert (found.low, found.high) == pytest.approx(((root - half) ** 2, (root + half) ** 2))
    assert square_interval(Estimate(-0.001, 0.01, 50)).low == -0.001
    assert square_interval(Estimate(0.01, None, 0)) == Interval(0.01, None, None)


@pytest.mark.skipif("GENDIV_DATA" not in os.environ, reason="GENDIV_DATA names the folder of the tasks' data")
def test_news_is_farther_from_forum_posts_than_long_posts_are_from_short_ones():
    folder = Path(os.environ["GENDIV_DATA"])
    rows = [json.loads(line) for line in (folder / "UCL-DARK/openai-tldr-filtered/test.jsonl").open()]
    posts = [tldr_post(row["subreddit"], row["title"], row["post"]).removesuffix(TLDR) for row in rows]
    lengths = [len(row["post"].split(" ")) for row in rows]
    news = [json.loads(line)["article"] for line in (folder / "abisee/cnn_dailymail/3.0.0/test.jsonl").open()]
    short = [post for post, length in zip(posts, lengths, strict=True) if length <= 245][:60]
    long = [post for post, length in zip(posts, lengths, strict=True) if length > 245][:60]
    far, near = by_measure(gendiv.distance(posts[:60], news[:60])), by_measure(gendiv.distance(short, long))
    assert far["mmd"].value.low > near["mmd"].value.high
    assert far["novelty"].excess.low > near["novelty"].excess.high
    assert far["mmd"].p_value == 0.001


def shown(capsys, *words):
    assert main(["distance", *words]) == 0
    return capsys.readouterr().out


def test_the_command_prints_a_row_for_each_pair_that_fits_a_terminal_and_json_alone(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    out = shown(capsys, "--task", "mini-instructions", "--measure", "novelty", "-n", "8")
    rows = [line for line in out.splitlines() if "everyday" in line]
    assert len(rows) == 2
    assert all(len(row) <= 80 and "]" in row for row in rows)
    found = json.loads(shown(capsys, ID, NEAR, FAR, "--measure", "novelty", "-n", "8", "--json"))
    assert found["schema"] == 1
    assert [one["second"] for one in found["distances"]] == [NEAR, FAR]
    assert f"[{found['distances'][0]['value']['low']:.3f}, " in rows[0]
    page = shown(capsys, ID, NEAR, "--measure", "novelty", "--markdown")
    assert "| novelty | everyday | formal | 0." in page
    assert "- `novelty:n=1-3:tokenizer=words:words=312|version=1|prompts=32+32`" in page


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ([], "name two splits (TASK/SPLIT), a run folder, --task NAME or --suite NAME"),
        ([FORUM], f"{FORUM}: a distance is between two splits; name another"),
        ([FORUM, "mini-summarisation/nwes"], "mini-summarisation has no split 'nwes': did you mean news?"),
        ([FORUM, "mini-summarisation"], "--task takes TASK/SPLIT, found 'mini-summarisation'"),
        (["no:mini-summarisation/news", FORUM], "no holds no run.json"),
        ([FORUM, NEWS, "-n", "3"], f"{FORUM}: a distance needs 4 prompts or more, found 3"),
        ([FORUM, NEWS, "--sbert-model", "./gone"], "'./gone': there is no such folder"),
        ([FORUM, NEWS, "--sbert-model", ""], "mmd: model: wanted a local folder"),
        ([FORUM, NEWS, "--measure", "mdm"], "'mdm' is not one of 'mmd', 'novelty'"),
        (["--task", "mini"], "no task is called 'mini'"),
        (["--suite", "maxi"], "no suite is called 'maxi'"),
        ([FORUM, NEWS, "-n", "0"], "0 is not in the range"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_is_no_distance_is_refused_in_one_line(arguments, reason, capfd, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code = main(["distance", *arguments])
    out, error = capfd.readouterr()
    assert (code, out) == (2, "")
    assert "Traceback" not in error
    assert reason in error.splitlines()[-1]


def test_texts_are_no_split_and_pairs_load_a_split_once():
    loaded = shown_pairs([ID, NEAR, FAR], count=5)
    assert loaded[0][0] is loaded[1][0]
    assert [len(split.texts) for pair in loaded for split in pair] == [5] * 4
    mine = shown_pairs([["a", "b"], ["c"]])
    assert [split.name for split in mine[0]] == ["texts 1", "texts 2"]
