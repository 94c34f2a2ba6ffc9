"""The compression ratio against the gzip module."""

import gzip
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gendiv.metrics import Texts, Undefined
from gendiv.metrics.compression import Compression


def value(group):
    texts = Texts.of([group])
    return Compression().value(texts, texts.groups[0])


@settings(derandomize=True, deadline=None)
@given(st.lists(st.text(max_size=20), min_size=1, max_size=8).filter(any), st.randoms(use_true_random=False))
def test_value_is_that_of_gzip_whatever_the_order(group, random):
    raw = "\n".join(sorted(group)).encode()
    shuffled = random.sample(group, len(group))
    assert value(shuffled) == len(raw) / len(gzip.compress(raw, compresslevel=9))


def test_copies_compress_better_than_other_words():
    copies, words = ["the quick brown fox jumps"] * 16, [f"{'abcdefghijklmnop'[i:]}{i * 7919}" for i in range(16)]
    assert value(copies) > 5
    assert value(words) < 3


def test_code_points_sort_as_their_bytes_do_surrogates_included():
    # Unlike in UTF-16; a lone surrogate counts as its three bytes.
    group = ["\ud800 a", "\U0001f600 a", "\uffff a", "z"]
    raw = "\n".join(sorted(group)).encode("utf-8", "surrogatepass")
    assert value(group) == len(raw) / len(gzip.compress(raw, compresslevel=9))


def test_what_is_said_again_after_more_than_the_window_is_not_seen():
    rng = random.Random(0)
    filler = "".join(rng.choices("abcdefghijklmnop", k=40_000))
    near, far = (f"{start}{filler[:2000]}" for start in "ab"), (f"{start}{filler}" for start in "ab")
    assert value(list(near)) > 1.5 * value(list(far))


def test_leaving_out_one_is_computed_afresh():
    texts = Texts.of([["a", "bb bb bb", "ccc"]])
    (members,) = texts.groups
    wanted = [value(["bb bb bb", "ccc"]), value(["a", "ccc"]), value(["a", "bb bb bb"])]
    assert Compression().leave_out(texts, members).tolist() == wanted


@pytest.mark.parametrize("group", [[], [""], ["", "", ""]])
def test_texts_without_bytes_are_undefined(group):
    with pytest.raises(Undefined, match="no bytes"):
        value(group)
