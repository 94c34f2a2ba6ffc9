"""`gold:TASK` as a reward: exact scores of a run, best of N by them, and what is refused."""

import asyncio
import json
import math

import pytest

import gendiv
from gendiv.__main__ import main
from gendiv.benchmark.rewarding.best_of import BestOf
from gendiv.benchmark.rewarding.open import open_reward
from gendiv.benchmark.rewarding.reward_model import RewardOptions
from gendiv.benchmark.sources.scripted import Scripted
from gendiv.errors import BadInput
from gendiv.tasks import TASKS
from gendiv.tasks.small_world.gold import gold
from gendiv.tasks.small_world.posts import facts_of
from gendiv.tasks.small_world.wording import SLOT, WORDINGS

SPLIT = "small-world/id"


def told(prompt, seed):
    """Tell as many facts of a post as the seed says: gold is then their share."""
    facts = facts_of(prompt)[: seed % 4]
    return " , ".join(WORDINGS[attribute].clauses[0].replace(SLOT, value) for attribute, value in facts)


def run(out, source=None, split=SPLIT):
    return gendiv.evaluate(
        source or Scripted(told), tasks=[split], prompts=5, samples=4, metrics=["length"], out=out, seed=0
    )


def test_a_run_is_graded_by_the_command_and_the_mean_is_the_share_of_facts_told(tmp_path, capfd):
    run(tmp_path / "run")
    assert main(["reward", str(tmp_path / "run"), "--reward", "gold:small-world", "--json"]) == 0
    found = json.loads(capfd.readouterr().out)
    (result,) = [one for one in found["results"] if one["metric"] == "reward"]
    assert found["reward"] == {
        "metric": "reward:model=gold-small-world-v1@c319d6ae:format=raw:ending=none:longest=0",
        "scored": 20,
        "shortened": 0,
        "unscored": 0,
    }
    prompts = {prompt.id: len(facts_of(prompt.raw)) for prompt in TASKS["small-world"].splits[0].load()}
    rows = [json.loads(line) for line in (tmp_path / f"run/samples/{SPLIT}.jsonl").read_text().splitlines()]
    shares = [(len(row["text"].split(" , ")) if row["text"] else 0) / prompts[row["prompt"]] for row in rows]
    assert result["value"] == pytest.approx(sum(shares) / 20)
    assert len(set(shares)) > 3


def test_the_best_of_n_by_gold_is_the_fullest(tmp_path):
    best = run(tmp_path / "best", BestOf(Scripted(told), open_reward("gold:small-world"), 4))
    (graded,) = gendiv.reward(best, model=open_reward("gold:small-world"))
    (result,) = [one for one in graded.scores.results if one.metric == "reward"]
    facts = [len(facts_of(prompt.raw)) for prompt in TASKS["small-world"].splits[0].load()[:5]]
    assert result.value == pytest.approx(sum(3 / count for count in facts) / 5)


def test_a_prompt_of_another_world_gets_no_score(tmp_path):
    other = run(tmp_path / "other", Scripted(), split="mini-summarisation/forum")
    (graded,) = gendiv.reward(other, model=open_reward("gold:small-world"))
    (result,) = [one for one in graded.scores.results if one.metric == "reward"]
    assert (result.value, result.undefined) == (None, 5)
    scores = asyncio.run(open_reward("gold:small-world").score([("no post", "a"), ("", "")]))
    assert all(map(math.isnan, scores))


def test_one_score_is_gold():
    post = TASKS["small-world"].splits[0].load()[0]
    pairs = [(post.raw, post.reference), (post.raw, "")]
    assert asyncio.run(open_reward("gold:small-world").score(pairs)) == [1.0, 0.0]
    assert gold(*pairs[0]) == 1.0


@pytest.mark.parametrize(
    ("spec", "options", "reason"),
    [
        ("gold:small-word", {}, "no task of that name has an exact reward: did you mean small-world?"),
        ("gold:summarisation", {}, "known: small-world"),
        ("gold:small-world", {"format": "raw"}, "--reward-format does not apply to gold: reward models ('raw')"),
        ("gold:small-world", {"ending": "eos"}, "--reward-ending does not apply to gold: reward models"),
        ("gold:small-world", {"dtype": "float32"}, "--reward-dtype does not apply"),
        ("gold:small-world", {"longest": 10}, "--reward-longest does not apply to gold: reward models (10)"),
        ("gold", {}, "or gold:TASK, found 'gold'"),
    ],
)
def test_what_cannot_be_had_is_one_line(spec, options, reason):
    with pytest.raises(BadInput) as refused:
        open_reward(spec, RewardOptions(**options))
    assert reason in str(refused.value)
    assert "\n" not in str(refused.value)
