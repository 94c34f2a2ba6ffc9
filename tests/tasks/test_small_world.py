"""The small world: gold counted by hand, the same texts everywhere, shifts that are shifts, no text in two parts."""

import hashlib
import json
import math
import os
import subprocess
import sys
from collections import Counter
from itertools import combinations, islice

import pytest

from gendiv.tasks import EXACT_REWARDS, LESSONS, SUITES, TASKS
from gendiv.tasks.small_world.dice import Dice
from gendiv.tasks.small_world.drawing import part_of, posts
from gendiv.tasks.small_world.gold import gold
from gendiv.tasks.small_world.posts import facts_of
from gendiv.tasks.small_world.scenes import WORLDS
from gendiv.tasks.small_world.summaries import CAREFUL
from gendiv.tasks.small_world.vocabulary import vocabulary
from gendiv.tasks.small_world.wording import PASSING, WORDINGS

POST = (
    "family : then my sister came . we met in this attic . nothing else was new . the cake is gone . i felt sad then . "
    "TL;DR:"
)
"""Four facts: who sister, place attic, lost cake, feeling sad."""

SPLITS = {split.name: split for split in TASKS["small-world"].splits}
WORLD = LESSONS["small-world"]


@pytest.fixture(scope="module")
def training():
    """Everything that models are trained on: prompts, and all that stands after them."""
    shown = WORLD.demonstrations["train"]()
    ranked = WORLD.rankings["train"]()
    prompts = {one.prompt for one in (*shown, *ranked)}
    answers = [one.completion for one in shown] + [text for one in ranked for text in (one.chosen, one.rejected)]
    return prompts, answers


def facts(prompts):
    return {fact for prompt in prompts for fact in facts_of(prompt)}


@pytest.mark.parametrize(
    ("summary", "value"),
    [
        ("my sister came , in this attic , lost the cake , i felt sad", 1.0),
        ("so felt sad , miss the cake , only my sister , this attic again", 1.0),  # other order, other wordings
        ("my sister came", 1 / 4),
        ("my sister came , at this attic , i felt sad", 3 / 4),
        ("", 0.0),
        (" , , ", -2 / 50),  # two words, which say nothing
        ("my sister came ,", 1 / 4),  # four words are a fact's
        ("my sister came , my sister came", 1 / 4 - 3 / 50),  # said twice: 7 words where 4 are due
        ("my sister came , with my sister", 1 / 4 - 3 / 50),  # the same in other words
        ("my uncle came", -1 / 4 - 3 / 50),  # a wrong value
        ("my sister came , my uncle came", -1 / 4 - 7 / 50),  # contradiction: nothing is covered, one is invented
        ("my uncle came , with my cousin", -2 / 4 - 7 / 50),  # two inventions
        ("my uncle came , my uncle came", -1 / 4 - 7 / 50),  # one invention, twice
        ("want to sleep", -1 / 4 - 3 / 50),  # the post speaks of no wish
        ("my the came", -1 / 4 - 3 / 50),  # whatever stands in the slot is the value
        ("nothing was new", -3 / 50),  # in passing, no fact
        ("sister attic cake sad", -4 / 50),  # words without clauses
        ("well my sister came , in this attic", 2 / 4),  # a hedge within the 8 words of two facts
        ("well my sister came , honestly in this attic", 2 / 4 - 1 / 50),
        ("well well my sister came", -5 / 50),  # one hedge is read over, two are no wording
        ("my sister came in this attic", -6 / 50),  # no comma, no clause
    ],
)
def test_gold_by_hand(summary, value):
    assert gold(POST, summary) == pytest.approx(value, abs=1e-15)


def test_no_summary_beats_a_flawless_one():
    """Clauses put together at random: 1 is never passed, and reached by every fact once and nothing else."""
    dice = Dice("any summary")
    facts = {"who": "sister", "place": "attic", "lost": "cake", "feeling": "sad"}
    reached = 0
    for _ in range(20_000):
        told = dice.some(("who", "place", "lost", "feeling", "wish"), 1 + dice.below(5)) + ["who"] * dice.below(2)
        claims = [(name, facts[name] if name in facts and dice.chance(0.9) else "uncle") for name in told]
        clauses = [dice.one(WORDINGS[name].clauses).replace("_", value) for name, value in claims]
        clauses += ["it rained once"] * dice.below(2)
        value = gold(POST, " , ".join(dice.order(clauses)))
        assert value <= 1
        assert (value == 1) == (len(clauses) == 4 and dict(claims) == facts)
        reached += value == 1
    assert reached > 100


def test_gold_does_not_see_white_space_at_the_seam():
    assert gold(POST, " my sister came\n") == gold(POST, "my sister came") == 1 / 4


@pytest.mark.parametrize(
    "prompt",
    [
        "",
        "SUBREDDIT: r/tifu\nTITLE: I sat\nPOST: On a cake.\nTL;DR:",
        "family : TL;DR:",
        "family : then my sister came . TL;DR: my sister",
        "castle : then my sister came . TL;DR:",
        "family : then my sister came . it snowed . TL;DR:",
        "family : then my sister came . then my uncle came . TL;DR:",
        "family : nothing else was new . TL;DR:",
    ],
)
def test_a_text_that_is_no_post_is_told(prompt):
    with pytest.raises(ValueError, match="post"):
        gold(prompt, "my sister came")


def unify(one, other):
    """Say whether some words are both wordings."""
    one, other = one.split(), other.split()
    return len(one) == len(other) and all(a == b or "_" in (a, b) for a, b in zip(one, other, strict=True))


def test_no_words_have_two_meanings():
    said = [(wording, name) for name, one in WORDINGS.items() for wording in (*one.plain, *one.chatty, *one.formal)] + [
        (one.sentence, None) for one in PASSING
    ]
    summed = [(clause, name) for name, one in WORDINGS.items() for clause in one.clauses]
    summed += [(one.clause, None) for one in PASSING]
    for wordings in (said, summed):
        assert [pair for pair in combinations(wordings, 2) if unify(pair[0][0], pair[1][0])] == []


def test_all_clauses_are_equally_brief():
    assert {len(clause.split()) for one in WORDINGS.values() for clause in one.clauses} == {3}


@pytest.mark.parametrize("name", SPLITS)
def test_the_facts_read_from_a_post_are_those_it_was_made_of(name):
    for post, _ in islice(posts(WORLDS[name], "test", "any"), 200):
        assert facts_of(post.text) == tuple(post.scene.facts.items())


@pytest.mark.parametrize("name", SPLITS)
def test_references_are_flawless_and_fit_the_budget(name):
    prompts = SPLITS[name].load()
    assert len(prompts) == SPLITS[name].size == 500
    assert len({prompt.raw for prompt in prompts}) == 500
    assert {gold(prompt.raw, prompt.reference) for prompt in prompts} == {1.0}
    assert max(len(prompt.reference.split()) for prompt in prompts) < TASKS["small-world"].max_tokens
    assert all(prompt.raw == f"{prompt.shown} TL;DR:" for prompt in prompts)


DIGEST = """
import hashlib, json
from gendiv.tasks import LESSONS, TASKS
from gendiv.tasks.small_world import vocabulary
texts = [[p.id, p.raw, p.reference] for s in TASKS["small-world"].splits for p in s.load()]
world = LESSONS["small-world"]
texts += [[d.prompt, d.completion] for part in world.demonstrations.values() for d in part()]
texts += [[r.prompt, r.chosen, r.rejected] for part in world.rankings.values() for r in part()]
print(hashlib.sha256(json.dumps([texts, vocabulary()]).encode()).hexdigest())
"""


def test_every_text_is_the_same_everywhere():
    """The hash is stored: a change of any text is a new version of the task."""
    found = subprocess.run(
        [sys.executable, "-c", DIGEST],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONHASHSEED": "7"},
    ).stdout.strip()
    assert (TASKS["small-world"].version, found) == (
        1,
        "267d1d1298e08b9fb04e3338e075c58678d87c39324f2527861d6bc8e1756c53",
    )


def test_no_post_is_in_two_parts(training):
    prompts, _ = training
    held_out = {one.prompt for one in WORLD.demonstrations["validation"]()}
    held_out |= {one.prompt for part, ranked in WORLD.rankings.items() if part != "train" for one in ranked()}
    tested = {prompt.raw for split in SPLITS.values() for prompt in split.load()}
    assert not prompts & held_out
    assert not prompts & tested
    assert not held_out & tested
    for part, texts in (("train", prompts), ("validation", held_out), ("test", tested)):
        digits = {hashlib.sha256(text.encode()).hexdigest()[0] for text in texts}
        assert digits == set({"train": "0123456789ab", "validation": "cd", "test": "ef"}[part])
        assert {part_of(text) for text in texts} == {part}


def test_every_word_is_met_in_training(training):
    prompts, answers = training
    met = Counter(word for text in (*prompts, *answers) for word in text.split())
    assert set(met) == set(vocabulary())
    assert min(met.values()) >= 100


def test_no_summary_uses_a_word_outside_the_vocabulary():
    known = set(vocabulary())
    for ranked in WORLD.rankings.values():
        for one in ranked():
            assert set(f"{one.prompt} {one.chosen} {one.rejected}".split()) <= known
    for split in SPLITS.values():
        assert {word for prompt in split.load() for word in f"{prompt.raw} {prompt.reference}".split()} <= known


def test_near_topics_put_one_known_value_where_it_never_stood(training):
    trained = facts(training[0])
    attributes, values = ({fact[side] for fact in trained} for side in (0, 1))
    for prompt in SPLITS["topic-near"].load():
        (odd,) = set(facts_of(prompt.raw)) - trained
        assert odd[0] in attributes
        assert odd[1] in values


def test_far_topics_state_two_things_that_were_only_said_in_passing(training):
    trained = facts(training[0])
    attributes, values = ({fact[side] for fact in trained} for side in (0, 1))
    found = set()
    for prompt in SPLITS["topic-far"].load():
        odd = set(facts_of(prompt.raw)) - trained
        assert len(odd) == 2
        assert not {fact[0] for fact in odd} & attributes
        assert not {fact[1] for fact in odd} & values
        found |= odd
    assert {attribute for attribute, _ in found} == {"weather", "animal", "plant", "dish", "language", "game"}


def test_long_posts_are_longer_than_any_in_training(training):
    longest = max(len(prompt.split()) for prompt in training[0])
    assert {len(facts_of(prompt)) for prompt in training[0]} == {3, 4}
    for name, count in (("length-near", 5), ("length-far", 7)):
        prompts = [prompt.raw for prompt in SPLITS[name].load()]
        assert {len(facts_of(prompt)) for prompt in prompts} == {count}
        assert min(len(prompt.split()) for prompt in prompts) > longest
        assert facts(prompts) <= facts(training[0])


def registers(prompt):
    """Return the registers of a post's facts."""
    sentences = prompt.split(" : ", 1)[1].removesuffix(" . TL;DR:").split(" . ")
    wordings = {
        sentence: register
        for one in WORDINGS.values()
        for register in ("plain", "chatty", "formal")
        for sentence in getattr(one, register)
    }
    return [found for sentence in sentences for one, found in wordings.items() if unify(one, sentence)]


def test_registers_are_those_of_the_split(training):
    seen = {found for prompt in islice(training[0], 2000) for found in registers(prompt)}
    assert seen == {"plain"}
    near = [registers(prompt.raw) for prompt in SPLITS["register-near"].load()]
    share = Counter(found for one in near for found in one)
    assert share["chatty"] / share.total() == pytest.approx(0.5, abs=0.05)
    assert {found for prompt in SPLITS["register-far"].load() for found in registers(prompt.raw)} == {"formal"}
    assert facts(prompt.raw for prompt in SPLITS["register-far"].load()) <= facts(training[0])


def test_people_write_worse_than_they_could():
    """Shares as the habits say: a summary without any failing is flawless."""
    values = [gold(one.prompt, one.completion) for one in WORLD.demonstrations["train"]()]
    assert 0.75 < sum(values) / len(values) < 0.9
    assert sum(value == 1 for value in values) / len(values) > 0.3
    assert min(values) < 0


def test_choices_follow_gold_with_the_noise_that_is_told():
    """Of choices whose gold differs by about d, the share for the better is 1 / (1 + exp(-d / T))."""
    by_lead = {}
    for one in WORLD.rankings["train"]():
        lead = gold(one.prompt, one.chosen) - gold(one.prompt, one.rejected)
        by_lead.setdefault(round(abs(lead), 2), []).append(lead > 0)
    checked = 0
    for lead, chosen in by_lead.items():
        if lead > 0 and len(chosen) >= 200:
            expected = 1 / (1 + math.exp(-lead / 0.1))
            error = math.sqrt(expected * (1 - expected) / len(chosen))
            assert sum(chosen) / len(chosen) == pytest.approx(expected, abs=4 * error)
            checked += 1
    assert checked >= 3
    assert all(one.chosen != one.rejected for one in WORLD.rankings["validation"]())


def test_a_post_has_many_flawless_summaries():
    post, dice = next(posts(WORLDS["id"], "test", "many"))
    written = {post.summary(CAREFUL, dice) for _ in range(100)}
    assert len(written) > 80
    assert {gold(post.text, summary) for summary in written} == {1.0}


def test_the_small_world_is_registered_whole():
    task = TASKS["small-world"]
    assert SUITES["small-world"].splits == tuple(f"small-world/{name}" for name in SPLITS)
    assert {name: split.shift for name, split in SPLITS.items()} == {
        "id": "id",
        **{f"{kind}-{side}": side for kind in ("topic", "length", "register") for side in ("near", "far")},
    }
    assert (task.format, task.max_tokens, task.splits[0].kind) == ("raw", 28, "post")
    assert EXACT_REWARDS["small-world"].score is gold
    counts = {part: len(shown()) for part, shown in WORLD.demonstrations.items()}
    assert counts == {"train": 20_000, "validation": 500}
    counts = {part: len(ranked()) for part, ranked in WORLD.rankings.items()}
    assert counts == {"train": 10_000, **dict.fromkeys(("validation", *list(SPLITS)[1:]), 1000)}
    assert json.dumps(vocabulary()) == json.dumps(sorted(set(vocabulary())))
