"""The paper's lessons: posts in the published format, the preferred answer first, and parts by their own files."""

import pytest

from gendiv.errors import BadInput
from gendiv.tasks import LESSONS

POSTS = "UCL-DARK/openai-tldr-filtered"
CHOICES = "UCL-DARK/openai-tldr-summarisation-preferences"
NEWS = "openai/summarize_from_feedback/comparisons/validation.jsonl"
TLDR = LESSONS["tldr"]


def post(id, summary):
    return {"id": id, "subreddit": "tifu", "title": "I sat", "post": "On a cake.", "summary": summary}


def choice(choice, info, **more):
    return {"info": {"id": "t3_1", **info}, "summaries": [{"text": " one"}, {"text": " two"}], "choice": choice, **more}


POST_INFO = {"subreddit": "tifu", "title": "I sat", "post": "On a cake."}


@pytest.mark.parametrize("part", ["train", "validation"])
def test_demonstrations_are_posts_with_their_summaries(write, part):
    write(f"{POSTS}/{part}.jsonl", post("a", " Cake. "), post("b", None), post("c", "Sat."))
    prompt = "SUBREDDIT: r/tifu\nTITLE: I sat\nPOST: On a cake.\nTL;DR:"
    found = TLDR.demonstrations[part]()
    assert [(one.prompt, one.completion) for one in found] == [(prompt, "Cake."), (prompt, "Sat.")]


@pytest.mark.parametrize("part", ["train", "validation"])
def test_rankings_put_the_preferred_answer_first(write, part):
    write(f"{CHOICES}/{part}.jsonl", choice(0, POST_INFO), choice(1, POST_INFO))
    found = TLDR.rankings[part]()
    assert {one.prompt for one in found} == {"SUBREDDIT: r/tifu\nTITLE: I sat\nPOST: On a cake.\nTL;DR:"}
    assert [(one.chosen, one.rejected) for one in found] == [("one", "two"), ("two", "one")]


def test_rankings_of_news_are_out_of_distribution(write):
    write(NEWS, choice(1, {"article": "Rain fell."}, batch="cnndm0"), choice(1, POST_INFO, batch="batch3"))
    (found,) = TLDR.rankings["cnn_dailymail"]()
    assert (found.prompt, found.chosen, found.rejected) == ("ARTICLE: Rain fell.\nTL;DR:", "two", "one")


def test_a_part_that_is_not_there_is_one_line(write):
    write(f"{POSTS}/train.jsonl", post("a", "Cake."))
    with pytest.raises(BadInput, match=r"openai-tldr-filtered validation: cannot read .*validation\.jsonl"):
        TLDR.demonstrations["validation"]()
