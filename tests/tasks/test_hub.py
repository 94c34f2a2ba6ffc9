"""Data sets from the hub: the real loading code against a double of the hub, each fault in one line and in seconds."""

import json
import os
import socket
import subprocess
import sys
import time
from functools import partial

import pytest
from hub_server import HubServer, Repository
from openai_server import OpenAIServer

OLD, NEW = "a" * 40, "b" * 40
"""Two commits; main is the newer one."""

CARD = b"---\nlicense: mit\n---\n"


def jsonl(*questions):
    return b"".join(json.dumps({"question": one, "answer": one.upper()}).encode() + b"\n" for one in questions)


def repository(fault=None):
    files = {
        OLD: {"README.md": CARD, "data/train.jsonl": jsonl("one", "two", "three")},
        NEW: {"README.md": CARD, "data/train.jsonl": jsonl("four")},
    }
    return Repository(files, {"main": NEW, "v1": OLD}, fault)


@pytest.fixture(scope="module")
def hub():
    scripted = repository()
    scripted.commits[OLD]["scripted.py"] = b"raise SystemExit"
    torn = Repository({OLD: {"README.md": CARD, "rows.jsonl": b'{"question": "a"}\n{"quest'}})
    with HubServer(
        own__set=repository(),
        own__gated=repository("gated"),
        own__private=repository("private"),
        own__down=repository(503),
        own__scripted=scripted,
        own__torn=torn,
    ) as server:
        yield server


@pytest.fixture
def gendiv(hub, tmp_path):
    """Run a gendiv command on a task whose split is a data set, in a process of its own with an empty cache."""

    def gendiv(*words, endpoint=hub.url, offline=False, **data):
        keys = {
            "name": "own",
            "max_tokens": 8,
            "prompt": "question",
            "reference": "answer",
            "splits": {"s": {"shift": "id", "data": data}},
        }
        (tmp_path / "own.yaml").write_text(json.dumps(keys))  # JSON is YAML
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("HF_", "GENDIV_"))},
            "HF_ENDPOINT": endpoint,
            "HF_HOME": str(tmp_path / "home"),
            **({"HF_HUB_OFFLINE": "1"} if offline else {}),
        }
        hub.asked.clear()
        return subprocess.run(
            [sys.executable, "-m", "gendiv", *words, "--json"],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
        )

    return gendiv


@pytest.fixture
def show(gendiv):
    return partial(gendiv, "tasks", "show", "own.yaml/s")


def shown(done):
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def refused(done):
    """Return the one line of a command that must be refused."""
    assert done.returncode == 2, done.stdout + done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return done.stderr.splitlines()[-1]


def test_a_pinned_commit_is_read_although_main_has_moved_on(show):
    found = shown(show(hub="own/set", revision=OLD, files=["data/train.jsonl"]))
    assert [one["prompt"] for one in found["first"]] == ["one", "two", "three"]
    assert [one["reference"] for one in found["first"]] == ["ONE", "TWO", "THREE"]
    assert found["origin"]["commit"] == found["origin"]["revision"] == OLD


def test_what_is_pinned_and_cached_is_read_without_the_hub(show, hub):
    first = shown(show(hub="own/set", revision=OLD, files=["data/train.jsonl"]))
    assert shown(show(hub="own/set", revision=OLD, files=["data/train.jsonl"])) == first
    assert hub.asked == []
    assert shown(show(hub="own/set", revision=OLD, files=["data/train.jsonl"], offline=True)) == first


@pytest.mark.parametrize("files", [["data/train.jsonl"], []], ids=["files", "datasets"])
def test_without_a_pin_the_newest_commit_is_read_and_named(show, files):
    found = shown(show(hub="own/set", split="train", files=files))
    assert [one["prompt"] for one in found["first"]] == ["four"]
    assert (found["origin"]["commit"], found["origin"]["revision"]) == (NEW, None)


def test_a_tag_is_resolved_to_its_commit(show):
    found = shown(show(hub="own/set", revision="v1", files=["data/train.jsonl"]))
    assert (found["origin"]["commit"], found["origin"]["revision"], found["prompts"]) == (OLD, "v1", 3)


def test_the_datasets_library_finds_the_files_of_a_pinned_commit(show):
    found = shown(show(hub="own/set", revision=OLD, split="train"))
    assert [one["prompt"] for one in found["first"]] == ["one", "two", "three"]


def test_both_ways_of_reading_and_a_local_copy_have_one_hash(show, tmp_path):
    with_files = shown(show(hub="own/set", revision=OLD, split="train", files=["data/train.jsonl"]))["origin"]
    with_datasets = shown(show(hub="own/set", revision=OLD, split="train"))["origin"]
    (tmp_path / "copy.jsonl").write_bytes(jsonl("one", "two", "three"))
    local = shown(show(file="copy.jsonl"))["origin"]
    assert with_files["sha256"] == with_datasets["sha256"] == local["sha256"]


def test_content_that_is_not_what_was_pinned_is_refused(show):
    good = shown(show(hub="own/set", revision=OLD, files=["data/train.jsonl"]))["origin"]["sha256"]
    assert shown(show(hub="own/set", revision=OLD, files=["data/train.jsonl"], sha256=good))["origin"]["verified"]
    line = refused(show(hub="own/set", files=["data/train.jsonl"], sha256=good))
    assert f"its content is not what was pinned: wanted sha256 {good[:16]}, found " in line
    assert "restore the pinned version" in line


def test_a_run_says_which_commit_it_read_and_keeps_it(gendiv, tmp_path):
    with OpenAIServer() as model:
        words = ["run", "--model", model.spec, "--task", "own.yaml", "-k", "2", "--metrics", "distinct", "--out", "run"]
        done = gendiv(*words, hub="own/set", split="train", files=["data/train.jsonl"])
    assert done.returncode == 0, done.stderr
    assert f"own/set train: main is commit {NEW} now, which the record keeps" in done.stderr.splitlines()
    (split,) = json.loads((tmp_path / "run/run.json").read_text())["splits"]
    assert split["data"]["commit"] == NEW


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"hub": "own/gated", "revision": OLD, "files": ["data/train.jsonl"]}, "who have accepted its terms: do so at"),
        ({"hub": "own/private", "revision": OLD}, "the hub has no data set 'own/private', or not for you"),
        ({"hub": "own/sett", "split": "train"}, "the hub has no data set 'own/sett', or not for you"),
        ({"hub": "own/down", "revision": OLD, "files": ["data/train.jsonl"]}, "503 Service Unavailable"),
        ({"hub": "own/set", "revision": "c" * 40, "files": ["data/train.jsonl"]}, "has no revision 'ccccc"),
        ({"hub": "own/set", "revision": "v2", "split": "train"}, "the hub has no revision 'v2' of own/set"),
        ({"hub": "own/set", "revision": OLD, "files": ["train.jsonl"]}, "the hub lacks one of train.jsonl at revision"),
        ({"hub": "own/set", "split": "trian"}, "own/set has no split 'trian': did you mean train?"),
        ({"hub": "own/set", "split": "train", "config": "small"}, "own/set small train cannot be read from the hub"),
        ({"hub": "own/scripted", "revision": OLD, "split": "train"}, "name its files, or set GENDIV_DATA to a folder"),
        ({"hub": "own/torn", "revision": OLD, "files": ["rows.jsonl"]}, "rows.jsonl:2: wanted a JSON object, found"),
        ({"hub": "not an id", "revision": OLD, "files": ["rows.jsonl"]}, "not an id test cannot be read from the hub"),
    ],
    ids=lambda given: " ".join(map(str, given.values()))[:40] if isinstance(given, dict) else "",
)
def test_every_fault_of_the_hub_is_one_line_with_a_way_out(show, data, reason):
    assert reason in refused(show(**data))


@pytest.mark.parametrize(
    ("where", "files", "revision"),
    [
        ("offline", ["data/train.jsonl"], OLD),
        ("offline", [], OLD),
        ("offline", [], None),
        ("refusing", ["data/train.jsonl"], OLD),
        ("refusing", ["data/train.jsonl"], None),
        ("unknown", [], OLD),
        ("unknown", ["data/train.jsonl"], None),
    ],
)
def test_without_a_hub_it_fails_within_seconds(show, where, files, revision):
    endpoint = {"refusing": "http://127.0.0.1:9", "unknown": "http://hub.invalid"}.get(where)
    began = time.monotonic()
    more = {"endpoint": endpoint} if endpoint else {"offline": True}
    pin = {"revision": revision} if revision else {}
    line = refused(show(hub="own/set", split="train", files=files, **pin, **more))
    assert time.monotonic() - began < 15
    assert "own/set train: the hub cannot be reached" in line
    assert "set GENDIV_DATA to a folder that holds own/set/train.jsonl" in line
    assert ("no revision is pinned" in line) == (revision is None)


def test_a_hub_that_takes_the_call_and_never_answers_is_given_up(show):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        began = time.monotonic()
        line = refused(
            show(hub="own/set", revision=OLD, files=["a.jsonl"], endpoint=f"http://127.0.0.1:{silent.getsockname()[1]}")
        )
    assert "the hub cannot be reached (timed out)" in line
    assert time.monotonic() - began < 30
