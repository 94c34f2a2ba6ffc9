"""Peak memory of `gendiv score` for the n-gram metrics, from 1,000 to 100,000 samples.

Text: chunks of 30 words of Reddit posts in $GENDIV_DATA, in new order for every input. Run: python
tests/benchmarks/memory.py [--samples 1000 10000 100000]
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

K = 16
METRICS = "distinct,ead,cosine_ngram,self_bleu,length,duplicates"


def chunks():
    """Return pieces of 30 words of real text."""
    folder = Path(os.environ["GENDIV_DATA"]) / "UCL-DARK" / "openai-tldr-filtered"
    words = []
    for name in ("train", "test"):
        with (folder / f"{name}.jsonl").open(encoding="utf-8") as lines:
            words += [word for line in lines for word in json.loads(line)["post"].split()]
    return [words[start : start + 30] for start in range(0, len(words) - 30, 30)]


def write(path, samples, pieces):
    """Write rows of K samples, each a half of one piece and a half of another."""
    generator = random.Random(0)
    with path.open("w", encoding="utf-8") as lines:
        for row in range(samples // K):
            texts = [" ".join(generator.choice(pieces)[:15] + generator.choice(pieces)[15:]) for _ in range(K)]
            lines.write(json.dumps({"id": row, "samples": texts}) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--samples", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--metrics", default=METRICS)
    given = parser.parse_args()
    pieces, first = chunks(), None
    with tempfile.TemporaryDirectory() as folder:
        for samples in given.samples:
            path = Path(folder) / f"{samples}.jsonl"
            write(path, samples, pieces)
            pid = subprocess.Popen(
                [sys.executable, "-m", "gendiv", "score", str(path), "--metrics", given.metrics, "--json"],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            ).pid
            _, status, usage = os.wait4(pid, 0)
            peak = usage.ru_maxrss / 1024
            first = first or peak
            print(
                f"{samples:>8,} samples, {path.stat().st_size / 2**20:6.1f} MiB of JSON: peak {peak:6.1f} MiB, "
                f"{peak / first:.2f} of the first; {usage.ru_utime:.1f} s; exit {os.waitstatus_to_exitcode(status)}",
                flush=True,
            )


if __name__ == "__main__":
    main()
