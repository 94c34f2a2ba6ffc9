"""Steps run as processes: in order, at the same time, once, and stopped in order."""

import time
from pathlib import Path

import pytest

from gendiv.benchmark.progress import Silent
from gendiv.benchmark.reproduce.running import is_done, run_steps, seconds
from gendiv.benchmark.reproduce.step import Step
from gendiv.errors import RunIncomplete

SAMPLES = '{"id": "a", "prompt": "p", "samples": ["x y", "z"]}\n'


def score(folder, name, *needs, more=()):
    samples = folder / "samples.jsonl"
    samples.parent.mkdir(parents=True, exist_ok=True)
    samples.write_text(SAMPLES)
    return Step(name, ("score", str(samples), "--metrics", "length", "--json", *more), needs)


class Telling(Silent):
    def __init__(self):
        self.lines = []

    def note(self, line):
        self.lines.append(line)


def test_a_step_runs_after_those_it_needs_and_leaves_what_it_said(tmp_path):
    first = score(tmp_path, "seed-1/first")
    second = score(tmp_path, "seed-1/second", "seed-1/first")
    told = Telling()
    run_steps([first, second], tmp_path / "steps", 2, told)
    assert [line.partition(":")[0] for line in told.lines] == ["seed-1/first", "seed-1/second"]
    assert '"results"' in (tmp_path / "steps" / "seed-1.first.log").read_text()
    assert set(seconds([first, second], tmp_path / "steps")) == {"seed-1/first", "seed-1/second"}


def test_what_is_done_is_not_done_again_unless_it_is_asked_otherwise(tmp_path):
    step = score(tmp_path, "one")
    run_steps([step], tmp_path / "steps", 1, Silent())
    log = tmp_path / "steps" / "one.log"
    log.unlink()
    run_steps([step], tmp_path / "steps", 1, Silent())
    assert not log.exists()
    other = score(tmp_path, "one", more=("--metrics", "distinct"))
    assert not is_done(other, tmp_path / "steps")
    run_steps([other], tmp_path / "steps", 1, Silent())
    assert log.exists()


def test_a_failing_step_is_told_in_one_line_and_what_was_done_is_kept(tmp_path):
    good, bad = score(tmp_path, "good"), score(tmp_path, "bad", "good", more=("--metrics", "nonsense"))
    with pytest.raises(RunIncomplete, match=r"bad failed: .*nonsense.*the same command goes on") as caught:
        run_steps([good, bad], tmp_path / "steps", 1, Silent())
    assert "\n" not in str(caught.value)
    assert is_done(good, tmp_path / "steps")
    assert not is_done(bad, tmp_path / "steps")


def test_a_failure_stops_what_runs_beside_it(tmp_path):
    hub = "openai:http://127.0.0.1:9/v1#none"  # nobody listens: the client waits and tries again
    long = Step("long", ("run", "--model", hub, "--task", "mini-summarisation/forum", "--out", str(tmp_path / "run")))
    bad = score(tmp_path, "bad", more=("--metrics", "nonsense"))
    began = time.monotonic()
    with pytest.raises(RunIncomplete):
        run_steps([long, bad], tmp_path / "steps", 2, Silent())
    assert time.monotonic() - began < 60
    assert (tmp_path / "steps" / "long.log").exists()  # it had been started
    assert str(tmp_path / "run") not in " ".join(map(_command, Path("/proc").glob("[0-9]*")))


def _command(process):
    try:
        return (process / "cmdline").read_text().replace("\0", " ")
    except OSError:  # it ended meanwhile
        return ""
