"""Best of n of stored samples: the curve by counting, the derived samples by their weights, both repeatable."""

import json
from itertools import combinations

import pytest

import gendiv
from gendiv.benchmark.rewarding.best_of_weights import rank_weights
from gendiv.benchmark.rewarding.curve import best_of_curve, sizes_up_to, stored_reward, write_best_of
from gendiv.benchmark.rewarding.scripted import ScriptedReward
from gendiv.benchmark.sources.scripted import Scripted
from gendiv.errors import BadInput

SPLITS = ["mini-summarisation/forum", "mini-summarisation/news"]
NAN = float("nan")


def letters(prompt, answer):  # noqa: ARG001  a reward takes both
    return float(len(answer))


@pytest.fixture
def run(tmp_path):
    found = gendiv.evaluate(Scripted(), tasks=SPLITS, prompts=6, samples=5, metrics=["length"], out=tmp_path / "run")
    gendiv.reward(found, model=ScriptedReward(letters, name="letters"))
    return found.folder


def samples(folder, split):
    found = {}
    for line in (folder / f"samples/{split}.jsonl").read_text().splitlines():
        row = json.loads(line)
        found.setdefault(row["prompt"], []).append(row["text"])
    return found


def test_the_curve_is_the_mean_over_prompts_of_the_best_over_all_choices(run):
    metric = stored_reward(run)
    points = {(point.split, point.n): point for point in best_of_curve(run, metric, [1, 2, 4, 5])}
    for split in SPLITS:
        for n in (1, 2, 4, 5):
            choices = [
                [max(map(len, some)) for some in combinations(texts, n)] for texts in samples(run, split).values()
            ]
            point = points[split, n]
            assert point.value == pytest.approx(sum(sum(some) / len(some) for some in choices) / 6)
            assert point.low <= point.value <= point.high
            assert point.inputs == 6
    for result in gendiv.score(run, metrics=[metric]).results:
        if result.metric == "reward":
            first = points[result.split, 1]
            assert (first.value, first.low, first.high) == pytest.approx((result.value, result.low, result.high))


def test_samples_without_a_score_do_not_compete(run):
    odd = ScriptedReward(lambda prompt, answer: NAN if "amber" in answer else float(len(answer)), name="odd")
    gendiv.reward(run, model=odd)
    texts = samples(run, SPLITS[0])
    left = {prompt: [len(text) for text in some if "amber" not in text] for prompt, some in texts.items()}
    enough = [some for some in left.values() if len(some) >= 2]
    assert len(enough) > 0
    assert sum(map(len, left.values())) < 30
    point = best_of_curve(run, odd.metric, [2])[0]
    means = [sum(max(two) for two in combinations(some, 2)) / len(list(combinations(some, 2))) for some in enough]
    assert (point.value, point.inputs) == (pytest.approx(sum(means) / len(means)), len(enough))


def test_derived_samples_follow_the_weights_repeat_by_seed_and_can_be_scored(run, tmp_path):
    metric = stored_reward(run)
    paths = write_best_of(run, metric, 2, tmp_path / "best", samples=3000)
    assert [str(path.relative_to(tmp_path / "best")) for path in paths] == [f"{split}.jsonl" for split in SPLITS]
    for path, split in zip(paths, SPLITS, strict=True):
        for line in path.read_text().splitlines():
            row = json.loads(line)
            assert set(row) == {"id", "prompt", "samples", "quality", "reference"}
            ranked = sorted(samples(run, split)[row["id"]], key=len, reverse=True)
            if len(set(map(len, ranked))) < 5:
                continue
            for text, weight in zip(ranked, rank_weights(5, 2), strict=True):
                assert row["samples"].count(text) / 3000 == pytest.approx(weight, abs=4 * (0.25 / 3000) ** 0.5)
            assert row["quality"] == [len(text) for text in row["samples"]]
    again = write_best_of(run, metric, 2, tmp_path / "again", samples=3000)
    other = write_best_of(run, metric, 2, tmp_path / "other", samples=3000, seed=1)
    assert paths[0].read_bytes() == again[0].read_bytes() != other[0].read_bytes()
    scores = gendiv.score(write_best_of(run, metric, 5, tmp_path / "top", samples=4)[0], metrics=["duplicates"])
    assert scores.results[0].value == pytest.approx(0.75)  # the best of all is all there is


def test_the_one_reward_that_graded_a_run_need_not_be_named(run, tmp_path):
    assert stored_reward(run).model.startswith("letters@")
    gendiv.reward(run, model=ScriptedReward(letters, name="others"))
    with pytest.raises(BadInput, match=r"was graded by several \(reward:model=letters@.*: say which reward model"):
        stored_reward(run)
    plain = gendiv.evaluate(Scripted(), tasks=SPLITS, prompts=2, samples=2, metrics=["length"], out=tmp_path / "plain")
    with pytest.raises(BadInput, match="was graded by none: say which reward model, as --reward SPEC"):
        stored_reward(plain.folder)


@pytest.mark.parametrize("n", [0, 6])
def test_no_more_samples_compete_than_there_are(n, run):
    with pytest.raises(BadInput, match=f"holds 5 samples a prompt; wanted 1 to that, found {n}"):
        best_of_curve(run, stored_reward(run), [1, n])


def test_the_curve_has_powers_of_two_and_its_end():
    assert sizes_up_to(1) == [1]
    assert sizes_up_to(16) == [1, 2, 4, 8, 16]
    assert sizes_up_to(6) == [1, 2, 4, 6]
