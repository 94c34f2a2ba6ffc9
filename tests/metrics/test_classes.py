"""Classes: the greedy partition against each answer in turn, what it asks, and the three ways to be the same."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gendiv.errors import BadInput
from gendiv.metrics import SentenceBERT, Texts, Undefined
from gendiv.metrics import classes as module
from gendiv.metrics.classes import partition
from gendiv.metrics.nli import NLI
from gendiv.metrics.semantic_distinct import SemanticChao1, SemanticDistinct

KINDS = 7
RELATIONS = st.sets(st.sampled_from(list(combinations(range(KINDS), 2))))
SETS = st.lists(st.lists(st.integers(0, KINDS - 1), max_size=9), max_size=5)


class Oracle:
    """A symmetric relation between the texts 0, 1, ..., which need not be transitive, and what it was asked."""

    def __init__(self, related):
        self.related = related
        self.batches = []

    def __call__(self, pairs):
        self.batches.append([tuple(pair) for pair in pairs.tolist()])
        return np.array([self.same(a, b) for a, b in self.batches[-1]], dtype=bool)

    def same(self, a, b):
        return a == b or tuple(sorted((a, b))) in self.related

    @property
    def asked(self):
        return [pair for batch in self.batches for pair in batch]


def one_by_one(members, oracle):
    """Let each answer go through the classes founded so far; return the classes and the comparisons made."""
    founders, classes, asked = [], [], set()
    for member in members:
        for number, founder in enumerate(founders):
            if founder != member:
                asked.add((founder, member))
            if oracle.same(founder, member):
                classes.append(number)
                break
        else:
            classes.append(len(founders))
            founders.append(member)
    return classes, asked


@settings(derandomize=True, deadline=None, max_examples=300)
@given(RELATIONS, SETS)
def test_the_partition_is_that_of_each_answer_in_turn_and_asks_no_more(related, sets):
    oracle = Oracle(related)
    classes = partition([np.array(members, dtype=np.intp) for members in sets], oracle)
    wanted = [one_by_one(members, oracle) for members in sets]
    assert [of.tolist() for of in classes] == [of for of, _ in wanted]
    assert sorted(oracle.asked) == sorted(pair for _, asked in wanted for pair in asked)


def test_being_the_same_need_not_be_transitive_so_the_order_decides():
    oracle = Oracle({(0, 1), (1, 2)})  # 1 is between 0 and 2, which differ
    ends_first, middle_first, crossed = partition(
        [np.array(order) for order in ([0, 1, 2], [1, 0, 2], [0, 2, 1])], oracle
    )
    assert ends_first.tolist() == [0, 0, 1]
    assert middle_first.tolist() == [0, 0, 0]
    assert crossed.tolist() == [0, 1, 0]


def test_an_answer_is_compared_with_the_founder_alone_not_with_those_who_joined():
    oracle = Oracle({(0, 1), (1, 2), (0, 3)})
    (classes,) = partition([np.array([0, 1, 2, 3])], oracle)
    assert classes.tolist() == [0, 0, 1, 0]
    assert oracle.batches == [[(0, 1), (0, 2), (0, 3)]]


def test_all_sets_are_asked_about_in_common_batches_one_per_class():
    oracle = Oracle({(0, 1)})
    partition([np.array([0, 1, 2]), np.array([3, 4, 5]), np.array([6]), np.array([], dtype=np.intp)], oracle)
    assert oracle.batches == [[(0, 1), (0, 2), (3, 4), (3, 5)], [(4, 5)]]


def test_equal_texts_are_of_one_class_unasked():
    (classes,) = partition([np.array([4, 4, 4])], lambda pairs: pytest.fail("asked"))
    assert classes.tolist() == [0, 0, 0]


def test_no_sets_have_no_classes():
    assert partition([], lambda pairs: pytest.fail("asked")) == []


# --- the same by text


@pytest.mark.parametrize(
    ("group", "wanted"),
    [
        (["a b", " a  b\n", "a\u3000b", "a\tb", "ab"], [0, 0, 0, 0, 1]),
        (["Yes", "yes", "yes."], [0, 1, 2]),
        (["", " ", "\n\n", "\0"], [0, 0, 0, 1]),
        (["\ud800", "\udfff", "\ud800 "], [0, 1, 0]),
        (["e\u0301", "\u00e9"], [0, 1]),
    ],
    ids=["whitespace", "case and punctuation", "empty", "lone surrogates", "combining marks"],
)
def test_texts_are_the_same_when_only_whitespace_differs(group, wanted):
    texts = Texts.of([group])
    assert SemanticDistinct(same="text").classes(texts, texts.groups[0]).tolist() == wanted


@pytest.mark.parametrize("same", ["text", "embedding"])
def test_classes_are_numbered_as_they_are_founded_whatever_the_pool(same):
    texts = Texts.of([["a", "b", "c"], ["c", "a", "c", "b"]])
    texts.view(("embedding", "injected"), lambda _: np.eye(3))
    metric = SemanticDistinct(same=same, **({"model": "injected", "dtype": "float32"} if same == "embedding" else {}))
    assert metric.classes(texts, texts.groups[1]).tolist() == [0, 1, 0, 2]


# --- the same by entailment


class Reader:
    """An NLI model that knows how probable entailment is for some ordered pairs, 0 for others; it keeps its batches."""

    def __init__(self, entails):
        self.entails = entails
        self.batches = []

    def probabilities(self, pairs):
        self.batches.append(list(pairs))
        yes = np.array([self.entails.get(pair, 0.0) for pair in pairs])
        return np.stack([0.75 * (1 - yes), 0.25 * (1 - yes), yes], axis=1)


def by_entailment(groups, entails, **settings):
    texts = Texts.of(groups)
    metric = SemanticDistinct(model="injected", dtype="float32", **settings)
    reader = texts.view(("entailment", "injected", metric.dtype), lambda _: Reader(entails))
    return metric, texts, reader


def test_each_must_entail_the_other():
    entails = {("cat", "feline"): 0.9, ("feline", "cat"): 0.7, ("cat", "animal"): 0.9, ("animal", "cat"): 0.2}
    metric, texts, reader = by_entailment([["cat", "animal", "feline"]], entails)
    assert metric.classes(texts, texts.groups[0]).tolist() == [0, 1, 0]
    # The way back is asked only where the way there holds; "animal" founds the second class and nobody is left to ask.
    assert reader.batches == [[("cat", "animal"), ("cat", "feline")], [("animal", "cat"), ("feline", "cat")]]


@pytest.mark.parametrize(("there", "back", "same"), [(0.5, 0.5, True), (0.5, 0.49, False), (0.49, 1.0, False)])
def test_the_threshold_is_reached_in_both_directions(there, back, same):
    metric, texts, _ = by_entailment([["a", "b"]], {("a", "b"): there, ("b", "a"): back})
    assert metric.value(texts, texts.groups[0]) == (1 if same else 2)


def test_a_pair_that_fails_one_way_is_not_read_the_other_way():
    metric, texts, reader = by_entailment([["a", "b", "c"]], {("b", "a"): 1.0, ("c", "a"): 1.0})
    assert metric.value(texts, texts.groups[0]) == 3
    assert reader.batches == [[("a", "b"), ("a", "c")], [("b", "c")]]


def test_the_threshold_is_a_setting():
    entails = {("a", "b"): 0.8, ("b", "a"): 0.8}
    for threshold, classes in ((0.8, 1), (0.81, 2)):
        metric, texts, _ = by_entailment([["a", "b"]], entails, threshold=threshold)
        assert metric.value(texts, texts.groups[0]) == classes


def test_preparing_asks_in_batches_over_all_sets_whatever_the_values_will_need():
    groups = [["a", "b", "c", "a"], ["d", "e"], ["f"], ["a", "d"]]
    metric, texts, reader = by_entailment(groups, {("a", "b"): 1.0, ("b", "a"): 1.0, ("d", "e"): 1.0})
    metric.prepare(texts, texts.groups)
    assert reader.batches == [[("a", "b"), ("a", "c"), ("d", "e"), ("a", "d")], [("b", "a"), ("e", "d")]]
    prepared = {pair for batch in reader.batches for pair in batch}
    assert [metric.value(texts, members) for members in texts.groups] == [2, 2, 1, 2]
    assert {pair for batch in reader.batches for pair in batch} == prepared


def test_the_model_reads_each_ordered_pair_once_for_all_sets_and_all_class_metrics(monkeypatch):
    read = []

    def classify(pairs, *_):
        read.extend(pairs)
        return np.tile([0.2, 0.2, 0.6], (len(pairs), 1))

    monkeypatch.setattr("gendiv.metrics.models.entailment.classify", classify)
    texts = Texts.of([["a", "b", "c"], ["b", "a", "b"], ["a", "c"]])
    metric = SemanticDistinct()
    metric.prepare(texts, texts.groups)
    assert sorted(read) == [("a", "b"), ("a", "c"), ("b", "a"), ("c", "a")]
    assert [metric.value(texts, members) for members in texts.groups] == [1, 1, 1]
    assert SemanticChao1().value(texts, texts.groups[0]) == 1
    assert len(read) == 4


@pytest.mark.parametrize("same", ["embedding", "text"])
def test_preparing_reads_no_pairs_where_no_model_reads_pairs(same):
    texts = Texts.of([["a", "b"]])
    SemanticDistinct(same=same).prepare(texts, texts.groups)
    assert not texts._views


# --- the same by embedding


def by_embedding(rows, **settings):
    texts = Texts.of([[str(i) for i in range(len(rows))]])
    metric = SemanticDistinct(same="embedding", model="injected", dtype="float32", **settings)
    texts.view(("embedding", "injected"), lambda _: np.array(rows, dtype=np.float64))
    return metric.classes(texts, texts.groups[0]).tolist()


def test_embeddings_are_the_same_from_the_threshold_of_the_cosine_on():
    rows = [
        [1, 0],
        [5, 0],
        [4, 3],
        [3, 4],
        [-1, 0],
    ]  # cosines to the first: 1, 0.8, 0.6, -1; of the third and fourth 0.96
    assert by_embedding(rows, threshold=0.79) == [0, 0, 0, 1, 2]
    assert by_embedding(rows, threshold=0.81) == [0, 0, 1, 1, 2]
    assert by_embedding(rows, threshold=0.59) == [0, 0, 0, 0, 1]
    assert by_embedding(rows, threshold=0.97) == [0, 0, 1, 2, 3]


def test_a_vector_without_a_direction_has_no_classes():
    with pytest.raises(Undefined, match="zero or non-finite"):
        by_embedding([[1, 0], [0, 0]])


# --- settings


def test_the_signature_names_what_the_defaults_stand_for():
    defaults = {"nli": f"model={NLI.model}", "embedding": f"model={SentenceBERT.model}", "text": "model="}
    thresholds = {"nli": 0.5, "embedding": 0.8, "text": 1.0}
    for same, model in defaults.items():
        metric = SemanticDistinct(same=same, dtype="float32")
        written = f"semantic_distinct:same={same}:{model}:dtype=float32:threshold={thresholds[same]}"
        assert metric.signature == written


def test_the_number_format_is_that_of_the_metrics_that_ask_the_same_models():
    assert SemanticDistinct().dtype == NLI().dtype
    assert SemanticDistinct(same="embedding").dtype == SentenceBERT().dtype


def test_the_machine_has_a_say_in_the_number_format_only_where_a_model_runs(monkeypatch):
    monkeypatch.setattr("gendiv.metrics.models.device.has_bfloat16", lambda: True)
    formats = {same: SemanticDistinct(same=same, dtype="auto").dtype for same in ("nli", "embedding", "text")}
    assert formats == {"nli": "bfloat16", "embedding": "bfloat16", "text": "float32"}


@pytest.mark.parametrize("same", ["nli", "embedding", "text"])
def test_settings_read_back_and_left_out_ones_are_the_defaults(same):
    metric = SemanticDistinct(same=same)
    assert SemanticDistinct.from_settings(metric.signature.removeprefix("semantic_distinct:")) == metric
    assert SemanticDistinct.from_settings(f"same={same}") == metric
    assert SemanticDistinct(same=same, model=metric.model, threshold=metric.threshold) == metric


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ("same=meaning", "same: wanted nli, embedding, text, found 'meaning'"),
        ("threshold=-0.1", "threshold: wanted above 0"),
        ("threshold=1.1", "threshold: wanted above 0"),
        ("threshold=nan", "threshold: wanted above 0"),
        ("threshold=high", "threshold"),
        ("dtype=float8", "dtype: wanted auto, float32 or bfloat16"),
        ("same=text:model=minilm", "found 'text' with model='minilm'"),
        ("same=text:threshold=0.5", "found 'text' with .* threshold=0.5"),
    ],
)
def test_wrong_settings_are_refused(settings, reason):
    with pytest.raises(BadInput, match=reason):
        SemanticDistinct.from_settings(settings)


def test_a_threshold_that_is_no_number_is_refused_in_direct_construction_too():
    with pytest.raises(ValueError, match="threshold: wanted a number"):
        SemanticDistinct(threshold="0.5")


def test_a_model_given_for_a_run_replaces_the_one_of_its_kind():
    given = {"sbert": "an encoder", "nli": "a reader"}
    assert SemanticDistinct().with_models(**given).model == "a reader"
    assert SemanticDistinct(same="embedding").with_models(**given).model == "an encoder"
    assert SemanticDistinct(same="text").with_models(**given) == SemanticDistinct(same="text")
    for same in ("nli", "embedding"):
        metric = SemanticDistinct(same=same, threshold=0.6)
        assert metric.with_models(sbert=None, nli=None) == metric
        assert metric.with_models(**given).threshold == 0.6


def test_only_the_model_that_is_used_must_be_there(monkeypatch):
    looked = []
    monkeypatch.setattr(module, "check_nli", lambda model: looked.append(("nli", model)))
    monkeypatch.setattr(module, "check_encoder", lambda model: looked.append(("embedding", model)))
    for same, model in (("nli", "a"), ("embedding", "b"), ("text", "")):
        SemanticDistinct(same=same, model=model).require()
    assert looked == [("nli", "a"), ("embedding", "b")]
