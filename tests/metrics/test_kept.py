"""Kept: what a model made of a text is found again, by the right model only, and a broken cache loses nothing."""

import os
import sqlite3
import subprocess
import sys
import warnings

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gendiv.metrics.models.kept import CHUNK, FILE, Kept, folder_fingerprint


def forbidden(contents):
    pytest.fail(f"computed again: {contents[:3]}")


def numbers(contents):
    """Return what tells contents apart: their lengths."""
    return np.array([[len(content), len("".join(content))] for content in contents], dtype=np.float32)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.text(st.characters(), max_size=4), min_size=1, max_size=2).map(tuple), max_size=8))
def test_what_is_kept_is_what_is_found_surrogates_and_all(contents):
    assert np.array_equal(Kept("lengths").rows(contents, numbers, 2).reshape(-1, 2), numbers(contents).reshape(-1, 2))
    assert np.array_equal(Kept("lengths").rows(contents, forbidden, 2).reshape(-1, 2), numbers(contents).reshape(-1, 2))


def test_surrogates_of_all_kinds_are_told_apart():
    contents = [("\ud800",), ("\udfff",), ("\ufffd",), ("\U00010000",)]
    Kept("m").keep({content: np.array([i], np.float32) for i, content in enumerate(contents)})
    assert [float(Kept("m").find([content])[content][0]) for content in contents] == [0, 1, 2, 3]


def test_a_pair_is_not_the_same_letters_cut_elsewhere_nor_the_other_way_round():
    Kept("m").keep({("ab", "c"): np.zeros(1, np.float32)})
    for other in (("a", "bc"), ("abc",), ("abc", ""), ("c", "ab")):
        assert Kept("m").find([other]) == {}


@pytest.mark.parametrize("others", [("embedding", "b", "float32"), ("embedding", "a", "bfloat16"), ("embedding", "a")])
def test_another_model_or_setting_finds_nothing(others):
    Kept("embedding", "a", "float32").keep({("text",): np.ones(3, np.float32)})
    assert Kept(*others).find([("text",)]) == {}
    assert list(Kept("embedding", "a", "float32").find([("text",)])) == [("text",)]


def test_a_model_without_a_fingerprint_is_never_kept(cache):
    Kept("embedding", None).rows([("text",)], numbers)
    assert not (cache / FILE).exists()


def test_more_contents_than_a_query_takes_are_found():
    contents = [(str(i),) for i in range(2_500)]
    Kept("m").keep({content: np.array([i], np.float32) for i, content in enumerate(contents)})
    assert np.array_equal(Kept("m").rows(contents, forbidden)[:, 0], np.arange(2_500))


def test_each_distinct_content_is_computed_once_longest_first():
    seen = []

    def record(contents):
        seen.extend(contents)
        return numbers(contents)

    rows = Kept("m").rows([("a",), ("ccc",), ("a",), ("bb",)], record)
    assert seen == [("ccc",), ("bb",), ("a",)]
    assert rows[:, 1].tolist() == [1, 3, 1, 2]


def test_an_interruption_loses_one_chunk():
    contents = [(f"{i:05}",) for i in range(CHUNK + 10)]
    calls = []

    def interrupted(some):
        calls.append(some)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return numbers(some)

    with pytest.raises(KeyboardInterrupt):
        Kept("m").rows(contents, interrupted)
    computed = []
    Kept("m").rows(contents, lambda some: computed.extend(some) or numbers(some))
    assert len(computed) == 10


def test_no_contents_have_no_rows():
    assert Kept("m").rows([], forbidden, width=3).shape == (0, 3)


@pytest.mark.parametrize("damage", [b"not a database at all", b"SQLite format 3\0" + b"\xff" * 5_000])
def test_a_damaged_file_costs_a_warning_and_nothing_else(cache, damage):
    cache.mkdir()
    (cache / FILE).write_bytes(damage)
    with pytest.warns(RuntimeWarning, match="delete the file") as heard:
        rows = Kept("m").rows([("abc",)], numbers)
    assert rows.tolist() == [[1, 3]]
    assert all("\n" not in str(warning.message) for warning in heard)


def test_a_cache_folder_that_cannot_be_made_costs_a_warning_and_nothing_else(cache):
    cache.write_text("a file where the folder should be")
    with pytest.warns(RuntimeWarning, match="GENDIV_CACHE"):
        assert Kept("m").rows([("abc",)], numbers).tolist() == [[1, 3]]


def test_a_file_that_cannot_be_written_is_still_read(monkeypatch):
    Kept("m").keep({("old",): np.ones(1, np.float32)})
    connect = sqlite3.connect

    def read_only(path, **options):
        return connect(f"file:{path}?mode=ro", uri=True, **options)

    monkeypatch.setattr(sqlite3, "connect", read_only)
    with pytest.warns(RuntimeWarning, match="readonly"):
        rows = Kept("m").rows([("old",), ("new",)], lambda some: np.full((len(some), 1), 7, np.float32))
    assert rows.tolist() == [[1], [7]]


def test_an_entry_whose_bytes_changed_is_computed_again(cache):
    Kept("m").keep({("abc",): np.array([1, 3], np.float32)})
    with sqlite3.connect(cache / FILE) as file:
        (blob,) = file.execute("SELECT numbers FROM kept").fetchone()
        file.execute("UPDATE kept SET numbers = ?", (blob[:-1] + bytes([blob[-1] ^ 1]),))
    assert Kept("m").find([("abc",)]) == {}
    assert Kept("m").rows([("abc",)], numbers).tolist() == [[1, 3]]
    assert Kept("m").rows([("abc",)], forbidden).tolist() == [[1, 3]]


def test_processes_at_once_lose_nothing():
    script = (
        "import sys, numpy as np\n"
        "from gendiv.metrics.models.kept import Kept\n"
        "own = int(sys.argv[1])\n"
        "for i in range(20):\n"
        "    Kept('m').keep({(f'{own} {i}',): np.array([own, i], np.float32), ('shared',): np.ones(2, np.float32)})\n"
    )
    command = [sys.executable, "-W", "error", "-c", script]
    started = [subprocess.Popen([*command, str(own)], env=os.environ.copy()) for own in range(3)]
    assert [process.wait(timeout=60) for process in started] == [0, 0, 0]
    contents = [(f"{own} {i}",) for own in range(3) for i in range(20)]
    assert Kept("m").rows(contents, forbidden).tolist() == [[own, i] for own in range(3) for i in range(20)]


def test_an_entry_takes_the_room_that_the_module_states(cache):
    for width, stated in ((384, 1_650), (3, 100)):
        before = (cache / FILE).stat().st_size if (cache / FILE).exists() else 0
        Kept(str(width)).keep({(str(i),): np.ones(width, np.float32) for i in range(2_000)})
        grown = (cache / FILE).stat().st_size - before
        assert width * 4 < grown / 2_000 < stated * 1.3


def test_a_folders_fingerprint_follows_contents_not_places(tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        (folder / "1_Pooling").mkdir(parents=True)
        (folder / "config.json").write_text("{}")
        (folder / "1_Pooling" / "config.json").write_text('{"mean": true}')
        (folder / "model.safetensors").write_bytes(b"weights")
    assert folder_fingerprint(first) == folder_fingerprint(second) == folder_fingerprint(first)
    (second / "README.md").write_text("words")
    assert folder_fingerprint(first) == folder_fingerprint(second)
    (second / "1_Pooling" / "config.json").write_text('{"mean": false}')
    assert folder_fingerprint(first) != folder_fingerprint(second)
    (first / "model.safetensors").write_bytes(b"weighty")
    (second / "1_Pooling" / "config.json").write_text('{"mean": true}')
    assert folder_fingerprint(first) != folder_fingerprint(second)


def test_contents_hashed_once_are_not_read_again(tmp_path, monkeypatch):
    model = tmp_path / "model"
    model.mkdir()
    (model / "config.json").write_text("{}")
    known = folder_fingerprint(model)
    monkeypatch.setattr("gendiv.metrics.models.kept._hash_file", lambda path: pytest.fail(f"read again: {path}"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert folder_fingerprint(model) == known


def test_a_file_of_any_kind_that_a_model_may_read_tells_folders_apart(tmp_path):
    for name in ("model.safetensors", "vocab.tiktoken", "1_Pooling/config.json"):
        one, two = tmp_path / "one", tmp_path / "two"
        for folder, text in ((one, "a"), (two, "b")):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        assert folder_fingerprint(one) != folder_fingerprint(two)
        (two / name).write_text("a")


def test_an_adapter_is_never_kept_because_its_base_lies_elsewhere(tmp_path):
    (tmp_path / "adapter_config.json").write_text("{}")
    assert folder_fingerprint(tmp_path) is None


def test_a_row_that_is_not_finite_is_not_kept():
    kept = Kept("numbers", "a model")
    kept.keep({("good",): np.ones(2, dtype=np.float32), ("bad",): np.array([1, np.nan], dtype=np.float32)})
    assert set(kept.find([("good",), ("bad",)])) == {("good",)}
