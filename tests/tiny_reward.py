"""Reward models of a few thousand parameters with a word tokeniser: random scores, real code."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

WORDS = "the a cat dog sat ran on mat river town rain sun and or but was is red blue old new TL DR : ; .".split()
TEMPLATE = "{{ bos_token }}{% for m in messages %}{{ m['role'] }} {{ m['content'] }} {{ eos_token }}{% endfor %}"


def tiny_reward(
    folder: Path,
    *,
    kind: Literal["llama", "gpt2", "opt", "bert"] = "llama",
    padding: Literal["own", "eos", "none"] = "own",
    side: Literal["left", "right"] = "right",
    labels: Sequence[str] = ("reward",),
    chat: bool = False,
    context: int = 512,
    seed: int = 0,
) -> Path:
    """Save one; `padding` is its padding token: one of its own, the end token, or none."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import AutoConfig, AutoModelForSequenceClassification, PreTrainedTokenizerFast

    vocabulary = {
        word: index for index, word in enumerate(["<unk>", "<s>", "</s>", "<pad>", "user", "assistant", *WORDS])
    }
    words = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    shape = "<s> $A </s>" if kind == "bert" else "<s> $A"
    words.post_processor = processors.TemplateProcessing(single=shape, special_tokens=[("<s>", 1), ("</s>", 2)])
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=words,
        unk_token="<unk>",
        bos_token="<s>",
        eos_token="</s>",
        padding_side=side,
        **{"own": {"pad_token": "<pad>"}, "eos": {"pad_token": "</s>"}, "none": {}}[padding],
    )
    if chat:
        tokenizer.chat_template = TEMPLATE
    size = {
        "llama": {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 2},
        "gpt2": {"n_embd": 32, "n_layer": 2, "n_head": 2},
        "opt": {
            "hidden_size": 32,
            "word_embed_proj_dim": 16,
            "ffn_dim": 64,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
        },
        "bert": {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2},
    }[kind]
    torch.manual_seed(seed)
    config = AutoConfig.for_model(
        kind,
        vocab_size=len(vocabulary),
        **{"gpt2": {"n_positions": context}}.get(kind, {"max_position_embeddings": context}),
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id={"own": 3, "eos": 2, "none": None}[padding],
        id2label=dict(enumerate(labels)),
        label2id={label: index for index, label in enumerate(labels)},
        initializer_range=0.3,  # wide, so that scores differ from answer to answer
        **size,
    )
    AutoModelForSequenceClassification.from_config(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
