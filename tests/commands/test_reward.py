"""`gendiv reward`, `gendiv best-of-n` and `gendiv run --best-of` as a user types them, mistakes included."""

import json
import shutil

import pytest
from integration.tiny import tiny_llama
from tiny_reward import tiny_reward

import gendiv
from gendiv.__main__ import main
from gendiv.benchmark.sources.scripted import Scripted

pytest.importorskip("torch")
pytest.importorskip("transformers")

SPLIT = "mini-instructions/everyday"
RUN = ["run", "--model", "hf:base", "--task", SPLIT, "-n", "3", "--max-tokens", "6", "--metrics", "length"]


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    tiny_llama(folder / "base")
    tiny_reward(folder / "rm")
    tiny_reward(folder / "two", labels=("bad", "good"))
    tiny_reward(folder / "untold")
    for file in (folder / "untold").glob("*token*"):
        file.unlink()
    shutil.copytree(folder / "rm", folder / "no-eos")
    for name in ("tokenizer_config.json", "special_tokens_map.json"):
        path = folder / "no-eos" / name
        if path.exists():
            path.write_text(json.dumps({k: v for k, v in json.loads(path.read_text()).items() if k != "eos_token"}))
    (folder / "adapter").mkdir()
    (folder / "adapter/adapter_config.json").write_text("{}")
    return folder


@pytest.fixture
def here(models, tmp_path, monkeypatch):
    """A folder with the models and a finished run of a scripted model."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GENDIV_CACHE", str(tmp_path / "cache"))
    for model in models.iterdir():
        (tmp_path / model.name).symlink_to(model)
    gendiv.evaluate(Scripted(), tasks=[SPLIT], prompts=3, samples=4, metrics=["length"], out=tmp_path / "done")
    return tmp_path


def printed(capfd, *words):
    assert main(list(words)) == 0
    return capfd.readouterr()


@pytest.mark.usefixtures("here")
def test_a_run_is_scored_shown_and_not_scored_twice(capfd):
    first = printed(capfd, "reward", "done", "--reward", "hf:rm", "--reward-dtype", "float32", "--json")
    found = json.loads(first.out)
    assert found["reward"]["metric"].startswith("reward:model=rm@")
    assert (found["reward"]["scored"], found["reward"]["shortened"]) == (12, 0)
    (result,) = [result for result in found["results"] if result["metric"] == "reward"]
    assert result["low"] < result["value"] < result["high"]
    assert "loading the reward model rm" in first.err
    again = printed(capfd, "reward", "done", "--reward", "hf:rm", "--reward-dtype", "float32")
    assert "loading" not in again.err
    assert f"reward everyday id {result['value']:.3f} [" in " ".join(again.out.split())
    assert "length everyday" in " ".join(again.out.split())


@pytest.mark.usefixtures("here")
def test_too_long_samples_are_told(capfd):
    told = printed(capfd, "reward", "done", "--reward", "hf:rm", "--reward-longest", "10").err
    assert "12 of 12 samples were, with their prompt, longer than the 10 tokens that the reward model reads" in told


@pytest.mark.usefixtures("here")
def test_the_curve_and_derived_samples_need_nothing_but_the_run(capfd):
    curve = json.loads(printed(capfd, "best-of-n", "done", "--reward", "hf:rm", "--json").out)
    assert [point["n"] for point in curve["curve"]] == [1, 2, 4]
    assert [point["value"] for point in curve["curve"]] == sorted(point["value"] for point in curve["curve"])
    shown = printed(capfd, "best-of-n", "done", "-n", "3", "--out", "best", "-k", "7")
    assert "expected reward of the best of n by rm@" in " ".join(shown.out.split())
    assert "wrote best/mini-instructions/everyday.jsonl" in shown.err
    rows = [json.loads(line) for line in open(f"best/{SPLIT}.jsonl")]  # noqa: PTH123, SIM115
    assert [len(row["samples"]) for row in rows] == [7, 7, 7]
    scored = json.loads(printed(capfd, "score", f"best/{SPLIT}.jsonl", "--metrics", "length", "--json").out)
    assert scored["results"][0]["inputs"] == 3


def test_a_best_of_run_is_a_run_of_another_model_with_a_folder_of_its_own(here, capfd):
    best = ["--best-of", "3", "--reward", "hf:rm", "-k", "2"]
    assert "base best of 3" in printed(capfd, *RUN, *best).out
    pooled = json.loads(printed(capfd, *RUN, *best, "--pool", "6", "--json").out)
    assert pooled["runs"][0]["run"] == "base best of 3 from 6"
    printed(capfd, *RUN, "-k", "2")
    names = sorted(path.name for path in (here / "runs").iterdir())
    assert len(names) == 3
    assert names[0].startswith("hf-base-best-of-3-pool-6-reward-hf-rm-mini-instructions-everyday")
    assert "holds every sample already" in printed(capfd, *RUN, *best).err


REWARD = ["reward", "done", "--reward"]
BEST = [*RUN, "--best-of"]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["reward", "done"], "Missing option '--reward'"),
        (["reward", "--reward", "hf:rm"], "Missing argument 'RUN...'"),
        (
            [*REWARD, "rm"],
            "openai:URL#MODEL or gold:TASK, found 'rm'; did you mean hf:rm?",
        ),
        ([*REWARD, "hf:"], "wanted hf:PATH_OR_HUB_ID"),
        ([*REWARD, "hv:rm"], "no kind of reward model is called 'hv'"),
        ([*REWARD, "hf:./absent"], "no model folder at './absent'"),
        ([*REWARD, "vllm:./absent"], "no model folder at './absent'"),
        (
            [*REWARD, "hf:two"],
            "hf:two is no reward model: wanted a classifier with one label, whose logit is the reward, "
            "found 2 (bad, good)",
        ),
        ([*REWARD, "vllm:two"], "vllm:two is no reward model: wanted a classifier with one label"),
        ([*REWARD, "hf:base"], "hf:base is no reward model: wanted a sequence classifier"),
        ([*REWARD, "hf:untold"], "the tokeniser of the reward model 'hf:untold' cannot be loaded"),
        ([*REWARD, "hf:adapter"], "hf:adapter holds a LoRA adapter, which cannot be served alone: merge it"),
        ([*REWARD, "hf:rm", "--reward-format", "chat"], "hf:rm has no chat template: pass --reward-format raw"),
        (
            [*REWARD, "hf:no-eos", "--reward-ending", "eos"],
            "hf:no-eos: its tokeniser has no end token: pass --reward-ending none",
        ),
        ([*REWARD, "hf:rm", "--reward-longest", "0"], "reward longest: wanted at least 1 token, found 0"),
        (
            [*REWARD, "hf:rm", "--reward-tokenizer", "rm"],
            "--reward-tokenizer does not apply to hf: reward models ('rm')",
        ),
        ([*REWARD, "hf:rm", "--reward-server-flag=--x=2"], "--reward-server-flag does not apply to hf: reward models"),
        ([*REWARD, "openai:localhost:8000"], "wanted openai:http://HOST:PORT/v1#MODEL"),
        ([*REWARD, "openai:http://127.0.0.1:9/v1#m"], "no answer; is the server up?"),
        (["reward", "rm", "--reward", "hf:rm"], "rm holds no run.json"),
        (
            [*RUN, "--reward", "hf:rm"],
            "--reward goes with --best-of N; the samples of a run that is there: gendiv reward RUN",
        ),
        ([*RUN, "--pool", "8"], "--pool goes with --best-of N"),
        ([*RUN, "--reward-format", "raw"], "--reward-format says how a reward model reads, and none is given"),
        ([*BEST, "4"], "--best-of 4 needs a reward model to choose by: --reward hf:PATH_OR_HUB_ID"),
        ([*BEST, "0", "--reward", "hf:rm"], "--best-of: wanted at least 1 draw, found 0"),
        (
            [*BEST, "4", "--pool", "3", "--reward", "hf:rm"],
            "--pool: wanted at least as many draws as --best-of asks (4), found 3",
        ),
        (
            [*BEST, "4", "--reward", "hf:rm", "-k", "1", "--temperature", "0"],
            "temperature 0 gives one text a prompt, and --best-of wants 4",
        ),
        ([*BEST, "4", "--reward", "hf:two"], "hf:two is no reward model"),
        (["best-of-n", "done"], "done was graded by none: say which reward model, as --reward SPEC"),
        (["best-of-n", "rm"], "rm holds no run.json"),
        (["best-of-n", "done", "-n", "5"], "-n: done holds 4 samples a prompt; wanted 1 to 4, found 5"),
        (["best-of-n", "done", "-n", "0"], "wanted 1 to 4, found 0"),
        (["best-of-n", "done", "-k", "3"], "-k: wanted at least 1 sample a prompt, with --out, found 3"),
        (
            ["best-of-n", "done", "--reward-dtype", "float32"],
            "--reward-dtype says how a reward model reads, and none is given",
        ),
    ],
    ids=lambda given: " ".join(given)[-50:] if isinstance(given, list) else "",
)
def test_bad_input_is_one_line(arguments, reason, here, capfd):
    assert main(arguments) == 2
    stdout, stderr = capfd.readouterr()
    assert stdout == ""
    assert reason in stderr.splitlines()[-1]
    assert "Traceback" not in stderr
    assert not (here / "runs").exists()
    assert not (here / "done/grades").exists()
