"""`hf:` reward models: batched scores are those of transformers' own code, one text at a time, whatever the padding."""

import asyncio
import json
import random

import pytest
from tiny_reward import WORDS, tiny_reward

from gendiv.benchmark.rewarding.open import open_reward
from gendiv.benchmark.rewarding.reward_model import RewardOptions

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

FLOAT32 = {"dtype": "float32"}


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("GENDIV_CACHE", str(tmp_path / "cache"))


def pairs(count=24, longest=60):
    generator = random.Random(3)
    words = lambda: " ".join(generator.choices(WORDS, k=generator.randint(1, longest)))  # noqa: E731
    return [(words(), words()) for _ in range(count)]


def scored(folder, some, **options):
    async def scoring():
        async with open_reward(f"hf:{folder}", RewardOptions(**{**FLOAT32, **options})) as model:
            return await model.score(some), model.shortened

    return asyncio.run(scoring())


def one_at_a_time(folder, texts, **tokenising):
    """Return what transformers' own pooling gives for single texts."""
    network = transformers.AutoModelForSequenceClassification.from_pretrained(folder, dtype=torch.float32).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    with torch.inference_mode():
        found = [network(**tokenizer(text, return_tensors="pt", **tokenising)).logits for text in texts]
    assert {logits.shape for logits in found} == {(1, 1)}
    return [float(logits) for logits in found]


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("padding", ["own", "eos", "none"])
@pytest.mark.parametrize("kind", ["llama", "gpt2", "opt"])
def test_a_decoder_is_read_where_transformers_reads_single_texts(kind, padding, side, tmp_path):
    folder = tiny_reward(tmp_path / "rm", kind=kind, padding=padding, side=side)
    found, _ = scored(folder, pairs())
    wanted = one_at_a_time(folder, [f"{prompt} {answer}</s>" for prompt, answer in pairs()])
    assert found == pytest.approx(wanted, abs=1e-4)
    assert max(found) - min(found) > 0.5


@pytest.mark.parametrize("padding", ["own", "eos", "none"])
def test_asked_to_read_at_the_end_token_it_does_whatever_padding_looks_like(padding, tmp_path):
    folder = tiny_reward(tmp_path / "rm", padding=padding)
    found, _ = scored(folder, pairs(), ending="eos")
    network = transformers.AutoModelForSequenceClassification.from_pretrained(folder, dtype=torch.float32).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    for (prompt, answer), score in zip(pairs(), found, strict=True):
        tokens = tokenizer(f"{prompt} {answer}</s>", return_tensors="pt")["input_ids"]
        assert tokens[0, -1] == 2
        with torch.inference_mode():
            assert score == pytest.approx(
                float(network.score(network.model(tokens).last_hidden_state)[0, -1, 0]), abs=1e-4
            )


def test_an_encoder_is_read_by_its_own_rules(tmp_path):
    folder = tiny_reward(tmp_path / "rm", kind="bert")
    found, _ = scored(folder, pairs())
    assert found == pytest.approx(one_at_a_time(folder, [f"{p} {a}" for p, a in pairs()]), abs=1e-4)


def test_the_chat_template_is_put_over_user_and_assistant(tmp_path):
    folder = tiny_reward(tmp_path / "rm", chat=True)
    found, _ = scored(folder, pairs())
    wanted = [f"<s>user {prompt} </s>assistant {answer} </s>" for prompt, answer in pairs()]
    assert found == pytest.approx(one_at_a_time(folder, wanted, add_special_tokens=False), abs=1e-4)
    raw, _ = scored(folder, pairs(), format="raw")
    assert raw == pytest.approx(one_at_a_time(folder, [f"{p} {a}</s>" for p, a in pairs()]), abs=1e-4)


def test_too_long_inputs_lose_their_beginning_and_keep_cue_and_answer(tmp_path):
    folder = tiny_reward(tmp_path / "rm", context=12)
    long, short = (" ".join(["rain"] * 30) + " TL ; DR :", "the cat sat"), ("the dog", "ran")
    found, shortened = scored(folder, [long, short])
    wanted = ["rain rain rain TL ; DR : the cat sat</s>", "the dog ran</s>"]  # with <s>, 12 tokens
    assert found == pytest.approx(one_at_a_time(folder, wanted), abs=1e-4)
    assert shortened == 1
    assert scored(folder, [long, short], longest=5)[1] == 1
    assert scored(folder, [short], longest=5)[1] == 0


def test_bfloat16_is_close_and_its_head_is_not_rounded(tmp_path):
    folder = tiny_reward(tmp_path / "rm")
    exact, _ = scored(folder, pairs(6))
    rough, _ = scored(folder, pairs(6), dtype="bfloat16")
    assert rough == pytest.approx(exact, abs=0.3)
    assert rough != exact
    assert any(float(torch.tensor(score).bfloat16()) != score for score in rough)


def test_what_decides_a_score_is_in_the_signature(tmp_path):
    folder, other = tiny_reward(tmp_path / "rm", chat=True), tiny_reward(tmp_path / "other", chat=True, seed=1)
    (tmp_path / "template").mkdir()
    template = tiny_reward(tmp_path / "template/rm", chat=True)
    (template / "chat_template.jinja").write_text("{% for m in messages %}{{ m['content'] }}{% endfor %}")

    def signature(folder, **options):
        return open_reward(f"hf:{folder}", RewardOptions(**{**FLOAT32, **options})).metric.signature

    assert signature(folder).startswith("reward:model=rm@")
    assert signature(folder).endswith(":format=chat:ending=template:longest=512")
    assert signature(folder, format="raw").endswith(":format=raw:ending=eos:longest=512")
    found = [
        signature(folder),
        signature(other),
        signature(template),
        signature(folder, dtype="bfloat16"),
        signature(folder, format="raw"),
        signature(folder, format="raw", ending="none"),
        signature(folder, longest=100),
    ]
    assert len(set(found)) == len(found)
    assert signature(tiny_reward(tmp_path / "eos", padding="eos")).endswith(":format=raw:ending=none:longest=512")


def test_damaged_weights_give_no_number_rather_than_a_wrong_one(tmp_path):
    folder = tiny_reward(tmp_path / "rm")
    network = transformers.AutoModelForSequenceClassification.from_pretrained(folder)
    network.score.weight.data[:] = float("nan")
    network.save_pretrained(folder)
    found, _ = scored(folder, pairs(2))
    assert all(score != score for score in found)  # NaN alone differs from itself


def test_a_checkpoint_without_its_head_is_refused(tmp_path):
    folder = tiny_reward(tmp_path / "rm")
    from safetensors.torch import load_file, save_file

    weights = load_file(folder / "model.safetensors")
    del weights["score.weight"]
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(ValueError, match=r"the checkpoint lacks score\.weight"):
        scored(folder, pairs(1))


def test_a_base_model_is_told_from_a_reward_model(tmp_path):
    folder = tiny_reward(tmp_path / "rm")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "architectures": ["LlamaForCausalLM"]}))
    with pytest.raises(ValueError, match=r"is no reward model: wanted a sequence classifier .* found LlamaForCausalLM"):
        open_reward(f"hf:{folder}")
