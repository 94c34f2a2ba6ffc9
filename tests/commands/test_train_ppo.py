"""`gendiv train ppo` as people call it."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest
from calling import calling
from tiny_causal import tiny_causal, write_rows
from tiny_reward import tiny_reward

from gendiv.benchmark.train.reinforcement.ppo_settings import PPOSettings
from gendiv.commands.train.ppo import command

pytest.importorskip("peft")

SMALL = "--batch 8 --minibatch 8 --micro-batch 8 --steps 2 --max-tokens 6 --watch-prompts 2 --watch-samples 2".split()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ppo")
    tiny_causal(folder / "model")
    tiny_causal(folder / "endless", end=False)
    tiny_reward(folder / "reward")
    tiny_reward(folder / "two", labels=("no", "yes"))
    write_rows(folder / "prompts.jsonl", [{"prompt": "the cat sat"}, {"prompt": "a dog"}, {"prompt": "rain"}])
    (folder / "empty.jsonl").write_text("")
    (folder / "other.jsonl").write_text('{"text": "a"}\n')
    return folder


@pytest.fixture
def run(folder, monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(folder)
    monkeypatch.setenv("GENDIV_CACHE", str(tmp_path / "cache"))
    return calling(monkeypatch, capsys, "train", "ppo")


def test_a_policy_is_trained_against_a_reward_model_and_served(run, tmp_path):
    words = ("--model", "model", "--data", "prompts.jsonl", "--reward", "hf:reward", "--out", tmp_path / "out", *SMALL)
    code, out, _ = run(*words, "--held-out", "prompts.jsonl", "--json")
    found = json.loads(out)
    assert code == 0
    assert (found["schema"], found["steps"], found["already"]) == (1, 2, False)
    assert {"reward", "kl", "entropy", "watch_ead", "watch_reward_change"} <= set(found)
    record = json.loads((tmp_path / "out" / "training" / "settings.json").read_text())
    assert record["more"]["reward"].startswith("reward:model=reward@")
    code, out, _ = run(*words, "--held-out", "prompts.jsonl", "--json")
    assert (code, json.loads(out)) == (0, {**found, "already": True})
    code, _, said = run(*words, "--held-out", "prompts.jsonl", "--kl-coefficient", "1")
    assert (code, said.count("\n")) == (2, 1)
    assert "kl_coefficient 0.05, and now 1.0 is asked" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--reward", "hf:two"), "found 2 (no, yes)"),
        (("--reward", "hf:nowhere"), "nowhere"),
        (("--data", "empty.jsonl"), "empty.jsonl: wanted rows with prompt, found none"),
        (("--data", "other.jsonl"), "other.jsonl:1: wanted the columns prompt, found text"),
        (("--model", "endless"), "its tokeniser has no end token"),
        (("--model", "reward"), "is no causal language model"),
        (("--minibatch", "3"), "--minibatch: wanted a divisor of the batch (8), found 3"),
        (("--rollouts", "vllm"), "--rollouts vllm: new weights reach a running vLLM server as a LoRA adapter alone"),
        (("--preset", "kirk"), "--preset: no preset is called 'kirk'"),
        (("--kl-coefficient", "much"), "--kl-coefficient: found 'much'"),
    ],
)
def test_bad_input_is_one_line_and_leaves_no_folder(words, said, run, tmp_path):
    given = {"--model": "model", "--data": "prompts.jsonl", "--reward": "hf:reward"}
    for name, value in zip(words[::2], words[1::2], strict=True):
        given.pop(name, None) if name in given else None
        given[name] = value
    line = [part for pair in given.items() for part in pair]
    code, out, err = run("--out", tmp_path / "out", *SMALL, *line)
    assert code == 2
    assert out == ""
    assert said in err.splitlines()[-1]
    assert "Traceback" not in err
    assert not (tmp_path / "out").exists()


def test_a_reward_server_for_each_process_is_refused(run, monkeypatch, tmp_path):
    monkeypatch.setenv("WORLD_SIZE", "2")
    code, _, err = run(
        "--model", "model", "--data", "prompts.jsonl", "--reward", "vllm:reward", "--out", tmp_path / "out"
    )
    assert code == 2
    assert "each process would start a server" in err


def test_help_is_light_and_every_setting_is_an_option():
    program = (
        "import sys\nfrom click.testing import CliRunner\nfrom gendiv.commands import gendiv\n"
        "found = CliRunner().invoke(gendiv, ['train', 'ppo', '--help'])\nassert found.exit_code == 0, found.output\n"
        "print(sorted({'torch', 'transformers', 'peft', 'accelerate'} & set(sys.modules)))\n"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
    assert set(PPOSettings.model_fields) <= {option.name for option in command.params}


def test_after_a_kill_the_same_command_ends_with_the_same_weights(folder, tmp_path):
    safetensors = pytest.importorskip("safetensors.torch")
    import torch

    more = ("--lora-rank", "2", "--value", "separate", "--kl-target", "1", "--freeze", "0.5")
    small = (
        "--batch 8 --minibatch 4 --micro-batch 4 --steps 30 --max-tokens 6 --learning-rate 1e-3 --save-every 7".split()
    )
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}

    def start(out):
        words = ("--model", "model", "--data", "prompts.jsonl", "--reward", "hf:reward", "--out", out, *small, *more)
        command = [sys.executable, "-m", "gendiv", "train", "ppo", *map(str, words)]
        return subprocess.Popen(
            command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    killed = start(tmp_path / "killed")
    log, deadline = tmp_path / "killed/training/log.jsonl", time.monotonic() + 120
    while time.monotonic() < deadline and killed.poll() is None:
        if log.exists() and len(log.read_text().splitlines()) >= 10:
            break
        time.sleep(0.005)
    killed.send_signal(signal.SIGKILL)
    assert killed.wait() == -signal.SIGKILL
    assert not (tmp_path / "killed/config.json").exists()
    assert start(tmp_path / "killed").wait() == start(tmp_path / "whole").wait() == 0
    one, other = (safetensors.load_file(tmp_path / name / "model.safetensors") for name in ("killed", "whole"))
    assert one.keys() == other.keys()
    assert all(torch.equal(one[name], other[name]) for name in one)
    assert [json.loads(row)["step"] for row in log.read_text().splitlines()] == list(range(1, 31))
