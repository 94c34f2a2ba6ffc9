"""What holds for every metric in the table."""

from dataclasses import fields
from zlib import crc32

import numpy as np
import pytest

from gendiv.metrics import METRICS, Metric, SentenceBERT, Texts, Undefined

TALK = [
    "the cat sat on the mat",
    "a dog lay on the mat and the cat sat there too",
    "yes",
    "no no no no no no",
    "one two three four five six seven",
    "",
]
ODD = {
    "a NUL": ["a\0b c", "a b\0 c", "a\0"],
    "lone surrogates": ["\ud800 a", "\udfff a b", "\ud800\ud800 c"],
    "combining marks": ["e\u0301te\u0301 chaud", "\u00e9t\u00e9 chaud", "e\u0301\u0301\u0301 x"],
    "scripts without spaces": [
        "\u4eca\u65e5\u306f\u6674\u308c",
        "\u4f60\u597d\u3000\u4e16\u754c",
        "\u0e44\u0e17\u0e22",
    ],
    "emoji": ["\U0001f600 \U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0001f600 \U0001f600", "\U0001f1eb\U0001f1f7"],
    "newlines of all kinds": ["a\nb\r\nc\u2028d\x85e", "\n\n\n", "a\n\nb"],
    "a text of a megabyte": ["word " * 200_000, "a b c", "x" * 1_000_000],
    "an empty text": ["", "a b", "c"],
}

every_metric = pytest.mark.parametrize("metric", [kind() for kind in METRICS.values()], ids=list(METRICS))
diversity_metrics = pytest.mark.parametrize(
    "metric",
    [kind() for kind in METRICS.values() if kind.direction != "neutral"],
    ids=[name for name, kind in METRICS.items() if kind.direction != "neutral"],
)


def pooled(*groups):
    """Pool texts with embeddings that depend on the text alone, so that no model is needed."""
    texts = Texts.of(groups)
    rows = [
        np.random.default_rng(crc32(text.encode("utf-8", "surrogatepass"))).normal(0.3, 1, 8) for text in texts.pool
    ]
    texts.view(("embedding", SentenceBERT().model), lambda _: np.array(rows))
    return texts


def diversity(metric, texts, members):
    """Return the value, turned so that higher is more diverse."""
    return metric.value(texts, members) * {"higher_is_more_diverse": 1, "lower_is_more_diverse": -1}[metric.direction]


@every_metric
def test_a_metric_says_what_it_is(metric):
    kind = type(metric)
    assert METRICS[kind.name] is kind
    assert kind.version >= 1
    assert kind.range[0] < kind.range[1]
    assert kind.levels
    assert set(kind.levels) <= {"per_input", "across_input"}
    assert kind.cost in {"cpu", "encoder", "cross_encoder"}
    docstring = kind.__doc__ or ""
    for part in ("Source:", "Range:", "Unit:", "Direction:", "Undefined:", ">>> "):
        assert part in docstring
    assert kind.direction.replace("_", " ") in docstring
    assert f"Unit: {kind.unit}." in docstring


@every_metric
def test_a_metric_is_a_frozen_hashable_value(metric):
    assert metric == type(metric)()
    assert hash(metric) == hash(type(metric)())


@every_metric
def test_the_signature_names_every_setting_and_builds_the_metric_again(metric):
    name, _, settings = metric.signature.partition(":")
    assert name == metric.name
    assert [part.partition("=")[0] for part in settings.split(":") if part] == [field.name for field in fields(metric)]
    assert type(metric).from_settings(settings) == metric


@every_metric
def test_the_order_of_the_texts_does_not_matter(metric):
    texts = pooled(TALK + TALK[:2])
    (members,) = texts.groups
    shuffled = np.random.default_rng(0).permutation(members)
    assert metric.value(texts, shuffled) == pytest.approx(metric.value(texts, members), rel=1e-12)


@every_metric
def test_a_value_lies_in_the_stated_range(metric):
    low, high = metric.range
    for group in (TALK, TALK * 5, *ODD.values()):
        texts = pooled(group)
        assert low - 1e-12 <= metric.value(texts, texts.groups[0]) <= high + 1e-12


@diversity_metrics
def test_saying_everything_twice_lowers_diversity(metric):
    # (One more copy of one text would not do: a second copy of the odd one out raises the mean pairwise distance.)
    texts = pooled(TALK, TALK * 2)
    once, twice = texts.groups
    assert diversity(metric, texts, twice) < diversity(metric, texts, once)


@pytest.mark.parametrize("name", ["distinct", "ead", "duplicates"])
def test_a_copy_of_any_text_never_raises_a_diversity_that_counts_repeats(name):
    metric = METRICS[name]()
    texts = pooled(TALK)
    (members,) = texts.groups
    for member in members:
        assert diversity(metric, texts, np.append(members, member)) <= diversity(metric, texts, members)


@diversity_metrics
def test_copies_of_one_text_are_less_diverse_than_different_texts(metric):
    texts = pooled(TALK[:2] * 3, [TALK[0]] * 6)
    mixed, copies = texts.groups
    assert diversity(metric, texts, copies) < diversity(metric, texts, mixed)


@every_metric
@pytest.mark.parametrize("group", [TALK, TALK * 3, [TALK[0]] * 16, TALK[:3]], ids=["talk", "thrice", "copies", "three"])
def test_leaving_one_out_quickly_equals_leaving_it_out_and_computing_afresh(metric, group):
    texts = pooled(group)
    (members,) = texts.groups
    quick = metric.leave_out(texts, members)
    assert quick.dtype == np.float64
    assert quick == pytest.approx(Metric.leave_out(metric, texts, members), rel=1e-12, abs=1e-12)


@every_metric
@pytest.mark.parametrize("group", [["yes"], [""], ["", ""], ["yes", "yes no"]], ids=str)
def test_quick_and_plain_leave_out_are_undefined_together(metric, group):
    texts = pooled(group)
    (members,) = texts.groups
    try:
        plain = Metric.leave_out(metric, texts, members)
    except Undefined:
        with pytest.raises(Undefined):
            metric.leave_out(texts, members)
    else:
        assert metric.leave_out(texts, members) == pytest.approx(plain, rel=1e-12, abs=1e-12)


@every_metric
def test_an_empty_set_is_undefined_with_a_reason(metric):
    texts = pooled([], ["yes"])
    with pytest.raises(Undefined) as reason:
        metric.value(texts, texts.groups[0])
    assert str(reason.value)


@every_metric
@pytest.mark.parametrize("group", ODD.values(), ids=ODD)
def test_no_text_is_too_odd(metric, group):
    texts = pooled(group)
    (members,) = texts.groups
    assert np.isfinite(metric.value(texts, members))
    assert np.isfinite(metric.leave_out(texts, members)).all()


@every_metric
def test_a_set_has_the_same_value_whatever_else_is_in_the_pool(metric):
    alone, among = pooled(TALK), pooled(*ODD.values(), TALK)
    assert metric.value(alone, alone.groups[0]) == pytest.approx(metric.value(among, among.groups[-1]), rel=1e-12)
