"""PPO from end to end: it raises a reward, goes on after a kill, says what is wrong, and can be launched twice."""

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tiny_causal import tiny_causal
from tiny_reward import tiny_reward

import gendiv
from gendiv.benchmark.train.folder import TrainingFolder
from gendiv.benchmark.train.reinforcement.ppo_settings import PPOSettings
from gendiv.errors import BadInput, TrainingFailed

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
safetensors = pytest.importorskip("safetensors.torch")

PROMPTS = ["the cat", "a dog ran on the mat", "rain", "sun and rain or", "the old town was"] * 8
FAST = {
    "learning_rate": 1e-2, "batch": 40, "minibatch": 20, "micro_batch": 7, "ppo_epochs": 2, "steps": 12,
    "max_tokens": 8, "kl_coefficient": 0.01, "evaluate_every": 4, "watch_prompts": 4, "watch_samples": 2,
}  # fmt: skip


def cats(pairs):
    """Return what share of each answer is the word cat."""
    return [answer.split().count("cat") / max(1, len(answer.split())) for _, answer in pairs]


def settings(**given):
    return PPOSettings(**{**FAST, **given})


def rows(out):
    return [json.loads(line) for line in (out / "training/log.jsonl").read_text().splitlines()]


def weights(out):
    return safetensors.load_file(out / "model.safetensors")


def equal(first, second):
    one, other = weights(first), weights(second)
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return str(tiny_causal(tmp_path_factory.mktemp("model") / "m"))


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"value": "separate"},
        {"value": "separate", "value_from": "random"},
        {"freeze": 0.5, "value": "separate", "gradient_checkpointing": True},
        {"lora_rank": 4, "learning_rate": 3e-2, "value": "separate"},
        {"lora_rank": 4, "learning_rate": 3e-2},
        {"kl_as": "loss", "kl_estimator": "k3", "entropy_coefficient": 0.001},
        {"kl_estimator": "k2", "kl_target": 3.0, "temperature": 0.8, "min_tokens": 2, "value_clip": None},
        {"dtype": "bfloat16", "freeze": 0.5},
    ],
    ids=str,
)
def test_the_reward_rises_far_beyond_chance(given, model, tmp_path):
    outcome = gendiv.train_ppo(model, PROMPTS, cats, out=tmp_path / "out", settings=settings(**given))
    log = rows(tmp_path / "out")
    error = math.hypot(log[0]["reward_std"], log[-1]["reward_std"]) / 40**0.5
    assert log[-1]["reward"] - log[0]["reward"] > 5 * error
    assert outcome.steps == 12
    assert outcome.metrics["reward"] == log[-1]["reward"]
    found = transformers.AutoModelForCausalLM.from_pretrained(tmp_path / "out")
    assert found.dtype == (torch.bfloat16 if given.get("dtype") else torch.float32)
    assert not list((tmp_path / "out/training/state").glob("*"))


def test_the_log_says_what_a_step_did(model, tmp_path):
    gendiv.train_ppo(model, PROMPTS, cats, out=tmp_path / "out", held_out=PROMPTS[:4], settings=settings())
    log = rows(tmp_path / "out")
    assert [row["step"] for row in log] == list(range(13))
    first = log[1]  # the policy is still the reference
    assert abs(first["kl"]) < 1e-4
    assert abs(first["kl_k3"]) < 1e-4
    assert first["tokens"] == round(first["length"] * 40)
    assert 0 < first["entropy"] < math.log(26)
    assert first["learning_rate"] == pytest.approx(1e-2 * (1 - 3 / 48))  # of the last of 4 updates; there are 48
    assert log[-1]["kl_k3"] > 0.5
    assert [row["step"] for row in log if "watch_ead" in row] == [0, 4, 8, 12]
    assert log[0]["watch_ead_change"] == [0, 0, 0]
    low, high = log[12]["watch_reward_change"][1:]
    assert low < log[12]["watch_reward"][0] - log[0]["watch_reward"][0] < high


def test_kl_costs_what_the_coefficient_says(model, tmp_path):
    free = gendiv.train_ppo(model, PROMPTS, cats, out=tmp_path / "free", settings=settings(kl_coefficient=0.0))
    dear = gendiv.train_ppo(model, PROMPTS, cats, out=tmp_path / "dear", settings=settings(kl_coefficient=10.0))
    assert dear.metrics["kl_k3"] < free.metrics["kl_k3"] / 10


def test_the_loss_is_the_exact_mean_however_it_is_cut_into_passes(model, tmp_path):
    for micro in (1, 7, 40):
        given = settings(
            micro_batch=micro, minibatch=40, steps=1, rollout_batch=micro, eps=0.01
        )  # no sign of noise counts
        gendiv.train_ppo(model, PROMPTS, cats, out=tmp_path / str(micro), settings=given)
    one, other, third = (weights(tmp_path / str(micro)) for micro in (1, 7, 40))
    assert all(torch.allclose(one[name], other[name], atol=1e-4) for name in one)
    assert all(torch.allclose(one[name], third[name], atol=1e-4) for name in one)
    assert rows(tmp_path / "1")[0]["gradient_norm"] == pytest.approx(
        rows(tmp_path / "40")[0]["gradient_norm"], rel=1e-3
    )
    start = safetensors.load_file(Path(model) / "model.safetensors")
    assert max(float((one[name] - start[name]).abs().max()) for name in one) > 1e-3


def test_a_killed_training_ends_with_the_weights_of_one_that_was_not(model, tmp_path):
    given = settings(save_every=3, kl_target=2.0)
    calls = 0

    def dying(pairs):
        nonlocal calls
        calls += 1
        if calls == 10:
            raise KeyboardInterrupt
        return cats(pairs)

    whole, cut = tmp_path / "whole", tmp_path / "cut"
    gendiv.train_ppo(model, PROMPTS, cats, out=whole, held_out=PROMPTS[:4], settings=given)
    with pytest.raises(KeyboardInterrupt):
        gendiv.train_ppo(model, PROMPTS, dying, out=cut, held_out=PROMPTS[:4], settings=given)
    assert not (cut / "model.safetensors").exists()
    assert list((cut / "training/state").glob("*"))
    torch.manual_seed(99)  # what the new process's generators say does not matter
    gendiv.train_ppo(model, PROMPTS, cats, out=cut, held_out=PROMPTS[:4], settings=given)
    assert equal(whole, cut)
    timeless = [[{k: v for k, v in row.items() if k not in ("tokens_per_second", "drawing_share")} for row in rows(out)]
                for out in (whole, cut)]  # fmt: skip
    assert timeless[0] == timeless[1]
    again = gendiv.train_ppo(model, PROMPTS, lambda pairs: 1 / 0, out=cut, held_out=PROMPTS[:4], settings=given)
    assert again.already


def test_one_seed_gives_one_model_and_another_seed_another(model, tmp_path):
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        gendiv.train_ppo(model, PROMPTS, cats, out=tmp_path / name, settings=settings(steps=2, seed=seed))
    assert equal(tmp_path / "a", tmp_path / "b")
    assert not equal(tmp_path / "a", tmp_path / "c")


def test_a_value_network_starts_from_the_reward_model(model, tmp_path):
    reward = tiny_reward(tmp_path / "reward")
    given = settings(value="separate", value_from="reward", steps=2)
    outcome = gendiv.train_ppo(model, PROMPTS, f"hf:{reward}", out=tmp_path / "out", settings=given)
    assert outcome.steps == 2
    with pytest.raises(BadInput, match=r"another reward or other parts"):
        other = tiny_reward(tmp_path / "other", seed=5)
        gendiv.train_ppo(model, PROMPTS, f"hf:{other}", out=tmp_path / "out", settings=given)


def test_a_line_warns_when_diversity_falls_before_reward_rises(model, tmp_path):
    class Heard:
        lines: list[str] = []  # noqa: RUF012  of this test alone

        def note(self, line):
            self.lines.append(line)

        def start(self, *given):
            pass

        advance = start

        def finish(self):
            pass

    def turned(pairs):
        return [-score if "town" in prompt else score for (prompt, _), score in zip(pairs, cats(pairs), strict=True)]

    gendiv.train_ppo(
        model, PROMPTS[:4], turned, out=tmp_path / "out",
        held_out=["the town was", "old town ran", "river town is", "town"] * 4,
        settings=settings(watch_prompts=16, watch_samples=4, steps=16, kl_coefficient=0.0), progress=Heard(),
    )  # fmt: skip
    told = [line for line in Heard.lines if "diversity falls before reward rises" in line]
    assert len(told) == 1  # once, however long it stays so
    assert any(row.get("watch_alarm") for row in rows(tmp_path / "out"))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"minibatch": 12}, r"--minibatch: wanted a divisor of the batch \(40\), found 12"),
        ({"min_tokens": 8}, r"--min-tokens: wanted less than max_tokens \(8\), found 8"),
        ({"rollouts": "vllm"}, r"--rollouts vllm: new weights reach a running vLLM server as a LoRA adapter alone"),
        ({"value_from": "reward"}, r"--value-from reward starts a network of its own: pass --value separate"),
        ({"lora_dropout": 0.1, "lora_rank": 2}, r"--lora-dropout: PPO has none"),
        ({"top_k": 50}, r"settings: no setting is called 'top_k'"),
        ({"kl_estimator": "k4"}, r"--kl-estimator: found 'k4'"),
    ],
)
def test_settings_that_do_not_fit_are_refused_in_one_line(given, said):
    with pytest.raises(BadInput, match=said) as caught:
        PPOSettings.of("default", None, **{**FAST, **given})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (lambda folder: tiny_causal(folder, end=False), r"its tokeniser has no end token"),
        (lambda folder: tiny_reward(folder), r"is no causal language model: wanted an architecture"),
        (lambda folder: folder, r"no model folder at"),
    ],
)
def test_a_model_that_cannot_answer_is_refused(made, said, tmp_path):
    with pytest.raises(BadInput, match=said):
        gendiv.train_ppo(str(made(tmp_path / "m")), PROMPTS, cats, out=tmp_path / "out", settings=settings())
    assert not (tmp_path / "out/training").exists()


def test_data_rewards_and_contexts_that_cannot_be_used_are_refused(model, tmp_path):
    with pytest.raises(BadInput, match=r"wanted prompts to train on, found none"):
        gendiv.train_ppo(model, [], cats, out=tmp_path / "out", settings=settings())
    with pytest.raises(BadInput, match=r"found 2 \(good, bad\)"):
        two = tiny_reward(tmp_path / "two", labels=("good", "bad"))
        gendiv.train_ppo(model, PROMPTS, f"hf:{two}", out=tmp_path / "out", settings=settings())
    with pytest.raises(BadInput, match=r"--max-tokens: wanted less than the model's context \(128\), found 128"):
        gendiv.train_ppo(model, PROMPTS, cats, out=tmp_path / "out", settings=settings(max_tokens=128))
    with pytest.raises(BadInput, match=r"--value-from reward: wanted a reward model with weights at hand"):
        given = settings(value="separate", value_from="reward")
        gendiv.train_ppo(model, PROMPTS, cats, out=tmp_path / "out", settings=given)


@pytest.mark.parametrize(
    ("reward", "said"),
    [
        (lambda pairs: [math.nan, *cats(pairs)[1:]], r"an answer to 'the .*', is nan; wanted a finite number|is nan"),
        (lambda pairs: cats(pairs)[1:], r"the reward gave 39 scores to 40 answers"),
    ],
)
def test_a_reward_without_number_stops_training_in_one_line(reward, said, model, tmp_path):
    with pytest.raises(TrainingFailed, match=said):
        gendiv.train_ppo(model, PROMPTS, reward, out=tmp_path / "out", settings=settings())
    assert not (tmp_path / "out/model.safetensors").exists()


def test_weights_that_explode_are_never_written(model, tmp_path):
    with pytest.raises(TrainingFailed, match=r"training stopped in step"):
        gendiv.train_ppo(
            model, PROMPTS, cats, out=tmp_path / "out", settings=settings(learning_rate=1e30, gradient_norm=None)
        )
    assert not (tmp_path / "out/model.safetensors").exists()


def test_a_training_stopped_between_its_last_step_and_its_end_only_has_to_end(model, tmp_path):
    given = {"held_out": PROMPTS[:4], "settings": settings(steps=2)}
    whole = gendiv.train_ppo(model, PROMPTS, cats, out=tmp_path / "whole", **given)
    with pytest.MonkeyPatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(TrainingFolder, "save", stopped)
        gendiv.train_ppo(model, PROMPTS, cats, out=tmp_path / "out", **given)
    log = (tmp_path / "out/training/log.jsonl").read_bytes()
    again = gendiv.train_ppo(model, PROMPTS, cats, out=tmp_path / "out", **given)
    assert {**again.metrics, **CLOCK} == {**whole.metrics, **CLOCK}
    assert (tmp_path / "out/training/log.jsonl").read_bytes() == log
    assert equal(tmp_path / "whole", tmp_path / "out")


CLOCK = {"tokens_per_second": 0, "drawing_share": 0}


def stopped(*_):
    raise KeyboardInterrupt


def test_two_processes_draw_and_learn_what_one_does(model, tmp_path):
    script = tmp_path / "launched.py"
    script.write_text(
        f"import sys\nsys.path[:0] = {[str(Path(__file__).parent), str(Path(__file__).parents[2])]!r}\n"
        "from test_ppo import PROMPTS, cats, settings\nimport gendiv\nfrom accelerate import PartialState\n"
        "assert PartialState(cpu=True).num_processes == int(sys.argv[3])\n"
        "gendiv.train_ppo(sys.argv[1], PROMPTS, cats, out=sys.argv[2], held_out=PROMPTS[:4], "
        "settings=settings(minibatch=40, steps=3, evaluate_every=3))\n"
    )
    # accelerate's own launcher starts a single process where there is no GPU, whatever number it is told
    launch = ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "ACCELERATE_USE_CPU": "true"}
    for processes in ("1", "2"):
        done = subprocess.run(
            [sys.executable, *launch, processes, str(script), model, str(tmp_path / processes), processes],
            capture_output=True, text=True, env=environment, check=False, timeout=300,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    one, two = rows(tmp_path / "1"), rows(tmp_path / "2")
    assert len(two) == 4
    for name in ("reward", "reward_std", "kl", "entropy", "length", "explained_variance", "gradient_norm", "clipped"):
        assert two[1][name] == pytest.approx(one[1][name], rel=1e-3, abs=1e-5), name
    assert two[0]["watch_ead"] == pytest.approx(one[0]["watch_ead"])
    first, second = weights(tmp_path / "1"), weights(tmp_path / "2")
    assert all(torch.allclose(first[name], second[name], atol=2e-3) for name in first)


def test_the_papers_values_are_a_preset():
    paper = PPOSettings.of("kirk2023")
    assert (paper.learning_rate, paper.batch, paper.minibatch, paper.ppo_epochs, paper.steps) == (
        1.5e-5,
        256,
        256,
        4,
        750,
    )
    assert (paper.kl_coefficient, paper.freeze, paper.trace, paper.clip, paper.value_clip) == (
        0.05,
        0.8,
        0.95,
        0.2,
        0.2,
    )
    assert (paper.max_tokens, paper.discount, paper.schedule, paper.gradient_norm) == (48, 1.0, "linear", None)
    assert (paper.beta1, paper.beta2, paper.eps, paper.weight_decay) == (0.9, 0.999, 1e-8, 0.0)
    assert all(PPOSettings.of(name) for name in PPOSettings.presets)


def test_a_folder_is_for_one_training(model, tmp_path):
    gendiv.train_ppo(model, PROMPTS, cats, out=tmp_path / "out", settings=settings(steps=1))
    with pytest.raises(BadInput, match=r"holds a training with kl_coefficient 0.01, and now 0.5 is asked"):
        gendiv.train_ppo(model, PROMPTS, cats, out=tmp_path / "out", settings=settings(steps=1, kl_coefficient=0.5))
    with pytest.raises(BadInput, match=r"other data"):
        gendiv.train_ppo(model, PROMPTS[1:], cats, out=tmp_path / "out", settings=settings(steps=1))
