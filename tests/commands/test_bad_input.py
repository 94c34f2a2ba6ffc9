"""Whatever is wrong with a command, it ends with code 2 and one line that says what."""

import json
import os
import re
import subprocess
import sys

import pytest
from openai_server import Faults, OpenAIServer

import gendiv
from gendiv.__main__ import main
from gendiv.benchmark.sources.scripted import Scripted

SPLIT = "mini-instructions/everyday"
MODEL = ["--model", "openai:http://127.0.0.1:9/v1#m"]
"""Port 9 discards: whatever is refused before the model is asked never gets there."""
RUN = ["run", *MODEL, "--task", SPLIT, "--metrics", "distinct"]
ROW = '{"id": 1, "samples": ["a b", "c"]}'
HEAVY = (
    *("torch", "transformers", "vllm", "pandas", "sentence_transformers", "numpy", "matplotlib"),
    *("datasets", "huggingface_hub", "pyarrow", "yaml", "vaderSentiment"),
)


@pytest.fixture(scope="module")
def server():
    with OpenAIServer() as server:
        yield server


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The folder that commands run in, with something of everything that can be wrong."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("in the way")
    (tmp_path / "empty").mkdir()
    (tmp_path / "model").mkdir()
    (tmp_path / "model/config.json").write_text("{}")
    (tmp_path / "adapter").mkdir()
    (tmp_path / "adapter/adapter_config.json").write_text("{}")
    for name, lines in {
        "good": [ROW, '{"id": 2, "samples": ["d", "e"]}'],
        "torn": [ROW, '{"id": 2, "samp'],
        "missing": [ROW, "", '{"id": 2}'],
        "wrong": [ROW, '{"id": 2, "samples": "text"}'],
        "number": [ROW, '{"id": 2, "samples": ["a", 1]}'],
        "list": ["[1]"],
        "null": [ROW, "null"],
        "twice": [ROW, ROW],
        "none": [],
        "blank": ["", "  "],
    }.items():
        (tmp_path / f"{name}.jsonl").write_text("".join(f"{line}\n" for line in lines))
    (tmp_path / "bytes.jsonl").write_bytes(b"\xff\xfe\n")
    (tmp_path / "deep.jsonl").write_text("[" * 100_000 + "\n")
    return tmp_path


def refused(arguments, capfd):
    """Run a command that must be refused and return its last line."""
    code = main(arguments)
    stdout, stderr = capfd.readouterr()
    assert code == 2, stderr
    assert stdout == ""
    assert "Traceback" not in stderr
    assert stderr.endswith("\n")
    last = stderr.splitlines()[-1]
    assert last.startswith("gendiv")
    assert ": " in last
    return last


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["nonsense"], "no command is called 'nonsense': known: "),
        (["rnu"], "no command is called 'rnu': did you mean run?"),
        (["--nonsense"], "No such option"),
        (["export", "lm-evl"], "no command is called 'lm-evl': did you mean lm-eval?"),
        (
            ["export", "lm-eval", "out"],
            "name either a --suite (mini, kirk2023, kirk2023-shifts, small-world) or one --task TASK/SPLIT",
        ),
        (["run"], "Missing option '--model'"),
        (
            ["run", *MODEL],
            "name either a --suite (mini, kirk2023, kirk2023-shifts, small-world) or one --task TASK/SPLIT",
        ),
        (
            ["run", *MODEL, "--suite", "mini", "--task", SPLIT],
            "name either a --suite (mini, kirk2023, kirk2023-shifts, small-world) or one --task",
        ),
        (["run", *MODEL, "--suite", "min"], "no suite is called 'min': did you mean mini?"),
        (["run", *MODEL, "--task", "mini-instructions"], "--task takes TASK/SPLIT, found 'mini-instructions'"),
        (["run", *MODEL, "--task", "mini-instructions/everday"], "has no split 'everday': did you mean everyday?"),
        (["run", *MODEL, "--task", "mini-instruction/everyday"], "did you mean mini-instructions"),
        (["run", *MODEL, "--task", "/"], "no task is called ''"),
        (["run", *MODEL, "--task", "none.yaml"], "--task: cannot read none.yaml (No such file or directory)"),
        (["run", *MODEL, "--task", "good.jsonl/x.yaml"], "--task: cannot read good.jsonl/x.yaml (Not a directory)"),
        ([*RUN, "--select", "last"], "--select: wanted first or random, found 'last'"),
        ([*RUN, "--select-seed", "3"], "--select-seed 3: the first prompts need no seed; add --select random"),
        ([*RUN, "--metrics", "distnct"], "no metric is called 'distnct': did you mean distinct?"),
        ([*RUN, "--metrics", "ead:vocab=3"], "metric 'ead': vocab: Unexpected keyword argument"),
        ([*RUN, "--metrics", "ead:n=0"], "metric 'ead': n"),
        ([*RUN, "--metrics", "distinct:n"], "key=value"),
        ([*RUN, "-k", "0"], "-k: wanted at least 1 sample a prompt, found 0"),
        ([*RUN, "-k", "-3"], "-k: wanted at least 1 sample a prompt, found -3"),
        ([*RUN, "-k", "many"], "'many' is not a valid int"),
        ([*RUN, "-n", "0"], "-n: wanted at least 1 prompt a split, found 0"),
        ([*RUN, "-n", "33"], f"{SPLIT} has 32 prompts, and -n asks for 33"),
        ([*RUN, "--temperature", "-1"], "temperature: wanted a number from 0 (greedy) to 5, found -1.0"),
        ([*RUN, "--temperature", "nan"], "temperature: wanted a number from 0 (greedy) to 5, found nan"),
        ([*RUN, "--temperature", "hot"], "'hot' is not a valid float"),
        ([*RUN, "--temperature", "0", "-k", "4"], "temperature 0 gives one text a prompt, and -k asks for 4"),
        ([*RUN, "--top-p", "0"], "top_p: wanted"),
        ([*RUN, "--top-p", "1.1"], "top_p: wanted"),
        ([*RUN, "--top-k", "0"], "top_k: wanted"),
        ([*RUN, "--min-p", "1"], "min_p: wanted"),
        ([*RUN, "--repetition-penalty", "0"], "repetition_penalty: wanted"),
        ([*RUN, "--presence-penalty", "inf"], "presence_penalty: wanted"),
        ([*RUN, "--max-tokens", "0"], "max_tokens: wanted"),
        ([*RUN, "--stop", ""], "stop: wanted"),
        ([*RUN, "--format", "cat"], "'cat' is not one of"),
        ([*RUN, "--concurrency", "0"], "0 is not in the range"),
        ([*RUN, "--timeout", "0"], "is not in the range"),
        ([*RUN, "--adapter", "adapter"], "adapter does not apply to openai: models"),
        ([*RUN, "--", "--tensor-parallel-size", "2"], "server_args does not apply to openai: models"),
        ([*RUN, "--out", "file"], "cannot write the run folder file"),
        ([*RUN, "--out", "file/below"], "cannot write the run folder file/below"),
        ([*RUN, "--out", "new"], "no answer; is the server up?"),
        ([*RUN, "--model", "gpt2"], "wanted vllm:PATH_OR_HUB_ID, openai:URL#MODEL or hf:PATH_OR_HUB_ID, found 'gpt2'"),
        ([*RUN, "--model", ""], "wanted vllm:PATH_OR_HUB_ID"),
        ([*RUN, "--model", "hf:"], "wanted vllm:PATH_OR_HUB_ID"),
        ([*RUN, "--model", "vlm:x"], "no source is called 'vlm': did you mean vllm?"),
        ([*RUN, "--model", "hf:./no/such"], "no model folder at './no/such'"),
        ([*RUN, "--model", "vllm:./no/such"], "no model folder at './no/such'"),
        ([*RUN, "--model", "hf:file"], "file is a file; wanted the model folder around it"),
        ([*RUN, "--model", "hf:empty"], "empty is no model folder: wanted config.json"),
        ([*RUN, "--model", "hf:model"], "holds a config.json but no weights"),
        ([*RUN, "--model", "hf:adapter"], "adapter holds a LoRA adapter: name its base model"),
        ([*RUN, "--model", "openai:localhost:8000"], "wanted openai:http://HOST:PORT/v1#MODEL"),
        ([*RUN, "--model", "openai:http://[::1#m"], "wanted openai:http://HOST:PORT/v1#MODEL"),
        (["score"], "Missing argument 'SAMPLES...'"),
        (["score", "no.jsonl"], "no samples at no.jsonl: wanted a run folder or a JSONL file"),
        (["score", "torn.jsonl"], "torn.jsonl:2: wanted"),
        (["score", "missing.jsonl"], "missing.jsonl:3: wanted"),
        (["score", "wrong.jsonl"], "wrong.jsonl:2: wanted"),
        (["score", "number.jsonl"], "number.jsonl:2: wanted"),
        (["score", "list.jsonl"], "list.jsonl:1: wanted"),
        (["score", "null.jsonl"], "null.jsonl:2: wanted"),
        (["score", "twice.jsonl"], "twice.jsonl:2: the id 1 was there before"),
        (["score", "bytes.jsonl"], "bytes.jsonl:1: wanted"),
        (["score", "deep.jsonl"], "deep.jsonl:1: wanted"),
        (["score", "none.jsonl"], "none.jsonl holds no rows"),
        (["score", "blank.jsonl"], "blank.jsonl holds no rows"),
        (["score", "good.jsonl", "--metrics", "bleu"], "no metric is called 'bleu'"),
        (["score", "empty"], "empty holds no run.json"),
        (["report"], "Missing argument 'RUN...'"),
        (["report", "no"], "no holds no run.json: give the folder that `gendiv run` wrote"),
        (["report", "file"], "file holds no run.json"),
        (["report", "empty"], "empty holds no run.json"),
    ],
    ids=lambda given: " ".join(given)[-60:] if isinstance(given, list) else "",
)
def test_bad_input_is_one_line(arguments, reason, folder, capfd):
    assert reason in refused(arguments, capfd)
    left = {path.name for path in folder.iterdir()} - {"new"}
    assert "runs" not in left


@pytest.fixture
def finished(folder):
    """A finished run of a scripted model in the folder `run`."""
    gendiv.evaluate(Scripted(), tasks=[SPLIT], prompts=3, samples=2, metrics=["distinct"], out=folder / "run")
    return folder / "run"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda record: {**record, "schema": 0}, "run.json has schema 0, and this gendiv reads 1: its samples still"),
        (lambda record: {**record, "schema": 2}, "run.json has schema 2, and this gendiv reads 1: pip install --upg"),
        (lambda record: {"state": "complete"}, "run.json has schema None"),
        (lambda record: [record], "run.json has schema None"),
        (lambda record: {**record, "seed": "x"}, "run.json: seed: "),
        (lambda record: {**record, "surplus": 1}, "run.json: surplus: "),
        (lambda record: {name: value for name, value in record.items() if name != "model"}, "run.json: model: "),
    ],
)
@pytest.mark.parametrize("command", [["report", "run"], ["score", "run"], [*RUN, "--out", "run"]])
def test_a_record_of_another_schema_or_a_damaged_one_is_one_line(command, change, reason, finished, capfd):
    path = finished / "run.json"
    path.write_text(json.dumps(change(json.loads(path.read_text()))))
    assert reason in refused(command, capfd)


def test_a_record_that_is_not_json_is_one_line(finished, capfd):
    (finished / "run.json").write_text("{")
    assert "run.json: wanted JSON, found" in refused(["report", "run"], capfd)
    (finished / "run.json").write_bytes(b"\xff")
    assert "run.json: wanted JSON, found" in refused(["report", "run"], capfd)


def test_a_run_without_scores_is_told_the_command_that_makes_them(finished, capfd):
    (finished / "scores.json").unlink()
    assert "holds no scores.json: gendiv score run" in refused(["report", "run"], capfd)


@pytest.mark.usefixtures("finished")
def test_a_report_into_a_file_is_one_line(capfd):
    assert "cannot make the folder file" in refused(["report", "run", "--out", "file"], capfd)


@pytest.mark.usefixtures("folder")
def test_another_temperature_in_the_same_folder_is_one_line(server, capfd):
    command = ["run", "--model", server.spec, "--task", SPLIT, "-n", "2", "-k", "2", "--metrics", "distinct"]
    assert main([*command, "--out", "again"]) == 0
    capfd.readouterr()
    last = refused([*command, "--out", "again", "--temperature", "0.5"], capfd)
    assert "another decoding" in last
    assert "temperature=1.0" in last
    assert "temperature=0.5" in last


@pytest.mark.usefixtures("folder")
def test_a_prompt_longer_than_the_context_is_one_line_and_the_rest_scores(capfd):
    with OpenAIServer(Faults(longest_prompt=100)) as server:
        command = ["run", "--model", server.spec, "--task", SPLIT, "-k", "2", "--metrics", "distinct", "--out", "long"]
        last = refused(command, capfd)
    assert "prompts were not answered" in last
    assert "maximum context length is 100" in last
    assert "gendiv score long" in last
    assert main(["score", "long", "--json"]) == 0
    assert json.loads(capfd.readouterr().out)["results"]


def test_the_process_itself_ends_with_code_2_and_one_line():
    done = subprocess.run([sys.executable, "-m", "gendiv", *RUN, "-k", "0"], capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == "gendiv: -k: wanted at least 1 sample a prompt, found 0\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "--task", SPLIT, "-n", "3", "-k", "2", "--metrics", "distinct", "--out", "fresh"],
        ["score", "run"],
        ["score", "good.jsonl"],
        ["report", "run"],
        ["report", "run", "--out", "site"],
        ["tasks"],
        ["metrics"],
    ],
    ids=" ".join,
)
@pytest.mark.usefixtures("finished")
def test_with_json_standard_output_is_json_alone(arguments, server, capfd):
    model = ["--model", server.spec] if arguments[0] == "run" else []
    assert main([*arguments, *model, "--json"]) == 0
    stdout, _ = capfd.readouterr()
    assert json.loads(stdout)


@pytest.mark.parametrize(
    "arguments", [["tasks"], ["metrics"], ["score", "good.jsonl"], ["report", "run"]], ids=" ".join
)
@pytest.mark.usefixtures("finished")
def test_without_json_standard_output_is_for_people(arguments, capfd):
    assert main(arguments) == 0
    stdout, _ = capfd.readouterr()
    assert len(stdout.splitlines()) > 3


@pytest.mark.parametrize("what", ["import gendiv", "from gendiv.__main__ import main; main(['--help'])"])
def test_nothing_heavy_is_loaded_before_it_is_needed(what):
    program = f"import sys; {what}; print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stderr == "[]\n"


def test_importing_takes_less_than_a_fifth_of_a_second():
    assert min(import_seconds() for _ in range(5)) < 0.2


def import_seconds():
    command = [sys.executable, "-X", "importtime", "-c", "import gendiv"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    (cumulative,) = re.findall(r"^import time:\s+\d+ \|\s+(\d+) \| gendiv$", told, re.MULTILINE)
    return int(cumulative) / 1e6


@pytest.mark.usefixtures("folder")
def test_a_reader_that_has_had_enough_is_no_error():
    process = subprocess.Popen(
        [sys.executable, "-m", "gendiv", "metrics", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    os.close(process.stdout.fileno())
    stderr = process.stderr.read()
    process.stderr.close()
    process.wait()
    assert b"Traceback" not in stderr
