"""Differences: paired by id, exact by hand, right as often as they say."""

import json

import numpy as np
import pytest

import gendiv
from gendiv.benchmark.choosing import choose_metrics
from gendiv.benchmark.comparing import Side, differences
from gendiv.benchmark.formats.row import Row
from gendiv.benchmark.intervals import holm
from gendiv.benchmark.sources.scripted import Scripted
from gendiv.errors import BadInput

LENGTH = choose_metrics(["length"])


def side(groups):
    return Side([Row(name, None, tuple(group)) for name, group in groups.items()])


def test_the_per_input_difference_is_the_mean_over_common_inputs():
    first, second = side({"x": ["a b c"], "y": ["a b"], "only": ["a b"]}), side({"y": ["a"], "x": ["a"]})
    (found,) = differences(first, second, LENGTH)
    assert (found.first, found.second, found.inputs) == (2.5, 1, 2)
    assert found.difference.value == pytest.approx((2 + 1) / 2)


def test_numbers_of_different_signature_are_not_subtracted():
    (found,) = differences(side({"x": ["a", "b"], "y": ["a", "b"]}), side({"x": ["a"], "y": ["b"]}), LENGTH)
    assert found.difference is None
    assert found.reason.startswith("not comparable: length|")
    assert "k=2" in found.reason
    assert "k=1" in found.reason


def test_a_difference_that_is_undefined_says_why():
    metrics = choose_metrics(["distinct"])
    (one, _) = differences(side({"x": ["", ""]}), side({"x": ["a", "b"]}), metrics)
    assert one.difference is None
    assert "1 or more words" in one.reason


def test_only_inputs_with_a_value_on_both_sides_count():
    metrics = choose_metrics(["distinct:n=1"])
    first = side({"x": ["a b", "a"], "y": ["", ""], "z": ["a", "a"]})
    second = side({"x": ["a", "a"], "y": ["a", "b"], "z": ["a", "b"]})
    (found, _) = differences(first, second, metrics)
    assert found.inputs == 2
    assert found.difference.value == pytest.approx(((2 / 3 - 1 / 2) + (1 / 2 - 1)) / 2)


def test_across_inputs_the_same_input_is_left_out_of_both():
    generator = np.random.default_rng(0)
    groups = {str(i): [" ".join(map(str, generator.integers(40, size=8)))] for i in range(30)}
    same = differences(side(groups), side(groups), choose_metrics(["distinct:n=1"]))[1]
    assert (same.level, same.difference.value, same.difference.low, same.difference.high) == ("across_input", 0, 0, 0)
    longer = {name: [f"{text} {text}"] for name, (text,) in groups.items()}
    other = differences(side(groups), side(longer), choose_metrics(["distinct:n=1"]))[1]
    # Every word twice: distinct-1 halves exactly, set by set, so the difference is as sure as the value itself.
    assert other.difference.value == pytest.approx(other.first / 2)


def test_pairing_finds_what_two_intervals_side_by_side_do_not():
    generator = np.random.default_rng(1)
    lengths = generator.integers(5, 60, size=80)
    first = side({str(i): ["w " * length] for i, length in enumerate(lengths)})
    second = side({str(i): ["w " * (length - generator.integers(0, 3))] for i, length in enumerate(lengths)})
    (found,) = differences(first, second, LENGTH)
    assert found.difference.low > 0.5
    assert found.p_value < 1e-6


def test_under_no_difference_few_p_values_are_small():
    generator = np.random.default_rng(2)
    found = []
    for _ in range(400):
        sides = [side({str(i): ["w " * n] for i, n in enumerate(generator.poisson(3, size=40))}) for _ in range(2)]
        found += differences(*sides, LENGTH)
    assert 0.02 <= np.mean([difference.p_value < 0.05 for difference in found]) <= 0.08
    assert holm(np.array([difference.p_value for difference in found])).min() >= 0.05


def test_two_models_with_no_input_in_common_are_refused():
    with pytest.raises(BadInput, match="no input is in both"):
        differences(side({"x": ["a"]}), side({"y": ["a"]}), LENGTH)


def test_two_run_folders_are_compared_split_by_split(tmp_path):
    task = "mini-instructions/everyday"
    for name, texts in (("one", "a b c d"), ("two", "a b")):
        source = Scripted(lambda prompt, index, texts=texts: f"{texts} {index}", name=name)
        gendiv.evaluate(source, tasks=[task], prompts=4, samples=2, metrics=["length"], out=tmp_path / name)
    (found,) = gendiv.compare(tmp_path / "one", tmp_path / "two", metrics=["length"]).differences
    assert (found.split, found.difference.value, found.inputs) == (task, 2, 4)
    with pytest.raises(BadInput, match=r"nothing to compare: mini-instructions/everyday in .*one, samples of no"):
        gendiv.compare(tmp_path / "one", [["a", "b"]])


def test_files_are_compared_as_lists_are(tmp_path):
    groups = {"one": [["a b", "c"], ["d", "e f"], ["g", "h"]], "two": [["a", "c"], ["d d", "e"], ["g", "g"]]}
    for name, rows in groups.items():
        lines = (json.dumps({"id": place, "samples": row}) + "\n" for place, row in enumerate(rows))
        (tmp_path / f"{name}.jsonl").write_text("".join(lines))
    of_files = gendiv.compare(tmp_path / "one.jsonl", str(tmp_path / "two.jsonl"))
    assert of_files.differences == gendiv.compare(*groups.values()).differences
