"""Language models of a few thousand parameters with a word tokeniser, by architecture; and lessons in its words."""

import json
import random
from pathlib import Path
from typing import Literal

WORDS = "the a cat dog sat ran on mat river town rain sun and or but was is red blue old new".split()

SIZES = {
    "llama": {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 2},
    "mistral": {
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
    },
    "gpt_neox": {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 2},
    "gpt2": {"n_embd": 64, "n_layer": 2, "n_head": 2},
    "opt": {
        "hidden_size": 64,
        "word_embed_proj_dim": 64,
        "ffn_dim": 128,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
    },
}


def tiny_causal(
    folder: Path,
    kind: Literal["llama", "mistral", "gpt_neox", "gpt2", "opt"] = "llama",
    *,
    layers: int = 2,
    padding: Literal["own", "eos", "none"] = "own",
    end: bool = True,
    context: int = 128,
    seed: int = 0,
    spread: float = 0.1,
) -> Path:
    """Save one; `padding` is its padding token: one of its own, the end token, or none."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import AutoConfig, AutoModelForCausalLM, PreTrainedTokenizerFast

    vocabulary = {word: index for index, word in enumerate(["<unk>", "<s>", "</s>", "<pad>", *WORDS])}
    words = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    words.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    words.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=words,
        unk_token="<unk>",
        bos_token="<s>",
        **({"eos_token": "</s>"} if end else {}),
        **{"own": {"pad_token": "<pad>"}, "eos": {"pad_token": "</s>"}, "none": {}}[padding],
    )
    torch.manual_seed(seed)
    size = dict(SIZES[kind])
    size["n_layer" if kind == "gpt2" else "num_hidden_layers"] = layers
    config = AutoConfig.for_model(
        kind,
        vocab_size=len(vocabulary),
        **{"gpt2": {"n_positions": context}}.get(kind, {"max_position_embeddings": context}),
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id={"own": 3, "eos": 2, "none": None}[padding],
        initializer_range=spread,
        **size,
    )
    AutoModelForCausalLM.from_config(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def some_words(generator: random.Random, least: int, most: int) -> str:
    return " ".join(generator.choices(WORDS, k=generator.randint(least, most)))


def demonstrations(count: int = 10, seed: int = 0) -> list[dict[str, str]]:
    """Return rows of other lengths each, no two prompts alike."""
    generator = random.Random(seed)
    prompts: set[str] = set()
    while len(prompts) < count:
        prompts.add(some_words(generator, 3, 9))
    return [{"prompt": one, "completion": some_words(generator, 1, 7)} for one in sorted(prompts)]


def rankings(count: int = 10, seed: int = 0) -> list[dict[str, str]]:
    """Return rows with answers of other lengths each."""
    generator = random.Random(seed)
    found = []
    for row in demonstrations(count, seed):
        rejected = row["completion"]
        while rejected == row["completion"]:
            rejected = some_words(generator, 1, 7)
        found.append({"prompt": row["prompt"], "chosen": row["completion"], "rejected": rejected})
    return found


def write_rows(path: Path, rows: list[dict[str, str]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path
