"""Measuring a block at a time gives what measuring all at once gives; quality reaches the metrics that ask for it."""

import tempfile

import numpy as np
import pytest

from gendiv.benchmark.choosing import choose_metrics
from gendiv.benchmark.formats.row import Row, source_of
from gendiv.benchmark.measuring import measure
from gendiv.errors import StoreFailed

METRICS = ("distinct", "ead", "self_bleu", "duplicates", "length")


def rows(count=60, samples=4, seed=0):
    generator = np.random.default_rng(seed)
    return [
        Row(
            str(place),
            None,
            tuple(" ".join(map(str, generator.zipf(1.6, generator.integers(1, 12)) % 50)) for _ in range(samples)),
        )
        for place in range(count)
    ]


def numbers(measurements):
    return {(m.metric.name, m.level): [m.estimate(), m.inputs, m.fewest, m.most, dict(m.reasons)] for m in measurements}


@pytest.mark.parametrize("block", [1, 100, 3000])
def test_the_size_of_a_block_moves_no_number(block, monkeypatch):
    found = [*rows(), Row("short", None, ("", "a b", "c"))]
    metrics = choose_metrics(METRICS)
    whole = numbers(measure(iter(found), metrics))
    monkeypatch.setattr("gendiv.benchmark.measuring.BLOCK", block)
    parts = numbers(measure(iter(found), metrics))
    assert parts.keys() == whole.keys()
    for key, (estimate, *counts) in parts.items():
        assert counts == whole[key][1:]
        assert estimate.value == pytest.approx(whole[key][0].value, rel=1e-12)
        assert estimate.error == pytest.approx(whole[key][0].error, rel=1e-9)


def test_blocks_leave_nothing_behind_in_the_temporary_folder(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr("gendiv.benchmark.measuring.BLOCK", 10)
    measure(rows(), choose_metrics(["distinct"]))
    with pytest.raises(RuntimeError):
        measure(broken(), choose_metrics(["distinct"]))
    assert not list(tmp_path.iterdir())


def broken():
    yield from rows(10)
    raise RuntimeError


def test_a_full_temporary_folder_is_one_line_that_names_the_way_out(monkeypatch):
    monkeypatch.setattr("gendiv.benchmark.measuring.BLOCK", 10)
    monkeypatch.setattr("gendiv.benchmark.spool.json.dumps", full)
    with pytest.raises(StoreFailed, match=r"No space left on device.*name another one in TMPDIR"):
        measure(rows(), choose_metrics(["distinct"]))


def full(_):
    raise OSError(28, "No space left on device")


def test_an_input_with_fewer_samples_limits_the_draws_whatever_the_block(monkeypatch):
    found = [*rows(10, samples=4), *rows(10, samples=2, seed=1)]
    found = [Row(str(place), None, row.samples) for place, row in enumerate(found)]
    for block in (10, 10**6):
        monkeypatch.setattr("gendiv.benchmark.measuring.BLOCK", block)
        (measured,) = (m for m in measure(found, choose_metrics(["distinct"])) if m.level == "across_input")
        assert len(measured.values) == 2
        assert (measured.fewest, measured.most) == (2, 4)


@pytest.mark.parametrize("block", [10, 10**6])
def test_the_published_profile_takes_the_first_sample_of_each_input(block, monkeypatch):
    monkeypatch.setattr("gendiv.benchmark.measuring.BLOCK", block)
    found = source_of([["a b", "x"], ["a c", "x"], ["d e", "x"]])
    (measured,) = (
        m for m in measure(found, choose_metrics(["distinct:n=1"], profile="as-released")) if m.level == "across_input"
    )
    assert measured.values == [pytest.approx(5 / 6)]


def test_quality_goes_with_its_samples_and_its_absence_is_undefined():
    found = source_of([["a", "b", "a"], ["c", "c", "d"]], [[1.0, 0.5, 1.0], [0.0, 1.0, 0.25]])
    metric = choose_metrics(["utility:same=text:patience=0.5"])
    (measured,) = measure(found, metric)
    # (1 - p) / (1 - p^3) = 4/7; weights 1, 1/2, 1/4, of which the samples that say something new count.
    assert measured.values == pytest.approx([4 / 7 * (1 + 0.25), 4 / 7 * (0 + 0.25 / 4)])
    (measured,) = measure([*found, Row("2", None, ("a", "b"))], metric)
    assert np.isnan(measured.values[2])
    assert '"quality"' in next(iter(measured.reasons))
