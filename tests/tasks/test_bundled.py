"""The bundled tasks: prompts equal to the published format to the byte, and shifts that part the rows exactly.

Expected prompts are written out here from the raw rows, not made by the package's templates.
"""

import json
import os
import sys
from collections import Counter
from pathlib import Path

import pytest

from gendiv.errors import BadInput, NotInstalled
from gendiv.tasks import SUITES, TASKS
from gendiv.tasks.shifts import SHIFTS, most, pieces, sentiments

TLDR = "UCL-DARK/openai-tldr-filtered/test.jsonl"
CNN = "abisee/cnn_dailymail/3.0.0/test.jsonl"
FARM = "UCL-DARK/alpaca-farm-id-test/test.jsonl"
EVAL = "tatsu-lab/alpaca_eval/eval.jsonl"
SEQUENTIAL = "UCL-DARK/sequential-instructions/test.jsonl"
FILES = {
    "summarisation/tldr": TLDR,
    "summarisation/cnn_dailymail": CNN,
    "instruction-following/alpaca_farm": FARM,
    "instruction-following/alpaca_eval": EVAL,
    "instruction-following/sequential_instructions": SEQUENTIAL,
}
PREAMBLE = "Below is an instruction that describes a task. Write a response that appropriately completes the request."


def split(name):
    task, _, wanted = name.partition("/")
    return next(one for one in TASKS[task].splits if one.name == wanted)


def published(file):
    """Return the rows of a data set that GENDIV_DATA holds, read without the package."""
    path = Path(os.environ.get("GENDIV_DATA", ""), file)
    if not path.exists():
        pytest.skip(f"GENDIV_DATA holds no {file}")
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


def post(id="t3_1", **more):
    return {"id": id, "subreddit": "tifu", "title": "I sat", "post": "On a cake.", "summary": "Cake.", **more}


def test_posts_are_put_in_the_published_format():
    rows = published(TLDR)
    for row, prompt in zip(rows, split("summarisation/tldr").load(), strict=True):
        head = "SUBREDDIT: r/" + row["subreddit"] + "\nTITLE: " + row["title"] + "\nPOST: " + row["post"]
        assert prompt.raw == head + "\nTL;DR:"
        assert prompt.shown == head
        message = "Summarise this forum post in one or two sentences.\n\n" + row["title"] + "\n\n" + row["post"]
        assert prompt.message == message
        assert prompt.reference == row["summary"]
        assert prompt.id == row["id"]


def test_articles_are_put_in_the_published_format():
    for row, prompt in zip(published(CNN), split("summarisation/cnn_dailymail").load(), strict=True):
        assert prompt.raw == "ARTICLE: " + row["article"] + "\nTL;DR:"
        assert prompt.shown == "ARTICLE: " + row["article"]
        assert prompt.message == "Summarise this news story in one or two sentences.\n\n" + row["article"]
        assert prompt.reference == row["highlights"]


@pytest.mark.parametrize("name", ["alpaca_farm", "alpaca_eval", "sequential_instructions"])
def test_instructions_are_put_in_the_alpaca_format_without_input(name):
    rows = published(FILES[f"instruction-following/{name}"])
    for row, prompt in zip(rows, split(f"instruction-following/{name}").load(), strict=True):
        assert prompt.raw == PREAMBLE + "\n\n### Instruction:\n" + row["instruction"] + "\n\n### Response:"
        assert prompt.message == prompt.shown == row["instruction"]
        assert prompt.reference == (row["output"] or None)


def test_the_whole_of_a_post_written_out(write):
    write(TLDR, post(subreddit="AskReddit", title=" Why ", post="Line one.\n\nLine  two. "))
    (prompt,) = split("summarisation/tldr").load()
    assert prompt.raw == "SUBREDDIT: r/AskReddit\nTITLE:  Why \nPOST: Line one.\n\nLine  two. \nTL;DR:"


def test_an_input_is_merged_into_the_instruction(write):
    rows = [
        {"instruction": "Translate.", "input": "Guten Tag\n", "output": "Good day"},
        {"instruction": "Name a river.", "input": "", "output": "Rhine"},
    ]
    write(FARM, *rows)
    first, second = split("instruction-following/alpaca_farm").load()
    assert first.message == "Translate.\n\n### Input:\nGuten Tag\n"
    assert first.raw == PREAMBLE + "\n\n### Instruction:\nTranslate.\n\n### Input:\nGuten Tag\n\n\n### Response:"
    assert second.message == "Name a river."


def test_an_empty_reference_is_none(write):
    rows = [
        {"instruction": "a", "output": ""},
        {"instruction": "b", "output": " \n"},
        {"instruction": "c", "output": None},
    ]
    write(EVAL, *rows)
    assert [one.reference for one in split("instruction-following/alpaca_eval").load()] == [None, None, None]


def test_ids_without_an_id_column_are_hashes_of_the_instruction(write):
    rows = [{"instruction": one, "output": "x"} for one in ("a", "b", "a", "a")]
    write(EVAL, *rows)
    names = [one.id for one in split("instruction-following/alpaca_eval").load()]
    # printf a | sha256sum; printf b | sha256sum
    a, b = "ca978112ca1bbdca", "3e23e8160039594a"
    assert names == [a, b, f"{a}#2", f"{a}#3"]
    write(EVAL, rows[1], rows[0])
    assert [one.id for one in split("instruction-following/alpaca_eval").load()] == [b, a]


def test_repeated_rows_have_ids_of_their_own_on_both_sides_of_a_shift(write):
    write(TLDR, post(), post(), post(subreddit="pics"), post("t3_2"))
    assert [one.id for one in split("summarisation/tldr").load()] == ["t3_1", "t3_1#2", "t3_1#3", "t3_2"]
    assert [one.id for one in split("tldr-subreddit-tifu/inside").load()] == ["t3_1", "t3_1#2", "t3_2"]
    assert [one.id for one in split("tldr-subreddit-tifu/outside").load()] == ["t3_1#3"]


@pytest.mark.parametrize(
    ("file", "name", "rows", "reason"),
    [
        (TLDR, "summarisation/tldr", [post(), post(post=" \n")], "test.jsonl:2: wanted text in the column 'post'"),
        (TLDR, "summarisation/tldr", [post(id="")], "test.jsonl:1: wanted text in the column 'id'"),
        (TLDR, "summarisation/tldr", [post(title=None)], "test.jsonl:1: wanted text in the column 'title', found None"),
        (EVAL, "instruction-following/alpaca_eval", [{"instruction": "", "output": "a"}], "eval.jsonl:1: wanted text"),
        (TLDR, "tldr-subreddit-dating_advice/inside", [post()], "none of its rows is on this side of the shift"),
    ],
)
def test_a_row_without_text_is_one_line(write, file, name, rows, reason):
    write(file, *rows)
    with pytest.raises(BadInput) as refused:
        split(name).load()
    assert reason in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("task", SHIFTS, ids=lambda task: task.name)
def test_the_two_sides_of_a_shift_part_the_rows(task):
    rows = published(TLDR)
    inside, outside = task.splits
    assert (inside.shift, outside.shift) == ("id", "near")
    sides = [[prompt.id for prompt in side.load()] for side in task.splits]
    assert sorted(sides[0] + sides[1]) == sorted(row["id"] for row in rows)
    order = {row["id"]: index for index, row in enumerate(rows)}
    for side in sides:
        assert side
        assert side == sorted(side, key=order.__getitem__)


@pytest.mark.parametrize("name", ["relationship_advice", "AskReddit", "relationships", "tifu", "dating_advice"])
def test_a_subreddit_is_inside_alone(name):
    wanted = [row["id"] for row in published(TLDR) if row["subreddit"] == name]
    assert [one.id for one in split(f"tldr-subreddit-{name.lower()}/inside").load()] == wanted


def test_posts_are_short_up_to_245_pieces():
    wanted = [row["id"] for row in published(TLDR) if row["post"].count(" ") < 245]
    assert [one.id for one in split("tldr-length/short").load()] == wanted


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("word", 1),
        (" ".join(["w"] * 245), 245),
        (" ".join(["w"] * 246), 246),
        ("\n".join(["w"] * 300), 1),
        ("w  w", 3),
        (" w ", 3),
        ("w\tw", 1),
        ("w\u00a0w", 1),
    ],
    ids=["one", "short", "long", "newlines", "double space", "outer spaces", "tab", "no-break space"],
)
def test_the_length_of_a_post_is_its_pieces_between_single_spaces(text, count):
    assert pieces(text) == count


def test_the_length_rule_decides_by_pieces(write):
    write(
        TLDR,
        post("newlines", post="\n".join(["w"] * 300)),
        post("edge", post=" ".join(["w"] * 245)),
        post("over", post=" ".join(["w"] * 246)),
        post("doubled", post="  ".join(["w"] * 124)),  # 123 double spaces: 247 pieces
    )
    assert [one.id for one in split("tldr-length/short").load()] == ["newlines", "edge"]
    assert [one.id for one in split("tldr-length/long").load()] == ["over", "doubled"]


def test_sentiment_parts_at_the_median_and_ties_by_order(write):
    glad, sad, plain = "I love this wonderful day.", "I hate this awful day.", "The table is here."
    write(TLDR, *(post(str(index), post=text) for index, text in enumerate([sad, plain, glad, plain, plain])))
    ids = {
        name: [one.id for one in split(name).load()]
        for task in SHIFTS
        for name in map(task.full_name, task.splits)
        if "sentiment" in name
    }
    assert ids == {
        "tldr-sentiment-positive/positive": ["1", "2"],
        "tldr-sentiment-positive/negative": ["0", "3", "4"],
        "tldr-sentiment-negative/negative": ["0", "1"],
        "tldr-sentiment-negative/positive": ["2", "3", "4"],
    }


def test_sentiment_halves_of_real_posts_are_halves_by_score():
    rows = published(TLDR)
    scores = dict(zip((row["id"] for row in rows), sentiments(tuple(row["post"] for row in rows)), strict=True))
    for sentiment, sign in (("positive", 1), ("negative", -1)):
        inside, outside = (
            [sign * scores[one.id] for one in side.load()] for side in TASKS[f"tldr-sentiment-{sentiment}"].splits
        )
        assert len(inside) == len(rows) // 2
        assert min(inside) >= max(outside)


def test_vader_agrees_with_its_documentation():
    """The first examples of the package's README."""
    found = sentiments(("VADER is smart, handsome, and funny.", "VADER is not smart, handsome, nor funny.", ""))
    assert found == (0.8316, -0.7424, 0.0)


def test_halves_of_an_odd_number_leave_the_middle_outside():
    assert most([3, 1, 2], "positive") == [True, False, False]
    assert most([3, 1, 2], "negative") == [False, True, False]
    assert most([0, 0, 0, 0], "positive") == most([0, 0, 0, 0], "negative") == [True, True, False, False]


def test_without_vader_the_sentiment_is_one_line(monkeypatch, write):
    monkeypatch.setitem(sys.modules, "vaderSentiment.vaderSentiment", None)
    sentiments.cache_clear()
    write(TLDR, post(), post("t3_2"))
    with pytest.raises(NotInstalled, match=r"needs vaderSentiment: pip install 'gendiv\[tasks\]'"):
        split("tldr-sentiment-positive/positive").load()
    assert split("tldr-length/short").load()


@pytest.mark.parametrize("name", [name for suite in SUITES.values() for name in suite.splits])
def test_every_split_of_a_suite_loads_with_ids_of_its_own(name):
    if split(name).data is not None:
        published(FILES.get(name, TLDR))
    prompts = split(name).load()
    assert max(Counter(one.id for one in prompts).values()) == 1
    assert all(one.raw.strip() and one.message.strip() and one.shown.strip() for one in prompts)


@pytest.mark.parametrize("task", TASKS.values(), ids=lambda task: task.name)
def test_every_data_set_is_pinned_to_a_commit_and_licensed(task):
    for one in task.splits:
        if one.data is not None:
            assert len(one.data.revision) == 40
            assert one.data.files
            assert one.data.licence in task.licence


def test_the_papers_settings():
    assert TASKS["summarisation"].max_tokens == 48
    assert TASKS["summarisation"].format == "raw"
    assert TASKS["instruction-following"].format == "chat"
    assert SUITES["kirk2023"].prompts == 500
    assert SUITES["kirk2023"].splits == tuple(FILES)
    assert {"ead", "sbert", "nli_sampled"} <= set(SUITES["kirk2023"].metrics)
    assert len(SUITES["kirk2023-shifts"].splits) == 16
