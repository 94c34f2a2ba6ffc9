"""What holds for every metric in the table."""

from dataclasses import fields
from zlib import crc32

import numpy as np
import pytest

from gendiv.metrics import METRICS, NLI, Graded, Metric, QualityMetric, ReferenceMetric, SentenceBERT, Texts, Undefined
from gendiv.metrics.card import SECTIONS

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

ALL = [kind() for name, kind in METRICS.items() if name != "rarefied_distinct"]
ALL.append(METRICS["rarefied_distinct"](n=(1,), draws=2))  # sets of a few short texts do not reach its default


def over(metrics):
    return pytest.mark.parametrize("metric", metrics, ids=[metric.name for metric in metrics])


every_metric = over(ALL)
across_metrics = over([metric for metric in ALL if "across_input" in metric.levels])
diversity_metrics = over(
    [metric for metric in ALL if metric.direction.endswith("more_diverse") and metric.name != "utility"]
)


def number(text):
    """Return a number that depends on the text alone."""
    return crc32(text.encode("utf-8", "surrogatepass"))


class Overlap:
    """An NLI model in miniature: texts of the same words entail each other, others mostly contradict."""

    def probabilities(self, pairs):
        found = []
        for premise, hypothesis in pairs:
            one, two = set(premise.split()), set(hypothesis.split())
            common = len(one & two) / max(1, len(one | two)) if one | two else 1.0
            contradiction = (1 - common) * (0.5 + 0.4 * ((number(premise) + number(hypothesis)) % 97) / 97)
            found.append([contradiction, 1 - contradiction - 0.9 * common, 0.9 * common])
        return np.array(found).reshape(-1, 3)


def pooled(*groups):
    """Pool texts with embeddings and NLI probabilities that depend on the texts alone, so that no model is needed."""
    texts = Texts.of(groups)
    rows = [np.random.default_rng(number(text)).normal(0.3, 1, 8) for text in texts.pool]
    texts.view(("embedding", SentenceBERT().model), lambda _: np.array(rows).reshape(-1, 8))
    texts.view(("entailment", NLI().model, NLI().dtype), lambda _: Overlap())
    return texts


def value(metric, texts, members):
    """Return the value, with a quality for each text where the metric asks for it."""
    if isinstance(metric, QualityMetric):
        quality = np.array([0.5 + number(texts.pool[member]) % 100 / 200 for member in members])
        return metric.judged(texts, members, quality)
    if isinstance(metric, Graded):
        return metric.graded(np.array([number(texts.pool[member]) % 100 / 100 for member in members]))
    if isinstance(metric, ReferenceMetric):
        return metric.against(texts, members, TALK[0])
    return metric.value(texts, members)


def diversity(metric, texts, members):
    """Return the value, turned so that higher is more diverse."""
    return value(metric, texts, members) * (-1 if metric.direction == "lower_is_more_diverse" else 1)


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
    for section in SECTIONS:
        optional = section == "Settings" or (section == "Tokeniser" and kind.cost == "cpu")
        assert optional or f"{section}: " in docstring
    assert ">>> " in docstring
    assert kind.direction.replace("_", " ") in docstring
    assert f"Unit: {kind.unit}." in docstring


@every_metric
def test_a_metric_is_a_frozen_hashable_value(metric):
    assert type(metric)() == type(metric)()
    assert hash(type(metric)()) == hash(type(metric)())


@every_metric
def test_the_signature_names_every_setting_and_builds_the_metric_again(metric):
    name, _, settings = metric.signature.partition(":")
    assert name == metric.name
    assert [part.partition("=")[0] for part in settings.split(":") if part] == [field.name for field in fields(metric)]
    assert type(metric).from_settings(settings) == metric


@over([metric for metric in ALL if not metric.ordered])
def test_the_order_of_the_texts_does_not_matter(metric):
    texts = pooled(TALK + TALK[:2])
    (members,) = texts.groups
    shuffled = np.random.default_rng(0).permutation(members)
    assert value(metric, texts, shuffled) == pytest.approx(value(metric, texts, members), rel=1e-12)


@every_metric
def test_a_value_lies_in_the_stated_range(metric):
    low, high = metric.range
    for group in (TALK, TALK * 5, *ODD.values()):
        texts = pooled(group)
        assert low - 1e-12 <= value(metric, texts, texts.groups[0]) <= high + 1e-12


@diversity_metrics
def test_saying_everything_twice_lowers_diversity_or_leaves_a_number_of_kinds_as_it_is(metric):
    # (One more copy of one text would not do: a second copy of the odd one out raises the mean pairwise distance.)
    texts = pooled(TALK, TALK * 2)
    once, twice = (diversity(metric, texts, members) for members in texts.groups)
    if metric.name in ("vendi", "semantic_distinct"):
        assert twice == pytest.approx(once, rel=1e-12)
    else:
        assert twice < once


@pytest.mark.parametrize("name", ["distinct", "ead", "duplicates"])
def test_a_copy_of_any_text_never_raises_a_diversity_that_counts_repeats(name):
    metric = METRICS[name]()
    texts = pooled(TALK)
    (members,) = texts.groups
    for member in members:
        assert diversity(metric, texts, np.append(members, member)) <= diversity(metric, texts, members)


@diversity_metrics
def test_copies_of_one_text_are_less_diverse_than_different_texts(metric):
    texts = pooled([*TALK[:4], *TALK[:2]], [TALK[0]] * 6)
    mixed, copies = texts.groups
    assert diversity(metric, texts, copies) < diversity(metric, texts, mixed)


@across_metrics
@pytest.mark.parametrize("group", [TALK, TALK * 3, [TALK[0]] * 16, TALK[:3]], ids=["talk", "thrice", "copies", "three"])
def test_leaving_one_out_quickly_equals_leaving_it_out_and_computing_afresh(metric, group):
    texts = pooled(group)
    (members,) = texts.groups
    quick = metric.leave_out(texts, members)
    assert quick.dtype == np.float64
    assert quick == pytest.approx(Metric.leave_out(metric, texts, members), rel=1e-12, abs=1e-12)


@across_metrics
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
        value(metric, texts, texts.groups[0])
    assert str(reason.value)


@every_metric
@pytest.mark.parametrize("group", ODD.values(), ids=ODD)
def test_no_text_is_too_odd(metric, group):
    texts = pooled(group)
    (members,) = texts.groups
    assert np.isfinite(value(metric, texts, members))
    if "across_input" in metric.levels:
        texts = pooled([*group, "a b", "b a"])
        assert np.isfinite(metric.leave_out(texts, texts.groups[0])).all()


@every_metric
def test_a_set_has_the_same_value_whatever_else_is_in_the_pool(metric):
    alone, among = pooled(TALK), pooled(*ODD.values(), TALK)
    assert value(metric, alone, alone.groups[0]) == pytest.approx(value(metric, among, among.groups[-1]), rel=1e-12)
