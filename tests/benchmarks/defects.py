"""How each defect of the published code moves its numbers, on real samples.

Samples: $GENDIV_DATA/samples/noveltybench, 10 answers (people: 8) to each of 100 prompts. Run: python
tests/benchmarks/defects.py [--nli-model FOLDER]
"""

import argparse
import os
from pathlib import Path

from gendiv.benchmark.choosing import choose_metrics
from gendiv.benchmark.formats.files import read_files
from gendiv.benchmark.measuring import measure

SOURCES = ("human", "gpt-4o-mini", "llama-3.2-1b-instruct")


def value(rows, spec, level, given, profile="corrected"):
    """Return one number."""
    metrics = choose_metrics([spec], profile=profile, sbert_model="minilm", nli_model=given.nli_model)
    (found,) = (measured for measured in measure(rows, metrics) if measured.level == level)
    return found.estimate().value


def lines(rows, given):
    """Yield, for each defect, its name, the number without it and the number with it."""

    def both(name, level, rows=rows):
        return value(rows, name, level, given), value(rows, name, level, given, "as-released")

    for name in ("ead", "distinct"):
        spaced = value(rows, name, "per_input", given)
        fused = value(rows, f"{name}:tokenizer=as-released", "per_input", given)
        yield f"`{name}` per input: full stops deleted, words around a newline fused", spaced, fused
        released = value(rows, name, "per_input", given, "as-released")
        yield f"`{name}` per input: an n that no text reaches counts 0", fused, released
    for name in ("cosine_ngram", "cosine_ngram:n=3"):
        yield f"`{name}` per input: a text without n-grams is unlike its own copy", *both(name, "per_input")
    for name in ("ead", "sbert"):
        yield f"`{name}` across inputs: the first sample of each input stands for all", *both(name, "across_input")
    if given.nli_model:
        some = rows[: given.nli_prompts]
        yield "`nli` per input: 1 - mean of what grows with diversity", *both("nli", "per_input", some)
        yield "`nli_sampled` per input: characters for sentences, 1 - mean / k", *both("nli_sampled", "per_input", some)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--nli-model", help="without one, the defects of NLI are left out")
    parser.add_argument("--nli-prompts", type=int, default=12, help="prompts taken for the rows of NLI")
    given = parser.parse_args()
    folder = Path(os.environ["GENDIV_DATA"]) / "samples" / "noveltybench"
    found = [list(lines(list(read_files([folder / f"{name}.jsonl"])), given)) for name in SOURCES]
    print("| defect | " + " | ".join(f"{name}: without, with" for name in SOURCES) + " |")
    print("|---" * (1 + len(SOURCES)) + "|")
    for one in zip(*found, strict=True):
        print(f"| {one[0][0]} | " + " | ".join(f"{plain:.3f}, {moved:.3f}" for _, plain, moved in one) + " |")


if __name__ == "__main__":
    main()
