"""`gendiv tasks`: the list needs no data, `show` prints prompts as they are sent."""

import json
import os
import subprocess
import sys

import pytest

from gendiv.__main__ import main

POST = {"id": "t3_1", "subreddit": "tifu", "title": "I sat", "post": "On a cake.", "summary": ""}


@pytest.fixture
def post(tmp_path, monkeypatch):
    """One post where GENDIV_DATA finds it."""
    monkeypatch.setenv("GENDIV_DATA", str(tmp_path))
    path = tmp_path / "UCL-DARK/openai-tldr-filtered/test.jsonl"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(POST) + "\n")
    return path


def test_the_list_asks_no_hub_and_reads_no_data():
    """A hub that answers nothing would hold it up, a data folder without data would end it."""
    environment = {**os.environ, "HF_ENDPOINT": "http://127.0.0.1:9", "GENDIV_DATA": "/nowhere", "COLUMNS": "80"}
    done = subprocess.run(
        [sys.executable, "-m", "gendiv", "tasks"], env=environment, capture_output=True, text=True, timeout=30
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    for whole in ("tldr-subreddit-relationship_advice", "/sequential_instructions", "6553", "suite kirk2023: "):
        assert whole in done.stdout


def test_the_list_as_json_keeps_its_fields(capsys):
    assert main(["tasks", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    splits = {one["split"]: one for one in listed["splits"]}
    forum = splits["mini-summarisation/forum"]
    assert forum == {
        "split": "mini-summarisation/forum",
        "shift": "id",
        "prompts": 32,
        "format": "raw",
        "max_tokens": 48,
        "licence": "CC0-1.0",
        "version": 1,
        "description": "first-person forum posts with their authors' TL;DR",
        "data": None,
        "revision": None,
    }
    assert splits["instruction-following/alpaca_eval"]["licence"] == "CC-BY-NC-4.0"
    assert splits["instruction-following/alpaca_farm"]["prompts"] is None
    assert {one["suite"]: one["prompts"] for one in listed["suites"]} == {
        "mini": None,
        "kirk2023": 500,
        "kirk2023-shifts": 500,
        "small-world": None,
    }


def test_prompts_are_shown_as_they_are_sent(post, capsys):
    assert main(["tasks", "show", "summarisation/tldr"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "summarisation/tldr (id): Reddit posts with their authors' TL;DR"
    assert lines[1] == "1 prompts, format raw, 48 tokens a sample, stop end of sequence"
    assert lines[2].startswith(f"CC-BY-4.0; {post}, 1 rows, sha256 ")
    shown = ["--- t3_1", "SUBREDDIT: r/tifu", "TITLE: I sat", "POST: On a cake.", "TL;DR:", "--- reference", "(none)"]
    assert lines[4:] == shown


@pytest.mark.usefixtures("post")
def test_the_other_format_and_json(capsys):
    assert main(["tasks", "show", "summarisation/tldr", "--format", "chat", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["split"], shown["format"], shown["prompts"], shown["kind"]) == (
        "summarisation/tldr",
        "chat",
        1,
        "post",
    )
    assert shown["origin"]["rows"] == 1
    assert shown["first"] == [
        {
            "id": "t3_1",
            "prompt": "Summarise this forum post in one or two sentences.\n\nI sat\n\nOn a cake.",
            "reference": None,
            "shown": "SUBREDDIT: r/tifu\nTITLE: I sat\nPOST: On a cake.",
        }
    ]


def test_so_many_prompts_are_shown(capsys):
    assert main(["tasks", "show", "mini-instructions/formal", "-n", "2", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert ([one["id"] for one in shown["first"]], shown["prompts"]) == (["formal-01", "formal-02"], 32)
    assert shown["origin"] is None


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["tasks", "show"], "Missing argument 'TASK/SPLIT'"),
        (["tasks", "show", "summarisation"], "--task takes TASK/SPLIT, found 'summarisation': choose from"),
        (["tasks", "show", "summarization/tldr"], "did you mean summarisation"),
        (["tasks", "show", "summarisation/tldr", "-n", "0"], "0 is not in the range x>=1"),
        (["tasks", "show", "mini-instructions/formal", "--format", "cat"], "'cat' is not one of"),
        (["tasks", "shwo"], "No such command 'shwo'"),
        (["tasks", "show", "none.yaml/a"], "cannot read none.yaml"),
    ],
)
def test_wrong_words_are_one_line(words, reason, capsys):
    assert main(words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert reason in err
    assert len(err.strip().splitlines()) == 1


def test_a_whole_task_file_is_not_shown_at_once(tmp_path, capsys):
    split = {"shift": "id", "data": {"file": "a.jsonl"}}
    keys = {"name": "two", "max_tokens": 8, "prompt": "q", "splits": {"a": split, "b": split}}
    (tmp_path / "two.yaml").write_text(json.dumps(keys))
    assert main(["tasks", "show", f"{tmp_path}/two.yaml"]) == 2
    assert "shows one split, found" in capsys.readouterr().err
