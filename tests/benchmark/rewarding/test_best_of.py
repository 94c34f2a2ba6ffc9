"""Best of N as a source: its samples are the best of the draws that they stand for, whatever befalls the run."""

import asyncio
import itertools
import json
import math
import random
from collections import Counter

import pytest
from openai_server import Faults, OpenAIServer, text_of
from tiny_reward import tiny_reward

import gendiv
from gendiv.benchmark.decoding import Decoding
from gendiv.benchmark.rewarding.best_of import SEEDS, BestOf
from gendiv.benchmark.rewarding.best_of_weights import rank_weights
from gendiv.benchmark.rewarding.open import open_reward
from gendiv.benchmark.rewarding.scripted import ScriptedReward
from gendiv.benchmark.sources.scripted import Scripted
from gendiv.benchmark.sources.source import Request
from gendiv.errors import BadInput, RunIncomplete, SourceFailed

SPLIT = "mini-instructions/everyday"
NAN = float("nan")
N = 4


class Seeds(Scripted):
    """Says its seed, and keeps the seeds it was asked for."""

    def __init__(self, **named):
        super().__init__(self._say, **named)
        self.seeds = []

    def _say(self, text, seed):
        self.seeds.append(seed)
        return f"{text[:12]} {seed}"


def quality(prompt, answer):  # noqa: ARG001  a reward takes both
    """Return a reward that depends on the answer in no simple way."""
    return random.Random(answer).random()


def best_of(n=N, pool=None, base=None, reward=quality):
    return BestOf(base or Seeds(), ScriptedReward(reward, name=f"{reward.__name__}"), n, pool)


def run(out, source, samples=3, prompts=4, **given):
    asked = {"tasks": [SPLIT], "metrics": ["length"], **given}
    return gendiv.evaluate(source, out=out, samples=samples, prompts=prompts, **asked)


def rows(out):
    path = out / "samples" / f"{SPLIT}.jsonl"
    return sorted(
        (json.loads(line) for line in path.read_text().splitlines()), key=lambda row: (row["prompt"], row["index"])
    )


def ask(source, *requests):
    async def asking():
        async with source:
            return [await source.draw(request) for request in requests]

    return asyncio.run(asking())


def request(seed=7, n=1, prompt_seed=None, temperature=1.0):
    return Request("Why?", "chat", Decoding(temperature=temperature), n, seed, prompt_seed)


def test_each_sample_is_the_best_of_draws_of_its_own(tmp_path):
    base = Seeds()
    run(tmp_path, best_of(base=base))
    for row in rows(tmp_path):
        head, _, _ = row["text"].rpartition(" ")
        draws = [f"{head} {row['seed'] * N % SEEDS + j}" for j in range(N)]
        assert row["text"] == max(draws, key=lambda text: quality("", text))
    assert len(base.seeds) == len(set(base.seeds)) == 4 * 3 * N  # no draw serves two samples


def test_draws_of_siblings_stay_apart_where_seeds_come_round():
    for n in (3, 16, 1000):
        for start in (SEEDS // n - 2, SEEDS - 5, 12345):
            spans = [(seed * n % SEEDS, seed * n % SEEDS + n) for seed in range(start, start + 16)]
            assert max(end for _, end in spans) < 2**31
            assert all(one[1] <= two[0] for one, two in itertools.pairwise(sorted(spans)))


def test_the_best_of_one_is_what_the_model_says(tmp_path):
    run(tmp_path / "one", best_of(1))
    run(tmp_path / "plain", Seeds())
    assert [row["text"] for row in rows(tmp_path / "one")] == [row["text"] for row in rows(tmp_path / "plain")]


@pytest.mark.parametrize(
    "reward", [lambda prompt, answer: 0.0, lambda prompt, answer: -0.0 if int(answer[-1]) % 2 else 0.0]
)
def test_of_equal_rewards_the_earliest_draw_is_kept(reward):
    (answer,) = ask(best_of(reward=reward), request(seed=10, n=2))
    assert [choice.text for choice in answer.choices] == [f"Why? {10 * N}", f"Why? {11 * N}"]


def test_a_later_draw_is_kept_only_for_a_higher_reward():
    rewards = {40: 1.0, 41: 2.0, 42: 2.0, 43: 0.5}
    (answer,) = ask(best_of(reward=lambda prompt, answer: rewards[int(answer.split()[-1])]), request(seed=10))
    assert answer.choices[0].text == "Why? 41"


@pytest.mark.parametrize("pool", [None, 12])
def test_a_resumed_run_is_the_uninterrupted_one(pool, tmp_path):
    run(tmp_path / "whole", best_of(pool=pool), samples=5)
    run(tmp_path / "resumed", best_of(pool=pool), samples=2)
    run(tmp_path / "resumed", best_of(pool=pool), samples=5)
    path = tmp_path / "resumed/samples" / f"{SPLIT}.jsonl"
    kept = [line for line in path.read_text().splitlines(keepends=True) if json.loads(line)["index"] not in (1, 3)]
    path.write_text("".join(kept))
    run(tmp_path / "resumed", best_of(pool=pool), samples=5)
    assert rows(tmp_path / "resumed") == rows(tmp_path / "whole")


@pytest.mark.parametrize("pool", [None, 12])
@pytest.mark.parametrize(
    "faults",
    [
        Faults(one_choice=True),
        Faults(refuse_n=True),
        Faults(identical_siblings=True),
        Faults(chance={"500": 0.1, "drop": 0.1, "fewer": 0.1, "none": 0.05, "429_bare": 0.05}),
    ],
    ids=["one choice", "refuses n", "identical siblings", "flaky"],
)
def test_any_server_gives_the_samples_that_a_good_one_gives(faults, pool, tmp_path, monkeypatch):
    monkeypatch.setattr("gendiv.benchmark.sampling.FIRST_PAUSE", 0.01)
    with OpenAIServer() as good, OpenAIServer(faults) as bad:
        found = []
        for name, server in (("good", good), ("bad", bad)):
            source = best_of(pool=pool, base=gendiv_source(server))
            run(tmp_path / name, source)
            found.append([(row["prompt"], row["index"], row["text"]) for row in rows(tmp_path / name)])
    assert found[0] == found[1]
    if pool is None:
        for prompt, index, text in found[0]:
            seed = next(
                row["seed"] for row in rows(tmp_path / "good") if (row["prompt"], row["index"]) == (prompt, index)
            )
            asked = next(one.prompt for one in good.asked if one.body["seed"] == seed * N % SEEDS)
            draws = [text_of(asked, seed * N % SEEDS + j) for j in range(N)]
            assert text == max(draws, key=lambda draw: quality("", draw))


def gendiv_source(server):
    from gendiv.benchmark.open import open_source

    return open_source(server.spec)


def test_draws_that_came_before_a_failure_are_not_drawn_again(tmp_path, monkeypatch):
    monkeypatch.setattr("gendiv.benchmark.sampling.FIRST_PAUSE", 0.01)
    script = lambda i, body: "500" if i in (2, 5, 9) else None  # noqa: E731
    with OpenAIServer(Faults(one_choice=True, script=script)) as server:
        run(tmp_path, best_of(base=gendiv_source(server)), samples=1)
        answered = Counter(one.body["seed"] for one in server.asked if one.fault is None)
    assert len(answered) == 4 * N
    assert set(answered.values()) == {1}


def test_a_pool_is_what_a_plain_run_draws_and_is_drawn_once_a_prompt(tmp_path):
    base, plain = Seeds(), Seeds()
    run(tmp_path / "pool", best_of(pool=12, base=base), samples=6)
    run(tmp_path / "plain", plain, samples=12)
    assert sorted(base.seeds) == sorted(plain.seeds)
    assert {row["text"] for row in rows(tmp_path / "pool")} <= {row["text"] for row in rows(tmp_path / "plain")}


def test_samples_from_a_pool_have_the_exact_weights_and_do_not_depend_on_company():
    count, pool = 6000, 6
    source = best_of(3, pool)
    (answer,) = ask(source, request(seed=100, n=count, prompt_seed=100))
    order = sorted((f"Why? {100 + j}" for j in range(pool)), key=lambda text: -quality("", text))
    drawn = Counter(choice.text for choice in answer.choices)
    for text, weight in zip(order, rank_weights(pool, 3), strict=True):
        assert abs(drawn[text] - count * weight) <= 4 * math.sqrt(count * weight * (1 - weight))
    alone = ask(best_of(3, pool), *(request(seed=100 + j, prompt_seed=100) for j in (0, 7, 4321)))
    assert [one.choices[0] for one in alone] == [answer.choices[j] for j in (0, 7, 4321)]


def test_a_draw_without_a_score_is_never_the_best_and_a_prompt_without_any_is_refused(tmp_path):
    def odd(prompt, answer):
        return NAN if "seven" in prompt or int(answer[-1]) % 2 else -5.0

    run(tmp_path / "odd", best_of(reward=odd))
    assert all(int(row["text"][-1]) % 2 == 0 for row in rows(tmp_path / "odd"))
    with pytest.raises(RunIncomplete, match="scripted:<lambda> gave none of 4 draws a score"):
        run(tmp_path / "none", best_of(reward=lambda prompt, answer: NAN))


def test_the_reward_of_the_best_is_higher_than_of_any_by_real_models(tmp_path):
    from integration.tiny import tiny_llama

    base, rm = tiny_llama(tmp_path / "base"), tiny_reward(tmp_path / "rm")
    from gendiv.benchmark.open import open_source

    given = {"prompts": 12, "samples": 4, "decoding": {"max_tokens": 8, "temperature": 0.7}}
    plain = run(tmp_path / "plain", f"hf:{base}", **given)
    best = run(tmp_path / "best", BestOf(open_source(f"hf:{base}"), open_reward(f"hf:{rm}"), 8), **given)
    pooled = run(tmp_path / "pool", BestOf(open_source(f"hf:{base}"), open_reward(f"hf:{rm}"), 8, 16), **given)
    graded = gendiv.reward(plain, best, pooled, model=f"hf:{rm}")
    metric = open_reward(f"hf:{rm}").metric
    assert best.record.source["reward"] == metric.signature
    for chosen in graded[1:]:
        (difference,) = gendiv.compare(chosen.folder, plain.folder, metrics=[metric]).differences
        assert difference.difference.low > 0
        assert difference.adjusted < 0.001


@pytest.mark.parametrize(
    "given", [{"n": 3}, {"pool": 8}, {"reward": lambda prompt, answer: 1.0}, {"base": Seeds(name="other")}]
)
def test_another_choice_is_another_model(given, tmp_path):
    run(tmp_path, best_of())
    with pytest.raises(BadInput, match="has another fingerprint"):
        run(tmp_path, best_of(**given))


def test_the_record_says_what_chose_among_what(tmp_path):
    record = run(tmp_path, best_of(pool=8)).record
    assert record.model.spec == "scripted:scripted --best-of 4 --pool 8 --reward scripted:quality"
    assert record.label == record.model.name == "scripted best of 4 from 8"
    assert record.source["best_of"] == "4 of 8 draws a prompt"
    assert record.source["reward"].startswith("reward:model=quality@")


def test_temperature_0_is_refused_before_anything_is_started(tmp_path):
    class Untouched(Seeds):
        async def __aenter__(self):
            raise AssertionError("started")

    with pytest.raises(BadInput, match="temperature 0 gives one text a prompt, and --best-of wants 4 to choose from"):
        run(tmp_path, best_of(base=Untouched()), samples=1, decoding={"temperature": 0})
    assert not (tmp_path / "run.json").exists()


@pytest.mark.parametrize(
    ("n", "pool", "reason"),
    [
        (0, None, "at least 1 draw, found 0"),
        (-2, None, "found -2"),
        (4, 3, r"as many draws as --best-of asks \(4\), found 3"),
    ],
)
def test_numbers_that_leave_nothing_to_choose_are_refused(n, pool, reason):
    with pytest.raises(BadInput, match=reason):
        best_of(n, pool)


def test_a_model_known_only_once_it_is_up_is_not_taken_for_known():
    with OpenAIServer() as server:
        assert best_of(base=gendiv_source(server)).peek() is None
    assert best_of().peek() == best_of().model


def test_a_reward_model_that_does_not_start_leaves_no_base_behind(tmp_path):
    left = []

    class Base(Seeds):
        async def __aexit__(self, *error):
            left.append("base")

    class Failing(ScriptedReward):
        async def __aenter__(self):
            raise SourceFailed("no memory left")

    with pytest.raises(SourceFailed, match="no memory left"):
        run(tmp_path, BestOf(Base(), Failing(quality), 2))
    assert left == ["base"]
