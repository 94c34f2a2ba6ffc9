"""Which prompts of a split are asked: the first, or a random sample that a larger one extends; and how many."""

import json
from collections import Counter
from dataclasses import replace

import pytest

import gendiv
from gendiv.benchmark.plan import make_plan
from gendiv.benchmark.record import read_run
from gendiv.benchmark.run import default_folder
from gendiv.benchmark.selecting import Selection
from gendiv.benchmark.sources.scripted import Scripted
from gendiv.errors import BadInput
from gendiv.tasks import SUITES, Origin, Prompt, Suite

SPLIT = "mini-instructions/everyday"
TLDR = "UCL-DARK/openai-tldr-filtered/test.jsonl"
PROMPTS = [Prompt(f"p{index}", "raw", "message", None, "shown") for index in range(200)]


def taken(prompts, **more):
    return [one.id for one in make_plan(tasks=[SPLIT], prompts=prompts, samples=2, **more).splits[0].prompts]


def test_the_first_prompts_are_taken_in_published_order():
    assert taken(3) == ["everyday-01", "everyday-02", "everyday-03"]


def test_a_larger_random_sample_begins_with_the_smaller_one():
    whole = taken(None, select="random")
    assert sorted(whole) == taken(None)
    assert whole != taken(None)
    for count in (1, 5, 31):
        assert taken(count, select="random") == whole[:count]


def test_another_seed_is_another_sample():
    orders = {tuple(taken(8, select="random", select_seed=seed)) for seed in range(20)}
    assert len(orders) == 20
    assert taken(8, select="random") == taken(8, select="random", select_seed=0)


def test_a_row_keeps_its_place_when_others_are_added():
    order = Selection("random", 4).order("task/split", PROMPTS)
    fewer = Selection("random", 4).order("task/split", PROMPTS[:120])
    assert fewer == [prompt for prompt in order if prompt in PROMPTS[:120]]


def test_every_prompt_is_as_likely_to_be_taken():
    """Of 200 prompts, 20 in each of 400 samples: each is taken 40 times on average, with a deviation of 6."""
    counts = Counter(one.id for seed in range(400) for one in Selection("random", seed).order("s", PROMPTS)[:20])
    assert len(counts) == 200
    assert max(abs(count - 40) for count in counts.values()) < 6 * 5


def test_a_run_goes_on_with_a_larger_random_sample(tmp_path):
    plan = {"tasks": [SPLIT], "samples": 2, "metrics": ["distinct"], "select": "random", "select_seed": 5}
    gendiv.evaluate(Scripted(), prompts=3, out=tmp_path / "run", **plan)
    before = (tmp_path / "run/samples" / f"{SPLIT}.jsonl").read_text()
    run = gendiv.evaluate(Scripted(), prompts=8, out=tmp_path / "run", **plan)
    after = (tmp_path / "run/samples" / f"{SPLIT}.jsonl").read_text()
    assert after.startswith(before)
    assert len(after.splitlines()) == 16
    (kept,) = run.record.splits
    assert (kept.select, kept.select_seed, kept.prompts, kept.available) == ("random", 5, 8, 32)


@pytest.mark.parametrize(
    ("other", "shown"),
    [
        ({"select": "random", "select_seed": 6}, "another --select of .*: random-5 there, random-6 here"),
        ({}, "another --select of .*: random-5 there, first here"),
    ],
)
def test_another_selection_in_the_same_folder_is_refused(tmp_path, other, shown):
    plan = {"tasks": [SPLIT], "samples": 2, "metrics": ["distinct"], "out": tmp_path / "run", "prompts": 3}
    gendiv.evaluate(Scripted(), select="random", select_seed=5, **plan)
    with pytest.raises(BadInput, match=shown):
        gendiv.evaluate(Scripted(), **plan, **other)


def test_a_folder_of_an_older_version_goes_on(tmp_path):
    """Its record knows no selection and no data."""
    plan = {"tasks": [SPLIT], "samples": 2, "metrics": ["distinct"], "out": tmp_path / "run"}
    gendiv.evaluate(Scripted(), prompts=3, **plan)
    path = tmp_path / "run/run.json"
    record = json.loads(path.read_text())
    for name in ("select", "select_seed", "available", "data"):
        del record["splits"][0][name]
    path.write_text(json.dumps(record))
    assert gendiv.evaluate(Scripted(), prompts=4, **plan).record.splits[0].prompts == 4


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"select": "last"}, "--select: wanted first or random, found 'last'"),
        ({"select_seed": 3}, "--select-seed 3: the first prompts need no seed; add --select random"),
    ],
)
def test_a_wrong_selection_is_one_line(given, reason):
    with pytest.raises(BadInput, match=reason):
        make_plan(tasks=[SPLIT], **given)


def test_selections_have_folders_of_their_own():
    folders = {
        default_folder("m", make_plan(tasks=[SPLIT], samples=2, select=select, select_seed=seed))
        for select, seed in (("first", None), ("random", 0), ("random", 1))
    }
    assert len(folders) == 3


@pytest.fixture
def posts(tmp_path, monkeypatch):
    """Twelve posts where GENDIV_DATA finds them, nine of them of r/tifu."""
    monkeypatch.setenv("GENDIV_DATA", str(tmp_path))
    path = tmp_path / TLDR
    path.parent.mkdir(parents=True)
    rows = [
        {"id": f"t{i}", "subreddit": "tifu" if i < 9 else "pics", "title": "a", "post": f"b {i}", "summary": "c"}
        for i in range(12)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture
def suite(monkeypatch):
    """A suite that asks ten prompts of each of two splits."""
    ten = Suite("ten", "", ("summarisation/tldr", "tldr-subreddit-tifu/inside"), ("distinct",), prompts=10)
    monkeypatch.setitem(SUITES, "ten", ten)
    return "ten"


@pytest.mark.usefixtures("posts")
def test_a_suites_own_number_takes_all_of_a_smaller_split(suite):
    plan = make_plan(suite=suite, samples=2)
    assert [(len(one.prompts), one.available) for one in plan.splits] == [(10, 12), (9, 9)]


@pytest.mark.usefixtures("posts")
def test_an_explicit_number_is_meant(suite):
    assert [len(one.prompts) for one in make_plan(suite=suite, prompts=4, samples=2).splits] == [4, 4]
    with pytest.raises(BadInput, match="tldr-subreddit-tifu/inside has 9 prompts, and -n asks for 10"):
        make_plan(suite=suite, prompts=10, samples=2)


def test_a_record_keeps_where_the_prompts_were_read(posts, tmp_path):
    out = tmp_path / "run"
    tasks = ["tldr-subreddit-tifu/inside", SPLIT]
    gendiv.evaluate(Scripted(), tasks=tasks, prompts=2, samples=2, metrics=["distinct"], out=out)
    ours, bundled = read_run(out).splits
    assert ours.data.data == "UCL-DARK/openai-tldr-filtered test"
    assert ours.data.path == str(posts)
    assert (ours.data.rows, ours.available, ours.prompts) == (12, 9, 2)
    assert len(ours.data.sha256) == 64
    assert bundled.data is None


def test_a_data_set_read_at_no_pinned_commit_is_noted_once():
    def note(*revisions):
        plan = make_plan(tasks=[SPLIT], samples=2)
        origins = [
            Origin(data="o/d test", revision=one, commit="c" * 40, rows=1, sha256="0", verified=False)
            for one in revisions
        ]
        return replace(plan, splits=tuple(replace(plan.splits[0], origin=one) for one in origins)).notes

    assert note("c" * 40) == ()
    assert note(None, None) == (f"o/d test: main is commit {'c' * 40} now, which the record keeps",)
    assert note("v1") == (f"o/d test: v1 is commit {'c' * 40} now, which the record keeps",)
