"""Tokenisers: what becomes of odd texts, and a model's own tokeniser as a setting."""

import sys

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from gendiv.errors import BadInput, NotInstalled
from gendiv.metrics import EAD, Distinct, Texts, Undefined
from gendiv.metrics.counting.tokenizer import split_as_released, split_characters, split_words, tokenize

SOME = st.text(alphabet="aB\u00e9e\u0301\u0308\u4f60\u3000 \n\u0e01\u0e34\u0915\u093f\u200d'-_7.\u200c", max_size=20)


def value(metric, group):
    texts = Texts.of([group])
    return metric.value(texts, texts.groups[0])


@settings(derandomize=True, deadline=None)
@given(SOME)
def test_characters_are_what_a_regular_expression_with_marks_finds(text):
    assert split_characters(text) == regex.findall(r"[^\s\p{M}]\p{M}*|\p{M}+", text)


def test_characters_keep_their_marks_and_leave_whitespace_out():
    assert split_characters("e\u0301t e") == ["e\u0301", "t", "e"]
    assert split_characters("\u0915\u093f\u0924\n\u0928\u093e") == ["\u0915\u093f", "\u0924", "\u0928\u093e"]
    assert split_characters("\u4f60\u597d\u3000\u4f60") == ["\u4f60", "\u597d", "\u4f60"]
    assert split_characters(" \n") == []
    # A mark without a letter before it is a character of its own, and is taken together with those after it.
    assert split_characters("\u0301\u0301a") == ["\u0301\u0301", "a"]


@settings(derandomize=True, deadline=None)
@given(SOME)
def test_words_are_what_a_regular_expression_with_marks_finds(text):
    runs = regex.findall(r"[\w\p{M}\u200c\u200d]+", text.casefold())
    assert split_words(text) == [run for run in runs if regex.search(r"[\p{L}\p{N}_]", run)]


def test_words_forget_case_and_punctuation_and_keep_vowel_signs():
    assert split_words("STRASSE, stra\u00dfe!") == ["strasse", "strasse"]
    assert split_words("\u0939\u093f\u0928\u094d\u0926\u0940 x_1") == ["\u0939\u093f\u0928\u094d\u0926\u0940", "x_1"]
    assert split_words("\u0645\u06cc\u200c\u0631\u0648\u0645") == ["\u0645\u06cc\u200c\u0631\u0648\u0645"]
    assert split_words("... \u2014 ! \u2764\ufe0f \U0001f468\u200d\U0001f469") == []


def test_the_published_tokens_fuse_around_newlines_and_keep_tabs():
    assert split_as_released("a b\nc d") == ["a", "bc", "d"]
    assert split_as_released("1.5 a\tb ... \u3000") == ["15", "a\tb", "\u3000"]


def test_a_script_without_spaces_is_counted_by_characters():
    assert value(Distinct(n=(1,)), ["\u4f60\u597d\u4f60"]) == 1
    assert value(Distinct(n=(1,), tokenizer="characters"), ["\u4f60\u597d\u4f60"]) == 2 / 3
    with pytest.raises(Undefined, match="4 or more characters"):
        value(Distinct(n=(4,), tokenizer="characters"), ["\u4f60\u597d\u4f60"])


def test_two_tokenisers_do_not_share_counts():
    texts = Texts.of([["Cat cat"]])
    assert Distinct(n=(1,)).value(texts, texts.groups[0]) == 1
    assert Distinct(n=(1,), tokenizer="words").value(texts, texts.groups[0]) == 1 / 2


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A model folder with a tokeniser of four words that puts a special token first."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    words = Tokenizer(models.WordLevel({"<s>": 0, "<unk>": 1, "cat": 2, "dog": 3}, unk_token="<unk>"))
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    words.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 0)])
    path = tmp_path_factory.mktemp("model")
    PreTrainedTokenizerFast(
        tokenizer_object=words, unk_token="<unk>", bos_token="<s>", model_max_length=4
    ).save_pretrained(path)
    return str(path)


def test_a_models_tokeniser_is_used_without_special_tokens_and_without_a_limit(folder):
    assert list(tokenize(["cat dog bird fish cat", "", "\ud800"], folder)) == [[2, 3, 1, 1, 2], [], [1]]


def test_a_models_tokeniser_is_a_setting(folder):
    metric = EAD.from_settings(f"n=1:tokenizer={folder}:vocabulary=4")
    metric.require()
    # cat, unknown, unknown: 2 different of 3, where 3 draws from 4 give 4 (1 - 27/64).
    assert value(metric, ["cat bird", "fish"]) == pytest.approx(2 / (4 * (1 - 27 / 64)), rel=1e-12)
    with pytest.raises(Undefined, match="2 or more tokens"):
        value(Distinct(n=(2,), tokenizer=folder), ["cat"])


def test_a_tokeniser_that_cannot_be_loaded_is_told_in_one_line_before_anything_is_drawn(tmp_path):
    with pytest.raises(BadInput, match="cannot be loaded") as refusal:
        Distinct(tokenizer=str(tmp_path)).require()
    assert "\n" not in str(refusal.value)
    assert "whitespace, characters, words" in str(refusal.value)


def test_without_transformers_the_way_out_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(NotInstalled, match="pip install"):
        EAD(tokenizer="gpt2").require()
    EAD(tokenizer="words").require()


@pytest.mark.parametrize("tokenizer", ["", " ", None, 3])
def test_what_cannot_name_a_tokeniser_is_refused(tokenizer):
    with pytest.raises(ValueError, match="tokenizer: wanted whitespace"):
        Distinct(tokenizer=tokenizer)
