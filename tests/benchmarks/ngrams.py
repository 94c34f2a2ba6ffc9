"""How fast the n-gram metrics are: against tokenising alone, and self-BLEU against NLTK.

    GENDIV_DATA=DIR python tests/benchmarks/ngrams.py [--inputs 500] [--samples 16] [--words 30] [--rounds 9]

The text is real: the posts of UCL-DARK/openai-tldr-filtered, cut into chunks of 30 words, a chunk a sample. In every
round, side by side and on texts pooled afresh, it times

- tokenising: texts to interned n-gram ids of the orders 1 to 5, what every n-gram metric needs first, and of it the
  words alone (order 1);
- distinct and ead (n = 1..5, both), from raw texts, tokenising included: the value of each input, and of each draw
  across inputs; and besides what the leave-one-out values of all draws take, which the jackknife needs;
- self-BLEU of each input and of one draw across inputs, tokenising included, and its leave-one-out values;
- NLTK's `sentence_bleu` with the same smoothing, on words split beforehand, of a few inputs and of a few texts of the
  draw, scaled to all of them: it takes about as long for each.

Printed are medians over the rounds, and medians of the ratios of each round.
"""

import argparse
import json
import os
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np
from nltk.translate.bleu_score import SmoothingFunction, sentence_bleu

from gendiv.metrics import EAD, Distinct, Texts
from gendiv.metrics.counting.ngrams import ngrams
from gendiv.metrics.self_bleu import SelfBLEU

ORDERS = (1, 2, 3, 4, 5)
SMOOTH = SmoothingFunction().method1


def read_words(wanted: int) -> list[str]:
    """Return the first words of the posts."""
    words: list[str] = []
    for split in ("test", "train"):
        path = Path(os.environ["GENDIV_DATA"]) / "UCL-DARK" / "openai-tldr-filtered" / f"{split}.jsonl"
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                words.extend(json.loads(line)["post"].split())
                if len(words) >= wanted:
                    return words[:wanted]
    sys.exit(f"{path.parent} holds {len(words)} words, wanted {wanted}")


def clock(act: Callable[[], object]) -> float:
    """Return the seconds an act takes."""
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def tokenise(texts: Texts, orders: tuple[int, ...]) -> None:
    """Intern the n-grams of some orders."""
    for n in orders:
        ngrams(texts, "whitespace", n)


def draws_of(texts: Texts) -> list[np.ndarray]:
    """Return the sets across inputs: sample 0 of each input, sample 1, ..."""
    return [np.array(draw, dtype=np.intp) for draw in zip(*texts.groups, strict=True)]


def values(texts: Texts) -> None:
    """Compute distinct and ead of each input and of each draw across inputs."""
    sets = [*texts.groups, *draws_of(texts)]
    for metric in (Distinct(), EAD()):
        metric.prepare(texts, sets)
        for members in sets:
            metric.value(texts, members)


def nltk_bleu(split: list[list[str]], some: range) -> None:
    """Compute the BLEU of some texts with all the others as references."""
    for i in some:
        sentence_bleu(split[:i] + split[i + 1 :], split[i], smoothing_function=SMOOTH)


def measure(groups: list[list[str]]) -> dict[str, float]:
    """Time everything once."""
    fresh, seconds = (lambda: Texts.of(groups)), {}
    texts = fresh()
    seconds["words"] = clock(lambda: tokenise(texts, (1,)))
    seconds["tokenising"] = seconds["words"] + clock(lambda: tokenise(texts, ORDERS))
    whole = fresh()
    seconds["distinct+ead"] = clock(lambda: values(whole))
    draws = draws_of(whole)
    seconds["distinct+ead leave-one-out"] = clock(
        lambda: [metric.leave_out(whole, draw) for metric in (Distinct(), EAD()) for draw in draws]
    )
    bleu, own = SelfBLEU(), fresh()
    seconds["self_bleu per input"] = clock(
        lambda: (bleu.prepare(own, own.groups), [bleu.value(own, members) for members in own.groups])
    )
    across = Texts.of([[group[0] for group in groups]])
    (members,) = across.groups
    seconds["self_bleu across"] = clock(lambda: bleu.value(across, members))
    seconds["self_bleu across leave-one-out"] = clock(lambda: bleu.leave_out(across, members))
    some = [[text.split() for text in group] for group in groups[:: max(1, len(groups) // 5)]]
    each = clock(lambda: [nltk_bleu(split, range(len(split))) for split in some]) / len(some)
    seconds["nltk per input (scaled)"] = each * len(groups)
    split = [group[0].split() for group in groups]
    few = range(0, len(split), max(1, len(split) // 5))
    seconds["nltk across (scaled)"] = clock(lambda: nltk_bleu(split, few)) / len(few) * len(split)
    return seconds


def main() -> None:
    """Measure round by round and print the medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("inputs", 500), ("samples", 16), ("words", 30), ("rounds", 9)):
        parser.add_argument(f"--{name}", type=int, default=default)
    wanted = parser.parse_args()
    words = read_words(wanted.inputs * wanted.samples * wanted.words)
    chunks = [" ".join(words[start : start + wanted.words]) for start in range(0, len(words), wanted.words)]
    groups = [chunks[start : start + wanted.samples] for start in range(0, len(chunks), wanted.samples)]
    measure(groups)  # what is done only once, imports and the like, is timed for nobody
    rounds = [measure(groups) for _ in range(wanted.rounds)]
    for name in rounds[0]:
        print(f"{name:32} {1000 * median(one[name] for one in rounds):10.1f} ms")
    ratios = defaultdict(list)
    for one in rounds:
        ratios["distinct+ead / tokenising (wanted: at most 1.5)"].append(one["distinct+ead"] / one["tokenising"])
        ratios["distinct+ead / words alone"].append(one["distinct+ead"] / one["words"])
        ratios["nltk / self_bleu, per input (wanted: at least 20)"].append(
            one["nltk per input (scaled)"] / one["self_bleu per input"]
        )
        ratios["nltk / self_bleu, across (wanted: at least 300)"].append(
            one["nltk across (scaled)"] / one["self_bleu across"]
        )
    for name, found in ratios.items():
        print(f"{name:52} {median(found):8.2f}")


if __name__ == "__main__":
    main()
