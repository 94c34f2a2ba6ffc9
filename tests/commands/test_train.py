"""`gendiv train` as people call it."""

import json
import subprocess
import sys

import pytest
from calling import calling
from tiny_causal import demonstrations, rankings, tiny_causal, write_rows
from tiny_reward import tiny_reward

pytest.importorskip("peft")

TRAINERS = ("sft", "reward")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("train")
    tiny_causal(folder / "model")
    tiny_causal(folder / "endless", end=False)
    tiny_reward(folder / "two", labels=("no", "yes"))
    write_rows(folder / "sft.jsonl", demonstrations())
    write_rows(folder / "reward.jsonl", rankings())
    (folder / "empty.jsonl").write_text("")
    return folder


@pytest.fixture
def run(folder, monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(folder)
    monkeypatch.setenv("GENDIV_CACHE", str(tmp_path / "cache"))
    return calling(monkeypatch, capsys, "train")


def test_fine_tuning_prints_json_alone(run, tmp_path):
    words = ("sft", "--model", "model", "--data", "sft.jsonl", "--held-out", "sft.jsonl", "--out", tmp_path / "out")
    code, out, _ = run(*words, "--batch", "5", "--gradient-norm", "none", "--json")
    found = json.loads(out)
    assert code == 0
    assert (found["schema"], found["steps"], found["already"]) == (1, 2, False)
    assert {"loss", "held_out_loss", "held_out_accuracy"} <= set(found)
    record = json.loads((tmp_path / "out" / "training" / "settings.json").read_text())
    assert record["settings"]["gradient_norm"] is None
    code, out, _ = run(*words, "--batch", "5", "--gradient-norm", "none", "--json")
    assert (code, json.loads(out)) == (0, {**found, "already": True})


def test_a_reward_model_shows_its_accuracy_on_each_part(run, tmp_path):
    code, out, err = run(
        *("reward", "--model", "model", "--data", "reward.jsonl", "--out", tmp_path / "out", "--batch", "10"),
        *("--held-out", "reward.jsonl", "--held-out", "far=reward.jsonl"),
    )
    assert code == 0, err
    assert "far                  accuracy 0." in out
    assert "of 10 pairs" in out
    assert "the checkpoint is in" in err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("sft", "--data", "reward.jsonl"),
            "reward.jsonl:1: wanted the columns prompt and completion, found prompt, chosen",
        ),
        (("reward", "--data", "sft.jsonl"), "sft.jsonl:1: wanted the columns prompt, chosen and rejected"),
        (("sft", "--data", "empty.jsonl"), "empty.jsonl: wanted rows with prompt and completion, found none"),
        (("sft", "--data", "absent.jsonl"), "cannot read absent.jsonl"),
        (("sft", "--data", "absent"), "no lessons and no file are called 'absent'"),
        (("sft", "--data", "sft.jsonl", "--model", "endless"), "its tokeniser has no end token"),
        (("sft", "--data", "sft.jsonl", "--model", "two"), "two is no causal language model"),
        (
            ("reward", "--data", "reward.jsonl", "--model", "two"),
            "wanted a classifier with one label, found 2 (no, yes)",
        ),
        (("sft", "--data", "sft.jsonl", "--model", "./nowhere"), "no model folder at './nowhere'"),
        (("sft", "--data", "sft.jsonl", "--learning-rate", "fast"), "--learning-rate: found 'fast'"),
        (
            ("sft", "--data", "sft.jsonl", "--freeze", "2"),
            "--freeze: found '2', which should be less than or equal to 1",
        ),
        (("sft", "--data", "sft.jsonl", "--preset", "none"), "--preset: no preset is called 'none'"),
        (("sft", "--data", "sft.jsonl", "--out", "model"), "--out: model holds something else"),
        (("sft", "--data", "sft.jsonl", "--lora-rank", "4", "--lora-targets", "nose"), "--lora-targets: "),
        (("sft", "--data", "sft.jsonl", "--learning-rate", "1e30", "--epochs", "9"), "training stopped in step"),
    ],
)
def test_whatever_is_wrong_ends_with_code_2_and_one_line(run, words, said, tmp_path):
    defaults = {"--model": "model", "--out": tmp_path / "out"}
    more = [part for pair in defaults.items() if pair[0] not in words for part in pair]
    code, out, err = run(*words, *more)
    assert code == 2
    assert said in err
    assert "Traceback" not in err
    assert out == ""
    assert not (tmp_path / "out" / "config.json").exists()


def test_help_loads_no_heavy_library():
    program = (
        "import sys\n"
        "from click.testing import CliRunner\n"
        "from gendiv.commands import gendiv\n"
        "for words in (['train', '--help'], ['train', 'sft', '--help'], ['train', 'reward', '--help']):\n"
        "    found = CliRunner().invoke(gendiv, words)\n"
        "    assert found.exit_code == 0, found.output\n"
        "print(sorted({'torch', 'transformers', 'peft', 'accelerate', 'datasets'} & set(sys.modules)))\n"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


@pytest.mark.parametrize("trainer", TRAINERS)
def test_every_setting_is_an_option(trainer):
    import importlib

    module = importlib.import_module(f"gendiv.commands.train.{trainer}")
    settings = {"sft": "SFTSettings", "reward": "RewardSettings"}[trainer]
    fields = getattr(module, settings).model_fields
    options = {option.name for option in module.command.params}
    assert set(fields) <= options
    assert all(field.description for field in fields.values())
