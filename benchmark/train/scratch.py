"""A checkpoint from nothing: a tokeniser of given words and a Llama of random weights, to be trained on a CPU."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ...errors import BadInput, StoreFailed
from ...metrics.models.loading import loading

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

SPECIAL: Final = ("<pad>", "<s>", "</s>", "<unk>")
"""Padding, beginning, end, unknown: tokens 0 to 3, no two of them the same."""

HEAD_SIZES: Final = (32, 64)
"""Sizes of an attention head that every engine serves, vLLM on a CPU included."""

CONTEXT: Final = 256
"""Most tokens of a prompt with its answer."""

LAYERS, HIDDEN, HEADS = 3, 160, 5
"""The size unless told otherwise: a million parameters with a vocabulary of some hundred words."""

ROPE: Final = 100.0
"""Base of the rotary positions: small, as texts are short, so that heads soon tell a word from its neighbours."""


def make_checkpoint(
    folder: Path, words: Sequence[str], *, layers: int = LAYERS, hidden: int = HIDDEN, heads: int = HEADS, seed: int = 0
) -> Path:
    """Save a Llama of random weights with a tokeniser of these words, as an ordinary Hugging Face folder.

    Words are what stands between white space; a text of known words parted by single spaces is decoded as it was
    encoded. Input and output embeddings are tied; the generation config holds every decoding parameter, so that no
    engine adds one of its own. The same arguments give the same weights.

    Args:
        folder: is made; must not hold anything yet.
        words: in this order after the special tokens.
        layers: transformer blocks.
        hidden: width; a multiple of `heads`, and `hidden / heads` one of `HEAD_SIZES`.
        heads: attention heads.
        seed: of the weights.

    Raises:
        BadInput: a word or a size cannot be used, or the folder holds something.
        StoreFailed: the folder cannot be written.
    """
    _check(folder, words, layers, hidden, heads)
    import torch
    from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM

    padding, beginning, end, _ = range(len(SPECIAL))
    config = LlamaConfig(
        vocab_size=len(SPECIAL) + len(words),
        hidden_size=hidden,
        intermediate_size=3 * hidden,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        num_key_value_heads=heads,
        max_position_embeddings=CONTEXT,
        rope_parameters={"rope_type": "default", "rope_theta": ROPE},
        tie_word_embeddings=True,
        initializer_range=0.05,
        pad_token_id=padding,
        bos_token_id=beginning,
        eos_token_id=end,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = LlamaForCausalLM(config)
    model.generation_config = GenerationConfig(
        do_sample=True,
        temperature=1.0,
        top_p=1.0,
        top_k=0,
        repetition_penalty=1.0,
        pad_token_id=padding,
        bos_token_id=beginning,
        eos_token_id=end,
    )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with loading("model", str(folder), "choose another folder"):  # quietly
            model.save_pretrained(folder)
        word_tokeniser(words).save_pretrained(folder)
    except OSError as error:
        raise StoreFailed(f"{folder}: cannot write the checkpoint ({error})") from error
    return folder


def word_tokeniser(words: Sequence[str]) -> "PreTrainedTokenizerFast":
    """Return a tokeniser whose tokens are these words, as white space parts them; texts begin with the token `<s>`."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    padding, beginning, end, unknown = SPECIAL
    vocabulary = {word: index for index, word in enumerate((*SPECIAL, *words))}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token=unknown))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{beginning} $A", special_tokens=[(beginning, vocabulary[beginning])]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token=padding,
        bos_token=beginning,
        eos_token=end,
        unk_token=unknown,
        padding_side="left",
        model_max_length=CONTEXT,
        clean_up_tokenization_spaces=False,
    )


def _check(folder: Path, words: Sequence[str], layers: int, hidden: int, heads: int) -> None:
    if not words:
        raise BadInput("a checkpoint from nothing: wanted at least one word, found none")
    if bad := [word for word in words if word.split() != [word]]:
        raise BadInput(f"a checkpoint from nothing: wanted words without white space, found {bad[0]!r}")
    if len({*words, *SPECIAL}) < len(words) + len(SPECIAL):
        twice = next(word for index, word in enumerate(words) if word in (*SPECIAL, *words[:index]))
        raise BadInput(f"a checkpoint from nothing: wanted each word once and no special token, found {twice!r}")
    if min(layers, hidden, heads) < 1 or hidden % heads or hidden // heads not in HEAD_SIZES:
        sizes = " or ".join(map(str, HEAD_SIZES))
        raise BadInput(
            f"a checkpoint from nothing: wanted layers, and heads of {sizes} numbers each (hidden / heads), found "
            f"{layers} layers and {heads} heads of a hidden size of {hidden}; try layers=3, hidden=128, heads=4"
        )
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BadInput(f"{folder}: wanted a new or empty folder for a checkpoint from nothing; name another")
