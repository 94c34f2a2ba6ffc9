"""Runs in the formats of other places: Every Eval Ever (against its own schema) and the hub's evaluation results.

The schemas in every_eval_ever-0.3.0/ are those of the package every-eval-ever 0.3.0 (MIT, licence beside them), which
itself cannot be installed beside huggingface_hub 2; where it can be imported, its own validator has a say too.
"""

import hashlib
import json
import math
import re
from pathlib import Path

import jsonschema
import pytest
import yaml

import gendiv
from gendiv.__main__ import main
from gendiv.benchmark.grades import write_grades
from gendiv.benchmark.record import read_run, write_record
from gendiv.benchmark.samples import read_split
from gendiv.benchmark.sources.scripted import Scripted
from gendiv.leaderboard.exports.every_eval_ever import Publisher, export_every_eval_ever
from gendiv.metrics import Reward

SCHEMAS = Path(__file__).parent / "every_eval_ever-0.3.0"
SPLITS = ["mini-summarisation/news", "mini-instructions/formal"]
UUID4 = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
REWARD = Reward(model="r")


def schema(name):
    found = json.loads((SCHEMAS / f"{name}.schema.json").read_text())
    jsonschema.Draft7Validator.check_schema(found)
    return jsonschema.Draft7Validator(found)


@pytest.fixture
def run(tmp_path):
    """A run with grades that lack one prompt, a metric of two settings, one without limits, and one undefined."""
    found = gendiv.evaluate(
        Scripted(),
        tasks=SPLITS,
        prompts=4,
        samples=3,
        metrics=["distinct", "ead:n=2", "ead", "self_bleu", "length", "rarefied_distinct"],
        out=tmp_path / "run",
    )
    grades = {f"news-0{i}": [float(i), float(i)] for i in (1, 2, 3)} | {"news-04": [math.nan]}
    write_grades(found.folder, SPLITS[0], REWARD.signature, grades)
    gendiv.score(found.folder, metrics=[REWARD])
    return gendiv.report(found.folder).runs[0]


@pytest.fixture
def exported(run, tmp_path):
    log, samples = export_every_eval_ever(run.folder, tmp_path / "out", model="org/name")
    return log, samples


def test_the_files_lie_where_the_datastore_wants_them_and_fit_its_schemas(exported, tmp_path):
    log, samples = exported
    assert re.fullmatch(rf"data/gendiv/org/name/{UUID4}\.json", log.relative_to(tmp_path / "out").as_posix())
    assert samples.name == log.name.replace(".json", "_samples.jsonl")
    schema("eval").validate(json.loads(log.read_text()))
    lines = samples.read_text().splitlines()
    assert lines
    for line in lines:
        schema("instance_level_eval").validate(json.loads(line))


def test_the_packages_own_validator_has_nothing_to_say(exported, tmp_path):
    core = pytest.importorskip("every_eval_ever.validator.validation_core")
    root = tmp_path / "out"
    names = {path.relative_to(root).as_posix() for path in exported}
    for path, validate in zip(exported, (core.validate_aggregate, core.validate_instance_file), strict=True):
        found = validate(
            path,
            repo_path=path.relative_to(root).as_posix(),
            available_files=names,
            read_repo_file=lambda name: (root / name).read_text(),
            run_semantic_checks=True,
        )
        assert (found.errors, found.warnings) == ([], [])


def test_each_result_with_a_value_is_there_with_its_uncertainty_bounds_and_direction(run, exported):
    log = json.loads(exported[0].read_text())
    results = {result["evaluation_result_id"]: result for result in log["evaluation_results"]}
    valued = [result for result in run.scores.results if result.value is not None]
    assert len(results) == len(valued) == len(run.scores.results) - 5  # rarefied_distinct, and reward of one split
    for ours in valued:
        theirs = results[f"{ours.split}|{ours.signature.partition('|')[0]}|{ours.level}"]
        assert theirs["score_details"]["score"] == ours.value
        assert theirs["score_details"]["details"]["signature"] == ours.signature
        uncertainty = theirs["score_details"]["uncertainty"]
        assert uncertainty["num_samples"] == ours.inputs
        assert uncertainty["standard_error"]["value"] == ours.error
        interval = uncertainty["confidence_interval"]
        assert (interval["lower"], interval["upper"], interval["confidence_level"]) == (ours.low, ours.high, 0.95)
    reward = results[f"{SPLITS[0]}|{Reward(model='r').signature}|per_input"]["metric_config"]
    assert (reward["min_score"], reward["max_score"], reward["lower_is_better"]) == ("-Infinity", "Infinity", False)
    ead = results[f"{SPLITS[1]}|ead:n=1-5:tokenizer=whitespace:vocabulary=50257|across_input"]
    assert ead["metric_config"]["metric_parameters"] == {"n": "1-5", "tokenizer": "whitespace", "vocabulary": "50257"}
    assert ead["metric_config"]["metric_id"] == "gendiv.ead.across_input"
    assert ead["score_details"]["uncertainty"]["standard_error"]["method"] == "jackknife"
    assert ead["generation_config"]["generation_args"] == {
        "temperature": 1.0,
        "top_p": 1.0,
        "top_k": None,
        "max_tokens": 48,
    }
    bleu = next(result for name, result in results.items() if "self_bleu" in name)
    assert bleu["metric_config"]["lower_is_better"] is True


def test_the_lines_of_a_result_average_to_it_and_hold_prompt_reference_and_samples(run, exported):
    log, lines = json.loads(exported[0].read_text()), list(map(json.loads, exported[1].read_text().splitlines()))
    averaged = 0
    for result in log["evaluation_results"]:
        mine = [line for line in lines if line["evaluation_result_id"] == result["evaluation_result_id"]]
        if result["evaluation_result_id"].endswith("across_input"):
            assert mine == []
            continue
        scores = [line["evaluation"]["score"] for line in mine]
        assert sum(scores) / len(scores) == pytest.approx(result["score_details"]["score"], abs=1e-12)
        averaged += 1
    assert averaged == 5 * len(SPLITS) + 1  # five metrics on both, a reward on one
    row = read_split(run.folder, SPLITS[0], 3).rows[1]
    line = next(line for line in lines if line["sample_id"] == row.id)
    assert line["input"] == {"raw": row.prompt, "reference": [row.reference]}
    assert line["output"] == {"raw": list(row.samples)}
    assert sum(line["evaluation_result_id"].startswith(f"{SPLITS[0]}|reward") for line in lines) == 3


def test_the_log_vouches_for_its_samples(exported, tmp_path):
    told = json.loads(exported[0].read_text())["detailed_evaluation_results"]
    assert tmp_path / "out" / told["file_path"] == exported[1]
    assert told["checksum"] == hashlib.sha256(exported[1].read_bytes()).hexdigest()
    assert told["total_rows"] == len(exported[1].read_text().splitlines())


def test_exporting_again_replaces_the_files_and_another_model_has_others(run, exported, tmp_path):
    again = export_every_eval_ever(
        run.folder, tmp_path / "out", model="org/name", publisher=Publisher("We", "first_party"), samples=False
    )
    assert again == [exported[0]]
    log = json.loads(exported[0].read_text())
    assert "detailed_evaluation_results" not in log
    assert log["source_metadata"]["source_organization_name"] == "We"
    other = gendiv.evaluate(
        Scripted(name="other"), tasks=SPLITS, prompts=4, samples=3, metrics=["length"], out=tmp_path / "other"
    )
    assert export_every_eval_ever(other.folder, tmp_path / "out", model="org/name")[0].name != exported[0].name


def test_the_id_of_a_model_from_the_hub_is_known_and_any_other_must_be_given(run, tmp_path, capsys):
    assert main(["export", "every-eval-ever", str(run.folder), str(tmp_path / "out")]) == 2
    assert (
        "scripted:scripted does not say the model's id on the hub; give --model-id ORG/NAME" in capsys.readouterr().err
    )
    assert main(["export", "every-eval-ever", str(run.folder), str(tmp_path / "out"), "--model-id", "name"]) == 2
    assert "--model-id: wanted ORGANISATION/NAME, found 'name'" in capsys.readouterr().err
    record = read_run(run.folder)
    commit = "hub:org/known@" + "a" * 40
    known = record.model.__class__(
        spec="vllm:org/known", name="known", identity="revision", fingerprint="sha256:1", weights=commit
    )
    write_record(run.folder, record.model_copy(update={"model": known}))
    assert main(["export", "every-eval-ever", str(run.folder), str(tmp_path / "out"), "--json"]) == 0
    told = capsys.readouterr()
    assert told.err == "5 results without a value are left out\n"
    path = Path(json.loads(told.out)["files"][0])
    info = json.loads(path.read_text())["model_info"]
    schema("eval").validate(json.loads(path.read_text()))
    assert (info["id"], info["developer"]) == ("org/known", "org")
    assert info["inference_engine"]["name"] == "vLLM"
    assert info["additional_details"]["deployment_type"] == "self_deployed"
    assert info["additional_details"]["model_availability"] == "open_weights"
    adapted = record.model.__class__(**{**vars(known), "adapter": "org/adapter"})
    write_record(run.folder, record.model_copy(update={"model": adapted}))
    assert main(["export", "every-eval-ever", str(run.folder), str(tmp_path / "out")]) == 2


def test_scores_of_other_samples_are_not_exported(run, tmp_path, capsys):
    path = run.folder / f"samples/{SPLITS[0]}.jsonl"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))
    for words in (["every-eval-ever"], ["eval-results", "--benchmark", "org/bench"]):
        assert main(["export", words[0], str(run.folder), str(tmp_path / "out"), *words[1:]]) == 2
        assert "the samples have changed since they were scored: gendiv score" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_evaluation_results_are_read_by_the_hubs_client(run, tmp_path, capsys):
    hub = pytest.importorskip("huggingface_hub")
    words = ["export", "eval-results", str(run.folder), str(tmp_path / "out"), "--benchmark", "org/bench", "--json"]
    assert main([*words, "--source-url", "https://example.org/run", "--source-name", "samples"]) == 0
    told = json.loads(capsys.readouterr().out)
    path = Path(told["file"])
    assert path == tmp_path / "out/.eval_results/gendiv_mini-summarisation_news+mini-instructions_formal_t1_k3.yaml"
    entries = hub.parse_eval_result_entries(yaml.safe_load(path.read_text()))
    valued = [result for result in run.scores.results if result.value is not None]
    assert [entry.value for entry in entries] == [result.value for result in valued]
    assert told["results"] == len(entries)
    assert len({entry.task_id for entry in entries}) == len(entries)
    assert all(re.fullmatch(r"[\w.=-]+", entry.task_id) for entry in entries)
    first = entries[0]
    assert first.task_id == "mini-summarisation_news_distinct_per_input"
    assert (first.dataset_id, first.source_url, first.source_name) == (
        "org/bench",
        "https://example.org/run",
        "samples",
    )
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", first.date)
    assert first.notes.startswith("distinct:n=1-5:tokenizer=whitespace|version=1|")
    assert "; 95% interval 0." in first.notes
    written = hub.eval_result_entries_to_yaml(entries)
    assert written == yaml.safe_load(path.read_text())


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--benchmark", "bench"], "--benchmark: wanted the data set's ORGANISATION/NAME"),
        (["--benchmark", "org/bench", "--source-name", "x"], "--source-name is the name of --source-url"),
        ([], "Missing option '--benchmark'"),
    ],
)
def test_evaluation_results_for_no_benchmark_are_refused(words, reason, run, tmp_path, capsys):
    assert main(["export", "eval-results", str(run.folder), str(tmp_path), *words]) == 2
    assert reason in capsys.readouterr().err
