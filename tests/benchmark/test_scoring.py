"""Scores: what one number is, what it rests on, and what its signature and the record say of it."""

import json

import pytest

import gendiv
from gendiv.benchmark.choosing import choose_metrics
from gendiv.benchmark.decoding import Decoding
from gendiv.benchmark.formats.row import source_of
from gendiv.benchmark.scoring import score
from gendiv.benchmark.sources.scripted import Scripted
from gendiv.errors import BadInput

SPLIT = "mini-instructions/everyday"


def scored(groups, *metrics, **given):
    return {result.level: result for result in score(source_of(groups), choose_metrics(metrics), **given)}


def test_per_input_is_the_mean_over_inputs_of_the_value_of_their_samples():
    found = scored([["a b", "a c"], ["x y", "x y"], ["p", "q r"]], "distinct:n=1")["per_input"]
    assert found.value == pytest.approx((3 / 4 + 2 / 4 + 3 / 3) / 3)
    assert (found.inputs, found.undefined, found.reason) == (3, 0, None)
    assert found.low < found.value < found.high


def test_across_input_is_the_mean_over_draws_of_the_value_of_one_sample_of_each_input():
    found = scored([["a b", "a"], ["a c", "b"], ["d e", "a"]], "distinct:n=1")["across_input"]
    assert found.value == pytest.approx((5 / 6 + 2 / 3) / 2)
    assert (found.inputs, found.undefined, found.reason) == (3, 0, None)


def test_duplicates_are_counted_within_an_input_and_within_a_draw():
    found = scored([["a", "a"], ["a", "b"], ["c", "b"]], "duplicates")
    assert found["per_input"].value == pytest.approx((1 / 2 + 0 + 0) / 3)
    assert found["across_input"].value == pytest.approx((1 / 3 + 1 / 3) / 2)


def test_length_has_one_level_and_counts_words():
    found = scored([["a b", "a b c d"], ["a", "a"]], "length")
    assert set(found) == {"per_input"}
    assert found["per_input"].value == pytest.approx((3 + 1) / 2)


def test_an_undefined_input_is_counted_with_its_reason_and_left_out():
    found = scored([["a b", "a c"], ["", " "], ["x y", "x y"]], "distinct:n=1")["per_input"]
    assert found.value == pytest.approx((3 / 4 + 2 / 4) / 2)
    assert (found.inputs, found.undefined) == (2, 1)
    assert "1 or more words" in found.reason


def test_a_value_that_is_undefined_everywhere_is_null_never_zero():
    for result in scored([["", ""], ["", ""], ["", ""]], "distinct:n=1").values():
        assert (result.value, result.low, result.high, result.inputs) == (None, None, None, 0)
        assert result.undefined > 0
        assert result.reason


@pytest.mark.parametrize(
    ("groups", "reason"),
    [
        ([["a", "b"], ["c", "d"]], "needs 3 inputs, found 2"),
        ([["a"], ["b"], []], "an input has no samples"),
    ],
)
def test_an_across_input_value_without_enough_inputs_is_null_with_its_reason(groups, reason):
    found = scored(groups, "distinct:n=1")["across_input"]
    assert found.value is None
    assert found.undefined > 0
    assert reason in found.reason


def test_a_single_input_has_a_value_without_an_interval():
    found = scored([["a b", "a c"]], "distinct:n=1")["per_input"]
    assert (found.value, found.low, found.high) == (0.75, None, None)


def test_the_order_of_inputs_and_samples_within_moves_no_per_input_value():
    groups = [["a b", "a c", "d"], ["x y", "x y", "z"], ["p", "q r", "p"]]
    turned = [list(reversed(group)) for group in reversed(groups)]
    one, two = scored(groups, "ead:n=1-2"), scored(turned, "ead:n=1-2")
    assert one["per_input"].value == pytest.approx(two["per_input"].value, abs=1e-12)


def test_scoring_twice_gives_the_same_numbers_to_the_last_digit():
    groups = [["a b", "a c"], ["x y", "x y"], ["p", "q r"]]
    metrics = ("distinct", "ead", "length", "duplicates")
    assert scored(groups, *metrics) == scored(groups, *metrics)


def test_a_signature_holds_every_setting_of_metric_and_decoding_and_the_sizes():
    decoding = Decoding(
        temperature=0.7,
        top_p=0.9,
        top_k=40,
        min_p=0.1,
        repetition_penalty=1.1,
        presence_penalty=0.2,
        frequency_penalty=0.3,
        max_tokens=17,
        stop=("END", "|"),
        prompt_tokens=9,
    )
    found = scored([["a", "b"], ["c", "d"], ["e", "f"]], "ead:n=2+4:vocabulary=99", sampler=decoding.signature)
    sampler = (
        "temperature=0.7:top_p=0.9:top_k=40:min_p=0.1:repetition_penalty=1.1:presence_penalty=0.2:"
        "frequency_penalty=0.3:max_tokens=17:stop='END'+'|':prompt_tokens=9"
    )
    head = "ead:n=2+4:tokenizer=whitespace:vocabulary=99|version=1|profile=corrected"
    assert found["per_input"].signature == f"{head}|per_input|k=2|{sampler}"
    assert found["across_input"].signature == f"{head}|across_input|k=2|inputs=3|{sampler}"


def test_groups_of_unequal_size_say_so_in_the_signature():
    assert "|k=1-3|" in scored([["a"], ["b", "c", "d"]], "length")["per_input"].signature


def test_the_published_profile_says_so_and_counts_an_n_without_n_grams_as_zero():
    groups = [["yes no", "yes no"], ["a b", "c d"], ["e f", "g h"]]
    per_input, across = gendiv.score(groups, metrics=["distinct"], profile="as-released").results
    assert per_input.value == pytest.approx(((1 / 2 + 1 / 2) / 5 + (1 + 1) / 5 + (1 + 1) / 5) / 3)
    assert across.value == pytest.approx((1 + 1) / 5)
    assert "|profile=as-released|" in per_input.signature
    assert gendiv.score(groups, profile="as-released").profile == "as-released"


def test_a_metric_that_was_not_published_has_no_published_form():
    with pytest.raises(BadInput, match=r"the published code has no metric 'vendi' \(--profile as-released\)"):
        gendiv.score([["a", "b"]], metrics=["vendi"], profile="as-released")


def test_an_interval_stays_within_the_range_of_its_metric():
    groups = [["a", "a"], *[[f"b{i}", f"c{i}"] for i in range(12)]]
    found = scored(groups, "duplicates")["per_input"]
    assert found.low == 0
    assert 0 < found.value < found.high < 1


def test_the_same_metric_twice_is_computed_once():
    assert len(choose_metrics(["distinct,ead", "distinct", "distinct:n=1-5"])) == 2


def test_samples_that_are_no_run_name_no_split_and_an_unknown_sampler():
    (result, *_) = gendiv.score([["a", "b"]]).results
    assert result.split is None
    assert result.signature.endswith("|unknown")


def test_a_file_scores_like_the_lists_in_it(tmp_path):
    groups = [["a b", "c"], ["d", "e f"], ["g", "h"]]
    path = tmp_path / "samples.jsonl"
    path.write_text("".join(json.dumps({"id": i, "prompt": "p", "samples": g}) + "\n" for i, g in enumerate(groups)))
    assert gendiv.score(path) == gendiv.score(groups)


def test_a_folder_without_a_whole_prompt_has_no_scores(tmp_path):
    gendiv.evaluate(Scripted(), tasks=[SPLIT], prompts=3, samples=2, metrics=["distinct"], out=tmp_path)
    (tmp_path / "samples" / f"{SPLIT}.jsonl").write_text("")
    with pytest.raises(BadInput, match="holds no finished prompt"):
        gendiv.score(tmp_path)
