"""Metrics and questions from somewhere else: a package that is really installed, a class in a file beside samples."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from judges import FAIR
from openai_server import Faults, OpenAIServer

import gendiv
from gendiv.benchmark.choosing import load_metric
from gendiv.benchmark.sources.scripted import Scripted
from gendiv.errors import BadInput

PLUGIN = Path(__file__).parents[1] / "plugin"
GROUPS = [["I think so", "I doubt it", "No"], ["Yes", "No", "Well"], ["A", "B", "C"]]


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Return a folder into which pip has put the example package."""
    folder = tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*pip, "--target", str(folder), str(PLUGIN)], check=True, capture_output=True)
    return folder


def run(folder, *words):
    return subprocess.run(
        [sys.executable, "-m", "gendiv", *words],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])},
    )


def test_an_installed_metric_is_listed_carded_and_computed_like_a_bundled_one(installed, tmp_path):
    listed = json.loads(run(installed, "metrics", "--json").stdout)
    assert "openings:words=1" in [metric["default"] for metric in listed]
    assert run(installed, "metrics", "openings").stdout.startswith("## `openings`")
    samples = tmp_path / "samples.jsonl"
    samples.write_text("".join(json.dumps({"id": i, "prompt": "p", "samples": g}) + "\n" for i, g in enumerate(GROUPS)))
    done = run(installed, "score", str(samples), "--metrics", "openings,openings:words=2", "--json")
    results = {(r["signature"].split("|")[0], r["level"]): r["value"] for r in json.loads(done.stdout)["results"]}
    assert results["openings:words=1", "per_input"] == pytest.approx((2 / 3 + 1 + 1) / 3)
    assert results["openings:words=2", "per_input"] == 1
    assert results["openings:words=1", "across_input"] == pytest.approx((1 + 1 + 1) / 3)


def test_a_wrong_setting_of_an_installed_metric_is_one_line(installed, tmp_path):
    samples = tmp_path / "samples.jsonl"
    samples.write_text(json.dumps({"id": 1, "samples": ["a", "b"]}) + "\n")
    done = run(installed, "score", str(samples), "--metrics", "openings:word=2")
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert "openings" in done.stderr


def test_installed_questions_are_put_to_a_judge_like_bundled_ones(installed, tmp_path, monkeypatch):
    monkeypatch.setenv("GENDIV_CACHE", str(tmp_path / "cache"))
    gendiv.evaluate(
        Scripted(), tasks=["mini-instructions/formal"], prompts=2, samples=1, metrics=["length"], out=tmp_path / "run"
    )
    with OpenAIServer(Faults(reply=FAIR)) as server:
        words = ["judge", "reference", str(tmp_path / "run"), "--judge", server.spec, "--json"]
        done = run(installed, *words, "--questions", "first_words")
        assert len(server.asked) == 4
        assert all("opens with better words" in request.prompt for request in server.asked)
        wrong = run(installed, *words, "--questions", "first_word")
    (judgement,) = json.loads(done.stdout)["judgements"]
    assert "questions=first_words@1" in judgement["signatures"][0]
    assert wrong.returncode == 2
    assert "did you mean first_words?" in wrong.stderr


@pytest.fixture
def own(tmp_path, monkeypatch):
    """Stand in a folder with a module of our own."""
    source = (PLUGIN / "src" / "gendiv_openings" / "__init__.py").read_text()
    (tmp_path / "my_metrics.py").write_text(
        source.replace('"openings"', '"mine"') + "\nclass Ours(Openings):\n    name = 'distinct'\n\n\nNOTHING = 3\n"
    )
    (tmp_path / "broken.py").write_text("import nothing_of_this_name\n")
    (tmp_path / "samples.jsonl").write_text(
        "".join(json.dumps({"id": i, "samples": g}) + "\n" for i, g in enumerate(GROUPS))
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_class_in_a_file_here_is_computed_too(own):
    words = ["score", "samples.jsonl", "--metric", "my_metrics:Openings:words=2", "--metrics", "distinct", "--json"]
    done = run(own, *words)
    assert done.returncode == 0, done.stderr
    assert {r["metric"] for r in json.loads(done.stdout)["results"]} == {"mine", "distinct"}


@pytest.mark.usefixtures("own")
def test_a_metric_object_serves_as_well_as_its_spec():
    metric = load_metric("my_metrics:Openings:words=2")
    assert [r.metric for r in gendiv.score(GROUPS, metrics=[metric, "distinct"]).results] == [
        "mine",
        "mine",
        "distinct",
        "distinct",
    ]


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        ("my_metrics", "takes MODULE:CLASS"),
        ("no_such_module:A", "no module 'no_such_module' here"),
        ("broken:A", "no module 'nothing_of_this_name'"),
        ("my_metrics:Absent", "my_metrics has no 'Absent'"),
        ("my_metrics:NOTHING", "wanted a subclass of gendiv.metrics.Metric, found 3"),
        ("my_metrics:Ours", "'distinct' belongs to a bundled metric"),
        ("my_metrics:Openings:words=many", "words"),
    ],
)
@pytest.mark.usefixtures("own")
def test_what_is_no_metric_is_refused_by_name(spec, reason):
    with pytest.raises(BadInput, match=reason):
        load_metric(spec)
