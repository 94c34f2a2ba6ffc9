"""`openai:` reward models: a pooling server gets the tokens that `hf:` would read, and scores are its raw logits."""

import asyncio
import json
import random
import shutil

import pytest
from openai_server import Faults, OpenAIServer
from tiny_reward import WORDS, tiny_reward

import gendiv
from gendiv.benchmark.checkpoint import find_checkpoint
from gendiv.benchmark.rewarding import classify
from gendiv.benchmark.rewarding.open import open_reward
from gendiv.benchmark.rewarding.reader import find_reader
from gendiv.benchmark.rewarding.reward_model import RewardOptions
from gendiv.benchmark.sources.scripted import Scripted
from gendiv.errors import BadInput, SourceFailed

pytest.importorskip("torch")
pytest.importorskip("transformers")

PAIRS = [(" ".join(WORDS[i : i + 4]), " ".join(WORDS[i + 4 : i + 4 + i % 7])) for i in range(20)] * 5


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tiny_reward(tmp_path_factory.mktemp("rm") / "rm", context=64)


def logit(tokens):
    """Return a number that depends on every token and its place."""
    return random.Random(str(tokens)).uniform(-5, 5)


@pytest.fixture(autouse=True)
def quick(tmp_path, monkeypatch):
    monkeypatch.setenv("GENDIV_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(classify, "PAUSE", 0.01)


def scored(spec, pairs=PAIRS, **options):
    async def scoring():
        async with open_reward(spec, RewardOptions(**options)) as model:
            return await model.score(pairs), model

    return asyncio.run(scoring())


def faults(folder, **given):
    return Faults(**{"root": str(folder), "classify": lambda tokens: [logit(tokens)], **given})


def test_a_server_s_raw_logits_for_the_tokens_read_in_process_are_the_scores(folder):
    with OpenAIServer(faults(folder)) as server:
        found, model = scored(server.spec)
        requests = server.asked
    reader = find_reader("rm", find_checkpoint(str(folder)), RewardOptions())
    tokens, _ = reader.read(PAIRS)
    assert found == [logit(some) for some in tokens]
    assert max(len(one.body["input"]) for one in requests) == classify.INPUTS
    assert all(one.body["use_activation"] is False and one.path == "/classify" for one in requests)
    here = open_reward(f"hf:{folder}").metric
    assert (model.metric.format, model.metric.ending, model.metric.longest) == (here.format, here.ending, here.longest)


def test_a_mean_that_training_recorded_is_taken_from_the_logits(folder, tmp_path):
    known = tmp_path / "known"
    shutil.copytree(folder, known)
    config = json.loads((known / "config.json").read_text())
    (known / "config.json").write_text(json.dumps({**config, "gendiv_reward": {"format": "raw", "mean": 1.5}}))
    with OpenAIServer(faults(known)) as server:
        found, _ = scored(server.spec)
    reader = find_reader("rm", find_checkpoint(str(folder)), RewardOptions())
    assert found == [logit(some) - 1.5 for some in reader.read(PAIRS)[0]]


@pytest.mark.parametrize("fault", ["500", "drop", "not_json", "not_completion", "none", "429", "429_bare"])
def test_faults_that_another_try_cures_change_nothing(fault, folder):
    script = lambda i, body: fault if i in (1, 2, 4) else None  # noqa: E731
    with OpenAIServer(faults(folder, script=script, retry_after=0.05)) as server:
        found, _ = scored(server.spec)
    with OpenAIServer(faults(folder)) as server:
        assert found == scored(server.spec)[0]


def test_a_server_that_stopped_answering_is_one_line(folder):
    script = lambda i, body: "500" if i else None  # noqa: E731
    stopped = pytest.raises(SourceFailed, match=r"the reward model stopped answering: .* answered 500")
    with OpenAIServer(faults(folder, script=script)) as server, stopped:
        scored(server.spec)


def test_long_inputs_are_shortened_to_what_the_server_takes(folder):
    with OpenAIServer(faults(folder)) as server:
        _, model = scored(server.spec, [("the cat " * 40, "ran")], longest=20)
        assert len(server.asked[-1].body["input"][0]) == 20
    assert model.shortened == 1


def test_a_missing_logit_is_no_score(folder):
    with OpenAIServer(Faults(root=str(folder), classify=lambda tokens: [None if 5 in tokens else 1.0])) as server:
        found, _ = scored(server.spec, [("the", "cat"), ("assistant", "dog")])
    assert found[0] == 1.0
    assert found[1] != found[1]


@pytest.mark.parametrize(
    ("given", "options", "reason"),
    [
        ({"classify": None}, {}, "serves no /classify: start it as a reward model, vllm serve MODEL --runner pooling"),
        ({"classify": lambda tokens: [0.1, 0.9]}, {}, "wanted a classifier with one label, found 2"),
        ({"root": None}, {}, "does not say what it has loaded: pass --reward-tokenizer PATH_OR_HUB_ID"),
        ({"root": "/not/here"}, {}, "the tokeniser of what it serves is not at hand .* pass --reward-tokenizer"),
        ({}, {"dtype": "float32"}, "--reward-dtype does not apply to openai: reward models"),
        ({}, {"format": "chat"}, "has no chat template: pass --reward-format raw"),
    ],
)
def test_what_cannot_serve_as_a_reward_model_is_refused_with_the_way_out(given, options, reason, folder):
    with OpenAIServer(faults(folder, **given)) as server, pytest.raises(BadInput, match=reason):
        scored(server.spec, **options)


def test_the_tokeniser_may_be_named(folder):
    with OpenAIServer(faults(folder, root="/not/here")) as server:
        assert len(scored(server.spec, tokenizer=str(folder))[0]) == len(PAIRS)


def test_the_key_goes_to_the_reward_server_too(folder, monkeypatch):
    with OpenAIServer(faults(folder, key="secret")) as server:
        with pytest.raises(SourceFailed, match="the key in GENDIV_API_KEY is not set"):
            scored(server.spec)
        monkeypatch.setenv("MY_KEY", "secret")
        assert scored(server.spec, api_key_variable="MY_KEY")


def test_a_run_is_graded_by_a_server(folder, tmp_path):
    found = gendiv.evaluate(
        Scripted(), tasks=["mini-instructions/everyday"], prompts=5, samples=4, metrics=["length"], out=tmp_path / "run"
    )
    with OpenAIServer(faults(folder)) as server:
        (graded,) = gendiv.reward(found, model=server.spec)
        asked = len(server.asked)
        gendiv.reward(found, model=server.spec)
        assert len(server.asked) == asked + 1  # the question that tells whether it is a reward model
    (result,) = [result for result in graded.scores.results if result.metric == "reward"]
    assert (result.inputs, result.undefined) == (5, 0)
