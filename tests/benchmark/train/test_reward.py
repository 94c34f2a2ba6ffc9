"""Training reward models: the loss, where scores are read, how they are normalised, what is refused."""

import asyncio
import json
import math
import random

import pytest
from tiny_causal import rankings, tiny_causal
from tiny_reward import tiny_reward

import gendiv
from gendiv.benchmark.checkpoint import find_checkpoint
from gendiv.benchmark.rewarding.open import open_reward
from gendiv.benchmark.rewarding.reader import find_reader
from gendiv.benchmark.rewarding.reward_model import RewardOptions
from gendiv.benchmark.train.folder import TrainingFolder
from gendiv.benchmark.train.last_token import last_token_scorer, padded
from gendiv.benchmark.train.learner import Learner, make_accelerator
from gendiv.benchmark.train.networks import find_base, load_scorer, load_tokenizer
from gendiv.benchmark.train.reward import Ranking, RewardSettings, train_reward
from gendiv.errors import BadInput, TrainingFailed
from gendiv.tasks import Ranked

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
numpy = pytest.importorskip("numpy")

ROWS = [Ranked(**row) for row in rankings()]
FAST = RewardSettings(learning_rate=1e-3, batch=10, micro_batch=4, epochs=40, warmup=0.1)


def scored(folder, pairs, **options):
    async def scoring():
        async with open_reward(f"hf:{folder}", RewardOptions(dtype="float32", **options)) as model:
            return await model.score(pairs)

    return asyncio.run(scoring())


def both_sides(rows):
    return [(row.prompt, answer) for row in rows for answer in (row.chosen, row.rejected)]


def test_ten_pairs_are_learned_by_heart_and_scored_so_by_the_engine(tmp_path):
    model, out = tiny_causal(tmp_path / "m"), tmp_path / "out"
    far = [Ranked(row.prompt, row.rejected, row.chosen) for row in ROWS]
    outcome = gendiv.train_reward(str(model), ROWS, out=out, held_out={"validation": ROWS, "far": far}, settings=FAST)
    held_out = outcome.metrics["held_out"]
    assert held_out["validation"]["accuracy"] == 1
    assert held_out["far"]["accuracy"] == 0
    assert held_out["validation"]["low"] == pytest.approx(1 - held_out["far"]["high"])
    scores = scored(out, both_sides(ROWS))
    assert all(chosen > rejected for chosen, rejected in zip(scores[::2], scores[1::2], strict=True))
    assert numpy.mean(scores) == pytest.approx(0, abs=1e-4)
    assert numpy.std(scores) == pytest.approx(1, rel=1e-4)
    rows = [json.loads(line) for line in (out / "training" / "log.jsonl").read_text().splitlines()]
    assert rows[-1]["held_out"] == held_out
    assert rows[-1]["accuracy"] == 1


@pytest.mark.parametrize("padding", ["own", "eos", "none"])
@pytest.mark.parametrize("kind", ["llama", "gpt2", "opt", "gpt_neox", "mistral"])
def test_the_score_is_that_of_the_last_token_of_the_saved_checkpoint(kind, padding, tmp_path):
    """What the trainer measures on held-out pairs is what transformers' own code gives for single texts."""
    model, out = tiny_causal(tmp_path / "m", kind, padding=padding, spread=0.3), tmp_path / "out"
    settings = RewardSettings(learning_rate=1e-3, batch=5, micro_batch=3, steps=2, warmup=0.0)
    outcome = train_reward(str(model), ROWS, out=out, held_out={"validation": ROWS}, settings=settings)
    config = json.loads((out / "config.json").read_text())
    recorded = config["gendiv_reward"]
    ends = padding == "own"  # else the end token looks like padding, and texts have none
    assert (recorded["format"], recorded["ending"]) == ("raw", "eos" if ends else "none")
    assert recorded["mean"] == outcome.metrics["mean"]
    network = transformers.AutoModelForSequenceClassification.from_pretrained(out, dtype=torch.float32).eval()
    assert network.config.num_labels == 1
    tokenizer = transformers.AutoTokenizer.from_pretrained(out)
    own = []
    with torch.inference_mode():
        for prompt, answer in both_sides(ROWS):
            text = tokenizer(f"{prompt} {answer}{' </s>' if ends else ''}", return_tensors="pt")
            trunk = getattr(network, network.base_model_prefix)
            own.append(float(network.score(trunk(**text).last_hidden_state[0, -1])))
    wanted = [score - recorded["mean"] for score in own]
    assert scored(out, both_sides(ROWS)) == pytest.approx(wanted, abs=2e-4)
    assert numpy.std(wanted) == pytest.approx(1, rel=1e-3)
    right = sum((one > two) + (one == two) / 2 for one, two in zip(own[::2], own[1::2], strict=True))
    assert outcome.metrics["held_out"]["validation"]["accuracy"] == pytest.approx(right / len(ROWS))


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("padding", ["own", "eos", "none"])
def test_the_last_token_is_counted_from_lengths_whatever_padding_looks_like(padding, side, tmp_path):
    folder = tiny_reward(tmp_path / "rm", padding=padding, side=side)
    network = load_scorer(find_base(str(folder)), 0).eval()
    # Ends (2) and padding (3) among and behind real tokens: the places to be read are 4, 2, 0 and 5.
    inputs = [[1, 7, 2, 3, 2], [1, 3, 3], [9], [1, 8, 9, 10, 11, 2]]
    with torch.inference_mode():
        found = last_token_scorer(network)(*padded(inputs))
        states = [network.model(torch.tensor([one])).last_hidden_state[0] for one in inputs]
        wanted = [network.score(one[place])[0] for one, place in zip(states, (4, 2, 0, 5), strict=True)]
    assert found.tolist() == pytest.approx([float(one) for one in wanted], abs=1e-4)


def test_the_loss_is_bradley_and_terrys_over_the_pairs_of_the_batch(tmp_path):
    folder = tiny_reward(tmp_path / "rm")
    scores = scored(folder, both_sides(ROWS), format="raw")
    margins = [chosen - rejected for chosen, rejected in zip(scores[::2], scores[1::2], strict=True)]
    wanted = sum(math.log(1 + math.exp(-margin)) for margin in margins) / len(margins)
    base = find_base(str(folder))
    for size in (1, 3, 10):
        network = load_scorer(base, 0)
        settings = RewardSettings(micro_batch=size)
        learner = Learner(last_token_scorer(network), settings, 10, tmp_path / "state", make_accelerator())
        ranking = Ranking(learner, find_reader("x", find_checkpoint(str(folder)), RewardOptions()))
        metrics, _ = ranking.learn(ROWS)
        assert metrics["loss"] == pytest.approx(wanted, rel=1e-4)
        assert metrics["accuracy"] == sum(margin > 0 for margin in margins) / len(margins)


def test_a_fresh_head_comes_from_the_seed_and_the_trunk_from_the_language_model(tmp_path):
    base = find_base(str(tiny_causal(tmp_path / "m")))
    first, again, other = (load_scorer(base, seed) for seed in (1, 1, 2))
    assert torch.equal(first.score.weight, again.score.weight)
    assert not torch.equal(first.score.weight, other.score.weight)
    causal = transformers.AutoModelForCausalLM.from_pretrained(tmp_path / "m")
    assert torch.equal(first.model.layers[1].mlp.up_proj.weight, causal.model.layers[1].mlp.up_proj.weight)
    assert 0.01 < float(first.score.weight.std().detach()) < 1


def test_a_classifier_of_one_label_is_trained_on_with_its_own_head(tmp_path):
    folder = tiny_reward(tmp_path / "rm")
    network = transformers.AutoModelForSequenceClassification.from_pretrained(folder)
    loaded = load_scorer(find_base(str(folder)), 5)
    assert torch.equal(loaded.score.weight, network.score.weight)


def test_a_checkpoint_trained_with_a_chat_template_is_read_with_it(tmp_path):
    folder, out = tiny_reward(tmp_path / "rm", chat=True), tmp_path / "out"
    train_reward(str(folder), ROWS, out=out, settings=RewardSettings(batch=10))
    reader = find_reader("x", find_checkpoint(str(out)), RewardOptions())
    assert (reader.format, reader.ending) == ("chat", "template")
    raw = tmp_path / "raw"
    train_reward(str(folder), ROWS, out=raw, settings=RewardSettings(batch=10, format="raw", longest=9))
    reader = find_reader("x", find_checkpoint(str(raw)), RewardOptions())
    assert (reader.format, reader.ending, reader.longest) == ("raw", "eos", 9)  # a template is there, yet not used
    asked = find_reader("x", find_checkpoint(str(raw)), RewardOptions(format="chat"))
    assert (asked.format, asked.ending) == ("chat", "template")


def test_a_damaged_record_of_how_it_reads_is_refused(tmp_path):
    folder = tiny_reward(tmp_path / "rm")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "gendiv_reward": {"format": "poem", "mean": 0}}))
    with pytest.raises(BadInput, match=r"wanted gendiv_reward in its config.json.*train it anew"):
        find_reader("x", find_checkpoint(str(folder)), RewardOptions())


def test_frozen_blocks_stay_and_the_head_is_trained(tmp_path):
    model, out = tiny_causal(tmp_path / "m", layers=5), tmp_path / "out"
    train_reward(str(model), ROWS, out=out, settings=RewardSettings(batch=10, steps=2, learning_rate=1e-2, freeze=0.8))
    before = load_scorer(find_base(str(model)), 0).state_dict()
    after = transformers.AutoModelForSequenceClassification.from_pretrained(out).state_dict()
    moved = {name for name in before if not torch.equal(before[name], after[name])}
    assert moved == {name for name in before if name.startswith(("model.layers.4.", "model.norm", "score"))}


@pytest.mark.parametrize("rank", [0, 4])
def test_lora_trains_adapter_and_head_and_is_merged(rank, tmp_path):
    model, out = tiny_causal(tmp_path / "m"), tmp_path / "out"
    settings = FAST.model_copy(update={"lora_rank": rank, "epochs": 60, "learning_rate": 3e-3})
    outcome = train_reward(str(model), ROWS, out=out, held_out={"validation": ROWS}, settings=settings)
    scores = scored(out, both_sides(ROWS))
    right = [chosen > rejected for chosen, rejected in zip(scores[::2], scores[1::2], strict=True)]
    assert sum(right) / len(right) == outcome.metrics["held_out"]["validation"]["accuracy"] == 1
    assert numpy.mean(scores) == pytest.approx(0, abs=1e-4)
    assert numpy.std(scores) == pytest.approx(1, rel=1e-4)
    assert (out / "adapter" / "adapter_model.safetensors").exists() == bool(rank)


def test_scores_are_normalised_on_what_is_trained_on_where_nothing_is_held_out(tmp_path):
    outcome = train_reward(str(tiny_causal(tmp_path / "m")), ROWS, out=tmp_path / "out", settings=FAST)
    assert outcome.metrics["normalised_on"] == "train"
    scores = scored(tmp_path / "out", both_sides(ROWS))
    assert numpy.std(scores) == pytest.approx(1, rel=1e-4)


def test_a_training_stopped_between_its_last_step_and_its_end_only_has_to_end(tmp_path):
    model = str(tiny_causal(tmp_path / "m"))
    whole = train_reward(model, ROWS, out=tmp_path / "whole", held_out={"validation": ROWS}, settings=FAST)
    with pytest.MonkeyPatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(TrainingFolder, "save", stopped)
        train_reward(model, ROWS, out=tmp_path / "out", held_out={"validation": ROWS}, settings=FAST)
    assert not (tmp_path / "out" / "config.json").exists()
    log = (tmp_path / "out" / "training" / "log.jsonl").read_bytes()
    again = train_reward(model, ROWS, out=tmp_path / "out", held_out={"validation": ROWS}, settings=FAST)
    assert again.metrics == whole.metrics
    assert (tmp_path / "out" / "training" / "log.jsonl").read_bytes() == log
    one, other = ((tmp_path / name / "model.safetensors").read_bytes() for name in ("whole", "out"))
    assert one == other


def stopped(*_):
    raise KeyboardInterrupt


def test_what_cannot_become_a_reward_model_is_refused(tmp_path):
    two = tiny_reward(tmp_path / "two", labels=("no", "yes"))
    with pytest.raises(BadInput, match=r"wanted a classifier with one label, found 2 \(no, yes\)"):
        train_reward(str(two), ROWS, out=tmp_path / "out")
    bert = tiny_reward(tmp_path / "bert", kind="bert")
    with pytest.raises(BadInput, match="BertForSequenceClassification reads by rules of its own; wanted a decoder"):
        train_reward(str(bert), ROWS, out=tmp_path / "out")
    masked = tiny_reward(tmp_path / "masked", kind="bert")
    config = json.loads((masked / "config.json").read_text())
    (masked / "config.json").write_text(json.dumps({**config, "architectures": ["BertForMaskedLM"]}))
    with pytest.raises(BadInput, match=r"cannot become a reward model.*found BertForMaskedLM"):
        train_reward(str(masked), ROWS, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_scores_that_are_all_alike_are_no_reward_model(tmp_path):
    folder = tiny_reward(tmp_path / "rm")
    network = transformers.AutoModelForSequenceClassification.from_pretrained(folder)
    network.score.weight.data.zero_()
    network.model.norm.weight.data.zero_()
    network.save_pretrained(folder)
    settings = RewardSettings(batch=10, steps=1, learning_rate=1e-30)
    with pytest.raises(TrainingFailed, match="gives every answer the same score"):
        train_reward(str(folder), ROWS, out=tmp_path / "out", settings=settings)
    assert not (tmp_path / "out" / "config.json").exists()


def test_accuracy_counts_a_tie_half(tmp_path):
    folder = tiny_reward(tmp_path / "rm")
    network = transformers.AutoModelForSequenceClassification.from_pretrained(folder)
    network.score.weight.data.zero_()
    network.save_pretrained(folder)
    base = find_base(str(folder))
    learner = Learner(last_token_scorer(load_scorer(base, 0)), RewardSettings(), 1, tmp_path, make_accelerator())
    ranking = Ranking(learner, find_reader("x", find_checkpoint(str(folder)), RewardOptions()))
    found = ranking.measure({"validation": ROWS})["held_out"]["validation"]
    assert found["accuracy"] == 0.5
    assert found["loss"] == pytest.approx(math.log(2))


def test_the_tokeniser_needs_an_end_token(tmp_path):
    model = tiny_causal(tmp_path / "m", end=False)
    with pytest.raises(BadInput, match=r"has no end token.*set eos_token in tokenizer_config.json"):
        train_reward(str(model), ROWS, out=tmp_path / "out")
    padless = load_tokenizer(find_base(str(tiny_causal(tmp_path / "n", padding="none"))))
    assert padless.pad_token_id == padless.eos_token_id == 2


def test_rows_in_any_order_of_lengths_get_their_own_scores(tmp_path):
    folder = tiny_reward(tmp_path / "rm")
    rows = ROWS[:]
    random.Random(0).shuffle(rows)
    base = find_base(str(folder))
    settings = RewardSettings(micro_batch=2)
    learner = Learner(last_token_scorer(load_scorer(base, 0)), settings, 1, tmp_path, make_accelerator())
    ranking = Ranking(learner, find_reader("x", find_checkpoint(str(folder)), RewardOptions()))
    chosen, rejected = ranking.scores(rows)
    wanted = scored(folder, both_sides(rows))
    assert chosen.tolist() == pytest.approx(wanted[::2], abs=1e-4)
    assert rejected.tolist() == pytest.approx(wanted[1::2], abs=1e-4)
