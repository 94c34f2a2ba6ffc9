"""`gendiv score` from end to end: every metric, every format, both profiles, from the command line as from Python."""

import json
from pathlib import Path

import pytest
from tiny_nli import tiny_nli

import gendiv
from gendiv.__main__ import main
from gendiv.benchmark.formats.row import Bad
from gendiv.metrics import METRICS, Graded
from gendiv.metrics.released import RELEASED

DATA = Path(__file__).parents[1] / "benchmark" / "formats" / "data"
ROWS = [
    {
        "id": place,
        "prompt": f"Ask {place}.",
        "samples": [f"The answer is {word}. It is {other}." for word, other in pairs],
        "quality": [0.2, 0.9, 0.7],
        "reference": f"The answer is {pairs[0][0]}.",
    }
    for place, pairs in enumerate(
        [
            [("red", "warm"), ("blue", "cold"), ("red", "warm")],
            [("a cat", "small"), ("a dog", "loud"), ("an owl", "awake at night")],
            [("no", "late"), ("yes", "early"), ("perhaps", "hard to say")],
            [("seven", "odd"), ("eight", "even"), ("nine", "odd")],
        ]
    )
]


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    return {"sbert_model": "minilm", "nli_model": str(tiny_nli(tmp_path_factory.mktemp("nli")))}


@pytest.fixture
def samples(tmp_path, monkeypatch):
    monkeypatch.setenv("GENDIV_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "samples.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    return path


def scored(capsys, *words):
    """Return what the command prints as JSON, and what it says on standard error."""
    assert main(["score", *map(str, words), "--json"]) == 0
    shown = capsys.readouterr()
    return json.loads(shown.out), shown.err


@pytest.mark.parametrize(("profile", "table"), [("corrected", METRICS), ("as-released", RELEASED)])
def test_every_metric_is_computed_at_every_level_it_has(profile, table, samples, models, capsys):
    table = {name: metric for name, metric in table.items() if not issubclass(metric, Graded)}  # take a run folder
    names = [name if name != "rarefied_distinct" else "rarefied_distinct:draws=3" for name in table]
    given = [word for key, value in models.items() for word in (f"--{key.replace('_', '-')}", value)]
    found, _ = scored(capsys, samples, "--metrics", ",".join(names), "--profile", profile, *given)
    assert found["profile"] == profile
    levels = [(result["metric"], result["level"]) for result in found["results"]]
    assert levels == [(name, level) for name, metric in table.items() for level in metric.levels]
    for result in found["results"]:
        assert result["value"] is not None, result
        assert result["low"] <= result["value"] <= result["high"]
        assert (result["inputs"], result["undefined"], result["reason"]) == (4, 0, None)
        assert f"|profile={profile}|" in result["signature"]
    assert (
        gendiv.score(samples, metrics=names, profile=profile, **models).model_dump(mode="json", by_alias=True) == found
    )


LOGS = sorted(file for file in DATA.iterdir() if "choices" not in file.name)  # which hold no text, see test_logs.py


@pytest.mark.parametrize("file", LOGS, ids=lambda file: file.name)
def test_logs_that_the_tools_wrote_are_told_by_their_content_and_scored(file, capsys):
    if file.name.endswith(".eval"):
        pytest.importorskip("zstandard")
    found, _ = scored(capsys, file, "--metrics", "length,distinct:n=1", "--skip-bad")
    assert {result["metric"] for result in found["results"]} == {"length", "distinct"}
    assert found["results"][0]["value"] > 0


def test_a_bad_row_stops_or_is_counted(samples, capsys):
    samples.write_text(samples.read_text() + "{torn\n")
    assert main(["score", str(samples)]) == 2
    assert f"{samples}:5: wanted a JSON object" in capsys.readouterr().err
    found, told = scored(capsys, samples, "--skip-bad", "--metrics", "length")
    assert (found["skipped"], found["results"][0]["inputs"]) == (1, 4)
    assert f"1 bad row was left out, that is: {samples}:5" in told
    assert gendiv.score(samples, metrics=["length"], bad=Bad(skip=True)).skipped == 1


def test_several_files_are_samples_of_the_same_inputs(tmp_path, capsys):
    outputs = [{"instruction": f"Ask {place}.", "output": "one two", "generator": "m"} for place in range(3)]
    for name in ("one.json", "two.json"):
        (tmp_path / name).write_text(json.dumps(outputs))
    found, _ = scored(capsys, tmp_path / "one.json", tmp_path / "two.json", "--metrics", "duplicates")
    per_input = found["results"][0]
    assert (per_input["value"], per_input["inputs"]) == (0.5, 3)
    assert "|k=2|" in per_input["signature"]
    named, _ = scored(capsys, tmp_path / "one.json", "--format", "alpaca_eval", "--metrics", "length")
    assert named["results"][0]["value"] == 2


def test_two_settings_of_one_metric_can_be_told_apart_in_the_table(samples, capsys):
    assert main(["score", str(samples), "--metrics", "distinct:n=1,distinct:n=2,length"]) == 0
    shown = capsys.readouterr().out
    assert "distinct:n=1" in shown
    assert "distinct:n=2" in shown
