"""The paper's whole evaluation in small: real data, a real model and a real judge behind a real vLLM server."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tiny_nli import tiny_nli

from gendiv.benchmark.prompts import read_prompts
from gendiv.benchmark.smollm2 import smollm2_checkpoint
from gendiv.benchmark.sources.vllm_server import VLLMServer

SHIFTS = {
    "summarisation/tldr": "id",
    "summarisation/cnn_dailymail": "far",
    "instruction-following/alpaca_farm": "id",
    "instruction-following/alpaca_eval": "near",
    "instruction-following/sequential_instructions": "far",
}
GAPS = [name for name, shift in SHIFTS.items() if shift != "id"]
N, K = 3, 2

pytestmark = pytest.mark.skipif("GENDIV_DATA" not in os.environ, reason="GENDIV_DATA names no data sets")


@pytest.fixture(scope="module")
def spec():
    """SmolLM2, served once, as model and as judge."""
    flags = ["--model", str(smollm2_checkpoint()), "--served-model-name", "smollm2", "--max-model-len", "2048"]
    server = VLLMServer("smollm2", flags)
    with asyncio.Runner() as runner:
        try:
            runner.run(server.start(lambda line: None))
            yield f"openai:{server.url}#smollm2"
        finally:
            runner.run(server.stop())


@pytest.fixture(scope="module")
def run(spec, tmp_path_factory):
    """The run folder, what the command printed, and the environment of both."""
    folder = tmp_path_factory.mktemp("kirk2023")
    environment = {**os.environ, "GENDIV_CACHE": str(folder / "cache")}  # no reply of another day
    words = [
        "run", "--model", spec, "--suite", "kirk2023", "-n", N, "-k", K, "--out", folder / "run", "--json",
        "--sbert-model", "minilm", "--nli-model", tiny_nli(folder / "nli"),
        "--judge", spec, "--max-judge-tokens", 100_000,
    ]  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "gendiv", *map(str, words)], capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode == 0, done.stderr
    return folder / "run", json.loads(done.stdout), environment


def test_every_split_is_drawn_from_named_data_and_scored_by_every_metric_of_the_suite(run):
    folder, found, _ = run
    record = json.loads((folder / "run.json").read_text())
    assert record["state"] == "complete"
    assert {split["name"]: split["shift"] for split in record["splits"]} == SHIFTS
    for split in record["splits"]:
        assert split["prompts"] == N < split["available"] == split["data"]["rows"]
        assert Path(split["data"]["path"]).is_relative_to(os.environ["GENDIV_DATA"])
        assert len(split["data"]["sha256"]) == 64
        assert (split["decoding"]["temperature"], split["decoding"]["top_k"]) == (1.0, None)
        summary = split["name"].startswith("summarisation")
        assert split["decoding"]["prompt_tokens"] == (1024 if summary else None)
        assert split["decoding"]["max_tokens"] == (48 if summary else 300)
    values = {(r["split"], r["metric"], r["level"]) for r in found["results"] if r["value"] is not None}
    for name in SHIFTS:
        for metric in ("ead", "sbert", "nli_sampled", "distinct", "duplicates"):
            assert {(name, metric, "per_input"), (name, metric, "across_input")} <= values
        assert (name, "length", "per_input") in values
        has_reference = all(prompt.reference for prompt in read_prompts(folder, name).values())
        assert ((name, "rouge", "per_input") in values) == has_reference


def test_the_judge_is_asked_in_both_orders_and_shown_to_be_a_poor_one(run):
    _, found, _ = run
    (judgement,) = found["judgements"]
    judged = [
        name for name in SHIFTS if name != "instruction-following/sequential_instructions"
    ]  # a stand-in, no output
    assert [split["split"] for split in judgement["splits"]] == judged
    assert judgement["trust"]["questions"] == 2 * N * len(judged) == judgement["spent"]["replies"]
    assert {r["split"] for r in found["results"] if r["metric"] == "win_rate"} == set(judged)
    bias = judgement["trust"]["position_bias"]
    assert judgement["trust"]["unparsable"]["value"] > 0.3 or bias["value"] > 0.6


def test_gaps_have_intervals_on_every_shift_and_a_missing_side_is_no_zero(run):
    folder, _, environment = run
    command = [sys.executable, "-m", "gendiv", "gap", str(folder), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    gaps = json.loads(done.stdout)["gaps"]
    for metric, level in (("ead", "per_input"), ("ead", "across_input"), ("sbert", "per_input")):
        found = {gap["ood_split"]: gap for gap in gaps if (gap["metric"], gap["level"]) == (metric, level)}
        assert list(found) == GAPS
        for gap in found.values():
            assert gap["gap"]["value"] == pytest.approx(gap["id_value"] - gap["ood_value"])
            assert gap["gap"]["low"] < gap["gap"]["value"] < gap["gap"]["high"]
    missing = [
        gap for gap in gaps if gap["metric"] == "win_rate" and gap["ood_split"].endswith("sequential_instructions")
    ]
    assert [gap["gap"] for gap in missing] == [None]
    assert missing[0]["reason"]
