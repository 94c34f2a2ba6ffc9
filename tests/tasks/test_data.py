"""Rows of data sets: from a local copy, each fault with its place, hashed over what is wanted of them."""

import hashlib
import json
import os

import pytest

from gendiv.errors import BadInput
from gendiv.tasks.data import Data
from gendiv.tasks.reading import content_hash, read

DATA = Data(hub="own/set", split="train", local="test", columns=("a", "b"), optional=("c",))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The folder that GENDIV_DATA names, with the data set's own in it."""
    monkeypatch.setenv("GENDIV_DATA", str(tmp_path))
    (tmp_path / "own/set").mkdir(parents=True)
    return tmp_path


def write(folder, *lines, name="own/set/test.jsonl"):
    path = folder / name
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def test_the_local_copy_is_named_by_id_and_the_splits_local_name(folder):
    path = write(folder, '{"a": 1, "b": "x"}')
    assert read(DATA).rows == ({"a": 1, "b": "x"},)
    assert read(DATA).origin.path == str(path)


def test_a_config_is_a_folder_of_its_own(folder):
    (folder / "own/set/3.0.0").mkdir()
    write(folder, '{"a": 2, "b": "y"}', name="own/set/3.0.0/validation.jsonl")
    data = Data(hub="own/set", config="3.0.0", split="validation", columns=("a",))
    assert read(data).rows == ({"a": 2},)


def test_wanted_columns_are_kept_and_optional_ones_where_they_are(folder):
    write(folder, '{"a": 1, "b": 2, "c": 3, "d": 4}', '{"a": 1, "b": 2}')
    assert read(DATA).rows == ({"a": 1, "b": 2, "c": 3}, {"a": 1, "b": 2})


def test_the_hash_is_over_the_wanted_columns_alone(folder):
    write(folder, '{"b": "é", "a": 1, "d": 0}', '{"a": null, "b": [1, {"y": 2, "x": 3}]}')
    expected = b'{"a":1,"b":"\\u00e9"}\n{"a":null,"b":[1,{"x":3,"y":2}]}\n'
    assert read(DATA).origin.sha256 == hashlib.sha256(expected).hexdigest()
    first = read(DATA).origin.sha256
    write(folder, '{"d": 99, "a": 1, "b": "\\u00e9"}', "", '{"a": null, "b": [1, {"x": 3, "y": 2}]}')
    assert read(DATA).origin.sha256 == first


def test_the_hash_tells_every_change():
    rows = [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]
    others = [rows[::-1], rows[:1], [*rows, rows[0]], [{"a": 1, "b": "x "}, rows[1]], [{"a": "1", "b": "x"}, rows[1]]]
    assert len({content_hash(one) for one in [rows, *others]}) == 6


def test_a_lone_surrogate_has_a_hash(folder):
    write(folder, '{"a": 1, "b": "\\ud83d"}')
    assert len(read(DATA).origin.sha256) == 64


def test_a_known_hash_is_checked(folder):
    write(folder, '{"a": 1, "b": 2}')
    good = Data(hub="own/set", split="test", columns=("a", "b"), sha256=read(DATA).origin.sha256)
    assert read(good).origin.verified
    assert not read(DATA).origin.verified
    write(folder, '{"a": 1, "b": 3}')
    with pytest.raises(BadInput, match=r"test.jsonl: its content is not what was pinned: wanted sha256 \w{16}, found"):
        read(good)


def test_a_file_that_was_changed_is_read_again(folder):
    path = write(folder, '{"a": 1, "b": 2}')
    before = read(DATA)
    assert read(DATA) is before
    write(folder, '{"a": 5, "b": 2}')
    os.utime(path, ns=(1, 1))
    assert read(DATA).rows[0]["a"] == 5


def test_a_json_array_is_read_too(folder):
    (folder / "own/set/test.jsonl").write_text('\n [{"a": 1, "b": 2},\n {"a": 3, "b": 4}]\n')
    assert [row["a"] for row in read(DATA).rows] == [1, 3]


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ([], "test.jsonl: wanted rows, found none"),
        (["", " "], "test.jsonl: wanted rows, found none"),
        (["[]"], "test.jsonl: wanted rows, found none"),
        (['{"a": 1, "b": 2}', "", '{"a": 1, "b'], 'test.jsonl:3: wanted a JSON object, found \'{"a": 1, "b\''),
        (['{"a": 1, "b": 2}', '"text"'], "test.jsonl:2: wanted a JSON object, found '\"text\"'"),
        (['{"a": 1, "b": 2}', '{"a": 1}'], "test.jsonl:2: wanted the columns a, b, and b is missing; known: a"),
        (["{}"], "test.jsonl:1: wanted the columns a, b, and a, b are missing; the row is empty"),
        (["[1]"], "wanted a JSON object as element 1, found '1'"),
        (['[{"a": 1}, '], "test.jsonl: wanted a JSON array of rows ("),
        (["[" * 100_000], "test.jsonl: wanted a JSON array of rows ("),
    ],
)
def test_what_is_wrong_with_a_local_copy_is_one_line_with_its_place(folder, lines, reason):
    write(folder, *lines)
    with pytest.raises(BadInput) as refused:
        read(DATA)
    assert reason in str(refused.value)
    assert "\n" not in str(refused.value)


def test_bytes_that_are_no_text_are_one_line(folder):
    (folder / "own/set/test.jsonl").write_bytes(b'{"a": 1, "b": 2}\n{"a": "\xff"}\n')
    with pytest.raises(BadInput, match=r"test.jsonl:2: wanted a JSON object"):
        read(DATA)


@pytest.mark.usefixtures("folder")
def test_a_missing_copy_is_one_line_with_the_way_out():
    with pytest.raises(
        BadInput, match=r"own/set train: cannot read .*/own/set/test.jsonl \(No such file or directory\)"
    ) as refused:
        read(DATA)
    assert "unset GENDIV_DATA to read the hub" in str(refused.value)


def test_a_folder_in_place_of_the_copy_is_one_line(folder):
    (folder / "own/set/test.jsonl").mkdir()
    with pytest.raises(BadInput, match=r"cannot read .*test.jsonl \(Is a directory\)"):
        read(DATA)


def test_rows_are_json_as_published(folder):
    """Line separators of Unicode, which end no line of JSON Lines, stay within their row."""
    text = "one\u2028two\u0085three\x0bfour"
    write(folder, json.dumps({"a": text, "b": 1}, ensure_ascii=False))
    assert read(DATA).rows == ({"a": text, "b": 1},)
