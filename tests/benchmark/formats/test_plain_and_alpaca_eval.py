"""Plain rows and alpaca_eval's outputs become inputs with samples, and what is wrong with a row is said."""

import json
import tracemalloc

import pytest

from gendiv.benchmark.formats import alpaca_eval, plain
from gendiv.benchmark.formats.row import Bad, Row
from gendiv.errors import BadInput

GOOD = {"id": 1, "samples": ["a", "b"]}


@pytest.fixture
def file(tmp_path):
    """Write rows as lines and return the file."""

    def write(*rows, name="rows.jsonl"):
        path = tmp_path / name
        path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows))
        return path

    return write


def test_a_plain_row_is_an_input(file):
    path = file(
        {"id": "a", "prompt": "Say\nhi", "samples": ["x", ""], "other": [1]},
        {"id": 7, "samples": ["\ud800\x00"], "quality": [1]},
        {"id": "c", "prompt": None, "samples": ["z", "z"], "quality": [0.5, True]},
    )
    assert list(plain.read(path, Bad())) == [
        Row("a", "Say\nhi", ("x", ""), None),
        Row("7", None, ("\ud800\x00",), (1.0,)),
        Row("c", None, ("z", "z"), (0.5, 1.0)),
    ]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ('{"id": 2, "samples": [', "wanted a JSON object, found b"),
        ("[1]", r"wanted a JSON object, found \[1\]"),
        ({"samples": ["a"]}, "as id, found no id"),
        ({"id": None, "samples": ["a"]}, "as id, found id = None"),
        ({"id": True, "samples": ["a"]}, "as id, found id = True"),
        ({"id": 1.5, "samples": ["a"]}, "as id, found id = 1.5"),
        ({"id": 2}, "found no samples"),
        ({"id": 2, "samples": "text"}, "found samples = 'text'"),
        ({"id": 2, "samples": []}, r"found samples = \[\]"),
        ({"id": 2, "samples": ["a", 1]}, r"wanted texts as samples, found samples\[1\] = 1"),
        ({"id": 2, "samples": ["a", None]}, r"wanted texts as samples, found samples\[1\] = None"),
        ({"id": 2, "prompt": ["hi"], "samples": ["a"]}, r"wanted a text as prompt, found \['hi'\]"),
        (GOOD, "the id 1 was there before; ids name inputs, once each"),
        ({"id": "1", "samples": ["c"]}, "the id '1' was there before"),
        ({"id": 2, "samples": ["a"], "quality": []}, r"wanted quality to hold 1 numbers.* found \[\]"),
        ({"id": 2, "samples": ["a"], "quality": 1}, "wanted quality to hold 1 numbers.* found 1"),
        ({"id": 2, "samples": ["a"], "quality": ["1"]}, r"wanted finite numbers as quality, found quality\[0\] = '1'"),
        ({"id": 2, "samples": ["a"], "quality": [float("nan")]}, r"found quality\[0\] = nan"),
        ({"id": 2, "samples": ["a"], "quality": [-float("inf")]}, r"found quality\[0\] = -inf"),
        ({"id": 2, "samples": ["a"], "quality": [10**400]}, r"found quality\[0\] = 1000"),
    ],
    ids=str,
)
def test_a_bad_row_stops_the_reading_or_is_counted(row, reason, file):
    path = file(GOOD, "", row, {"id": 3, "samples": ["d"]})
    with pytest.raises(BadInput, match=f"^{path}:3: .*{reason}") as stopped:
        list(plain.read(path, Bad()))
    bad = Bad(skip=True)
    assert [row.id for row in plain.read(path, bad)] == ["1", "3"]
    assert (bad.count, bad.first) == (1, [str(stopped.value)])
    assert str(bad) == f"1 bad row was left out, that is: {stopped.value}"


def test_of_many_bad_rows_the_first_few_are_told_and_all_are_counted(file):
    path = file(*["oops"] * 5, GOOD)
    bad = Bad(skip=True)
    assert len(list(plain.read(path, bad))) == 1
    assert bad.count == 5
    assert [message.partition(": wanted")[0] for message in bad.first] == [f"{path}:{line}" for line in (1, 2, 3)]
    assert str(bad).startswith(f"5 bad rows were left out, the first: {path}:1: wanted a JSON object")


def test_an_id_whose_first_row_was_bad_may_come_again(file):
    path = file({"id": 1, "samples": []}, GOOD)
    assert [row.samples for row in plain.read(path, Bad(skip=True))] == [("a", "b")]


def test_the_first_row_comes_out_before_a_later_bad_one_is_read(file):
    rows = plain.read(file(GOOD, "oops"), Bad())
    assert next(rows).id == "1"
    with pytest.raises(BadInput):
        next(rows)


@pytest.mark.parametrize(("name", "many"), [("rows.jsonl", 100_000), ("rows.json", 15_000)])
def test_memory_holds_no_texts_of_rows_that_have_passed(name, many, tmp_path):
    def peak(rows):
        path = tmp_path / name
        lines = (f'{{"id": {number}, "samples": ["{"a" * 200}", "{"b" * 200}"]}}' for number in range(rows))
        path.write_text("[" + ",\n".join(lines) + "]" if name == "rows.json" else "\n".join(lines))
        tracemalloc.start()
        assert sum(1 for _ in plain.read(path, Bad())) == rows
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    # What grows is the set of ids, which tells repeats: 55 bytes for the text, and its place in the set.
    assert peak(many) - peak(1_000) < 140 * many


OUTPUT = {"instruction": "Say hi", "output": "hi", "generator": "m", "dataset": "helpful"}


@pytest.mark.parametrize("indent", [None, 2])
def test_outputs_of_one_instruction_are_its_samples(indent, tmp_path):
    path = tmp_path / "model_outputs.json"
    rows = [
        OUTPUT,
        {"instruction": "Sum", "input": "1 2", "output": "3"},
        {"instruction": "Sum", "input": "", "output": "\u00e9"},
        OUTPUT | {"output": ""},
    ]
    path.write_text(json.dumps(rows, indent=indent))
    expected = [
        Row("Say hi", "Say hi", ("hi", "")),
        Row("Sum\n\n1 2", "Sum\n\n1 2", ("3",)),
        Row("Sum", "Sum", ("\u00e9",)),
    ]
    assert list(alpaca_eval.read(path, Bad())) == expected
    lines = tmp_path / "model_outputs.jsonl"
    lines.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert list(alpaca_eval.read(lines, Bad())) == expected


def test_outputs_that_alpaca_eval_wrote_are_read(tmp_path):
    pandas = pytest.importorskip("pandas")
    path = tmp_path / "model_outputs.json"
    texts = ["a/b \u00e9 \U0001f600", 'say "hi"\n', ""]
    table = pandas.DataFrame([OUTPUT | {"instruction": f"i/{text}", "output": text} for text in texts])
    table.to_json(path, orient="records", indent=2)  # as in alpaca_eval 0.6.6, main.py
    assert list(alpaca_eval.read(path, Bad())) == [Row(f"i/{text}", f"i/{text}", (text,)) for text in texts]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"output": "x"}, "found no instruction"),
        ({"instruction": "x"}, "found no output"),
        ({"instruction": "x", "output": None}, "found output = None"),
        ({"instruction": 1, "output": "x"}, "found instruction = 1"),
        ("oops", "wanted a JSON object"),
    ],
    ids=str,
)
def test_a_bad_output_stops_the_reading_or_is_counted(row, reason, file):
    path = file(OUTPUT, row, OUTPUT)
    with pytest.raises(BadInput, match=f"^{path}:2: .*{reason}"):
        list(alpaca_eval.read(path, Bad()))
    bad = Bad(skip=True)
    assert [row.samples for row in alpaca_eval.read(path, bad)] == [("hi", "hi")]
    assert bad.count == 1


@pytest.mark.parametrize("skip", [False, True])
def test_outputs_of_two_models_in_one_file_are_refused_always(skip, file):
    path = file(OUTPUT, OUTPUT | {"generator": "n"})
    with pytest.raises(BadInput, match=":2: wanted the outputs of one model, found generator 'n' after 'm'"):
        list(alpaca_eval.read(path, Bad(skip)))
