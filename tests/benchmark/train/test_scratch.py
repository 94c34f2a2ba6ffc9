"""A checkpoint from nothing: texts survive its tokeniser, every loader takes it, and what cannot be is refused."""

import json

import pytest

from gendiv.benchmark.train.scratch import CONTEXT, make_checkpoint
from gendiv.errors import BadInput
from gendiv.tasks import TASKS
from gendiv.tasks.small_world import vocabulary

pytest.importorskip("torch")
pytest.importorskip("transformers")


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    return make_checkpoint(tmp_path_factory.mktemp("scratch") / "base", vocabulary(), layers=2, hidden=64, heads=2)


@pytest.fixture(scope="module")
def tokenizer(checkpoint):
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(checkpoint)


def test_texts_of_the_world_survive(tokenizer):
    for split in TASKS["small-world"].splits:
        for prompt in split.load()[:50]:
            text = f"{prompt.raw} {prompt.reference}"
            tokens = tokenizer(text)["input_ids"]
            assert tokens[0] == tokenizer.bos_token_id
            assert len(tokens) == 1 + len(text.split())
            assert tokenizer.decode(tokens, skip_special_tokens=True) == text
            assert tokenizer.unk_token_id not in tokens


def test_special_tokens_are_four_and_words_keep_their_order(tokenizer):
    special = [tokenizer.pad_token_id, tokenizer.bos_token_id, tokenizer.eos_token_id, tokenizer.unk_token_id]
    assert special == [0, 1, 2, 3]
    words = vocabulary()
    assert [tokenizer.convert_tokens_to_ids(words[place]) for place in (0, 7, -1)] == [4, 11, len(words) + 3]
    assert tokenizer("xyzzy")["input_ids"] == [1, 3]


def test_config_and_generation_config_are_whole(checkpoint):
    config = json.loads((checkpoint / "config.json").read_text())
    assert config["vocab_size"] == len(vocabulary()) + 4
    assert (config["tie_word_embeddings"], config["max_position_embeddings"]) == (True, CONTEXT)
    assert config.get("head_dim", config["hidden_size"] // config["num_attention_heads"]) == 32
    generation = json.loads((checkpoint / "generation_config.json").read_text())
    special = {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2}
    assert special.items() <= generation.items()
    assert special.items() <= config.items()


def test_the_seed_decides_the_weights_and_leaves_the_generator_alone(tmp_path, checkpoint):
    import torch

    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    again = make_checkpoint(tmp_path / "again", vocabulary(), layers=2, hidden=64, heads=2)
    assert torch.equal(torch.rand(3), expected)
    other = make_checkpoint(tmp_path / "other", vocabulary(), layers=2, hidden=64, heads=2, seed=1)
    weights = [(folder / "model.safetensors").read_bytes() for folder in (checkpoint, again, other)]
    assert weights[0] == weights[1] != weights[2]


def test_it_is_sampled_like_any_checkpoint(checkpoint, tmp_path):
    import gendiv

    run = gendiv.evaluate(
        f"hf:{checkpoint}", tasks=["small-world/id"], prompts=2, samples=3, metrics=["length"], out=tmp_path / "run"
    )
    rows = (run.folder / "samples/small-world/id.jsonl").read_text().splitlines()
    texts = [json.loads(row)["text"] for row in rows]
    assert len(set(texts)) == 6
    assert {word for text in texts for word in text.split()} <= {*vocabulary(), "<unk>", "<s>", "<pad>"}


@pytest.mark.parametrize(
    ("words", "sizes", "reason"),
    [
        ([], {}, "at least one word"),
        (["a", "b c"], {}, "found 'b c'"),
        (["a", ""], {}, "found ''"),
        (["a", "b", "a"], {}, "each word once and no special token, found 'a'"),
        (["a", "</s>"], {}, "found '</s>'"),
        (["a"], {"hidden": 100, "heads": 3}, "heads of 32 or 64 numbers each"),
        (["a"], {"hidden": 64, "heads": 4}, "4 heads of a hidden size of 64"),
        (["a"], {"layers": 0}, "found 0 layers"),
    ],
)
def test_what_cannot_be_made_is_one_line(tmp_path, words, sizes, reason):
    with pytest.raises(BadInput) as refused:
        make_checkpoint(tmp_path / "new", words, **sizes)
    assert reason in str(refused.value)
    assert "\n" not in str(refused.value)
    assert not (tmp_path / "new").exists()


def test_nothing_is_written_over(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(BadInput, match="wanted a new or empty folder"):
        make_checkpoint(tmp_path, ["a"])
