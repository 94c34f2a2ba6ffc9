"""Training that is killed goes on to the same weights, and two processes train as one does."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest
from tiny_causal import demonstrations, rankings, tiny_causal, write_rows

torch = pytest.importorskip("torch")
safetensors = pytest.importorskip("safetensors.torch")

SFT = ["--batch", "8", "--micro-batch", "3", "--learning-rate", "1e-3", "--evaluate-every", "50", "--steps"]


def command(kind, model, data, out, *more):
    return [
        *("-m", "gendiv", "train", kind, "--model", str(model), "--data", str(data)),
        *("--held-out", str(data), "--out", str(out), "--json", *more),
    ]


def one_thread():
    return {**os.environ, "OMP_NUM_THREADS": "1", "ACCELERATE_USE_CPU": "true"}


def start(*arguments):
    return subprocess.Popen(
        [sys.executable, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=one_thread()
    )


def finish(process):
    stdout, stderr = process.communicate(timeout=300)
    assert process.returncode == 0, stderr.decode()
    return json.loads(stdout)


def processes(out):
    return json.loads((out / "training" / "settings.json").read_text())["processes"]


def rows(out):
    path = out / "training" / "log.jsonl"
    return path.read_bytes().splitlines() if path.exists() else []


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("resuming")
    tiny_causal(folder / "gpt2", "gpt2")  # with dropout, which must come out alike
    tiny_causal(folder / "llama")
    write_rows(folder / "sft.jsonl", demonstrations(60))
    write_rows(folder / "reward.jsonl", rankings(60))
    return folder


def test_a_killed_training_ends_with_the_weights_of_one_that_was_not(folder, tmp_path):
    arguments = ("reward", folder / "gpt2", folder / "reward.jsonl")
    more = [*SFT, "200", "--save-every", "7"]
    killed, undisturbed = (start(*command(*arguments, tmp_path / name, *more)) for name in ("killed", "whole"))
    deadline = time.monotonic() + 120
    while len(rows(tmp_path / "killed")) < 40 and killed.poll() is None and time.monotonic() < deadline:
        time.sleep(0.005)
    killed.send_signal(signal.SIGKILL)
    assert killed.wait() == -signal.SIGKILL
    assert 40 <= len(rows(tmp_path / "killed")) < 200
    assert not (tmp_path / "killed" / "config.json").exists()
    resumed = finish(start(*command(*arguments, tmp_path / "killed", *more)))
    whole = finish(undisturbed)
    assert {**resumed, "out": ""} == {**whole, "out": ""}
    one, other = (safetensors.load_file(tmp_path / name / "model.safetensors") for name in ("killed", "whole"))
    assert one.keys() == other.keys()
    assert all(torch.equal(one[name], other[name]) for name in one)
    assert [json.loads(row) for row in rows(tmp_path / "killed")] == [
        json.loads(row) for row in rows(tmp_path / "whole")
    ]


@pytest.mark.parametrize("kind", ["sft", "reward"])
def test_two_processes_train_as_one_does(kind, folder, tmp_path):
    # Batches of 7 and 4 rows: the processes have unequally many, and in the last step one of them has none to itself.
    data = write_rows(tmp_path / "data.jsonl", (demonstrations if kind == "sft" else rankings)(8))
    arguments = (kind, folder / "llama", data)
    more = ["--batch", "7", "--micro-batch", "2", "--learning-rate", "1e-3", "--epochs", "2", "--eps", "1e-4"]
    one = finish(start(*command(*arguments, tmp_path / "one", *more)))
    # accelerate's own launcher starts a single process where there is no GPU, whatever number it is told
    launch = ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2"]
    two = finish(start(*launch, *command(*arguments, tmp_path / "two", *more)))
    assert [processes(tmp_path / name) for name in ("one", "two")] == [1, 2]
    first, second = (safetensors.load_file(tmp_path / name / "model.safetensors") for name in ("one", "two"))
    before = safetensors.load_file(folder / "llama" / "model.safetensors")
    for name in first:
        torch.testing.assert_close(second[name], first[name], rtol=1e-4, atol=1e-5)
    assert max(float((first[name] - before[name]).abs().max()) for name in first if name in before) > 1e-3
    assert two["loss"] == pytest.approx(one["loss"], rel=1e-4)
    measured = [
        found["held_out_loss"] if kind == "sft" else found["held_out"]["validation"]["loss"] for found in (one, two)
    ]
    assert measured[1] == pytest.approx(measured[0], rel=1e-4)
    assert len(rows(tmp_path / "two")) == len(rows(tmp_path / "one")) == 4
