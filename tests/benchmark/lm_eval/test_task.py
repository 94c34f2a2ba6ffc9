"""A task of lm-eval is a split of ours: the prompts that lm-eval itself would send, its stops, budget and targets."""

import json
import sys

import pytest
from openai_server import OpenAIServer

import gendiv
from gendiv.__main__ import main
from gendiv.benchmark.lm_eval.task import _manager, find_lm_eval_split
from gendiv.benchmark.prompts import read_prompts
from gendiv.benchmark.registry import find_split
from gendiv.benchmark.sources.scripted import Scripted
from gendiv.errors import BadInput

pytest.importorskip("lm_eval")
SHARED = """\
dataset_path: json
dataset_kwargs:
  data_files: {{train: {folder}/train.jsonl, test: {folder}/test.jsonl}}
test_split: test
"""
TASKS = {
    "few_shots": """\
task: few_shots
training_split: train
output_type: generate_until
description: "Answer.\\n\\n"
doc_to_text: "Q: {{{{q}}}}\\nA:"
doc_to_target: "{{{{a}}}}"
num_fewshot: 2
generation_kwargs: {{until: ["\\n\\n", "", "Q:"], max_gen_toks: 32, do_sample: false}}
metadata: {{version: 2.1}}
""",
    "plain": "task: plain\noutput_type: generate_until\ndoc_to_text: q\ndoc_to_target: a\n",
    "several": (
        "task: several (two)\noutput_type: generate_until\ndoc_to_text: q\ndoc_to_target: both\n"
        "generation_kwargs: {{until: END, max_tokens: 5}}\n"
    ),
    "chosen": (
        "task: chosen\noutput_type: generate_until\ndoc_to_text: q\ndoc_to_target: which\n"
        "doc_to_choice: [left, right]\n"
    ),
    "choices": (
        "task: choices\noutput_type: multiple_choice\ndoc_to_text: q\ndoc_to_target: 0\ndoc_to_choice: [left, right]\n"
    ),
    "broken": "task: broken\noutput_type: generate_until\ndoc_to_text: '{{{{ q | nonsense }}}}'\ndoc_to_target: a\n",
    "nowhere": "task: nowhere\noutput_type: generate_until\ndoc_to_text: q\ndoc_to_target: a\ntest_split: dev\n",
    "group": "group: both\ntask: [plain, few_shots]\n",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder of lm-eval tasks on data beside them."""
    folder = tmp_path_factory.mktemp("tasks")
    for split in ("train", "test"):
        documents = [
            {"q": f"{split} {i}?", "a": f"answer {i}", "both": [f"one {i}", f"two {i}"], "which": i % 2}
            for i in range(12)
        ]
        (folder / f"{split}.jsonl").write_text("".join(json.dumps(document) + "\n" for document in documents))
    for name, text in TASKS.items():
        shared = "" if name == "group" else SHARED
        (folder / f"{name}.yaml").write_text((shared + text).format(folder=folder))
    return folder


@pytest.fixture(autouse=True, scope="module")
def offline(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HF_DATASETS_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


def prompts_that_lm_eval_sends(folder, task):
    from lm_eval import simple_evaluate
    from lm_eval.tasks import TaskManager

    with OpenAIServer() as server:
        simple_evaluate(
            "local-completions",
            f"model=m,base_url={server.url}/completions,tokenizer_backend=none",
            tasks=[task],
            task_manager=TaskManager(include_path=str(folder), include_defaults=False),
            bootstrap_iters=0,
        )
        return [request.prompt for request in server.received]


def test_prompts_are_those_that_lm_eval_sends_examples_included(folder):
    task, split = find_lm_eval_split("lm-eval:few_shots", folder)
    prompts = split.load()
    assert sorted(prompt.raw for prompt in prompts) == sorted(prompts_that_lm_eval_sends(folder, "few_shots"))
    assert [prompt.id for prompt in prompts] == [str(i) for i in range(12)]
    assert prompts[3].raw.startswith("Answer.\n\nQ: train ")
    assert prompts[3].raw.count("A: answer ") == 2
    assert prompts[3].raw.endswith("\n\nQ: test 3?\nA:")
    assert prompts[3].message == prompts[3].raw
    assert prompts[3].shown == "Q: test 3?\nA:"
    assert prompts[3].reference == "answer 3"
    assert (task.stop, task.max_tokens, task.version, task.format) == (("\n\n", "Q:"), 32, 2, "raw")
    assert (split.shift, split.kind, task.full_name(split)) == ("id", "instruction", "lm-eval/few_shots")


def test_what_a_task_leaves_open_is_as_lm_eval_has_it(folder):
    task, split = find_split("lm-eval:plain=far", folder)
    assert (task.stop, task.max_tokens, task.version, split.shift) == (("\n\n",), 256, 0, "far")
    assert split.load()[0].raw == "test 0?"


def test_the_first_of_several_targets_is_the_reference_and_a_number_stands_for_its_choice(folder):
    task, several = find_split("lm-eval:several (two)", folder)
    assert [prompt.reference for prompt in several.load()[:2]] == ["one 0", "one 1"]
    assert (task.stop, task.max_tokens) == (("END",), 5)
    _, chosen = find_split("lm-eval:chosen", folder)
    assert [prompt.reference for prompt in chosen.load()[:2]] == ["left", "right"]


def test_a_run_of_a_task_lies_under_a_safe_name_goes_on_by_it_and_is_scored_against_its_targets(folder, tmp_path):
    answer = Scripted(lambda text, seed: f"one {seed % 3}")
    settings = {"prompts": 4, "samples": 3, "metrics": ["rouge", "distinct"], "out": tmp_path / "run"}
    run = gendiv.evaluate(answer, tasks=["lm-eval:several (two)=near"], include_path=folder, **settings)
    name = "lm-eval/several%20%28two%29"
    assert [(split.name, split.shift, split.prompts) for split in run.record.splits] == [(name, "near", 4)]
    assert (tmp_path / "run/samples" / f"{name}.jsonl").is_file()
    assert read_prompts(run.folder, name)["2"].reference == "one 2"
    assert {result.metric: result.inputs for result in run.scores.results} == {"rouge": 4, "distinct": 4}
    again = gendiv.evaluate(answer, tasks=[f"{name}=near"], include_path=str(folder), **settings)
    assert again.record.splits == run.record.splits


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("lm-eval:choices", r"'choices' asks for log-likelihoods \(multiple_choice\).* wanted a generate_until task"),
        ("lm-eval:both", "'both' as a group; name its tasks one by one: few_shots, plain"),
        ("lm-eval:plain=id=far", "wanted lm-eval:NAME"),
        ("lm-eval:plain=away", "SHIFT being one of id, near, far"),
        ("lm-eval:", "wanted lm-eval:NAME"),
        ("lm-eval:broken", "lm-eval task 'broken' cannot be loaded .*nonsense"),
        ("lm-eval:nowhere", "lm-eval task 'nowhere' cannot be loaded .*dev"),
    ],
)
def test_what_cannot_be_a_split_is_refused_in_one_line(name, reason, folder):
    with pytest.raises(BadInput, match=reason) as refused:
        find_split(name, folder)
    assert "\n" not in str(refused.value)


def test_a_name_that_no_folder_has_is_looked_for_among_lm_evals_own_tasks_and_offered(folder):
    with pytest.raises(BadInput, match="lm-eval has no task 'few_shot': did you mean few_shots"):
        find_split("lm-eval:few_shot", folder)
    with pytest.raises(BadInput, match="'hellaswag' asks for log-likelihoods"):  # known without its data
        find_split("lm-eval:hellaswag", folder)


def run(capfd, *words):
    code = main(["run", "--model", "openai:http://127.0.0.1:9/v1#m", *map(str, words)])
    return code, capfd.readouterr().err.splitlines()[-1]


def test_an_include_path_that_does_nothing_is_refused(folder, tmp_path, capfd):
    code, said = run(capfd, "--task", "mini-summarisation/news", "--include-path", folder)
    assert code == 2
    assert "is for tasks of lm-eval, and none is asked for" in said
    code, said = run(capfd, "--task", "lm-eval:plain", "--include-path", tmp_path / "none")
    assert code == 2
    assert said.endswith("/none: there is no such folder")


def test_the_same_task_with_two_shifts_is_refused(folder, capfd):
    code, said = run(capfd, "--task", "lm-eval:plain", "--task", "lm-eval:plain=far", "--include-path", folder)
    assert code == 2
    assert "is asked for too; leave one out" in said


def test_without_lm_eval_the_command_that_brings_it_is_named(folder, monkeypatch, capfd):
    monkeypatch.setitem(sys.modules, "lm_eval.tasks", None)
    _manager.cache_clear()
    code, said = run(capfd, "--task", "lm-eval:plain", "--include-path", folder)
    assert code == 2
    assert "pip install 'gendiv[lm-eval]'" in said
