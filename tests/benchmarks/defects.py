"""How each defect of the published code moves its numbers, on real samples.

Samples: $GENDIV_DATA/samples/noveltybench, 10 answers (people: 8) to each of 100 prompts. Run: python
tests/benchmarks/defects.py [--nli-model FOLDER] [--prompts 100]
"""

import argparse
import os
from itertools import islice
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
    for name in ("ead", "distinct"):
        spaced = value(rows, name, "per_input", given)
        fused = value(rows, f"{name}:tokenizer=as-released", "per_input", given)
        yield f"`{name}` per input: full stops deleted, words around a newline fused", spaced, fused
        yield (
            f"`{name}` per input: an n that no text reaches counts 0",
            fused,
            value(rows, name, "per_input", given, "as-released"),
        )
    fused = value(rows, "ead:tokenizer=as-released", "across_input", given)
    yield (
        "`ead` across inputs: the first sample of each input stands for all",
        fused,
        value(rows, "ead", "across_input", given, "as-released"),
    )
    for n in ("", ":n=3"):
        name = f"cosine_ngram{n}"
        yield (
            f"`{name}` per input: a text without n-grams is unlike all others, even its copies",
            value(rows, name, "per_input", given),
            value(rows, name, "per_input", given, "as-released"),
        )
    yield (
        "`sbert` across inputs: the first sample of each input",
        value(rows, "sbert", "across_input", given),
        value(rows, "sbert", "across_input", given, "as-released"),
    )
    if given.nli_model:
        plain, released = value(rows, "nli", "per_input", given), value(rows, "nli", "per_input", given, "as-released")
        yield "`nli` per input: sign turned (1 - mean), a full stop added to each text", plain, released
        plain, released = (
            value(rows, "nli_sampled", "per_input", given),
            value(rows, "nli_sampled", "per_input", given, "as-released"),
        )
        yield "`nli_sampled` per input: characters for sentences, sign turned, divided by k", plain, released


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--nli-model", help="without one, the defects of NLI are left out")
    parser.add_argument("--prompts", type=int, default=100)
    given = parser.parse_args()
    folder = Path(os.environ["GENDIV_DATA"]) / "samples" / "noveltybench"
    found = [
        list(lines(list(islice(read_files([folder / f"{name}.jsonl"]), given.prompts)), given)) for name in SOURCES
    ]
    print("| defect | " + " | ".join(f"{name}: without, with" for name in SOURCES) + " |")
    print("|---" * (1 + len(SOURCES)) + "|")
    for one in zip(*found, strict=True):
        print(f"| {one[0][0]} | " + " | ".join(f"{plain:.3f}, {moved:.3f}" for _, plain, moved in one) + " |")


if __name__ == "__main__":
    main()
