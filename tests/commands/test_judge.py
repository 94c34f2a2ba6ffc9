"""`gendiv judge` at the command line: what it prints, what it refuses, what a killed one leaves."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest
from judges import ALWAYS_A, FAIR, UNREADABLE
from openai_server import Faults, OpenAIServer

import gendiv
from gendiv.__main__ import main
from gendiv.benchmark.sources.scripted import Scripted

NEWS = "mini-summarisation/news"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GENDIV_CACHE", str(tmp_path / "cache"))
    for name, answer in (("run", None), ("other", lambda text, seed: f"{text[30:80]} {seed % 7}")):
        asked = {"tasks": [NEWS], "prompts": 8, "samples": 2, "metrics": ["length"]}
        gendiv.evaluate(Scripted(answer, name=name), out=tmp_path / name, **asked)
    return tmp_path


@pytest.fixture
def people(folder):
    rows = [
        {"id": n, "kind": "post", "shown": f"post {n}", "answers": [f"one {n}", f"two {n}"], "choice": n % 2}
        for n in range(10)
    ]
    (folder / "people.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return "people.jsonl"


def gendiv_judge(*words, code=0, capfd=None):
    assert main(["judge", *map(str, words)]) == code
    return capfd.readouterr()


@pytest.mark.usefixtures("folder")
def test_a_judgement_is_shown_with_the_judge_s_character_and_its_price(capfd):
    with OpenAIServer(Faults(reply=ALWAYS_A)) as server:
        prices = ["--price-in", 1000, "--price-out", 2000]
        out, err = gendiv_judge("reference", "run", "--judge", server.spec, *prices, "--repeats", 4, capfd=capfd)
    assert "8 comparisons; 20 questions, 0 kept, 20 to ask: about " in err
    assert "prompt tokens (UTF-8 bytes / 4) and at most 640 reply tokens; at most about " in err
    assert "0.500 [0.500, 0.500]" in out
    assert "for the answer shown first (0.5: no bias)  1.000" in out
    assert "same verdict when asked again" in out
    assert "the judge prefers the answer shown first" in out
    assert "20 replies, 20 of them asked now" in out
    assert "at the prices given" in out.splitlines()[-1]
    assert main(["report", "run"]) == 0
    assert "win_rate" in capfd.readouterr().out


def test_with_json_standard_output_is_json_alone(people, capfd):
    with OpenAIServer(Faults(reply=FAIR)) as server:
        judge = ["--judge", server.spec, "--json"]
        found = json.loads(gendiv_judge("reference", "run", "other", *judge, capfd=capfd).out)
        assert [judgement["run"] for judgement in found["judgements"]] == ["run", "other"]
        assert found["judgements"][0]["splits"][0]["win_rate"]["cases"] == 8
        (found,) = json.loads(gendiv_judge("versus", "run", "other", *judge, capfd=capfd).out)["judgements"]
        assert found["opponent"].startswith("other@")
        assert found["trust"]["questions"] == 16
        found = json.loads(gendiv_judge("validate", *judge, "--data", people, "-n", 5, capfd=capfd).out)
        assert (found["people"], found["of"], found["trust"]["questions"]) == (5, 10, 10)
        found = json.loads(gendiv_judge("validate", *judge, "--data", people, "--dry-run", capfd=capfd).out)
        assert (found["quote"]["kept"], found["quote"]["requests"]) == (10, 10)


def test_a_validation_is_shown_beside_what_needs_no_judge(people, capfd):
    with OpenAIServer(Faults(reply=ALWAYS_A)) as server:
        out, _ = gendiv_judge("validate", "--judge", server.spec, "--data", people, capfd=capfd)
    for line in ("the judge", "a coin", "always the data's first answer", "the longer answer"):
        assert line in out
    assert "its agreement with people is not shown to be better than a coin's" in out


@pytest.mark.usefixtures("folder")
def test_replies_that_cannot_be_read_are_a_warning(capfd):
    with OpenAIServer(Faults(reply=UNREADABLE)) as server:
        out, _ = gendiv_judge("reference", "run", "--judge", server.spec, capfd=capfd)
    assert "100% of the replies hold no clear verdict" in out
    assert "8 of 8 comparisons undecided, left out" in out


@pytest.mark.usefixtures("folder")
def test_a_dry_run_needs_no_server_and_asks_nothing(capfd):
    nobody = "openai:http://127.0.0.1:9/v1#m"
    out, err = gendiv_judge("reference", "run", "--judge", nobody, "--dry-run", capfd=capfd)
    assert out == ""
    assert "the judge is not up" in err
    assert "16 questions, what is kept of them is not known before the judge is up, 16 to ask" in err
    with OpenAIServer() as server:
        words = ["versus", "run", "other", "--judge", server.spec, "--dry-run", "--json"]
        found = json.loads(gendiv_judge(*words, capfd=capfd).out)
        assert server.received == []
    assert (found["quote"]["requests"], found["quote"]["kept"], found["quote"]["money"]) == (16, 0, None)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ([], "Missing argument 'RUN...'"),
        (["run"], "Missing option '--judge'"),
        (["nothing"], "nothing holds no run.json: give the folder that `gendiv run` wrote"),
        (["run", "--judge", "gpt-4"], "wanted vllm:PATH_OR_HUB_ID, openai:URL#MODEL or hf:PATH_OR_HUB_ID"),
        (["run", "--questions", "kirk2024"], "did you mean kirk2023?"),
        (["run", "--questions", "mine.yaml"], "--questions mine.yaml: No such file"),
        (["run", "--judged", "3"], "--judged 3: run holds 2 samples a prompt"),
        (["run", "-n", "0"], "-n: wanted at least 1 prompt"),
        (["run", "--task", "mini-summarisation/new"], "run has no split 'mini-summarisation/new': did you mean"),
        (["run", "--orders", "one"], "'one' is not one of"),
        (["run", "--max-tokens", "0"], "--max-tokens: wanted at least 1"),
        (["run", "--max-judge-tokens", "0"], "--max-judge-tokens: wanted at least 1"),
        (["run", "--price-in", "3"], "--price-in and --price-out: wanted both"),
        (["run", "--price-in", "-1", "--price-out", "1"], "--price-in: wanted a number from 0"),
        (["run", "--repeats", "-1"], "--repeats: wanted"),
        (["run"], "no answer; is the server up?"),
        (["run", "--server-arg", "--max-model-len=8"], "server_args does not apply to openai: models"),
    ],
    ids=lambda given: " ".join(given)[-60:] if isinstance(given, list) else "",
)
@pytest.mark.usefixtures("folder")
def test_bad_input_is_one_line(words, reason, capfd):
    judge = [] if "--judge" in words or "Missing option" in reason else ["--judge", "openai:http://127.0.0.1:9/v1#m"]
    out, err = gendiv_judge("reference", *words, *judge, code=2, capfd=capfd)
    assert out == ""
    assert "Traceback" not in err
    assert reason in err.splitlines()[-1]


def test_a_budget_that_is_used_up_is_code_2_and_says_how_to_go_on(folder, capfd):
    with OpenAIServer(Faults(reply=FAIR, tokens_per_word=4)) as server:
        words = ["reference", "run", "--judge", server.spec]
        quote = json.loads(gendiv_judge(*words, "--dry-run", "--json", capfd=capfd).out)["quote"]
        out, err = gendiv_judge(*words, "--max-judge-tokens", quote["tokens"] - 1, code=2, capfd=capfd)
        assert "nothing was asked: raise it, or judge less" in err.splitlines()[-1]
        assert server.received == []
        out, err = gendiv_judge(*words, "--max-judge-tokens", quote["tokens"], code=2, capfd=capfd)
        assert out == ""
        assert "give the same command with a budget for the rest" in err.splitlines()[-1]
        assert not (folder / "run" / "judgements").exists()
        gendiv_judge(*words, capfd=capfd)
        assert len({request.prompt for request in server.asked}) == len(server.asked) == 16


def test_unanswered_questions_are_code_2_after_the_figures_are_out(folder, capfd, monkeypatch):
    monkeypatch.setattr("gendiv.benchmark.sampling.FIRST_PAUSE", 0.001)
    with OpenAIServer(Faults(reply=FAIR)) as server:
        gendiv_judge("reference", "run", "--judge", server.spec, capfd=capfd)
        victim = server.asked[5].prompt
        server.faults.script = lambda i, body: "500" if body["messages"][0]["content"] == victim else None
        out, err = gendiv_judge("reference", "run", "--judge", server.spec, "--fresh", code=2, capfd=capfd)
    assert "win rate" in out
    assert "1 questions got no answer, and the figures are without them" in err.splitlines()[-1]
    assert len(list((folder / "run" / "judgements").glob("*.json"))) == 1


def test_a_killed_judge_loses_the_requests_under_way_and_nothing_else(folder):
    command = [sys.executable, "-m", "gendiv", "judge", "reference", "run", "--concurrency", "2"]
    with OpenAIServer(Faults(reply=FAIR, delay=0.1)) as server:
        process = subprocess.Popen([*command, "--judge", server.spec], cwd=folder, stderr=subprocess.PIPE)
        deadline = time.monotonic() + 60
        while len(server.asked) < 8 and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        asked = [request.prompt for request in server.asked]
        time.sleep(0.3)
        server.faults.delay = 0
        done = subprocess.run([*command, "--judge", server.spec, "--json"], cwd=folder, capture_output=True, text=True)
        again = [request.prompt for request in server.asked[len(asked) :]]
    (found,) = json.loads(done.stdout)["judgements"]
    assert (found["spent"]["replies"], found["spent"]["asked_now"]) == (16, len(again))
    assert len(set(asked) & set(again)) <= 2
    assert set(asked) | set(again) == {request.prompt for request in server.asked}


def test_ctrl_c_says_that_the_same_command_goes_on(folder):
    command = [sys.executable, "-m", "gendiv", "judge", "reference", "run", "--concurrency", "1"]
    with OpenAIServer(Faults(reply=FAIR, delay=0.2)) as server:
        process = subprocess.Popen(
            [*command, "--judge", server.spec], cwd=folder, stderr=subprocess.PIPE, text=True, env=dict(os.environ)
        )
        deadline = time.monotonic() + 60
        while len(server.asked) < 3 and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "what was finished is kept, and the same command goes on" in err.splitlines()[-1]
    assert "Traceback" not in err


def test_a_run_can_be_judged_right_after_it_was_drawn(folder, capfd):
    with OpenAIServer(Faults(reply=FAIR)) as judge, OpenAIServer() as model:
        words = ["run", "--model", model.spec, "--task", NEWS, "-n", "4", "-k", "2", "--metrics", "length"]
        assert main([*words, "--out", "new", "--judge", judge.spec, "--json"]) == 0
        found = json.loads(capfd.readouterr().out)
        assert len(judge.asked) == 8
        assert len(model.asked) == 4
    assert {result["metric"] for result in found["results"]} == {"length", "win_rate", "win_rate_lc"}
    assert found["judgements"][0]["opponent"] == "reference"
    assert list((folder / "new" / "judgements").glob("*.json"))


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--judge", "gpt-4"], "wanted vllm:PATH_OR_HUB_ID"),
        (["--judge", "openai:http://127.0.0.1:9/v1#m", "--questions", "kirk"], "did you mean kirk2023?"),
        (["--judge", "openai:http://127.0.0.1:9/v1#m", "--max-judge-tokens", "-3"], "--max-judge-tokens: wanted"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_what_is_wrong_with_a_judge_shows_before_anything_is_drawn(words, reason, capfd):
    with OpenAIServer() as model:
        assert main(["run", "--model", model.spec, "--task", NEWS, "-n", "2", "-k", "2", "--out", "new", *words]) == 2
        assert model.received == []
    assert reason in capfd.readouterr().err.splitlines()[-1]
