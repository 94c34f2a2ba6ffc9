"""`gendiv push` tells all before it sends anything, and then sends that, by the hub's own client, to a loopback hub."""

import json
import os
import socket
import subprocess
import sys

import pytest
import yaml
from hub_uploads import TOKEN, UploadHub

import gendiv
from gendiv.__main__ import main
from gendiv.benchmark.grades import write_grades
from gendiv.benchmark.sources.scripted import Scripted
from gendiv.leaderboard.push import licence_of, plan_push
from gendiv.metrics import Reward

hub = pytest.importorskip("huggingface_hub")
SPLITS = ["mini-summarisation/news", "mini-instructions/formal"]
FILES = ["README.md", "run.json", "scores.json", *(f"samples/{split}.jsonl" for split in SPLITS)]
RESULTS = ["--model-repo", "org/model", "--benchmark", "org/bench"]


@pytest.fixture
def run(tmp_path):
    return gendiv.evaluate(
        Scripted(), tasks=SPLITS, prompts=4, samples=3, metrics=["distinct", "length"], out=tmp_path / "run"
    ).folder


def push(run, *words, endpoint="http://127.0.0.1:9", token=TOKEN, **environment):
    variables = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
    variables |= {"HF_ENDPOINT": endpoint, "HF_HOME": str(run.parent / "hf")} | environment
    if token:
        variables["HF_TOKEN"] = token
    done = subprocess.run(
        [sys.executable, "-m", "gendiv", "push", str(run), "--to", "org/data", *words],
        capture_output=True,
        text=True,
        check=False,
        env=variables,
    )
    assert TOKEN not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done


def sent(run, name):
    return (run / name).read_bytes()


def test_without_yes_everything_is_told_and_no_connection_is_made(run, monkeypatch, capsys):
    monkeypatch.setattr(socket, "socket", lambda *_, **__: pytest.fail("a dry run opened a socket"))
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    write_grades(run, SPLITS[0], Reward(model="r").signature, {"news-01": [1.0]})
    (run / "notes.txt").write_text("mine alone")
    assert main(["push", str(run), "--to", "org/data", *RESULTS]) == 0
    told = capsys.readouterr()
    assert told.err == "nothing was sent; the same command with --yes sends it\n"
    lines = told.out.splitlines()
    assert lines[0].startswith("to https://huggingface.co/datasets/org/data, public if it is made now")
    names = [line.split()[0] for line in lines[1:] if line.startswith("  ")]
    assert names[:6] == [*FILES, f"grades/{SPLITS[0]}.jsonl"]
    assert "notes.txt" not in told.out
    assert f"not sent without --with-prompts: prompts/{SPLITS[0]}.jsonl, prompts/{SPLITS[1]}.jsonl" in lines
    assert "  mini-summarisation/news: CC0-1.0" in lines
    assert "the model as 'scripted:scripted'" in told.out
    assert "to org/model, as a pull request:" in lines
    assert TOKEN not in told.out


def test_the_dry_run_as_json_is_the_list_with_sizes(run, capsys):
    assert main(["push", str(run), "--to", "org/data", "--with-prompts", "--private", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    sizes = {file["name"]: file["bytes"] for file in told["files"]}
    assert list(sizes) == [*FILES, *(f"prompts/{split}.jsonl" for split in SPLITS)]
    assert sizes["run.json"] == (run / "run.json").stat().st_size
    assert (told["sent"], told["private"], told["kept"], told["commit"]) == (False, True, [], None)


def test_with_yes_the_files_told_of_are_sent_to_a_repository_that_is_made(run):
    with UploadHub() as server:
        done = push(run, "--yes", endpoint=server.url)
        assert done.returncode == 0, done.stderr
        assert server.created["datasets/org/data"] == {"name": "data", "organization": "org", "type": "dataset"}
        (commit,) = server.commits
        assert (commit.repository, commit.pull_request) == ("datasets/org/data", False)
        assert commit.summary == f"Add a run of scripted by gendiv {gendiv.__version__}"
        assert list(commit.files) == FILES
        assert {name: commit.files[name] for name in FILES[1:]} == {name: sent(run, name) for name in FILES[1:]}
        assert b"| `mini-summarisation/news` | far | 4 | 3 | CC0-1.0 |" in commit.files["README.md"]
        assert f"{server.url}/datasets/org/data/commit/" in done.stdout
        assert server.tokens == {f"Bearer {TOKEN}"}
    assert TOKEN not in "".join(path.read_text() for path in run.rglob("*") if path.is_file())


def test_a_second_push_adds_to_what_is_there_and_the_results_are_offered_as_a_pull_request(run):
    with UploadHub() as server:
        assert push(run, "--yes", "--private", endpoint=server.url).returncode == 0
        assert server.created["datasets/org/data"]["visibility"] == "private"
        done = push(run, "--yes", "--json", *RESULTS, endpoint=server.url)
        assert done.returncode == 0, done.stderr
        told = json.loads(done.stdout)
        offered = server.commits[-1]
        assert (offered.repository, offered.pull_request) == ("models/org/model", True)
        assert told["pull_request"] == f"{server.url}/org/model/discussions/1"
        assert list(offered.files) == [told["pull_request_file"]]
        entries = hub.parse_eval_result_entries(yaml.safe_load(offered.files[told["pull_request_file"]]))
        assert {entry.dataset_id for entry in entries} == {"org/bench"}
        assert {entry.source_url for entry in entries} == {f"{server.url}/datasets/org/data"}


def test_large_files_arrive_whole(run):
    with UploadHub(large=1000) as server:
        done = push(run, "--yes", endpoint=server.url, HF_HUB_DISABLE_XET="1")
        assert done.returncode == 0, done.stderr
        assert len(server.blobs) >= 3
        assert {name: server.commits[0].files[name] for name in FILES[1:]} == {
            name: sent(run, name) for name in FILES[1:]
        }


def test_no_token_no_hub_and_no_right_are_one_line_each(run):
    with UploadHub(forbidden=True) as server:
        refused = push(run, "--yes", endpoint=server.url)
        assert server.commits == []
    for done, reason in (
        (push(run, "--yes", token=None), "no token for the hub: hf auth login, or set HF_TOKEN"),
        (push(run, "--yes"), "the hub cannot be reached (ConnectError: "),
        (refused, "the hub does not let this token write to org/data (You don't have the rights to create"),
        (push(run, "--yes", HF_HUB_OFFLINE="1"), "the hub cannot be reached (OfflineModeIsEnabled: "),
    ):
        assert done.returncode == 2
        assert done.stdout == ""
        assert len(done.stderr.splitlines()) == 1
        assert reason in done.stderr


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--to", "data"], "--to: wanted ORGANISATION/NAME, found 'data'"),
        (["--to", "org/data", "--model-repo", "org/m"], "--model-repo and --benchmark go together"),
        (["--to", "org/data", "--model-repo", "m", "--benchmark", "o/b"], "--model-repo: wanted ORGANISATION/NAME"),
        ([], "Missing option '--to'"),
    ],
)
def test_what_cannot_be_pushed_is_told_before_anything_is_sent(words, reason, run, capsys):
    assert main(["push", str(run), *words, "--yes"]) == 2
    assert reason in capsys.readouterr().err


def test_samples_drawn_since_the_scores_must_be_scored_first(run, capsys):
    with (run / f"samples/{SPLITS[0]}.jsonl").open("a") as file:
        file.write("{}\n")
    assert main(["push", str(run), "--to", "org/data"]) == 2
    assert f"the samples have changed since they were scored: gendiv score {run}" in capsys.readouterr().err


def test_the_licence_of_a_task_that_is_not_here_is_unknown(run):
    assert licence_of("mini-summarisation/news") == "CC0-1.0"
    assert licence_of("lm-eval/gsm8k") == "unknown"  # without fetching the task's data
    assert licence_of("somebody/elses") == "unknown"
    assert licence_of("instruction-following/alpaca_eval") == "CC-BY-NC-4.0"  # of the split's data, not of the task's
    assert plan_push(run, "org/data").licences == dict.fromkeys(SPLITS, "CC0-1.0")
