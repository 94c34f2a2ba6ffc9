"""How much of a vLLM server's speed gendiv gets out of it: against a bare client, and against lm-eval.

    python tests/benchmarks/throughput.py --model DIR [--prompts 24] [--samples 8] [--rounds 3]

One server, started by gendiv's own vLLM source, answers three clients in turn, round after round; the order turns with
the round, so that a machine that gets slower or faster meets all of them alike:

- gendiv: `RunFolder.draw` of the raw-format splits of the mini suite, every sample stored;
- bare: aiohttp, the very bodies that gendiv sends, 16 requests under way or all at once, answers read, not looked at;
- lm-eval: its `local-completions` model with `repeats: K` on the same prompts and the same decoding, in this process,
  `num_concurrent` 16 and 64. It sends one request a sample. At 1, its default, it is measured once and on one prompt,
  because it takes so long; its rate is printed and counts among its best like the others.

What is timed is the asking alone: gendiv from `Progress.start` to `Progress.finish`, the bare client from its first
request to its last answer, lm-eval its `generate_until`. Imports, task loading, the few questions by which gendiv
examines a server, and scoring are timed for nobody. Tokens are what the server counts: `usage` in the answers for
gendiv and the bare client, the counter `vllm:generation_tokens_total` before and after for lm-eval, which shows no
usage. Before the first round the bare client sends everything once, so every prompt is in the prefix cache for all;
every round has a seed of its own, and lm-eval's requests have none. Rates are medians over the rounds.
"""

import argparse
import asyncio
import json
import logging
import os
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from gendiv.benchmark.drawing import RunFolder
from gendiv.benchmark.open import open_source
from gendiv.benchmark.plan import Plan, make_plan
from gendiv.benchmark.progress import Silent
from gendiv.benchmark.sources.source import Request, Source, SourceOptions

SPLITS = ("mini-summarisation/forum", "mini-summarisation/news")
MAX_TOKENS = 48
WANTED_OF_BARE, WANTED_OF_LM_EVAL = 0.95, 1.0
COUNTER = "vllm:generation_tokens_total"


@dataclass
class Meter(Silent):
    """Counts tokens and clocks the drawing."""

    tokens: int = 0
    seconds: float = 0.0

    def start(self, total: int, done: int) -> None:  # noqa: ARG002  the protocol's
        self.seconds = -time.monotonic()

    def advance(self, samples: int, tokens: int) -> None:  # noqa: ARG002  the protocol's
        self.tokens += tokens

    def finish(self) -> None:
        self.seconds += time.monotonic()


@dataclass
class Bench:
    """A server that is up, and what is asked of it."""

    source: Source
    prompts: int
    samples: int

    @property
    def url(self) -> str:
        """The base URL of the server that the source has started."""
        return self.source._client._endpoints[0].url

    def plan(self, seed: int) -> Plan:
        """Return the plan of a round: half of the prompts from each split."""
        decoding = {"max_tokens": MAX_TOKENS}
        half = max(1, self.prompts // len(SPLITS))
        return make_plan(
            tasks=SPLITS,
            prompts=half,
            samples=self.samples,
            decoding=decoding,
            format="raw",
            metrics=("length",),
            seed=seed,
        )

    async def gendiv(self, seed: int) -> float:
        """Return gendiv's tokens per second."""
        meter = Meter()
        with tempfile.TemporaryDirectory() as folder, RunFolder(self.plan(seed), Path(folder) / "run") as run:
            await run.draw(self.source, run.missing(self.source.model), meter)
        return meter.tokens / meter.seconds

    async def bare(self, seed: int, under_way: int) -> float:
        """Return the tokens per second of a client that does nothing but ask."""
        bodies = self._bodies(seed)
        places = asyncio.Semaphore(under_way or len(bodies))

        async def ask(session: aiohttp.ClientSession, body: dict[str, Any]) -> bytes:
            async with places, session.post(f"{self.url}/completions", json=body) as response:
                return await response.read()

        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=3600)) as session:
            began = time.monotonic()
            answers = await asyncio.gather(*(ask(session, body) for body in bodies))
            seconds = time.monotonic() - began
        return sum(json.loads(answer)["usage"]["completion_tokens"] for answer in answers) / seconds

    def _bodies(self, seed: int) -> list[dict[str, Any]]:
        """Return the bodies that gendiv sends in the round of `seed`."""
        with tempfile.TemporaryDirectory() as folder, RunFolder(self.plan(seed), Path(folder) / "run") as run:
            wants = run.missing(self.source.model)
        client = self.source._client
        return [client._body(Request(w.text, w.format, w.decoding, len(w.indices), w.seed)) for w in wants]

    async def lm_eval(self, seed: int, num_concurrent: int) -> float:
        """Return lm-eval's tokens per second."""
        prompts = [prompt.raw for split in self.plan(seed).splits for prompt in split.prompts]
        if num_concurrent == 1:
            prompts = prompts[:1]
        before = await self._generated()
        seconds = await asyncio.to_thread(
            ask_by_lm_eval, f"{self.url}/completions", self.source.model.name, prompts, self.samples, num_concurrent
        )
        return (await self._generated() - before) / seconds

    async def _generated(self) -> float:
        """Return how many tokens the server has generated since it was started."""
        async with (
            aiohttp.ClientSession() as session,
            session.get(self.url.removesuffix("/v1") + "/metrics") as response,
        ):
            lines = (await response.text()).splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith((COUNTER + "{", COUNTER + " ")))


def ask_by_lm_eval(url: str, model: str, prompts: list[str], repeats: int, num_concurrent: int) -> float:
    """Let lm-eval draw `repeats` samples for each prompt; returns the seconds its model was at work."""
    import lm_eval
    from lm_eval.models.openai_completions import LocalCompletionsAPI
    from lm_eval.tasks import TaskManager

    class Timed(LocalCompletionsAPI):
        seconds = 0.0

        def generate_until(self, requests: Any, disable_tqdm: bool = False) -> list[str]:
            began = time.monotonic()
            answers = super().generate_until(requests, disable_tqdm)
            self.seconds += time.monotonic() - began
            assert len(answers) == len(prompts) * repeats
            return answers

    logging.getLogger("lm_eval").setLevel(logging.ERROR)
    asker = Timed(
        base_url=url,
        model=model,
        num_concurrent=num_concurrent,
        tokenizer_backend=None,
        tokenized_requests=False,
        timeout=3600,
        max_gen_toks=MAX_TOKENS,
    )
    with tempfile.TemporaryDirectory() as folder:
        task = write_task(Path(folder), prompts, repeats)
        manager = TaskManager(include_path=folder, include_defaults=False)
        lm_eval.simple_evaluate(asker, tasks=[task], task_manager=manager, bootstrap_iters=0)
    return asker.seconds


def write_task(folder: Path, prompts: list[str], repeats: int) -> str:
    """Write an lm-eval task over `prompts` into a folder; returns its name."""
    data = folder / "prompts.jsonl"
    data.write_text("".join(json.dumps({"text": prompt}) + "\n" for prompt in prompts), encoding="utf-8")
    task = {
        "task": "gendiv_throughput",
        "dataset_path": "json",
        "dataset_kwargs": {"data_files": {"test": str(data)}},
        "test_split": "test",
        "output_type": "generate_until",
        "doc_to_text": "{{text}}",
        "doc_to_target": "",
        "target_delimiter": "",
        "repeats": repeats,
        "generation_kwargs": {
            "max_gen_toks": MAX_TOKENS,
            "temperature": 1.0,
            "do_sample": True,
            "seed": None,
            "until": [],
        },
        "metric_list": [{"metric": "bypass", "aggregation": "bypass", "higher_is_better": True}],
    }
    (folder / "gendiv_throughput.yaml").write_text(json.dumps(task), encoding="utf-8")  # JSON is YAML
    return str(task["task"])


async def measure(bench: Bench, rounds: int) -> dict[str, float]:
    """Return the median tokens per second of every client."""
    clients: dict[str, Callable[[int], Awaitable[float]]] = {
        "gendiv": bench.gendiv,
        "bare, 16 under way": lambda seed: bench.bare(seed, 16),
        "lm-eval, num_concurrent 16": lambda seed: bench.lm_eval(seed, 16),
        "bare, all at once": lambda seed: bench.bare(seed, 0),
        "lm-eval, num_concurrent 64": lambda seed: bench.lm_eval(seed, 64),
    }
    await bench.source.examine("raw")
    await bench.bare(0, 0)
    rates: dict[str, list[float]] = defaultdict(list)
    for number in range(rounds):
        turn = number % len(clients)
        for place, name in enumerate([*list(clients)[turn:], *list(clients)[:turn]]):
            rates[name].append(await clients[name](1 + number * len(clients) + place))
            print(f"round {number + 1}: {name}: {rates[name][-1]:.0f} tokens/s", file=sys.stderr, flush=True)
    rates["lm-eval, num_concurrent 1"].append(await bench.lm_eval(0, 1))
    return {name: statistics.median(found) for name, found in rates.items()}


def report(rates: dict[str, float]) -> int:
    """Print the tables; returns 1 if a ratio is not as wanted."""
    print(f"\n{'client':<34}{'tokens/s':>10}")
    for name, rate in rates.items():
        print(f"{name:<34}{rate:>10.0f}")
    print(f"\n{'ratio':<34}{'wanted':>10}{'measured':>10}")
    good = True
    for other, wanted in (("bare", WANTED_OF_BARE), ("lm-eval", WANTED_OF_LM_EVAL)):
        best = max((name for name in rates if name.startswith(other)), key=lambda name: rates[name])
        ratio = rates["gendiv"] / rates[best]
        good &= ratio >= wanted
        print(
            f"{f'gendiv / {best}':<34}{f'>= {wanted:.2f}':>10}{ratio:>10.2f}  {'ok' if ratio >= wanted else 'NOT OK'}"
        )
    return 0 if good else 1


async def main(model: str, prompts: int, samples: int, rounds: int) -> int:
    """Start the server, measure, print."""
    options = SourceOptions(log=lambda line: print(line, file=sys.stderr, flush=True))
    async with open_source(f"vllm:{model}", options) as source:
        return report(await measure(Bench(source, prompts, samples), rounds))


if __name__ == "__main__":
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--model", required=True, metavar="DIR")
    parser.add_argument("--prompts", type=int, default=24)
    parser.add_argument("--samples", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    sys.exit(asyncio.run(main(**vars(parser.parse_args()))))
