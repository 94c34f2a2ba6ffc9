"""Networks: checkpoints loaded to be trained, what of them stays as it is, LoRA, and the folder at the end."""

import contextlib
import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ...errors import BadInput, NotInstalled
from ...metrics.models.loading import load_tokenizer as load_any_tokenizer
from ...metrics.models.loading import loading
from ..checkpoint import Checkpoint, find_checkpoint
from .seeds import generator, seed_of
from .settings import Settings

if TYPE_CHECKING:
    from torch.nn import Module, ModuleList
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

CAUSAL: Final = "ForCausalLM"
CLASSIFIER: Final = "ForSequenceClassification"
OWN_NAMES: Final = ("GPT2LMHeadModel", "OpenAIGPTLMHeadModel")
"""Causal language models that are called otherwise."""


def require_packages() -> None:
    """Check that what trainers need is installed.

    Raises:
        NotInstalled: it is not.
    """
    for package in ("torch", "transformers", "accelerate", "peft"):
        if importlib.util.find_spec(package) is None:
            raise NotInstalled(f"training needs {package}: pip install 'gendiv[train]' (see `gendiv doctor`)")


def find_base(model: str) -> Checkpoint:
    """Return the checkpoint that a trainer starts from: PATH_OR_HUB_ID[@revision].

    Raises:
        BadInput: there is none.
        NotInstalled: a package that training needs is missing.
    """
    require_packages()
    folder = Path(model).expanduser()
    if (folder / "adapter_config.json").exists() and not (folder / "config.json").exists():
        raise BadInput(
            f"--model: {folder} holds a LoRA adapter alone: merge it into its base model (merge_and_unload of peft) "
            "and pass that folder"
        )
    return find_checkpoint(model)


def load_tokenizer(base: Checkpoint) -> "PreTrainedTokenizerBase":
    """Load a checkpoint's tokeniser; where it has no padding token that the network knows, the end token pads.

    Raises:
        BadInput: there is none, or it has no end token, without which no answer can be learned to end.
    """
    with loading("the tokeniser of", base.location, "save it beside the weights") as local:
        tokenizer = load_any_tokenizer(base.location, local, base.revision)
    if tokenizer.eos_token_id is None:
        raise BadInput(
            f"{base.location}: its tokeniser has no end token, without which no answer can be learned to end: set "
            'eos_token in tokenizer_config.json, say to "</s>"'
        )
    vocabulary = base.settings("config.json").get("vocab_size") or len(tokenizer)
    if tokenizer.pad_token_id is None or tokenizer.pad_token_id >= vocabulary:
        tokenizer.pad_token = tokenizer.eos_token
    tokenizer.padding_side = "left"  # what generation wants; trainers pad by themselves
    return tokenizer


def load_policy(base: Checkpoint) -> "PreTrainedModel":
    """Load a causal language model in float32.

    Raises:
        BadInput: the checkpoint is none, or lacks weights.
    """
    kinds = _architectures(base)
    if not any(CAUSAL in kind or kind in OWN_NAMES for kind in kinds):
        raise BadInput(
            f"{base.location} is no causal language model: wanted an architecture ...{CAUSAL} in its config.json, "
            f"found {', '.join(kinds) or 'none'}"
        )
    from transformers import AutoModelForCausalLM

    network, missing = _load(AutoModelForCausalLM, base)
    if missing:
        raise BadInput(f"{base.location}: the checkpoint lacks {min(missing)}; is the folder whole?")
    return network


def load_scorer(base: Checkpoint, seed: int) -> "PreTrainedModel":
    """Load a sequence classifier of one label in float32, from a causal language model or from another one like it.

    A language model gets a fresh head with weights from `seed`, normal with the deviation of the architecture's own.

    Raises:
        BadInput: the checkpoint is neither, has several labels, or its architecture is no decoder.
    """
    kinds = _architectures(base)
    causal = any(CAUSAL in kind or kind in OWN_NAMES for kind in kinds)
    if not causal and not any(CLASSIFIER in kind for kind in kinds):
        raise BadInput(
            f"{base.location} cannot become a reward model: wanted an architecture ...{CAUSAL} or ...{CLASSIFIER} in "
            f"its config.json, found {', '.join(kinds) or 'none'}"
        )
    from transformers import AutoModelForSequenceClassification

    labels = {} if not causal else {"num_labels": 1}
    network, missing = _load(AutoModelForSequenceClassification, base, **labels)
    if network.config.num_labels != 1:
        names = ", ".join(str(name) for name in list((network.config.id2label or {}).values())[:5])
        raise BadInput(
            f"{base.location} is no reward model: wanted a classifier with one label, found "
            f"{network.config.num_labels} ({names}); pass a causal language model, or a classifier of one label"
        )
    head = score_head(network, base.location)
    if missing - {"score.weight"} or ("score.weight" in missing and not causal):
        raise BadInput(f"{base.location}: the checkpoint lacks {min(missing)}; is the folder whole?")
    if causal:
        deviation = getattr(network.config.get_text_config(), "initializer_range", None) or 0.02
        head.weight.data.normal_(0.0, deviation, generator=generator(seed, "head"))
    return network


def score_head(network: "PreTrainedModel", name: str) -> Any:  # noqa: ANN401  torch's Linear, which is not imported here
    """Return the linear layer that a decoder's classifier puts to each token.

    Raises:
        BadInput: the architecture has none: it is no decoder.
    """
    import torch

    found = getattr(network, "score", None)
    if not isinstance(found, torch.nn.Linear):
        raise BadInput(
            f"{name}: a {type(network).__name__} reads by rules of its own; wanted a decoder, whose classifier has a "
            "linear layer `score` at the last token"
        )
    return found


def trunk(network: "PreTrainedModel") -> "PreTrainedModel":
    """Return the network without its head: tokens in, `last_hidden_state` out."""
    return getattr(network, network.base_model_prefix)  # type: ignore[no-any-return]


def plain(network: "Module") -> "PreTrainedModel":
    """Return the network without a LoRA wrapper, whose layers do what the adapter makes of them."""
    return network.get_base_model() if hasattr(network, "get_base_model") else network  # type: ignore[operator,return-value]


def blocks(network: "Module") -> "ModuleList":
    """Return the list of transformer blocks: the longest list of modules that lies in no other list.

    Raises:
        BadInput: there is none.
    """
    import torch

    found: list[tuple[str, torch.nn.ModuleList]] = []
    for name, module in network.named_modules():
        if isinstance(module, torch.nn.ModuleList) and not any(name.startswith(f"{outer}.") for outer, _ in found):
            found.append((name, module))
    if not found:
        raise BadInput(f"{type(network).__name__}: found no list of blocks in it; leave freeze and LoRA off")
    return max(found, key=lambda one: len(one[1]))[1]


def freeze(network: "PreTrainedModel", share: float) -> None:
    """Keep the first int(share * L) of L blocks, all embeddings and the language model's head as they are.

    The final norm and a reward model's head are trained. A share of 0 keeps nothing.
    """
    import torch

    if not share:
        return
    stack = blocks(network)
    inside = {id(module) for module in stack.modules()}
    kept: list[torch.nn.Module] = list(stack[: int(share * len(stack) + 1e-9)])
    kept += [one for one in network.modules() if isinstance(one, torch.nn.Embedding) and id(one) not in inside]
    kept += [one for one in (network.get_input_embeddings(), network.get_output_embeddings()) if one is not None]
    for module in kept:
        module.requires_grad_(False)


def adapt(network: "PreTrainedModel", settings: Settings) -> "PreTrainedModel":
    """Return the network as settings want it trained: parts frozen, or with a LoRA adapter around it.

    With LoRA, `freeze` says how many blocks get no adapter.

    Raises:
        BadInput: the network has no such layers.
    """
    if settings.gradient_checkpointing:
        network.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
    network.config.use_cache = False
    if not settings.lora_rank:
        freeze(network, settings.freeze)
        return network
    import torch
    from peft import LoraConfig, get_peft_model

    scorer = CLASSIFIER in type(network).__name__
    torch.manual_seed(seed_of(settings.seed, "lora"))
    try:
        adapted = get_peft_model(
            network,
            LoraConfig(
                r=settings.lora_rank,
                lora_alpha=settings.lora_alpha,  # type: ignore[arg-type]  # it takes fractions too
                lora_dropout=settings.lora_dropout,
                target_modules=list(settings.lora_targets) or "all-linear",
                task_type="SEQ_CLS" if scorer else "CAUSAL_LM",
            ),
        )
    except ValueError as error:
        raise BadInput(f"--lora-targets: {str(error).partition(chr(10))[0]}") from error
    stack = blocks(adapted)
    for block in stack[: int(settings.freeze * len(stack) + 1e-9)]:
        block.requires_grad_(False)
    return adapted  # type: ignore[return-value]  # it stands for the network


def trained(network: "Module") -> "dict[str, Any]":
    """Return the parameters that are trained, by name.

    Raises:
        BadInput: there are none.
    """
    found = {name: one for name, one in network.named_parameters() if one.requires_grad}
    if not found:
        raise BadInput("--freeze: nothing is left to be trained; freeze less")
    return found


def save_network(network: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase", folder: Path, dtype: str) -> None:
    """Write a checkpoint folder that transformers and vLLM load; with LoRA merged, and the adapter in `adapter/`.

    The network cannot be trained on afterwards: an adapter is merged into it in place.
    """
    import torch

    if hasattr(network, "merge_and_unload"):
        network.save_pretrained(str(folder / "adapter"))
        network = network.merge_and_unload()  # type: ignore[operator]  # of peft
    network = network.to(getattr(torch, dtype))
    network.config.use_cache = True
    network.config.pad_token_id = tokenizer.pad_token_id
    generation = getattr(network, "generation_config", None)
    if generation is not None:
        generation.pad_token_id = tokenizer.pad_token_id
        if generation.eos_token_id is None:
            generation.eos_token_id = tokenizer.eos_token_id
    with loading("model", str(folder), "choose another --out"):  # quietly
        network.save_pretrained(str(folder))
    tokenizer.save_pretrained(str(folder))


@contextlib.contextmanager
def _without_report() -> Iterator[None]:
    """Silence transformers' table of weights that are missing: those that matter are asked for."""
    from transformers.utils import logging

    before = logging.get_verbosity()
    logging.set_verbosity_error()
    try:
        yield
    finally:
        logging.set_verbosity(before)


def _architectures(base: Checkpoint) -> list[str]:
    with loading("model", base.location, "pass a folder that transformers loads") as local:
        from transformers import AutoConfig

        config = AutoConfig.from_pretrained(base.location, revision=base.revision, local_files_only=local)
    return list(config.architectures or ())


def _load(kind: Any, base: Checkpoint, **more: Any) -> "tuple[PreTrainedModel, set[str]]":  # noqa: ANN401  an Auto class
    with loading("model", base.location, "pass a folder that transformers loads") as local, _without_report():
        import torch

        network, report = kind.from_pretrained(
            base.location,
            revision=base.revision,
            dtype=torch.float32,
            output_loading_info=True,
            local_files_only=local,
            **more,
        )
    return network, set(report["missing_keys"])
