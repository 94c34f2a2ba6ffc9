"""Whatever a server does, a run ends with every sample exactly once, or with a named error and what was finished."""

import asyncio
import json
import re
import socket
import time
from dataclasses import replace

import pytest
from openai_server import PROBE, Faults, OpenAIServer, text_of

import gendiv
from gendiv.benchmark import sampling
from gendiv.benchmark.decoding import Decoding
from gendiv.benchmark.keys import prompt_seed
from gendiv.benchmark.open import open_source
from gendiv.benchmark.sources import openai
from gendiv.benchmark.sources.source import SourceOptions
from gendiv.benchmark.store import read_samples, split_file
from gendiv.errors import BadInput, GendivError, RunIncomplete, SourceFailed
from gendiv.tasks import TASKS

SPLIT = "mini-instructions/everyday"
PROMPTS, K = 8, 4
EVERYTHING = {
    (prompt.id, k, text_of(prompt.message, prompt_seed(0, SPLIT, prompt.id) + k))
    for prompt in TASKS["mini-instructions"].splits[0].load()[:PROMPTS]
    for k in range(K)
}


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch):
    monkeypatch.setattr(sampling, "FIRST_PAUSE", 0.005)
    monkeypatch.setattr(sampling, "LONGEST_PAUSE", 0.02)


def run(server, out, **given):
    model = server if isinstance(server, str) else server.spec
    asked = {"tasks": [SPLIT], "prompts": PROMPTS, "samples": K, "metrics": ["distinct"], **given}
    return gendiv.evaluate(model, out=out, **asked)


def samples(out, split=SPLIT):
    path = split_file(out, split)
    return list(read_samples(path)) if path.exists() else []


def drawn(out):
    """Return what was drawn, after making sure that nothing was drawn twice."""
    rows = samples(out)
    assert len({row.key for row in rows}) == len(rows)
    return {(row.prompt, row.index, row.text) for row in rows}


def ask(spec, options=None, format="chat"):
    """Enter a source and let it examine its server."""

    async def examined():
        async with open_source(spec, options) as source:
            return await source.examine(format)

    return asyncio.run(examined())


def closed_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


SINGLE_FAULTS = ["slow", "429", "429_date", "429_bare", "500", "drop", "not_json", "not_completion", "fewer", "none"]


@pytest.mark.parametrize("fault", SINGLE_FAULTS)
def test_a_fault_of_every_third_request_costs_no_sample(fault, tmp_path):
    faults = Faults(script=lambda i, body: fault if i % 3 == 1 else None, retry_after=0.05, slow=0.1)
    with OpenAIServer(faults) as server:
        done = run(server, tmp_path)
        assert sum(request.fault == fault for request in server.asked) >= PROMPTS // 3
    assert drawn(tmp_path) == EVERYTHING
    assert done.record.state == "complete"
    assert done.record.refusals == ()
    assert done.record.rounds[-1].samples == PROMPTS * K


def test_all_faults_at_once_cost_no_sample(tmp_path, monkeypatch):
    monkeypatch.setattr(sampling, "TRIES", 50)
    faults = Faults(chance=dict.fromkeys(SINGLE_FAULTS, 0.06), retry_after=0.02, slow=0.05)
    with OpenAIServer(faults) as server:
        assert run(server, tmp_path).record.rounds[-1].retries > 0
    assert drawn(tmp_path) == EVERYTHING


@pytest.mark.parametrize("faults", [Faults(one_choice=True), Faults(refuse_n=True)], ids=["ignores n", "refuses n"])
def test_a_server_without_n_gives_the_same_samples_one_by_one(faults, tmp_path):
    with OpenAIServer(faults) as server:
        done = run(server, tmp_path)
        assert {request.body["n"] for request in server.asked} == {1}
    assert done.record.abilities["chat"].choices_per_request == 1
    assert drawn(tmp_path) == EVERYTHING


def test_siblings_that_share_one_text_are_asked_for_one_by_one(tmp_path):
    with OpenAIServer(Faults(identical_siblings=True)) as server:
        done = run(server, tmp_path)
    assert done.record.abilities["chat"].choices_per_request == 1
    assert drawn(tmp_path) == EVERYTHING
    assert done.record.faults == ()


def test_a_server_that_knows_n_is_asked_once_for_a_prompt(tmp_path):
    with OpenAIServer() as server:
        run(server, tmp_path)
        assert [request.body["n"] for request in server.asked] == [K] * PROMPTS


def test_parameters_that_a_server_does_not_know_are_left_out_and_recorded(tmp_path):
    with OpenAIServer(Faults(refuse_extensions=True)) as server:
        done = run(server, tmp_path / "off")
        assert not any({"top_k", "min_p", "repetition_penalty"} & request.body.keys() for request in server.asked)
        assert done.record.abilities["chat"].unsent == ("min_p", "repetition_penalty", "top_k")
        assert drawn(tmp_path / "off") == EVERYTHING
        with pytest.raises(BadInput, match="does not know top_k, which was set to 5"):
            run(server, tmp_path / "on", decoding={"top_k": 5})


@pytest.mark.parametrize(("format", "path"), [("chat", "/v1/chat/completions"), ("raw", "/v1/completions")])
def test_every_request_says_all_of_its_decoding(format, path, tmp_path):
    with OpenAIServer() as server:
        run(server, tmp_path, format=format, decoding={"temperature": 0.7, "max_tokens": 17, "stop": ("END",)})
        for request in server.asked:
            assert request.path == path
            said = {name: value for name, value in request.body.items() if name not in ("prompt", "messages", "seed")}
            assert said == {
                "model": "m",
                "n": K,
                "temperature": 0.7,
                "top_p": 1.0,
                "top_k": -1,
                "min_p": 0.0,
                "repetition_penalty": 1.0,
                "presence_penalty": 0.0,
                "frequency_penalty": 0.0,
                "max_tokens": 17,
                "stop": ["END"],
                "stream": False,
            }


def test_no_two_prompts_share_a_seed(tmp_path):
    with OpenAIServer() as server:
        run(server, tmp_path)
    seeds = [row.seed for row in samples(tmp_path)]
    assert len(set(seeds)) == PROMPTS * K


@pytest.mark.parametrize(("fault", "wait"), [("429", 0.6), ("429_date", 2.0)])
def test_retry_after_is_honoured(fault, wait, tmp_path):
    faults = Faults(script=lambda i, body: fault if i == 2 else None, retry_after=wait, delay=0.02)
    with OpenAIServer(faults) as server:
        run(server, tmp_path, most_under_way=1)
        asked = server.asked
    turned_away = next(request for request in asked if request.fault)
    gap = min(request.at for request in asked if request.at > turned_away.at) - turned_away.at
    assert gap >= wait - (1.0 if fault == "429_date" else 0.05)  # a date has whole seconds
    assert drawn(tmp_path) == EVERYTHING


def test_the_pace_falls_when_the_server_is_full_and_still_ends(tmp_path):
    with OpenAIServer(Faults(capacity=4, delay=0.01)) as server:
        done = run(server, tmp_path, prompts=32)
    assert done.record.rounds[-1].falls >= 2
    assert len(drawn(tmp_path)) == 32 * K


def test_the_pace_rises_when_the_server_keeps_up(tmp_path):
    with OpenAIServer(Faults(refuse_n=True, delay=0.03)) as server:
        done = run(server, tmp_path, prompts=32, samples=8)
        assert server.most_under_way > 24
    assert done.record.rounds[-1].most_under_way > 24
    assert done.record.rounds[-1].falls == 0


def test_a_ceiling_on_requests_under_way_is_kept(tmp_path):
    with OpenAIServer(Faults(refuse_n=True, delay=0.01)) as server:
        run(server, tmp_path, most_under_way=3)
        assert server.most_under_way == 3


def test_several_endpoints_share_the_load(tmp_path):
    with OpenAIServer(Faults(delay=0.02)) as one, OpenAIServer(Faults(delay=0.02)) as two:
        run(f"openai:{one.url},{two.url}#m", tmp_path)
        assert {len(one.asked), len(two.asked)} == {PROMPTS // 2}
    assert drawn(tmp_path) == EVERYTHING


def test_an_endpoint_that_dies_during_the_run_is_survived(tmp_path):
    faults = Faults(script=lambda i, body: "drop" if i > 1 else None, delay=0.02)
    with OpenAIServer(faults) as dying, OpenAIServer(Faults(delay=0.02)) as sound:
        done = run(f"openai:{dying.url},{sound.url}#m", tmp_path)
    assert done.record.state == "complete"
    assert drawn(tmp_path) == EVERYTHING


def test_an_endpoint_that_is_dead_from_the_start_is_survived(tmp_path):
    with OpenAIServer() as server:
        done = run(f"openai:http://127.0.0.1:{closed_port()}/v1,{server.url}#m", tmp_path)
    assert done.record.state == "complete"
    assert drawn(tmp_path) == EVERYTHING


def test_a_server_that_dies_for_good_is_named_and_what_it_answered_is_kept(tmp_path):
    with OpenAIServer(Faults(script=lambda i, body: "drop" if i >= 3 else None)) as server:
        with pytest.raises(SourceFailed, match=r"stopped answering: .*dropped the connection"):
            run(server, tmp_path, most_under_way=1)
        kept = drawn(tmp_path)
        assert len(kept) == 3 * K
        assert json.loads((tmp_path / "run.json").read_text())["state"] == "incomplete"
        server.faults = Faults()
        run(server, tmp_path)
    assert drawn(tmp_path) == EVERYTHING > kept


def test_a_prompt_that_always_fails_is_given_up_and_all_others_are_drawn(tmp_path):
    bad = TASKS["mini-instructions"].splits[0].load()[2]
    faults = Faults(script=lambda i, body: "500" if body["messages"][0]["content"] == bad.message else None)
    with OpenAIServer(faults) as server:
        with pytest.raises(RunIncomplete, match=f"1 of {PROMPTS} prompts .*'{bad.id}'.*500.*6 times"):
            run(server, tmp_path)
        assert drawn(tmp_path) == {row for row in EVERYTHING if row[0] != bad.id}
        server.faults = Faults()
        assert run(server, tmp_path).record.refusals == ()
    assert drawn(tmp_path) == EVERYTHING


def test_prompts_longer_than_the_context_are_refused_in_the_servers_words_and_the_rest_scores(tmp_path):
    prompts = TASKS["mini-instructions"].splits[0].load()[:PROMPTS]
    limit = sorted(len(prompt.message) for prompt in prompts)[-3]
    long = {prompt.id for prompt in prompts if len(prompt.message) > limit}
    assert 0 < len(long) < PROMPTS
    with OpenAIServer(Faults(longest_prompt=limit)) as server:
        with pytest.raises(RunIncomplete, match="maximum context length"):
            run(server, tmp_path)
        for prompt in prompts:
            tries = sum(request.prompt == prompt.message for request in server.asked)
            assert tries == 1  # a prompt that can never be answered is not asked again
    assert drawn(tmp_path) == {row for row in EVERYTHING if row[0] not in long}
    assert {refusal["prompt"] for refusal in json.loads((tmp_path / "run.json").read_text())["refusals"]} == long
    assert gendiv.score(tmp_path, metrics=["distinct"]).results[0].inputs == PROMPTS - len(long)


def test_a_server_that_only_ever_says_429_is_given_up_after_the_patience():
    with OpenAIServer(Faults(chance={"429_bare": 1.0})) as server:

        async def drawing():
            want = sampling.Want(SPLIT, "a", "a", "chat", Decoding(), 1, (0, 1))
            async with open_source(server.spec) as source:
                await sampling.draw(
                    source, [want], lambda *_: None, sampling.Tally(), per_request={"chat": 0}, patience=0.2
                )

        with pytest.raises(SourceFailed, match=r"nothing was answered for 0 s: .*429: slow down"):
            asyncio.run(drawing())


def test_a_request_that_takes_too_long_is_asked_again(tmp_path):
    faults = Faults(script=lambda i, body: "slow" if i == 0 else None, slow=5)
    with OpenAIServer(faults) as server:
        run(server, tmp_path, options=SourceOptions(timeout=1.0))
    assert drawn(tmp_path) == EVERYTHING


def test_the_key_goes_into_the_header_and_nowhere_else(tmp_path, monkeypatch):
    monkeypatch.setenv("GENDIV_API_KEY", "sk-very-secret")
    with OpenAIServer(Faults(key="sk-very-secret")) as server:
        run(server, tmp_path)
        assert {request.authorization for request in server.received} == {"Bearer sk-very-secret"}
        assert set(server.other_authorizations) == {"Bearer sk-very-secret"}
        assert "very-secret" not in json.dumps([request.body for request in server.received])
    for path in tmp_path.rglob("*"):
        assert path.is_dir() or b"very-secret" not in path.read_bytes()


@pytest.mark.parametrize(("key", "state"), [(None, "is not set"), ("sk-wrong", "was refused")])
def test_a_missing_or_wrong_key_is_named_by_its_variable_and_never_shown(key, state, tmp_path, monkeypatch):
    monkeypatch.delenv("GENDIV_API_KEY", raising=False)
    if key:
        monkeypatch.setenv("GENDIV_API_KEY", key)
    named = pytest.raises(SourceFailed, match=f"401: the key in GENDIV_API_KEY {state}")
    with OpenAIServer(Faults(key="sk-right")) as server, named as refusal:
        run(server, tmp_path)
    assert "sk-" not in str(refusal.value)


def test_identical_samples_at_a_temperature_are_a_named_fault(tmp_path):
    with OpenAIServer(Faults(constant=True)) as server:
        done = run(server, tmp_path)
    assert [(fault.fault, fault.share) for fault in done.record.faults] == [("identical_samples", 1.0)]
    assert done.record.abilities["chat"].seeded is None
    assert "identical samples" in " ".join(gendiv.report(done).remarks())


def test_a_server_that_ignores_seeds_is_recorded_as_such(tmp_path):
    with OpenAIServer(Faults(ignore_seed=True)) as server:
        done = run(server, tmp_path)
    assert done.record.abilities["chat"].seeded is False
    assert len(drawn(tmp_path)) == PROMPTS * K


@pytest.mark.parametrize("faults", [Faults(), Faults(refuse_n=True)], ids=["with n", "one by one"])
def test_a_server_that_honours_seeds_is_recorded_as_such(faults, tmp_path):
    with OpenAIServer(faults) as server:
        assert run(server, tmp_path).record.abilities["chat"].seeded is True


@pytest.mark.parametrize(
    ("faults", "fault"),
    [
        (Faults(empty=True), "empty_outputs"),
        (Faults(finish_reason="length"), "truncated"),
        (Faults(finish_reason="content_filter"), "unknown_finish"),
    ],
)
def test_odd_outputs_are_named_faults(faults, fault, tmp_path):
    with OpenAIServer(faults) as server:
        done = run(server, tmp_path, samples=2, metrics=["length"])
    assert fault in {found.fault for found in done.record.faults}


def test_a_run_that_stops_within_a_prompt_is_closed_with_shares_of_what_was_drawn(tmp_path):
    faults = Faults(refuse_n=True, finish_reason="length", script=lambda i, body: "drop" if i >= K + 2 else None)
    with OpenAIServer(faults) as server, pytest.raises(SourceFailed, match="stopped answering"):
        run(server, tmp_path, most_under_way=1)
    assert len(samples(tmp_path)) == K + 2
    (fault,) = json.loads((tmp_path / "run.json").read_text())["faults"]
    assert (fault["fault"], fault["share"]) == ("truncated", 1.0)


def test_greedy_decoding_is_not_taken_for_a_fault(tmp_path):
    with OpenAIServer() as server:
        done = run(server, tmp_path, samples=1, decoding={"temperature": 0.0})
    assert done.record.faults == ()


def test_a_server_that_keeps_no_list_of_models_is_usable(tmp_path):
    with OpenAIServer(Faults(no_list=True)) as server:
        assert run(server, tmp_path).record.model.name == "m"
    assert drawn(tmp_path) == EVERYTHING


def test_the_only_model_of_a_server_needs_no_name(tmp_path):
    with OpenAIServer() as server:
        assert run(f"openai:{server.url}", tmp_path).record.model.spec == server.spec
    assert drawn(tmp_path) == EVERYTHING


def test_an_unknown_model_is_answered_with_those_that_are_served():
    with OpenAIServer(Faults(models=("one", "two"))) as server:
        with pytest.raises(BadInput, match="does not serve 'three'; it serves one, two"):
            ask(f"openai:{server.url}#three")
        with pytest.raises(BadInput, match=r"say which model.*served: one, two"):
            ask(f"openai:{server.url}")


def test_a_dead_server_is_named_with_a_question():
    with pytest.raises(SourceFailed, match=r"openai:http://127\.0\.0\.1:\d+/v1: no answer; is the server up\?"):
        ask(f"openai:http://127.0.0.1:{closed_port()}/v1#m")


def test_an_address_without_v1_is_told_so():
    with OpenAIServer() as server, pytest.raises(SourceFailed, match=r"404.*does it end in /v1"):
        ask(f"openai:{server.url.removesuffix('/v1')}#m")


@pytest.mark.parametrize(
    ("rest", "reason"),
    [
        ("127.0.0.1:8000/v1#m", "wanted openai:http://HOST:PORT/v1#MODEL"),
        ("ftp://host/v1#m", "wanted openai:http://HOST:PORT/v1#MODEL"),
        ("http:///v1#m", "wanted openai:http://HOST:PORT/v1#MODEL"),
        ("http://host:99999/v1#m", "wanted openai:http://HOST:PORT/v1#MODEL"),
        ("http://host:port/v1#m", "wanted openai:http://HOST:PORT/v1#MODEL"),
        ("http://[::1/v1#m", "wanted openai:http://HOST:PORT/v1#MODEL"),
        ("http://host/v1,#m", "wanted openai:http://HOST:PORT/v1#MODEL"),
        ("http://user:word@host/v1#m", "the address holds a password"),
        ("http://host/v1?key=abc#m", "the address holds a password or a query"),
    ],
)
def test_a_wrong_address_is_refused_before_anything_is_asked(rest, reason):
    with pytest.raises(BadInput, match=re.escape(reason)) as refusal:
        open_source(f"openai:{rest}")
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("fault", ["adapter", "chat_template"])
def test_options_that_a_server_cannot_honour_are_refused(fault):
    with pytest.raises(BadInput, match=f"{fault} does not apply to openai"):
        open_source("openai:http://host/v1#m", replace(SourceOptions(), **{fault: "x"}))


def test_a_server_that_refuses_everything_is_named_and_leaves_no_samples(tmp_path):
    with (
        OpenAIServer(Faults(longest_prompt=3)) as server,
        pytest.raises(BadInput, match="refuses a plain chat request"),
    ):
        run(server, tmp_path)
    assert samples(tmp_path) == []


def test_probes_are_not_stored(tmp_path):
    with OpenAIServer() as server:
        run(server, tmp_path)
        assert any(request.prompt == PROBE for request in server.received)
    assert drawn(tmp_path) == EVERYTHING


@pytest.mark.parametrize(
    ("value", "seconds"), [("3", 3.0), ("0.5", 0.5), ("-1", 0.0), ("99999", 600.0), ("soon", None), ("nan", None)]
)
def test_retry_after_is_read_with_care(value, seconds):
    assert openai._retry_after({"Retry-After": value}) == seconds


def test_a_server_that_asks_to_come_back_at_once_is_not_stormed(tmp_path):
    until = time.monotonic() + 0.3
    faults = Faults(script=lambda i, body: "429" if time.monotonic() < until else None, retry_after=0)
    with OpenAIServer(faults) as server:
        run(server, tmp_path, prompts=1, samples=1)
        assert len(server.asked) < 60
    assert len(drawn(tmp_path)) == 1


def test_every_error_of_a_source_is_one_line(tmp_path):
    for spec in (f"openai:http://127.0.0.1:{closed_port()}/v1#m", "openai:nonsense", "nonsense", "hf:/no/such", ":"):
        with pytest.raises(GendivError) as refusal:
            run(spec, tmp_path)
        assert "\n" not in str(refusal.value)


def test_long_prompts_are_shortened_on_the_left_as_asked(tmp_path):
    with OpenAIServer() as server:
        run(server, tmp_path, format="raw", decoding={"prompt_tokens": 20})
        asked = server.asked[0].body
    assert (asked["truncate_prompt_tokens"], asked["truncation_side"]) == (20, "left")


def test_a_server_that_does_not_shorten_prompts_is_not_believed(tmp_path):
    with OpenAIServer(Faults(ignore_truncation=True)) as server, pytest.raises(BadInput, match="does not shorten"):
        run(server, tmp_path, format="raw", decoding={"prompt_tokens": 20})


def test_an_answer_whose_budget_the_context_cut_short_is_refused_not_kept(tmp_path):
    """vLLM lowers max_tokens in silence where prompt and answer do not fit its context together."""
    with OpenAIServer(Faults(context=70)) as server, pytest.raises(RunIncomplete, match="context of 70 is exceeded"):
        run(server, tmp_path, decoding={"max_tokens": 50})
    assert {row.prompt for row in samples(tmp_path)} < {prompt for prompt, _, _ in EVERYTHING}


def test_chat_prompts_are_never_cut(tmp_path):
    with OpenAIServer() as server, pytest.raises(BadInput, match="--prompt-tokens"):
        run(server, tmp_path, format="chat", decoding={"prompt_tokens": 20})
