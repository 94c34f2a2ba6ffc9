"""Human preferences: what a judge is shown, which answer was preferred, and rows that are none."""

import json
import os
from pathlib import Path

import pytest

from gendiv.errors import BadInput
from gendiv.tasks.preferences import PREFERENCES

TLDR = "UCL-DARK/openai-tldr-summarisation-preferences/test.jsonl"
CNN = "openai/summarize_from_feedback/comparisons/validation.jsonl"
POST = {"id": "t3_1", "subreddit": "tifu", "title": "I sat on a cake", "post": "It was\n my boss's. "}
ARTICLE = {"id": "a1", "site": "cnn", "title": "Rain", "article": "Rain fell on Monday. "}


def row(info, texts=(" I sat.", " A cake."), choice=1, **more):
    return {"info": info, "summaries": [{"text": text, "policy": "x"} for text in texts], "choice": choice, **more}


def test_a_post_is_shown_with_its_header_and_without_the_cue(write):
    write(TLDR, row(POST))
    (preference,) = PREFERENCES["tldr"].load()
    assert preference.shown == "SUBREDDIT: r/tifu\nTITLE: I sat on a cake\nPOST: It was\n my boss's. "
    assert (preference.id, preference.kind, preference.choice) == ("t3_1", "post", 1)


def test_answers_lose_the_space_they_begin_with_and_nothing_else(write):
    write(TLDR, row(POST, ("  I sat. ", "A cake.\n")))
    assert PREFERENCES["tldr"].load()[0].answers == ("I sat. ", "A cake.\n")


def test_only_rows_of_the_cnn_batches_are_comparisons_of_articles(write):
    write(CNN, row(POST, batch="batch12"), row(ARTICLE, batch="cnndm0", choice=0), row(ARTICLE, batch="cnndm2"))
    found = PREFERENCES["cnn_dailymail"].load()
    assert [one.shown for one in found] == ["ARTICLE: Rain fell on Monday. "] * 2
    assert [one.choice for one in found] == [0, 1]


def test_comparisons_of_one_post_have_ids_of_their_own(write):
    write(TLDR, row(POST), row({**POST, "id": "t3_2"}), row(POST))
    assert [one.id for one in PREFERENCES["tldr"].load()] == ["t3_1", "t3_2", "t3_1#2"]


@pytest.mark.parametrize(
    "bad",
    [
        row(POST, choice=2),
        row(POST, choice=None),
        row(POST, ("one",)),
        row(POST, ("one", "two", "three")),
        row(POST, ("one", None)),
        row({"id": 1}),
        {**row(POST), "info": "text"},
    ],
)
def test_a_row_that_is_no_preference_is_one_line_with_its_place(bad, write):
    path = write(TLDR, row(POST), bad)
    with pytest.raises(BadInput, match=rf"{path}:2: wanted info, two summaries") as refused:
        PREFERENCES["tldr"].load()
    assert "\n" not in str(refused.value)


def test_a_file_without_any_row_of_the_set_is_refused(write):
    write(CNN, row(POST, batch="batch12"))
    with pytest.raises(BadInput, match="no row of it is about summaries of CNN/Daily Mail articles"):
        PREFERENCES["cnn_dailymail"].load()


@pytest.mark.parametrize(("name", "file"), [("tldr", TLDR), ("cnn_dailymail", CNN)])
def test_the_published_rows_load(name, file):
    path = Path(os.environ.get("GENDIV_DATA", ""), file)
    if not path.exists():
        pytest.skip(f"GENDIV_DATA holds no {file}")
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    found = PREFERENCES[name].load()
    assert [one.choice for one in found] == [row["choice"] for row in rows]
    assert [one.answers for one in found] == [tuple(s["text"].lstrip(" ") for s in row["summaries"]) for row in rows]
    assert len({one.id for one in found}) == len(rows)
    assert not any(one.shown.endswith("TL;DR:") for one in found)
