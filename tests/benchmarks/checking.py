"""Time of checking a results repository, afresh and with a ledger. Run: python tests/benchmarks/checking.py [N]."""

import resource
import sys
import tempfile
import time
from pathlib import Path

import gendiv
from gendiv.benchmark.sources.scripted import Scripted
from gendiv.leaderboard.submissions.checking import check_repository
from gendiv.leaderboard.submissions.packing import About, add_run


def speaking(number):
    """Return a model whose words are its own, so that it is no copy of another."""
    scripted = Scripted(name=f"model-{number}")
    return Scripted(lambda text, seed: f"{scripted._answer(text, seed)} {number}", name=f"model-{number}")


def main(count):
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "repository"
        for number in range(count):
            run = Path(folder) / f"run-{number}"
            gendiv.evaluate(
                speaking(number), suite="mini", prompts=32, samples=4, metrics=["ead", "distinct", "length"], out=run
            )
            add_run(run, root, About(revision="r", suite="mini"), sums=False)
        size = sum(path.stat().st_size for path in root.rglob("*") if path.is_file())
        print(f"{count} submissions of 5 splits x 32 prompts x 4 samples, 3 metrics: {size / count / 1000:.0f} kB each")
        ledger = None
        for told in ("afresh", "with a ledger"):
            start = time.perf_counter()
            ledger = check_repository(root, ledger)
            seconds = time.perf_counter() - start
            print(f"{told}: {seconds:.1f} s, {1000 * seconds / count:.0f} ms each, {len(ledger.refused)} refused")
        print(f"most memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
