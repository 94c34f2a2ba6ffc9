"""What is frozen, what is loaded, what is refused."""

import json
import shutil

import pytest
from tiny_causal import tiny_causal
from tiny_reward import tiny_reward

from gendiv.benchmark.train.networks import blocks, find_base, freeze, load_policy, load_scorer, load_tokenizer
from gendiv.errors import BadInput

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

SMALL = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 5, "num_attention_heads": 2, "vocab_size": 11}
NETWORKS = {
    "llama": (SMALL, "model.layers.4.", {"model.norm.weight"}),
    "qwen2": ({**SMALL, "num_key_value_heads": 1}, "model.layers.4.", {"model.norm.weight"}),
    "mixtral": (
        {**SMALL, "num_key_value_heads": 1, "num_local_experts": 8, "num_experts_per_tok": 2},
        "model.layers.4.",
        {"model.norm.weight"},
    ),
    "gpt_neox": (SMALL, "gpt_neox.layers.4.", {"gpt_neox.final_layer_norm.weight", "gpt_neox.final_layer_norm.bias"}),
    "gpt2": (
        {"n_embd": 32, "n_layer": 5, "n_head": 2, "vocab_size": 11},
        "transformer.h.4.",
        {"transformer.ln_f.weight", "transformer.ln_f.bias"},
    ),
    "opt": (
        {
            "hidden_size": 32,
            "word_embed_proj_dim": 32,
            "ffn_dim": 64,
            "num_hidden_layers": 5,
            "num_attention_heads": 2,
            "vocab_size": 11,
        },
        "model.decoder.layers.4.",
        {"model.decoder.final_layer_norm.weight", "model.decoder.final_layer_norm.bias"},
    ),
}


def network_of(kind, auto="AutoModelForCausalLM", **more):
    config = transformers.AutoConfig.for_model(kind, **NETWORKS[kind][0], pad_token_id=0, eos_token_id=1, **more)
    return getattr(transformers, auto).from_config(config)


@pytest.mark.parametrize("kind", NETWORKS)
def test_four_of_five_blocks_embeddings_and_head_are_frozen_and_the_final_norm_is_not(kind):
    network = network_of(kind)
    freeze(network, 0.8)
    trained = {name for name, one in network.named_parameters() if one.requires_grad}
    _, last, norm = NETWORKS[kind]
    block = {name for name, _ in network.named_parameters() if name.startswith(last)}
    assert block
    assert trained == block | norm


@pytest.mark.parametrize("kind", NETWORKS)
def test_of_a_classifier_the_head_is_trained(kind):
    network = network_of(kind, "AutoModelForSequenceClassification", num_labels=1)
    freeze(network, 1.0)
    trained = {name for name, one in network.named_parameters() if one.requires_grad}
    assert trained == NETWORKS[kind][2] | {"score.weight"}


@pytest.mark.parametrize(
    ("layers", "share", "kept"), [(12, 0.8, 9), (32, 0.8, 25), (24, 0.8, 19), (10, 0.7, 7), (2, 0.3, 0)]
)
def test_so_many_blocks_are_frozen_as_the_paper_says(layers, share, kept):
    """9 of 12, 19 of 24, 25 of 32: PAPER's OPT-125m, OPT-1.3b and LLaMA-7B; 0.7 * 10 is 7 though floats fall short."""
    config = transformers.LlamaConfig(**{**SMALL, "num_hidden_layers": layers})
    network = transformers.LlamaForCausalLM(config)
    freeze(network, share)
    frozen = [not any(one.requires_grad for one in block.parameters()) for block in blocks(network)]
    assert frozen == [place < kept for place in range(layers)]


def test_nothing_is_frozen_unless_asked():
    network = network_of("llama")
    freeze(network, 0.0)
    assert all(one.requires_grad for one in network.parameters())


def test_a_checkpoint_that_is_no_causal_model_is_refused(tmp_path):
    with pytest.raises(BadInput, match=r"no causal language model.*found LlamaForSequenceClassification"):
        load_policy(find_base(str(tiny_reward(tmp_path / "rm"))))
    with pytest.raises(BadInput, match=r"no causal language model.*found BertForSequenceClassification"):
        load_policy(find_base(str(tiny_reward(tmp_path / "bert", kind="bert"))))


def test_a_folder_that_is_no_model_is_refused(tmp_path):
    with pytest.raises(BadInput, match="no model folder"):
        find_base(str(tmp_path / "nowhere"))
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInput, match=r"wanted config.json and weights"):
        find_base(str(tmp_path / "empty"))
    adapter = tmp_path / "adapter"
    adapter.mkdir()
    (adapter / "adapter_config.json").write_text("{}")
    with pytest.raises(BadInput, match="holds a LoRA adapter alone: merge it"):
        find_base(str(adapter))


def test_a_checkpoint_without_some_of_its_weights_is_refused(tmp_path):
    from safetensors.torch import load_file, save_file

    folder = tiny_causal(tmp_path / "m")
    weights = load_file(folder / "model.safetensors")
    weights.pop("model.norm.weight")
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(BadInput, match=r"the checkpoint lacks model.norm.weight"):
        load_policy(find_base(str(folder)))
    with pytest.raises(BadInput, match=r"the checkpoint lacks model.norm.weight"):
        load_scorer(find_base(str(folder)), 0)


def test_a_classifier_without_its_head_is_refused(tmp_path):
    from safetensors.torch import load_file, save_file

    folder = tiny_reward(tmp_path / "rm")
    weights = load_file(folder / "model.safetensors")
    weights.pop("score.weight")
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(BadInput, match=r"the checkpoint lacks score.weight"):
        load_scorer(find_base(str(folder)), 0)


def test_the_end_token_pads_where_the_padding_token_has_no_embedding(tmp_path):
    folder = tiny_causal(tmp_path / "m")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "vocab_size": 3}))  # <pad> is 3
    assert load_tokenizer(find_base(str(folder))).pad_token_id == 2


def test_a_model_without_a_tokeniser_is_refused(tmp_path):
    folder = tiny_causal(tmp_path / "m")
    for path in folder.glob("tokenizer*"):
        path.unlink()
    with pytest.raises(BadInput, match="save it beside the weights"):
        load_tokenizer(find_base(str(folder)))
    shutil.rmtree(folder)
