"""Networks: the sizes of language models that costs are reckoned from."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ...errors import BadInput
from ...metrics.models.loading import loading
from ...naming import nearest


@dataclass(frozen=True)
class Network:
    """The size of a decoder.

    Attributes:
        parameters: how many, embeddings included.
        layers: blocks.
        hidden: width.
        vocabulary: tokens.
    """

    parameters: float
    layers: int
    hidden: int
    vocabulary: int


NETWORKS: Final[Mapping[str, Network]] = {
    "facebook/opt-125m": Network(125e6, 12, 768, 50272),
    "facebook/opt-350m": Network(331e6, 24, 1024, 50272),
    "facebook/opt-1.3b": Network(1316e6, 24, 2048, 50272),
    "facebook/opt-2.7b": Network(2652e6, 32, 2560, 50272),
    "facebook/opt-6.7b": Network(6658e6, 32, 4096, 50272),
    "huggyllama/llama-7b": Network(6738e6, 32, 4096, 32000),
}
"""The models of the paper."""


def find_network(base: str) -> Network:
    """Return the size of a model of the paper, or of one in a folder, from its config.

    Raises:
        BadInput: it is neither, or the folder holds no language model.
    """
    if base in NETWORKS:
        return NETWORKS[base]
    if not Path(base).is_dir():
        raise BadInput(f"--base: how large {base} is can be told of a folder only, or {nearest(base, NETWORKS)}")
    with loading("model", base, "pass --base with the folder of a language model"):
        from accelerate import init_empty_weights
        from transformers import AutoConfig, AutoModelForCausalLM

        config = AutoConfig.from_pretrained(base, local_files_only=True)
        with init_empty_weights():
            model = AutoModelForCausalLM.from_config(config)
    return Network(model.num_parameters(), config.num_hidden_layers, config.hidden_size, config.vocab_size)
