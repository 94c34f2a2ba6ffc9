"""Settings: written into signatures, read from the command line, validated in both directions."""

from dataclasses import dataclass, fields
from typing import ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from gendiv.errors import BadInput
from gendiv.metrics import EAD, Distinct, Duplicates, Length, SentenceBERT
from gendiv.metrics.notation import read_settings, write_settings
from gendiv.metrics.orders import read_orders, write_orders

ORDERS = st.sets(st.integers(1, 100), min_size=1).map(lambda orders: tuple(sorted(orders)))


def test_signatures_name_every_setting_in_field_order():
    assert EAD().signature == "ead:n=1-5:tokenizer=whitespace:vocabulary=50257"
    assert Distinct(n=(2,)).signature == "distinct:n=2:tokenizer=whitespace"
    assert Distinct(n=(1, 3)).signature == "distinct:n=1+3:tokenizer=whitespace"
    assert SentenceBERT(model="minilm").signature == "sbert:model=minilm:dtype=float32"
    assert Length().signature == "length"
    assert Duplicates().signature == "duplicates"


@settings(derandomize=True)
@given(ORDERS)
def test_orders_read_back_as_they_were_written(orders):
    assert read_orders(write_orders(orders)) == orders


@settings(derandomize=True)
@given(ORDERS, st.integers(2, 10**9))
def test_an_ead_reads_back_from_its_signature(orders, vocabulary):
    metric = EAD(n=orders, vocabulary=vocabulary)
    assert EAD.from_settings(metric.signature.removeprefix("ead:")) == metric


@settings(derandomize=True)
@given(st.text(min_size=1))
def test_any_model_path_survives_the_signature_and_holds_no_separator_there(path):
    metric = SentenceBERT(model=path)
    written = metric.signature.removeprefix("sbert:")
    assert "," not in written
    assert written.count(":") == len(fields(metric)) - 1
    assert SentenceBERT.from_settings(written) == metric


@settings(derandomize=True)
@given(st.text(min_size=1).filter(str.strip))
def test_any_path_of_a_tokeniser_survives_the_signature(path):
    metric = EAD(tokenizer=path, vocabulary=32000)
    assert EAD.from_settings(metric.signature.removeprefix("ead:")) == metric


def test_orders_may_mix_ranges_and_single_lengths():
    assert read_orders("1-3+5") == (1, 2, 3, 5)


def test_pydantic_builds_a_metric_from_the_texts_of_a_command_line():
    assert TypeAdapter(EAD).validate_python({"n": "1-3", "vocabulary": "32000"}) == EAD(n=(1, 2, 3), vocabulary=32000)
    with pytest.raises(ValidationError):
        TypeAdapter(EAD).validate_python({"vocabluary": "32000"})


def test_settings_left_out_keep_their_defaults():
    assert EAD.from_settings("vocabulary=32000") == EAD(vocabulary=32000)
    assert EAD.from_settings("") == EAD()


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("tokenizer=", "tokenizer: wanted whitespace, characters, words"),
        ("n=0", "from 1 to 100"),
        ("n=5-1", "rising"),
        ("n=3+1", "rising"),
        ("n=1+1", "rising"),
        ("n=1-101", "from 1 to 100"),
        ("n=1-999999999", "from 1 to 100"),
        ("n=", "such as 1-5"),
        ("n=-1", "such as 1-5"),
        ("n=\u0663", "such as 1-5"),
        ("vocabulary=1", "at least 2"),
        ("vocabulary=1e400", "valid integer"),
        ("vocabulary=32k", "valid integer"),
        ("vocabluary=3", "vocabluary: Unexpected keyword argument"),
        ("n", "key=value"),
        ("=3", "key=value"),
        ("n=1:", "key=value"),
        ("n=1:n=2", "given twice"),
    ],
)
def test_a_setting_that_is_wrong_is_refused_in_one_line(written, reason):
    with pytest.raises(BadInput, match=reason) as refusal:
        EAD.from_settings(written)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("orders", [(), (0,), (-1, 2), (2, 1), (1, 1), (101,), (1.0,), (True,), [1, 2], "1-3", 3])
def test_wrong_orders_are_refused_in_direct_construction_too(orders):
    with pytest.raises(ValueError, match="n: wanted a tuple of rising n-gram lengths"):
        Distinct(n=orders)


@pytest.mark.parametrize("vocabulary", [1, 0, -5, 2.5, "32000", True])
def test_a_wrong_vocabulary_is_refused_in_direct_construction_too(vocabulary):
    with pytest.raises(ValueError, match="vocabulary: wanted a whole number of at least 2"):
        EAD(vocabulary=vocabulary)


def test_an_empty_model_is_refused():
    with pytest.raises(ValueError, match="model: wanted"):
        SentenceBERT(model="")


def test_settings_of_every_plain_type_are_written():
    written = write_settings({"n": (1, 2), "exact": True, "share": 0.1, "path": "a:b,c=d%"})
    assert written == "n=1-2:exact=True:share=0.1:path=a%3Ab%2Cc=d%25"
    assert read_settings(written) == {"n": "1-2", "exact": "True", "share": "0.1", "path": "a:b,c=d%"}


def test_a_setting_without_a_written_form_is_refused_rather_than_left_out_of_the_signature():
    @dataclass(frozen=True)
    class Weighted(Distinct):
        name: ClassVar[str] = "weighted"
        weights: tuple[float, ...] = (0.5, 0.5)

    with pytest.raises(TypeError, match="setting 'weights'"):
        _ = Weighted().signature
