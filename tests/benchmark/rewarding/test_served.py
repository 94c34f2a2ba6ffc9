"""`openai:` reward models: a pooling server gets the tokens that `hf:` would read, and scores are its raw logits."""

import asyncio

import pytest
from openai_server import Faults, OpenAIServer
from tiny_reward import WORDS, tiny_reward

import gendiv
from gendiv.benchmark.checkpoint import find_checkpoint
from gendiv.benchmark.rewarding import classify
from gendiv.benchmark.rewarding.classifier import load_classifier
from gendiv.benchmark.rewarding.open import open_reward
from gendiv.benchmark.rewarding.reward_model import RewardOptions
from gendiv.benchmark.sources.scripted import Scripted
from gendiv.errors import BadInput, SourceFailed

pytest.importorskip("torch")
pytest.importorskip("transformers")

PAIRS = [(" ".join(WORDS[i : i + 4]), " ".join(WORDS[i + 4 : i + 4 + i % 7])) for i in range(20)] * 5


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tiny_reward(tmp_path_factory.mktemp("rm") / "rm", context=64)


@pytest.fixture(scope="module")
def network(folder):
    return load_classifier("rm", find_checkpoint(str(folder)), "float32")


@pytest.fixture(autouse=True)
def quick(tmp_path, monkeypatch):
    monkeypatch.setenv("GENDIV_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(classify, "PAUSE", 0.01)


def scored(spec, pairs=PAIRS, **options):
    async def scoring():
        async with open_reward(spec, RewardOptions(**options)) as model:
            return await model.score(pairs), model

    return asyncio.run(scoring())


def faults(folder, network, **given):
    return Faults(**{"root": str(folder), "classify": lambda tokens: network.scores([tokens]), **given})


def test_a_server_s_scores_are_those_of_the_model_in_process(folder, network):
    with OpenAIServer(faults(folder, network)) as server:
        found, model = scored(server.spec)
        requests = server.asked
    wanted, here = scored(f"hf:{folder}", dtype="float32")
    assert found == pytest.approx(wanted, abs=1e-5)
    assert max(len(one.body["input"]) for one in requests) == classify.INPUTS
    assert all(one.body["use_activation"] is False and one.path == "/classify" for one in requests)
    assert model.metric.signature.partition("@")[2][8:] == here.metric.signature.partition("@")[2][8:]  # read alike


@pytest.mark.parametrize("fault", ["500", "drop", "not_json", "not_completion", "none", "429", "429_bare"])
def test_faults_that_another_try_cures_change_nothing(fault, folder, network):
    script = lambda i, body: fault if i in (1, 2, 4) else None  # noqa: E731
    with OpenAIServer(faults(folder, network, script=script, retry_after=0.05)) as server:
        found, _ = scored(server.spec)
    with OpenAIServer(faults(folder, network)) as server:
        assert found == scored(server.spec)[0]


def test_a_server_that_stopped_answering_is_one_line(folder, network):
    script = lambda i, body: "500" if i else None  # noqa: E731
    stopped = pytest.raises(SourceFailed, match=r"the reward model stopped answering: .* answered 500")
    with OpenAIServer(faults(folder, network, script=script)) as server, stopped:
        scored(server.spec)


def test_long_inputs_are_shortened_to_what_the_server_takes(folder, network):
    with OpenAIServer(faults(folder, network)) as server:
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
def test_what_cannot_serve_as_a_reward_model_is_refused_with_the_way_out(given, options, reason, folder, network):
    with OpenAIServer(faults(folder, network, **given)) as server, pytest.raises(BadInput, match=reason):
        scored(server.spec, **options)


def test_the_tokeniser_may_be_named(folder, network):
    with OpenAIServer(faults(folder, network, root="/not/here")) as server:
        assert len(scored(server.spec, tokenizer=str(folder))[0]) == len(PAIRS)


def test_the_key_goes_to_the_reward_server_too(folder, network, monkeypatch):
    with OpenAIServer(faults(folder, network, key="secret")) as server:
        with pytest.raises(SourceFailed, match="the key in GENDIV_API_KEY is not set"):
            scored(server.spec)
        monkeypatch.setenv("MY_KEY", "secret")
        assert scored(server.spec, api_key_variable="MY_KEY")


def test_a_run_is_graded_by_a_server(folder, network, tmp_path):
    found = gendiv.evaluate(
        Scripted(), tasks=["mini-instructions/everyday"], prompts=5, samples=4, metrics=["length"], out=tmp_path / "run"
    )
    with OpenAIServer(faults(folder, network)) as server:
        (graded,) = gendiv.reward(found, model=server.spec)
        asked = len(server.asked)
        gendiv.reward(found, model=server.spec)
        assert len(server.asked) == asked + 1  # the question that tells whether it is a reward model
    (result,) = [result for result in graded.scores.results if result.metric == "reward"]
    assert (result.inputs, result.undefined) == (5, 0)
