"""Every bundled data set, read by the real loading code from a double of the hub: pinned commit, file layout, columns.

The double holds a few rows in the files and at the commits that the tasks name; the newest commit holds none of them.
"""

import io
import json
import os
import subprocess
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hub_server import HubServer, Repository

from gendiv.tasks import TASKS
from gendiv.tasks.preferences import PREFERENCES

NEWEST = "f" * 40

SUBREDDITS = ("relationship_advice", "AskReddit", "relationships", "tifu", "dating_advice", "pics")
WORDS = ("love", "hate", "see", "adore", "loathe", "have")
POSTS = [
    {
        "id": f"t3_{index}",
        "subreddit": name,
        "title": "A title",
        "post": f"I {word} it. {index}",
        "summary": "In short.",
    }
    for index, (name, word) in enumerate(zip(SUBREDDITS, WORDS, strict=True))
]
POSTS[0]["post"] = "word " * 300
INFO = {"id": "x", "post": None, "title": "T", "subreddit": None, "site": "cnn", "article": "Rain fell."}
SUMMARIES = [{"text": " One.", "policy": "a", "note": None}, {"text": " Two.", "policy": "b", "note": None}]
ROWS = {
    "UCL-DARK/openai-tldr-filtered": POSTS,
    "abisee/cnn_dailymail": [{"article": "Rain fell.", "highlights": "Rain .\nFell .", "id": "abc"}],
    "UCL-DARK/alpaca-farm-id-test": [{"dataset": "si-alpaca-id", "instruction": "Name a river.", "output": "Rhine"}],
    "tatsu-lab/alpaca_eval": [{"instruction": "Why?", "output": "So.", "generator": "g", "dataset": "d"}],
    "UCL-DARK/sequential-instructions": [
        {"dataset": "s", "instruction": "Do a, then b.", "output": "", "generator": "g"}
    ],
    "UCL-DARK/openai-tldr-summarisation-preferences": [
        {"info": {**INFO, "post": "P", "subreddit": "tifu"}, "summaries": SUMMARIES, "choice": 1, "batch": "batch1"}
    ],
    "openai/summarize_from_feedback": [
        {"info": {**INFO, "article": None, "post": "P"}, "summaries": SUMMARIES, "choice": 1, "batch": "batch1"},
        {"info": INFO, "summaries": SUMMARIES, "choice": 0, "batch": "cnndm0"},
    ],
}

SCRIPT = """
import json
from gendiv.tasks import TASKS
from gendiv.tasks.reading import read
from gendiv.tasks.preferences import PREFERENCES

splits = [(task.full_name(split), split) for task in TASKS.values() for split in task.splits if split.data]
print(json.dumps({
    "splits": {name: [one.raw for one in split.load()] for name, split in splits},
    "commits": {split.data.hub: read(split.data).origin.commit for _, split in splits},
    "preferences": {name: [[one.shown, one.answers, one.choice] for one in found.load()]
                    for name, found in PREFERENCES.items()},
}))
"""


def written(name, rows):
    """Return the bytes of a file, in the format that its name says."""
    if name.endswith(".parquet"):
        buffer = io.BytesIO()
        pq.write_table(pa.Table.from_pylist(rows), buffer)
        return buffer.getvalue()
    if name == "alpaca_eval.json":
        return json.dumps(rows, indent=4).encode()
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    """What a process without local data loads of all bundled tasks and preferences."""
    data = [split.data for task in TASKS.values() for split in task.splits if split.data]
    data += [found.data for found in PREFERENCES.values()]
    repositories = {
        one.hub.replace("/", "__"): Repository(
            {one.revision: {one.files[0]: written(one.files[0], ROWS[one.hub])}, NEWEST: {}}, {"main": NEWEST}
        )
        for one in data
    }
    home = tmp_path_factory.mktemp("home")
    with HubServer(**repositories) as hub:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "GENDIV_"))}
        environment = {**kept, "HF_ENDPOINT": hub.url, "HF_HOME": str(home)}
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True, timeout=120
        )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_every_split_loads_from_its_pinned_commit(loaded):
    pins = {split.data.hub: split.data.revision for task in TASKS.values() for split in task.splits if split.data}
    assert loaded["commits"] == pins
    assert all(loaded["splits"].values())


def test_each_format_of_file_gives_the_published_prompt(loaded):
    splits = loaded["splits"]
    assert splits["summarisation/tldr"][1] == "SUBREDDIT: r/AskReddit\nTITLE: A title\nPOST: I hate it. 1\nTL;DR:"
    assert splits["summarisation/cnn_dailymail"] == ["ARTICLE: Rain fell.\nTL;DR:"]
    assert splits["instruction-following/alpaca_eval"][0].endswith("### Instruction:\nWhy?\n\n### Response:")
    assert splits["instruction-following/alpaca_farm"][0].endswith("Name a river.\n\n### Response:")


def test_the_sides_of_every_shift_part_the_rows(loaded):
    for task in TASKS.values():
        if task.name.startswith("tldr-"):
            sides = [loaded["splits"][task.full_name(split)] for split in task.splits]
            assert sorted(sides[0] + sides[1]) == sorted(loaded["splits"]["summarisation/tldr"])


def test_preferences_load_from_nested_columns(loaded):
    assert loaded["preferences"] == {
        "tldr": [["SUBREDDIT: r/tifu\nTITLE: T\nPOST: P", ["One.", "Two."], 1]],
        "cnn_dailymail": [["ARTICLE: Rain fell.", ["One.", "Two."], 0]],
    }
