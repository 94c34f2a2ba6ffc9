"""Supervised fine-tuning: what it learns, on which tokens, and that batching changes none of it."""

import json
import math

import pytest
from tiny_causal import demonstrations, tiny_causal

import gendiv
from gendiv.benchmark.train.learner import Learner, make_accelerator
from gendiv.benchmark.train.networks import adapt, find_base, load_policy, load_tokenizer
from gendiv.benchmark.train.sft import Imitation, SFTSettings, tokenise
from gendiv.errors import BadInput, TrainingFailed
from gendiv.tasks import Demonstration

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

KINDS = ["llama", "mistral", "gpt_neox", "gpt2", "opt"]
ROWS = [Demonstration(**row) for row in demonstrations()]
FAST = SFTSettings(learning_rate=5e-3, batch=10, micro_batch=4, epochs=60, warmup=0.1)


def weights(folder):
    return dict(transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).named_parameters())


def same(first, second):
    one, other = weights(first), weights(second)
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def imitation(folder, settings, tmp_path):
    """Return the loss of a network in a folder, as training computes it."""
    base = find_base(str(folder))
    network = adapt(load_policy(base), settings)
    return Imitation(Learner(network, settings, 10, tmp_path / "state", make_accelerator()), 2)


def counted_alone(folder, row):
    """Return loss and tokens of one demonstration's completion, from the probabilities that transformers gives."""
    network = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    prompt = tokenizer(row.prompt)["input_ids"]
    rest = tokenizer(row.completion, add_special_tokens=False)["input_ids"] + [2]
    with torch.inference_mode():
        chances = network(torch.tensor([prompt + rest])).logits[0].log_softmax(-1)
    return -sum(float(chances[len(prompt) + place - 1, token]) for place, token in enumerate(rest)), len(rest)


@pytest.mark.parametrize("packing", [False, True])
def test_ten_examples_are_learned_by_heart_and_recited_by_greedy_decoding(packing, tmp_path):
    model = tiny_causal(tmp_path / "m")
    settings = FAST.model_copy(update={"packing": packing, "prompt_tokens": 20, "completion_tokens": 20})
    outcome = gendiv.train_sft(str(model), ROWS, out=tmp_path / "out", held_out=ROWS, settings=settings)
    assert outcome.steps == 60
    assert outcome.metrics["held_out_loss"] < 0.05
    assert outcome.metrics["held_out_accuracy"] == 1
    network = transformers.AutoModelForCausalLM.from_pretrained(tmp_path / "out")
    tokenizer = transformers.AutoTokenizer.from_pretrained(tmp_path / "out")
    for row in ROWS:
        prompt = tokenizer(row.prompt, return_tensors="pt")
        found = network.generate(**prompt, max_new_tokens=20, do_sample=False)[0, prompt["input_ids"].shape[1] :]
        assert tokenizer.decode(found, skip_special_tokens=True) == row.completion
        assert found[-1] == 2  # it knows where to end


@pytest.mark.parametrize("kind", KINDS)
def test_the_loss_is_the_mean_over_all_completion_tokens_of_the_batch(kind, tmp_path):
    model = tiny_causal(tmp_path / "m", kind, spread=0.3)
    counted = [counted_alone(model, row) for row in ROWS]
    wanted = sum(loss for loss, _ in counted) / sum(tokens for _, tokens in counted)
    tokenizer = load_tokenizer(find_base(str(model)))
    for settings in ({"micro_batch": 3}, {"micro_batch": 10}, {"packing": True, "prompt_tokens": 20, "micro_batch": 2}):
        chosen = SFTSettings(completion_tokens=20, gradient_norm=None, **settings)
        measured = imitation(model, chosen, tmp_path)
        rows = tokenise(tokenizer, ROWS, chosen)
        assert measured.measure(rows)["held_out_loss"] == pytest.approx(wanted, rel=1e-5)
        if kind not in ("gpt2", "opt"):  # which have dropout in training
            metrics, _ = measured.learn(rows)
            assert metrics["loss"] == pytest.approx(wanted, rel=1e-5)
            assert metrics["tokens"] == sum(tokens for _, tokens in counted)


@pytest.mark.parametrize("kind", KINDS)
def test_packed_rows_do_not_see_each_other(kind, tmp_path):
    model = tiny_causal(tmp_path / "m", kind, spread=0.3)
    measured = imitation(model, FAST, tmp_path)
    rows = tokenise(load_tokenizer(find_base(str(model))), ROWS, FAST)
    with torch.inference_mode():
        measured._learner.network.eval()
        apart = sum(float(measured._read([[row]])[0]) for row in rows)
        packed = float(measured._read([rows[:4], rows[4:]])[0])
    assert packed == pytest.approx(apart, rel=1e-5)
    measured.check_packing(rows[:2])


def test_an_architecture_that_mixes_packed_rows_is_refused(tmp_path, monkeypatch):
    model = tiny_causal(tmp_path / "m", spread=0.3)
    measured = imitation(model, FAST, tmp_path)
    rows = tokenise(load_tokenizer(find_base(str(model))), ROWS, FAST)
    forward = measured._learner.network.forward

    def without_mask(**given):
        return forward(
            **{name: value for name, value in given.items() if name != "attention_mask"} | {"position_ids": None}
        )

    monkeypatch.setattr(measured._learner.network, "forward", without_mask)
    with pytest.raises(BadInput, match="does not keep packed rows apart"):
        measured.check_packing(rows[:2])


def test_micro_batches_change_no_weight_but_by_rounding(tmp_path):
    model = tiny_causal(tmp_path / "m")
    settings = SFTSettings(learning_rate=1e-3, batch=10, steps=3, eps=1e-4)
    for size in (1, 4, 10):
        gendiv.train_sft(
            str(model), ROWS, out=tmp_path / str(size), settings=settings.model_copy(update={"micro_batch": size})
        )
    one, others = weights(tmp_path / "1"), [weights(tmp_path / "4"), weights(tmp_path / "10")]
    before = weights(model)
    for other in others:
        for name in one:
            torch.testing.assert_close(other[name], one[name], rtol=0, atol=2e-6)
    assert max(float((one[name] - before[name]).abs().max().detach()) for name in one) > 1e-3


def test_tokens_of_a_row_are_prompt_completion_and_one_end(tmp_path):
    tokenizer = load_tokenizer(find_base(str(tiny_causal(tmp_path / "m"))))
    # <unk> 0, <s> 1, </s> 2, <pad> 3, the 4, a 5, cat 6, dog 7, sat 8, ran 9
    rows = [Demonstration("the cat", "sat ran"), Demonstration("the cat ", " dog </s>"), Demonstration("a", "a")]
    found = tokenise(tokenizer, rows, SFTSettings())
    assert [(row.tokens, row.start) for row in found] == [
        ([1, 4, 6, 8, 9, 2], 3),
        ([1, 4, 6, 7, 2], 3),
        ([1, 5, 5, 2], 2),
    ]


def test_a_long_prompt_loses_its_beginning_and_a_long_completion_its_end(tmp_path):
    tokenizer = load_tokenizer(find_base(str(tiny_causal(tmp_path / "m"))))
    rows = [Demonstration("the a cat dog sat", "ran the a cat")]
    found = tokenise(tokenizer, rows, SFTSettings(prompt_tokens=3, completion_tokens=2))
    assert (found[0].tokens, found[0].start) == ([1, 7, 8, 9, 4, 2], 3)  # begin and end tokens stay
    in_context = tokenise(tokenizer, rows, SFTSettings(), context=7)
    assert (in_context[0].tokens, in_context[0].start) == ([1, 8, 9, 4, 5, 6, 2], 2)


def test_no_prompt_token_is_trained_on_where_a_token_would_reach_over_the_seam():
    from tokenizers import Tokenizer, models
    from transformers import PreTrainedTokenizerFast

    merging = Tokenizer(
        models.BPE({"a": 0, "b": 1, "ab": 2, "\n": 3, "</s>": 4, "\nb": 5}, [("a", "b"), ("\n", "b")], unk_token=None)
    )
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=merging, eos_token="</s>")
    found = tokenise(tokenizer, [Demonstration("a\n", "b")], SFTSettings())
    # The whole text would be a, "\nb"; a prompt that is drawn from ends in "\n".
    assert (found[0].tokens, found[0].start) == ([0, 3, 1, 4], 2)


def test_the_same_seed_gives_the_same_weights_and_another_one_others(tmp_path):
    model = tiny_causal(tmp_path / "m", "gpt2")  # with dropout
    settings = SFTSettings(learning_rate=1e-3, batch=4, epochs=2)
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        gendiv.train_sft(str(model), ROWS, out=tmp_path / name, settings=settings.model_copy(update={"seed": seed}))
    assert same(tmp_path / "a", tmp_path / "b")
    assert not same(tmp_path / "a", tmp_path / "c")


def test_a_finished_folder_returns_at_once_and_another_purpose_is_refused(tmp_path):
    model, out = str(tiny_causal(tmp_path / "m")), tmp_path / "out"
    settings = SFTSettings(batch=10)
    first = gendiv.train_sft(model, ROWS, out=out, settings=settings)
    stamp = (out / "model.safetensors").stat().st_mtime_ns
    again = gendiv.train_sft(model, ROWS, out=out, settings=settings.model_copy(update={"save_every": 7}))
    assert again.already
    assert again.metrics == first.metrics
    assert (out / "model.safetensors").stat().st_mtime_ns == stamp
    assert not list((out / "training" / "state").glob("*"))
    with pytest.raises(BadInput, match=r"learning_rate 2e-05, and now 0.1 is asked"):
        gendiv.train_sft(model, ROWS, out=out, settings=SFTSettings(batch=10, learning_rate=0.1))
    with pytest.raises(BadInput, match="other data"):
        gendiv.train_sft(model, ROWS[1:], out=out, settings=settings)
    other = str(tiny_causal(tmp_path / "n", seed=1))
    with pytest.raises(BadInput, match="another --model"):
        gendiv.train_sft(other, ROWS, out=out, settings=settings)
    with pytest.raises(BadInput, match="holds something else"):
        gendiv.train_sft(model, ROWS, out=model, settings=settings)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_frozen_weights_stay_and_have_no_optimiser_state(dtype, tmp_path):
    model = tiny_causal(tmp_path / "m", layers=5)
    settings = SFTSettings(learning_rate=1e-3, batch=10, steps=2, freeze=0.8, dtype=dtype)
    state = {}
    keep = Learner.save

    def spying(self, extra=None):
        state.update(self.optimizer.state_dict())
        keep(self, extra)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Learner, "save", spying)
        gendiv.train_sft(str(model), ROWS, out=tmp_path / "out", settings=settings)
    before, after = weights(model), weights(tmp_path / "out")
    rounded = {name: one.to(getattr(torch, dtype)).float() for name, one in before.items()}
    moved = {name for name in before if not torch.equal(rounded[name], after[name])}
    # Block 4 of 5 has two norms, four projections of attention, three of the MLP; then there is the final norm.
    trained = {name for name in before if name.startswith("model.layers.4.") or name == "model.norm.weight"}
    assert len(trained) == 10
    assert moved <= trained
    assert len(moved) >= 7  # norms may stay 1 in bfloat16
    assert len(state["state"]) == 10
    config = json.loads((tmp_path / "out" / "config.json").read_text())
    assert config["dtype"] == dtype


def test_lora_gives_a_merged_checkpoint_and_the_adapter(tmp_path):
    peft = pytest.importorskip("peft")
    model, out = tiny_causal(tmp_path / "m"), tmp_path / "out"
    settings = FAST.model_copy(update={"lora_rank": 8, "lora_alpha": 16.0, "epochs": 40})
    outcome = gendiv.train_sft(str(model), ROWS, out=out, held_out=ROWS, settings=settings)
    base = transformers.AutoModelForCausalLM.from_pretrained(model, dtype=torch.float32)
    first = counted_alone(model, ROWS[0])[0]
    last = counted_alone(out, ROWS[0])[0]
    assert last < first / 2
    with_adapter = peft.PeftModel.from_pretrained(base, str(out / "adapter")).eval()
    merged = transformers.AutoModelForCausalLM.from_pretrained(out, dtype=torch.float32).eval()
    tokens = torch.tensor([[1, 5, 8, 6, 9]])
    with torch.inference_mode():
        torch.testing.assert_close(with_adapter(tokens).logits, merged(tokens).logits, rtol=1e-4, atol=1e-4)
    assert math.isfinite(outcome.metrics["held_out_loss"])
    before, after = weights(model), weights(out)
    embeddings = "model.embed_tokens.weight"
    assert torch.equal(before[embeddings], after[embeddings])


def test_lora_leaves_frozen_blocks_without_an_adapter(tmp_path):
    pytest.importorskip("peft")
    model, out = tiny_causal(tmp_path / "m"), tmp_path / "out"
    settings = SFTSettings(learning_rate=1e-2, batch=10, steps=2, lora_rank=4, freeze=0.5)
    gendiv.train_sft(str(model), ROWS, out=out, settings=settings)
    before, after = weights(model), weights(out)
    moved = {name for name in before if not torch.equal(before[name], after[name])}
    assert moved
    assert all(name.startswith("model.layers.1.") for name in moved)


def test_gradient_checkpointing_changes_no_loss(tmp_path):
    model = str(tiny_causal(tmp_path / "m"))
    settings = SFTSettings(learning_rate=1e-3, batch=10, steps=3)
    plain = gendiv.train_sft(model, ROWS, out=tmp_path / "a", settings=settings)
    twice = gendiv.train_sft(
        model, ROWS, out=tmp_path / "b", settings=settings.model_copy(update={"gradient_checkpointing": True})
    )
    assert twice.metrics["loss"] == pytest.approx(plain.metrics["loss"], rel=1e-6)


def test_a_loss_that_is_no_number_stops_with_the_last_good_state_and_no_weights(tmp_path):
    model, out = str(tiny_causal(tmp_path / "m")), tmp_path / "out"
    settings = SFTSettings(
        learning_rate=1e30, batch=10, epochs=20, save_every=1, warmup=0.5, gradient_norm=None, weight_decay=0.1
    )
    with pytest.raises(TrainingFailed, match=r"step \d+: the (loss|gradient) is (nan|inf).*last good state is .*step-"):
        gendiv.train_sft(model, ROWS, out=out, settings=settings)
    assert not (out / "config.json").exists()
    assert not (out / "model.safetensors").exists()


def test_a_checkpoint_with_an_infinite_weight_stops_in_the_first_step(tmp_path):
    model = tiny_causal(tmp_path / "m")
    network = transformers.AutoModelForCausalLM.from_pretrained(model)
    network.model.layers[0].mlp.up_proj.weight.data[0, 0] = math.inf
    network.save_pretrained(model)
    with pytest.raises(TrainingFailed, match=r"step 1: the loss is nan; no state was kept before it"):
        gendiv.train_sft(str(model), ROWS, out=tmp_path / "out", settings=SFTSettings(batch=10))


@pytest.mark.parametrize(
    "more", [{"dtype": "bfloat16", "freeze": 0.5}, {"lora_rank": 4, "lora_dropout": 0.2}, {"packing": True}]
)
def test_whatever_is_trained_goes_on_to_the_same_weights(more, tmp_path):
    model = str(tiny_causal(tmp_path / "m", "gpt2"))
    settings = SFTSettings(learning_rate=1e-3, batch=4, epochs=3, save_every=2, gradient_checkpointing=True, **more)
    gendiv.train_sft(model, ROWS, out=tmp_path / "whole", settings=settings)
    optimise = Learner.optimise

    def failing(self, *given):
        if self.step == 5:
            raise KeyboardInterrupt
        return optimise(self, *given)

    with pytest.MonkeyPatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Learner, "optimise", failing)
        gendiv.train_sft(model, ROWS, out=tmp_path / "halved", settings=settings)
    gendiv.train_sft(model, ROWS, out=tmp_path / "halved", settings=settings)
    assert same(tmp_path / "whole", tmp_path / "halved")
    assert not same(tmp_path / "whole", model)


def test_the_log_has_a_row_for_each_step(tmp_path):
    model, out = str(tiny_causal(tmp_path / "m")), tmp_path / "out"
    settings = SFTSettings(
        batch=4,
        epochs=2,
        schedule="linear",
        warmup=0.0,
        learning_rate=1e-3,
        evaluate_every=3,
        evaluate_rows=1,
    )
    measured = []
    measure = Imitation.measure

    def counting(self, rows):
        measured.append(len(rows))
        return measure(self, rows)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Imitation, "measure", counting)
        gendiv.train_sft(model, ROWS, out=out, held_out=ROWS[:2], settings=settings)
    assert measured == [1, 2]  # one row on the way, all at the end
    rows = [json.loads(line) for line in (out / "training" / "log.jsonl").read_text().splitlines()]
    assert [row["step"] for row in rows] == [1, 2, 3, 4, 5, 6]  # 10 rows in batches of 4, 4, 2, twice
    assert ["held_out_loss" in row for row in rows] == [False, False, True, False, False, True]
    assert [row["learning_rate"] for row in rows] == pytest.approx([1e-3 * left / 6 for left in (6, 5, 4, 3, 2, 1)])
    total = sum(len(row.completion.split()) + 1 for row in ROWS)
    assert sum(row["tokens"] for row in rows[:3]) == sum(row["tokens"] for row in rows[3:]) == total
