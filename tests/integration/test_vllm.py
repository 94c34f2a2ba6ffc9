"""A real vLLM server, started, asked and stopped by gendiv."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import psutil
import pytest
from integration.tiny import tiny_llama

import gendiv
from gendiv.benchmark.open import open_source
from gendiv.benchmark.sources.source import SourceOptions
from gendiv.benchmark.sources.vllm_server import VLLMServer
from gendiv.benchmark.store import read_samples, split_file

SPLIT = "mini-instructions/everyday"


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    return tiny_llama(tmp_path_factory.mktemp("tiny") / "tiny-llama")


def gendiv_run(*arguments, cwd):
    command = [sys.executable, "-m", "gendiv", "run", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False)


def servers_of(checkpoint):
    """Return the processes, guards included, that serve a checkpoint."""
    return [
        process for process in psutil.process_iter(["cmdline"]) if str(checkpoint) in (process.info["cmdline"] or [])
    ]


def rows(folder, split=SPLIT):
    return list(read_samples(split_file(folder, split)))


def test_a_bf16_checkpoint_is_served_sampled_scored_and_the_server_is_gone_afterwards(checkpoint, tmp_path):
    out = tmp_path / "run"
    done = gendiv_run(
        "--model", f"vllm:{checkpoint}", "--task", SPLIT, "--task", "mini-summarisation/forum", "-n", 6, "-k", 4,
        "--max-tokens", 12, "--metrics", "distinct,ead,duplicates", "--out", out, "--json", cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert {result["split"] for result in json.loads(done.stdout)["results"]} == {SPLIT, "mini-summarisation/forum"}
    record = json.loads((out / "run.json").read_text())
    assert record["state"] == "complete"
    assert record["model"]["identity"] == "weights"
    assert record["model"]["chat_template"].startswith("sha256:")
    assert record["abilities"]["chat"]["seeded"] is True
    assert len(rows(out)) == 24
    assert len({(row.prompt, row.index) for row in rows(out)}) == 24
    by_prompt = [
        len({row.text for row in rows(out) if row.prompt == prompt}) for prompt in {r.prompt for r in rows(out)}
    ]
    assert all(different > 1 for different in by_prompt)
    assert not servers_of(checkpoint)


def test_a_lone_sample_drawn_later_is_the_one_its_siblings_had_room_for(checkpoint, tmp_path):
    """Sample seeds do not depend on what else is asked for, so growing K repeats nothing and changes nothing."""
    server = VLLMServer("tiny", ["--model", str(checkpoint), "--served-model-name", "tiny", "--max-model-len", "256"])
    draw = partial(
        gendiv.evaluate, f"openai:{server.url}#tiny", tasks=[SPLIT], prompts=2, samples=3, metrics=["length"],
        decoding={"max_tokens": 8}, out=tmp_path / "whole",
    )  # fmt: skip
    path = split_file(tmp_path / "whole", SPLIT)

    def draw_twice():
        draw()
        lines = path.read_text().splitlines(keepends=True)
        path.write_text("".join(line for line in lines if json.loads(line)["index"] != 1))
        draw()
        return lines

    async def serving():
        try:
            await server.start(lambda line: None)
            return await asyncio.to_thread(draw_twice)
        finally:
            await server.stop()

    lines = asyncio.run(serving())
    assert len(path.read_text().splitlines()) == len(lines)
    again = {json.loads(line)["key"]: json.loads(line)["text"] for line in path.read_text().splitlines()}
    assert again == {json.loads(line)["key"]: json.loads(line)["text"] for line in lines}


def test_a_server_that_cannot_start_shows_its_own_last_lines(checkpoint, tmp_path):
    done = gendiv_run(
        "--model", f"vllm:{checkpoint}", "--task", SPLIT, "-n", 1, "-k", 1, "--metrics", "length",
        "--out", tmp_path / "run", "--", "--no-such-flag", cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 2
    assert "no-such-flag" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_other_weights_have_another_fingerprint(checkpoint, tmp_path):
    other = tiny_llama(tmp_path / "other", context=256)
    assert open_source(f"vllm:{other}").model.fingerprint != open_source(f"vllm:{checkpoint}").model.fingerprint


def test_a_chat_task_needs_a_chat_template(tmp_path):
    plain = tiny_llama(tmp_path / "plain", chat=False)
    done = gendiv_run("--model", f"vllm:{plain}", "--task", SPLIT, "-k", 2, "--metrics", "length", cwd=tmp_path)
    assert done.returncode == 2
    assert "--format raw or --chat-template" in done.stderr.splitlines()[-1]


def test_the_quickstart_serves_smollm2_and_leaves_table_figure_and_resumable_runs(tmp_path):
    arguments = [sys.executable, "-m", "gendiv", "quickstart", "-n", "3", "-k", "2", "--out", "first"]
    done = subprocess.run(arguments, capture_output=True, text=True, cwd=tmp_path, check=False, env=dict(os.environ))
    assert done.returncode == 0, done.stderr
    assert "temperature=0.7" in done.stdout
    assert "Next:" in done.stdout
    assert (tmp_path / "first" / "diversity.png").read_bytes().startswith(b"\x89PNG")
    run = gendiv.report(tmp_path / "first" / "temperature-1.0", tmp_path / "first" / "temperature-0.7")
    assert len(run.columns) == 2
    assert all(cell and cell.value is not None for row in run.rows for cell in row.cells)
    texts = [row.text for row in rows(Path(tmp_path / "first" / "temperature-1.0"))]
    assert sum(len(text.split()) > 5 for text in texts) > len(texts) / 2
    again = subprocess.run(arguments, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert again.returncode == 0
    assert "holds every sample already" in again.stderr
    assert "starting vLLM" not in again.stderr


def test_an_adapter_is_served_with_its_model_and_says_what_transformers_says(checkpoint, tmp_path):
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    torch.manual_seed(1)
    network = AutoModelForCausalLM.from_pretrained(checkpoint, dtype=torch.float32)
    config = LoraConfig(r=4, lora_alpha=64, target_modules=["q_proj", "v_proj"], init_lora_weights=False)
    get_peft_model(network, config).save_pretrained(tmp_path / "adapter")
    drawn = {}
    for scheme, adapter in (("vllm", tmp_path / "adapter"), ("hf", tmp_path / "adapter"), ("hf", None)):
        run = gendiv.evaluate(
            f"{scheme}:{checkpoint}", tasks=[SPLIT], prompts=6, samples=1, metrics=["length"], seed=3,
            decoding={"max_tokens": 8, "temperature": 0.0}, out=tmp_path / f"{scheme}-{adapter is not None}",
            options=SourceOptions(adapter=adapter and str(adapter), dtype="float32"),
        )  # fmt: skip
        drawn[scheme, adapter is not None] = {row.prompt: row.text.split() for row in rows(run.folder)}
    assert drawn["vllm", True] == drawn["hf", True]
    assert drawn["hf", True] != drawn["hf", False]
    adapted, plain = (
        json.loads((tmp_path / name / "run.json").read_text())["model"] for name in ("hf-True", "hf-False")
    )
    assert adapted["adapter"] == str(tmp_path / "adapter")
    assert adapted["fingerprint"] != plain["fingerprint"]


def test_a_prompt_that_is_too_long_loses_its_beginning_as_with_transformers(checkpoint, tmp_path):
    drawn = {}
    for scheme in ("vllm", "hf"):
        run = gendiv.evaluate(
            f"{scheme}:{checkpoint}", tasks=["mini-summarisation/news"], prompts=4, samples=1, metrics=["length"],
            decoding={"max_tokens": 8, "temperature": 0.0, "prompt_tokens": 7}, out=tmp_path / scheme,
            options=SourceOptions(dtype="float32"),
        )  # fmt: skip
        drawn[scheme] = {row.prompt: row.text.split() for row in rows(run.folder, "mini-summarisation/news")}
        assert run.record.rounds[0].prompt_tokens == 4 * 7
    assert drawn["vllm"] == drawn["hf"]


def test_ctrl_c_stops_the_server_and_keeps_what_was_drawn(checkpoint, tmp_path):
    command = [sys.executable, "-m", "gendiv", "run", "--model", f"vllm:{checkpoint}", "--task", SPLIT, "-k", "64"]
    command += ["--max-tokens", "300", "--metrics", "length", "--out", str(tmp_path / "run")]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=tmp_path)
    said = [line for line in iter(process.stderr.readline, "drawing 2048 samples\n") if line]
    deadline = time.monotonic() + 120
    while not (kept := list((tmp_path / "run/samples").rglob("*.jsonl"))) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, rest = process.communicate(timeout=120)
    assert process.returncode == 130, said
    assert "what was finished is kept" in rest.splitlines()[-1]
    assert "Traceback" not in rest
    assert 0 < len(rows(tmp_path / "run")) < 2048, kept
    assert not servers_of(checkpoint)
