"""Files are cut into records whatever their length, packing and state, and every record knows its line."""

import gzip
import io
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gendiv.benchmark.formats import plain, records
from gendiv.benchmark.formats.records import decode, elements
from gendiv.benchmark.formats.row import Bad, Malformed
from gendiv.errors import BadInput

HERE = Path("array.json")
ROW = '{"id": 1, "samples": ["a", "b"]}'
OTHER = '{"id": 2, "samples": ["c"]}'

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(alphabet='a"\\,[]{}\n\u00e9\ud800\U0001f600', max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(alphabet='k"\\[', max_size=2), inner, max_size=3)
    ),
    max_leaves=6,
)


def cut(text, key="", bad=None):
    return list(elements(io.BytesIO(text.encode()), HERE, Bad() if bad is None else bad, key))


def read(path, skip=False):
    """Return the ids that the plain reader finds, and what it found bad."""
    bad = Bad(skip)
    return [row.id for row in plain.read(path, bad)], bad


@settings(max_examples=150, deadline=None)
@given(st.lists(values, max_size=5), st.sampled_from([None, 0, 2]), st.booleans(), st.integers(1, 9))
def test_an_array_is_cut_into_its_elements_wherever_the_window_ends(items, indent, ascii_only, chunk):
    items = [item for item in items if ascii_only or "\\ud800" not in json.dumps(item)]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(records, "CHUNK", chunk)
        found = cut(json.dumps(items, indent=indent, ensure_ascii=ascii_only))
    assert [json.loads(data) for _, data in found] == items


@settings(max_examples=50, deadline=None)
@given(values, st.lists(values, max_size=4), values, st.integers(1, 9))
def test_the_array_under_a_key_is_the_one_of_the_outermost_object(before, items, after, chunk):
    whole = {"head": {"samples": [before], "list": ["samples", [before]]}, "samples": items, "tail": after}
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(records, "CHUNK", chunk)
        found = cut(json.dumps(whole, indent=1), key="samples")
    assert [json.loads(data) for _, data in found] == items


def test_an_element_has_the_number_of_the_line_it_begins_in():
    assert cut('\n[\n {"a":\n 1}, {"b": 2},\n\n 3]\n') == [(3, b'{"a":\n 1}'), (4, b'{"b": 2}'), (6, b"3")]
    assert cut('{"x": [1,\n2],\n"samples": [\n3\n,4]}', key="samples") == [(4, b"3"), (5, b"4")]


def test_a_malformed_element_costs_that_element_only(tmp_path):
    path = tmp_path / "rows.json"
    path.write_text(f"[{ROW},\n{{oops: 1}},\n{OTHER}]")
    ids, bad = read(path, skip=True)
    assert ids == ["1", "2"]
    assert bad.count == 1
    assert bad.first[0].startswith(f"{path}:2: wanted a JSON object, found b'{{oops: 1}}'")
    with pytest.raises(BadInput, match=f"^{path}:2: "):
        read(path)


@pytest.mark.parametrize(
    ("text", "left", "reason"),
    [
        (f"[{ROW},\n{OTHER[:9]}", ["1"], "2: wanted a whole JSON value, found the end of the file inside it"),
        (f'[{ROW},\n{{"id": "x', ["1"], "2: wanted a whole JSON value"),
        (f"[{ROW},\n", ["1"], "2: wanted a whole JSON value"),
        (f"[{ROW[:-1]}", [], "1: wanted a whole JSON value"),
        (f"[{ROW}", ["1"], "1: wanted a whole JSON value"),
        (f"[{ROW}]\n[{OTHER}]", ["1"], "2: wanted nothing after the array, found more"),
        (f"[{ROW},,{OTHER}]", ["1", "2"], "1: wanted a JSON object, found b''"),
        (f"[{ROW}, 7]", ["1"], "1: wanted a JSON object, found 7"),
    ],
)
def test_an_array_that_is_damaged_is_bad(text, left, reason, tmp_path):
    path = tmp_path / "rows.json"
    path.write_text(text)
    with pytest.raises(BadInput, match=f"^{path}:{reason}"):
        read(path)
    ids, bad = read(path, skip=True)
    assert ids == left
    assert bad.count == 1


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf" + f"{ROW}\n{OTHER}\n".encode(),
        f"{ROW}\r\n{OTHER}\r\n".encode(),
        f"\n{ROW}\n  \n\n{OTHER}".encode(),
        b"\xef\xbb\xbf" + f"\n [{ROW},\r\n{OTHER}]\r\n".encode(),
        gzip.compress(f"{ROW}\n{OTHER}\n".encode()),
        gzip.compress(f"[{ROW}, {OTHER}]".encode()),
        gzip.compress(f"{ROW}\n".encode()) + gzip.compress(f"{OTHER}\n".encode()),
    ],
    ids=["bom", "crlf", "blank lines", "array", "gzip", "gzip array", "two gzip members"],
)
def test_what_editors_and_packers_do_to_a_file_does_not_matter(data, tmp_path):
    path = tmp_path / "rows"
    path.write_bytes(data)
    assert read(path) == (["1", "2"], Bad())


def test_a_file_named_for_lines_is_read_by_lines_even_if_the_first_is_an_array(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text(f"[1]\n{ROW}\n")
    ids, bad = read(path, skip=True)
    assert ids == ["1"]
    assert bad.first == [f"{path}:1: wanted a JSON object, found [1]"]


def test_gzip_data_that_ends_early_is_bad_and_what_came_before_counts(tmp_path):
    path = tmp_path / "rows.jsonl.gz"
    noise = "".join(chr(97 + number * number % 251 % 26) for number in range(100_000))
    whole = "\n".join(json.dumps({"id": number, "samples": [noise[number:]]}) for number in range(200))
    packed = gzip.compress(whole.encode())
    path.write_bytes(packed[: len(packed) // 2])
    with pytest.raises(BadInput, match="wanted whole gzip data, found it damaged or cut off"):
        read(path)
    ids, bad = read(path, skip=True)
    assert ids == [str(number) for number in range(len(ids))]
    assert len(ids) > 10
    assert bad.count == 1


@pytest.mark.parametrize(
    "data", [b"\x1f\x8b", b"\x1f\x8b\x08garbage and more garbage", gzip.compress(b"x" * 99, mtime=0)[:-9]]
)
def test_damaged_gzip_data_is_bad(data, tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_bytes(data)
    with pytest.raises(BadInput, match="gzip"):
        read(path)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b'{"id": 1, "samples": ["\xff"]}', r"wanted UTF-8, found b'\\xff"),
        (b'{"id": 1, "samples": ["\xed\xa0\x80"]}', "wanted UTF-8"),
        (b'{"id": 1, "samples": ["a\x00b"]}', "Invalid control character"),
        ('{"id": 1, "samples": ["a"]}'.encode("utf-16"), "wanted UTF-8"),
        (b'{"id": 1, "samp', r"^wanted a JSON object, found b.* \(Unterminated string starting at, character 11\)$"),
        (b"[" * 100_000, "wanted a JSON object"),
        (b"9" * 5000, "wanted a JSON object"),
        (b"null", "wanted a JSON object, found None"),
        (b'"' + b"a" * 1000 + b'"', r"^wanted a JSON object, found 'a{10,20}\.\.\."),
    ],
    ids=["bytes", "encoded surrogate", "NUL", "UTF-16", "torn", "deep", "long number", "null", "long text"],
)
def test_what_is_no_object_is_malformed(data, reason):
    with pytest.raises(Malformed, match=reason) as error:
        decode(data)
    assert len(str(error.value)) < 300


def test_a_lone_surrogate_and_a_nul_that_are_escaped_are_text():
    assert decode(rb'{"a": "\ud800", "b": "\u0000"}') == {"a": "\ud800", "b": "\x00"}
