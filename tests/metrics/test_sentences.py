"""Sentences: where they end and where they do not."""

import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gendiv.errors import NotInstalled
from gendiv.metrics import NLISampled
from gendiv.metrics.sentences import BLOCK, _punkt, sentences

CASES = {
    "one": ("The cat sat.", ["The cat sat."]),
    "no stop at the end": ("The cat sat", ["The cat sat"]),
    "three marks": ("It ran. Did it? It did!", ["It ran.", "Did it?", "It did!"]),
    "titles": ("Dr. Ann Smith met Mr. Lee. They spoke.", ["Dr. Ann Smith met Mr. Lee.", "They spoke."]),
    "initials": ("J. R. Smith wrote it. She read it.", ["J. R. Smith wrote it.", "She read it."]),
    "latin": (
        "Pets, e.g. cats, sleep. Dogs, i.e. hounds, run.",
        ["Pets, e.g. cats, sleep.", "Dogs, i.e. hounds, run."],
    ),
    "decimals": ("It cost 3.50 in all. I paid.", ["It cost 3.50 in all.", "I paid."]),
    "an abbreviation at the end": ("It shut at 5 p.m. The cat left.", ["It shut at 5 p.m.", "The cat left."]),
    "short words are no abbreviations": ("The cat sat. Dogs ran. He said no. Art won.", 4),
    "quotation": ('"Go," he said. "Now!" She went.', ['"Go," he said.', '"Now!"', "She went."]),
    "ellipsis": ("Well... maybe so. Yes.", ["Well... maybe so.", "Yes."]),
    "marks stay with what they follow": ("What?! ! Yes. ...", ["What?! !", "Yes. ..."]),
    "wrapped lines": ("The cat\nsat on\r\nthe mat. It slept.", ["The cat sat on the mat.", "It slept."]),
    "paragraphs": ("A title\n\nThe text\n \nThe end", ["A title", "The text", "The end"]),
    "a bulleted list": (
        "Buy:\n- milk\n* eggs. Fresh ones.\n\u2022 tea",
        ["Buy:", "milk", "eggs.", "Fresh ones.", "tea"],
    ),
    "a numbered list": ("1. Stir.\n2) Bake it\n(3) Eat", ["Stir.", "Bake it", "Eat"]),
    "numbers in a line": ("1. Stir it. 2. Bake it.", ["Stir it.", "2. Bake it."]),
    "headings": ("# Cats\nThey sleep.", ["Cats", "They sleep."]),
    "full-width stops": (
        "\u4eca\u65e5\u306f\u3002\u660e\u65e5\u3082\uff01",
        ["\u4eca\u65e5\u306f\u3002", "\u660e\u65e5\u3082\uff01"],
    ),
    "a stop in full-width quotation": (
        "\u300c\u306f\u3044\u3002\u300d\u305d\u3046\u3002",
        ["\u300c\u306f\u3044\u3002\u300d", "\u305d\u3046\u3002"],
    ),
    "nothing": ("", []),
    "space": (" \n\t\u3000\n", []),
    "a mark alone": ("...", ["..."]),
    "a number alone": ("42.", ["42."]),
    "surrogates": ("\ud800 ran. The \udfff sat.", ["\ud800 ran.", "The \udfff sat."]),
}


@pytest.mark.parametrize(("text", "wanted"), CASES.values(), ids=CASES)
def test_sentences_end_where_a_reader_ends_them(text, wanted):
    found = sentences(text)
    assert len(found) == wanted if isinstance(wanted, int) else found == wanted


@settings(max_examples=60, deadline=None)
@given(st.text(st.sampled_from("ab .?!\n1-\u3002\ud800'\""), max_size=60))
def test_no_letter_is_lost_and_no_sentence_is_empty(text):
    found = sentences(text)
    assert [letter for sentence in found for letter in sentence if letter in "ab"] == [x for x in text if x in "ab"]
    assert all(sentence.strip() == sentence and sentence for sentence in found)


@pytest.mark.parametrize(
    "text", ["word " * 200_000, "x" * 1_000_000, "." * 1_000_000, "\n" * 1_000_000, " " * 1_000_000]
)
def test_a_megabyte_takes_no_long_time(text):
    start = time.perf_counter()
    assert len(sentences(text)) <= 1
    assert time.perf_counter() - start < 10


def test_a_text_longer_than_a_block_is_split_as_a_short_one_is():
    text = "Dr. Lee met the cat. The cat ran, e.g. home. " * (3 * BLOCK // 45)
    assert sentences(text) == ["Dr. Lee met the cat.", "The cat ran, e.g. home."] * (3 * BLOCK // 45)


def test_without_nltk_a_run_is_told_before_it_draws(monkeypatch):
    monkeypatch.setattr("gendiv.metrics.pairwise_entailment.check_nli", lambda _: None)
    monkeypatch.setitem(sys.modules, "nltk.tokenize.punkt", None)
    _punkt.cache_clear()
    with pytest.raises(NotInstalled, match=r"pip install 'gendiv\[nli\]'"):
        NLISampled().require()
