"""Our splits run as tasks of lm-eval: K different samples on its backends, and the numbers gendiv finds in its log.

hf draws from a tiny model, local-completions asks tests/openai_server.py; vllm has its turn in tests/integration.
"""

import json
import logging
import math

import pytest
from integration.tiny import tiny_llama
from openai_server import OpenAIServer

import gendiv
from gendiv.__main__ import main
from gendiv.benchmark.decoding import Decoding
from gendiv.benchmark.lm_eval.export import export_tasks, generation_settings
from gendiv.benchmark.lm_eval.harness import Harness
from gendiv.benchmark.plan import make_plan
from gendiv.benchmark.result_name import result_name
from gendiv.errors import BadInput, StoreFailed
from gendiv.metrics import EAD, Distinct, Length

pytest.importorskip("lm_eval")
METRICS = "distinct,ead,ead:n=2,cosine_ngram,self_bleu,compression,rarefied_distinct,chao1,length,duplicates,rouge"
SPLITS = ("mini-summarisation/news", "mini-summarisation/forum")
PROMPTS, SAMPLES = 4, 3


def export(folder, *, tasks=SPLITS, prompts=PROMPTS, samples=SAMPLES, metrics=METRICS, **settings):
    decoding = {"max_tokens": 8, **settings}
    return export_tasks(
        make_plan(tasks=tasks, prompts=prompts, samples=samples, metrics=[metrics], decoding=decoding), folder
    )


@pytest.fixture(scope="module")
def tasks(tmp_path_factory):
    """A folder of tasks that was moved after it was written."""
    folder = tmp_path_factory.mktemp("exported")
    export(folder / "before")
    (folder / "before").rename(folder / "after")
    return folder / "after"


def evaluate(model, arguments, tasks, out, names="gendiv_mini-summarisation", **settings):
    """Do what `lm_eval run --log_samples` does, without reading all of lm-eval's own tasks; return log and results."""
    from lm_eval import simple_evaluate
    from lm_eval.loggers import EvaluationTracker
    from lm_eval.tasks import TaskManager

    tracker = EvaluationTracker(output_path=str(out))
    results = simple_evaluate(
        model,
        arguments,
        tasks=[names],
        task_manager=TaskManager(include_path=str(tasks), include_defaults=False),
        evaluation_tracker=tracker,
        **settings,
    )
    samples = results.pop("samples")
    tracker.save_results_aggregated(results=results, samples=samples)
    for task, rows in samples.items():
        tracker.save_results_samples(task_name=task, samples=rows)
    return next(out.iterdir()), results["results"]


@pytest.fixture(scope="module")
def by_hf(tasks, tmp_path_factory):
    folder = tmp_path_factory.mktemp("hf")
    checkpoint = tiny_llama(folder / "model")
    (checkpoint / "generation_config.json").write_text(json.dumps({"top_k": 1, "eos_token_id": 2}))  # greedy, unsaid
    return evaluate("hf", f"pretrained={checkpoint},dtype=float32,device=cpu", tasks, folder / "out", batch_size=4)


@pytest.fixture(scope="module")
def by_server(tasks, tmp_path_factory):
    folder = tmp_path_factory.mktemp("server")
    with OpenAIServer() as server:
        arguments = f"model=m,base_url={server.url}/completions,tokenizer_backend=none,num_concurrent=4"
        return *evaluate("local-completions", arguments, tasks, folder / "out"), list(server.received)


def rows_of(log, task):
    (file,) = log.glob(f"samples_{task}_*.jsonl")
    return [json.loads(line) for line in file.read_text().splitlines()]


@pytest.mark.parametrize("backend", ["by_hf", "by_server"])
def test_each_prompt_has_k_different_samples(backend, request):
    log, *_ = request.getfixturevalue(backend)
    for split in ("news", "forum"):
        rows = rows_of(log, f"gendiv_mini-summarisation_{split}")
        assert [len(row["resps"][0]) for row in rows] == [SAMPLES] * PROMPTS
        assert [row["filtered_resps"] for row in rows] == [row["resps"] for row in rows]
        different = [len(set(row["resps"][0])) for row in rows]
        assert all(count > 1 for count in different)
        assert max(different) == SAMPLES


@pytest.mark.parametrize("backend", ["by_hf", "by_server"])
@pytest.mark.parametrize("split", ["news", "forum"])
def test_lm_eval_prints_the_numbers_that_gendiv_finds_in_its_log(backend, split, request):
    log, results, *_ = request.getfixturevalue(backend)
    task = f"gendiv_mini-summarisation_{split}"
    (file,) = log.glob(f"samples_{task}_*.jsonl")
    metrics = list(make_plan(tasks=SPLITS, metrics=[METRICS]).metrics)
    found = dict(zip([m.signature for m in metrics], metrics, strict=True))
    compared = 0
    for result in gendiv.score(file, metrics=metrics).results:
        metric = found[result.signature.partition("|")[0]]
        name = result_name(metric, result.level, metrics)
        printed = results[task].get(f"{name},all")
        if result.value is None:
            assert printed is None or math.isnan(printed), name
        else:
            assert printed == pytest.approx(result.value, abs=1e-9), name
            compared += 1
            if result.level == "per_input":
                assert results[task][f"{name}_stderr,all"] == pytest.approx(result.error, abs=1e-9), name
    assert compared >= 17


def test_the_prompts_are_sent_as_gendiv_sends_them_with_the_whole_decoding_and_no_seed(by_server):
    asked = by_server[2]
    planned = {prompt.raw for split in make_plan(tasks=SPLITS, prompts=PROMPTS).splits for prompt in split.prompts}
    assert {request.prompt for request in asked} == planned
    assert len(asked) == len(planned) * SAMPLES
    expected = {"temperature": 1.0, "top_p": 1.0, "top_k": 0, "min_p": 0.0, "repetition_penalty": 1.0, "seed": None}
    assert all(expected.items() <= request.body.items() for request in asked)
    assert {request.body["max_tokens"] for request in asked} == {8}


def test_the_log_does_not_hold_the_samples_once_more_for_each_metric(by_server):
    row = rows_of(by_server[0], "gendiv_mini-summarisation_news")[0]
    assert row["distinct_across_input"] == "3 samples, see resps"


def test_one_seed_for_all_samples_is_warned_of_once_a_task(tasks, tmp_path, caplog):
    with OpenAIServer() as server, caplog.at_level(logging.WARNING, logger="gendiv"):
        arguments = f"model=m,base_url={server.url}/completions,tokenizer_backend=none,num_concurrent=4"
        evaluate("local-completions", arguments, tasks, tmp_path / "out", gen_kwargs="seed=3", bootstrap_iters=0)
    told = [record.getMessage() for record in caplog.records if record.name == "gendiv"]
    assert len(told) == len(SPLITS)
    assert all("4 documents: 100% of prompts have identical samples" in line for line in told)
    assert all("--gen_kwargs and --use_cache" in line for line in told)


def test_a_document_without_a_value_has_none_and_no_documents_have_nan():
    harness = Harness(["rarefied_distinct", "rouge", "length"], temperature=1.0)
    document = {"id": "1", "prompt": "Say", "reference": None}
    found = harness.process_results(document, [["a b", "c"]])
    assert found.keys() == {"length_per_input", "rarefied_distinct_across_input"}
    assert found["length_per_input"] == 1.5
    assert math.isnan(harness.across("rarefied_distinct_across_input", [found["rarefied_distinct_across_input"]]))


def test_results_are_named_by_metric_and_level_and_by_the_settings_that_tell_them_apart():
    among = [EAD(), EAD(n=(2,)), Distinct(), Length()]
    names = [result_name(metric, level, among) for metric in among for level in metric.levels]
    assert names == [
        "ead_per_input:n=1-5",
        "ead_across_input:n=1-5",
        "ead_per_input:n=2",
        "ead_across_input:n=2",
        "distinct_per_input",
        "distinct_across_input",
        "length_per_input",
    ]


@pytest.mark.parametrize(
    ("decoding", "settings"),
    [
        ({}, {"do_sample": True, "temperature": 1.0, "top_k": 0, "until": []}),
        ({"temperature": 0.0}, {"do_sample": False, "temperature": 0.0}),
        ({"top_k": 40, "stop": ("\n", "END")}, {"top_k": 40, "until": ["\n", "END"]}),
        ({"presence_penalty": 0.5}, {"presence_penalty": 0.5}),
    ],
    ids=str,
)
def test_decoding_is_whole_in_names_that_every_backend_knows(decoding, settings):
    written = generation_settings(Decoding(**decoding))
    assert settings.items() <= written.items()
    assert written["seed"] is None
    assert "frequency_penalty" not in written  # transformers refuses it


def test_a_suite_of_both_formats_has_a_group_for_each(tmp_path):
    exported = export_tasks(make_plan(suite="mini", prompts=1, samples=2, metrics=["distinct"]), tmp_path / "all")
    groups = {name: len(members) for name, members in exported.groups.items()}
    assert groups == {
        "gendiv_mini_raw": 2,
        "gendiv_mini_chat": 3,
        "gendiv_mini-summarisation": 2,
        "gendiv_mini-instructions": 3,
    }
    raw, chat = exported.commands()
    assert "--tasks gendiv_mini_raw --log_samples" in raw
    assert "--tasks gendiv_mini_chat --apply_chat_template" in chat
    one = export_tasks(
        make_plan(suite="mini", prompts=1, samples=2, metrics=["distinct"], format="raw"), tmp_path / "raw"
    )
    assert len(one.groups["gendiv_mini"]) == 5
    assert len(one.commands()) == 1


def test_a_folder_of_other_tasks_is_left_alone_and_the_same_export_is_written_over(tmp_path):
    export(tmp_path, samples=2)
    export(tmp_path, samples=3)
    assert "repeats: 3" in (tmp_path / "gendiv_mini-summarisation_news.yaml").read_text()
    with pytest.raises(StoreFailed, match=r"holds other things \(gendiv_mini-summarisation\.yaml, gendiv_mini-s"):
        export(tmp_path, tasks=["mini-instructions/formal"])
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "run.json").write_text("{}")
    with pytest.raises(StoreFailed, match=r"holds other things \(run\.json\)"):
        export(tmp_path / "run")


@pytest.mark.parametrize("metric", ["reward", "win_rate", "utility"])
def test_metrics_that_need_more_than_samples_are_refused(metric, tmp_path):
    with pytest.raises(BadInput, match=f"metric '{metric}' needs more than samples"):
        export(tmp_path, metrics=f"distinct,{metric}")
    assert list(tmp_path.iterdir()) == []


def test_those_of_a_suites_own_metrics_are_left_out_and_told_of(tmp_path, monkeypatch, capsys):
    from gendiv.benchmark import plan

    monkeypatch.setattr(plan, "DEFAULT_METRICS", ("distinct", "reward"))
    assert main(["export", "lm-eval", str(tmp_path), "--task", SPLITS[0], "-k", "2"]) == 0
    assert "left out: reward, which needs more than samples" in capsys.readouterr().err
    assert "reward" not in (tmp_path / "gendiv_metrics.py").read_text()


def test_a_metric_in_a_file_here_is_refused_because_lm_eval_would_not_find_it(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own_metric.py").write_text(
        "from dataclasses import dataclass\nfrom gendiv.metrics import Length\n\n"
        "@dataclass(frozen=True)\nclass Own(Length):\n    name = 'own'\n"
    )
    arguments = ["export", "lm-eval", "out", "--task", SPLITS[0], "--metric", "own_metric:Own"]
    assert main(arguments) == 2
    assert "'own' is not installed as a plugin" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_the_command_tells_the_commands_that_run_the_tasks(tmp_path, capsys):
    arguments = ["export", "lm-eval", str(tmp_path / "a folder"), "--suite", "mini", "-n", "2", "-k", "2"]
    assert main([*arguments, "--metrics", "distinct"]) == 0
    told = capsys.readouterr()
    assert told.err == f"wrote 5 tasks with 10 prompts to {tmp_path / 'a folder'}, 2 samples each; next:\n"
    assert told.out.count("lm_eval run --model hf") == 2
    assert f"--include_path '{tmp_path / 'a folder'}'" in told.out
    assert main([*arguments, "--metrics", "distinct", "--json"]) == 0
    described = json.loads(capsys.readouterr().out)
    assert described["samples_per_prompt"] == 2
    assert [task["split"] for task in described["tasks"]][:2] == ["mini-summarisation/forum", "mini-summarisation/news"]
    assert described["metrics"]["distinct_per_input"] == "distinct:n=1-5:tokenizer=whitespace"
