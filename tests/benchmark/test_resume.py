"""A run killed at any moment goes on where it was: no sample lost, none doubled, none of another kind taken for it."""

import json
import os
import random
import resource
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from openai_server import Faults, OpenAIServer

import gendiv
from gendiv.benchmark.sources.scripted import Scripted
from gendiv.benchmark.store import Sample, Store, read_samples
from gendiv.errors import BadInput, StoreFailed

SPLIT = "mini-instructions/everyday"
KILLS = 10
BEGUN = b" samples\n"
"""What standard error holds as soon as drawing has begun, by `Plain`."""


@pytest.fixture(scope="module")
def server():
    """A server of its own process, so that a killed client cannot touch it."""
    script = Path(__file__).parents[1] / "openai_server.py"
    process = subprocess.Popen([sys.executable, script, "--delay", "0.08"], stdout=subprocess.PIPE, text=True)
    try:
        yield f"openai:http://127.0.0.1:{int(process.stdout.readline())}/v1#m"
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def start(model, out, *more, **popen):
    command = [sys.executable, "-m", "gendiv", "run", "--model", model, "--suite", "mini", "-k", "4"]
    command += ["--metrics", "distinct", "--concurrency", "8", "--out", str(out), *more]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **popen)


def finish(process):
    stdout, stderr = process.communicate(timeout=120)
    return process.returncode, stdout.decode(), stderr.decode()


def wait_until_drawing(process, rows, out):
    """Wait until a process has drawn, and stored, at least so many samples."""
    said = b""
    while BEGUN not in said and process.poll() is None:
        if select.select([process.stderr], [], [], 30)[0]:
            said += os.read(process.stderr.fileno(), 4096) or b""
    deadline = time.monotonic() + 30
    while process.poll() is None and time.monotonic() < deadline and len(lines(out)) < rows:
        time.sleep(0.005)  # another process's file has no event to wait for


def lines(out):
    return [line for path in sorted((out / "samples").rglob("*.jsonl")) for line in path.read_bytes().splitlines(True)]


def keys(out):
    return [sample.key for path in sorted((out / "samples").rglob("*.jsonl")) for sample in read_samples(path)]


@pytest.fixture(scope="module")
def uninterrupted(server, tmp_path_factory):
    out = tmp_path_factory.mktemp("uninterrupted")
    code, _, stderr = finish(start(server, out))
    assert code == 0, stderr
    found = keys(out)
    assert len(found) == len(set(found)) == 160 * 4
    return set(found)


def test_ten_kills_lose_and_double_no_sample(server, uninterrupted, tmp_path):
    moments = random.Random(1)
    had = 0
    for _ in range(KILLS):
        process = start(server, tmp_path)
        wait_until_drawing(process, had + moments.randrange(0, 90), tmp_path)
        process.kill()
        finish(process)
        whole = [line for line in lines(tmp_path) if line.endswith(b"\n")]
        assert len(whole) >= had
        had = len(whole)
    assert had > 0
    code, stdout, stderr = finish(start(server, tmp_path))
    assert code == 0, stderr
    assert "distinct" in stdout
    found = keys(tmp_path)
    assert len(found) == len(set(found))
    assert set(found) == uninterrupted
    assert json.loads((tmp_path / "run.json").read_text())["state"] == "complete"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_polite_signal_ends_with_its_code_in_one_line_and_the_run_goes_on(
    number, code, server, uninterrupted, tmp_path
):
    process = start(server, tmp_path)
    wait_until_drawing(process, 40, tmp_path)
    process.send_signal(number)
    found, stdout, stderr = finish(process)
    assert found == code
    assert "Traceback" not in stderr
    assert stderr.splitlines()[-1].startswith("gendiv: ")
    assert "what was finished is kept" in stderr.splitlines()[-1]
    assert stdout == ""
    assert json.loads((tmp_path / "run.json").read_text())["state"] == "incomplete"
    kept = set(keys(tmp_path))
    assert 0 < len(kept) < len(uninterrupted)
    assert kept < uninterrupted
    assert finish(start(server, tmp_path))[0] == 0
    assert sorted(keys(tmp_path)) == sorted(uninterrupted)


def test_a_full_disk_ends_in_one_line_keeps_every_finished_sample_and_the_run_goes_on(server, uninterrupted, tmp_path):
    def little_room():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (12_000, 12_000))

    assert finish(start(server, tmp_path, "-k", "1"))[0] == 0
    code, stdout, stderr = finish(start(server, tmp_path, preexec_fn=little_room))
    assert code == 2
    assert stdout == ""
    assert "Traceback" not in stderr
    assert "cannot write" in stderr.splitlines()[-1]
    assert "File too large" in stderr.splitlines()[-1]
    assert "give the same command again" in stderr.splitlines()[-1]
    kept = lines(tmp_path)
    assert kept
    assert all(line.endswith(b"\n") for line in kept)
    code, _, stderr = finish(start(server, tmp_path))
    assert code == 0, stderr
    assert set(kept) <= set(lines(tmp_path))
    assert sorted(keys(tmp_path)) == sorted(uninterrupted)


def test_rows_that_do_not_fit_are_taken_back_whole_however_often_it_is_tried(tmp_path):
    def sample(index, text):
        return Sample(f"{index}", "p", index, index, text, "stop")

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    store = Store(tmp_path)
    try:
        store.append("t/s", [sample(0, "kept")])
        resource.setrlimit(resource.RLIMIT_FSIZE, (400, before[1]))
        for index in (1, 2, 3):  # other requests were under way when the first row found no room
            with pytest.raises(StoreFailed, match="File too large"):
                store.append("t/s", [sample(index, "x" * 1000)])
        store.append("t/s", [sample(4, "small enough")])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        store.close()
    assert (tmp_path / "samples/t/s.jsonl").read_bytes().endswith(b"\n")
    assert [found.key for found in read_samples(tmp_path / "samples/t/s.jsonl")] == ["0", "4"]


def test_a_second_process_in_the_same_folder_is_refused(server, tmp_path):
    first = start(server, tmp_path, "--concurrency", "1")  # slow enough to be there still
    wait_until_drawing(first, 1, tmp_path)
    code, stdout, stderr = finish(start(server, tmp_path))
    assert code == 2
    assert stdout == ""
    assert "is in use by another gendiv process" in stderr.splitlines()[-1]
    first.kill()
    finish(first)
    assert len(keys(tmp_path)) == len(set(keys(tmp_path)))


def run(out, model=None, **given):
    asked = {"tasks": [SPLIT], "prompts": 4, "samples": 3, "metrics": ["distinct"], **given}
    return gendiv.evaluate(model or Scripted(), out=out, **asked)


def file(out):
    return out / "samples" / f"{SPLIT}.jsonl"


def test_a_torn_last_line_is_drawn_again(tmp_path):
    run(tmp_path)
    whole = file(tmp_path).read_bytes()
    for cut in (1, 7, len(whole.splitlines(True)[-1]) - 1):
        file(tmp_path).write_bytes(whole[:-cut])
        run(tmp_path)
        assert file(tmp_path).read_bytes() == whole


def test_a_finished_run_asks_nothing(tmp_path):
    asked = []
    source = Scripted(lambda text, seed: asked.append(seed) or f"{text[:5]} {seed}")
    run(tmp_path, source)
    assert len(asked) == 12
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    run(tmp_path, source)
    assert len(asked) == 12
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"decoding": {"temperature": 0.5}}, "another decoding of .*temperature=1.0.*temperature=0.5"),
        ({"decoding": {"top_p": 0.5}}, "another decoding of .*top_p=0.5"),
        ({"decoding": {"stop": ("x",)}}, "another decoding of .*stop='x'"),
        ({"seed": 1}, "another --seed: 0 there, 1 here"),
        ({"format": "raw"}, "another format of .*chat there, raw here"),
        (
            {"model": Scripted(name="other")},
            "holds samples of scripted:scripted, and scripted:other has another finger",
        ),
        ({"samples": 2}, "holds 3 samples a prompt, more than -k asks"),
        ({"prompts": 3}, "holds 4 prompts of .*more than -n asks"),
        ({"tasks": ["mini-instructions/formal"]}, "also holds mini-instructions/everyday, which is not asked for now"),
    ],
)
def test_a_folder_of_another_kind_is_refused_naming_what_differs_and_left_alone(changed, named, tmp_path):
    run(tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises(BadInput, match=named):
        run(tmp_path, **changed)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    "grown",
    [
        {"samples": 7},
        {"prompts": 9},
        {"samples": 5, "prompts": 6},
        {"tasks": [SPLIT, "mini-summarisation/forum"]},
    ],
)
def test_growing_a_run_keeps_its_samples_and_equals_one_drawn_at_once(grown, tmp_path):
    run(tmp_path / "grown")
    old = set(lines(tmp_path / "grown"))
    run(tmp_path / "grown", **grown)
    run(tmp_path / "at once", **grown)
    assert old < set(lines(tmp_path / "grown"))
    assert sorted(lines(tmp_path / "grown")) == sorted(lines(tmp_path / "at once"))
    scores = [(tmp_path / name / "scores.json").read_text() for name in ("grown", "at once")]
    values = [[result["value"] for result in json.loads(text)["results"]] for text in scores]
    assert values[0] == values[1]


def test_a_sample_whose_key_does_not_fit_is_refused(tmp_path):
    run(tmp_path)
    rows = [json.loads(line) for line in file(tmp_path).read_text().splitlines()]
    for field, value in {"index": 77, "seed": 3, "key": "0" * 32, "prompt": "everyday-09"}.items():
        edited = [{**rows[0], field: value}, *rows[1:]]
        file(tmp_path).write_text("".join(json.dumps(row) + "\n" for row in edited))
        with pytest.raises(StoreFailed, match="is not of this model, prompt and decoding"):
            run(tmp_path)


def test_a_sample_that_stands_there_twice_is_refused(tmp_path):
    run(tmp_path)
    with file(tmp_path).open("ab") as rows:
        rows.write(file(tmp_path).read_bytes().splitlines(True)[0])
    with pytest.raises(StoreFailed, match="stands there twice"):
        run(tmp_path)


@pytest.mark.parametrize("line", [b"nonsense\n", b"{}\n", b"[1]\n", b'{"key": 1, "more": 2}\n', b"\xff\n", b"\n"])
def test_a_damaged_line_is_named_by_file_and_number(line, tmp_path):
    run(tmp_path)
    rows = file(tmp_path).read_bytes().splitlines(True)
    file(tmp_path).write_bytes(b"".join([*rows[:4], line, *rows[4:]]))
    with pytest.raises(StoreFailed, match=r"everyday\.jsonl:5: wanted a sample row"):
        run(tmp_path)
    with pytest.raises(StoreFailed, match=r"everyday\.jsonl:5: wanted a sample row"):
        gendiv.score(tmp_path)


def test_a_missing_sample_is_drawn_with_its_own_seed(tmp_path):
    run(tmp_path)
    whole = file(tmp_path).read_bytes().splitlines(True)
    file(tmp_path).write_bytes(b"".join(whole[:3] + whole[5:]))
    run(tmp_path)
    assert sorted(file(tmp_path).read_bytes().splitlines(True)) == sorted(whole)


def test_scores_of_other_samples_do_not_stay(tmp_path):
    run(tmp_path, metrics=["distinct", "length"])
    run(tmp_path, metrics=["distinct"])
    names = [result["metric"] for result in json.loads((tmp_path / "scores.json").read_text())["results"]]
    assert set(names) == {"distinct", "length"}
    run(tmp_path, samples=5, metrics=["distinct"])
    names = [result["metric"] for result in json.loads((tmp_path / "scores.json").read_text())["results"]]
    assert set(names) == {"distinct"}


def test_a_run_killed_after_its_last_sample_is_closed_and_still_says_what_its_source_was(tmp_path):
    source = Scripted()
    source.details["server"] = "told when it was entered"
    run(tmp_path, source)
    record = json.loads((tmp_path / "run.json").read_text())
    (tmp_path / "run.json").write_text(json.dumps({**record, "state": "running"}))
    run(tmp_path)  # nothing is missing, so the source is not entered
    closed = json.loads((tmp_path / "run.json").read_text())
    assert closed["state"] == "complete"
    assert closed["source"] == {"server": "told when it was entered"}


def test_a_resumed_run_tells_of_both_rounds(tmp_path):
    run(tmp_path)
    record = run(tmp_path, samples=5).record
    assert [found.samples for found in record.rounds] == [12, 8]


def test_two_models_on_one_server_are_two_models(tmp_path):
    with OpenAIServer(Faults(models=("one", "two"))) as server:
        run(tmp_path, f"openai:{server.url}#one")
        with pytest.raises(
            BadInput, match=r"holds samples of openai:.*#one, and openai:.*#two has another fingerprint"
        ):
            run(tmp_path, f"openai:{server.url}#two")


def test_two_processes_that_write_one_file_at_once_leave_one_of_their_texts_whole(tmp_path):
    program = (
        "import sys; from pathlib import Path; from gendiv.benchmark.store import write_whole\n"
        "for _ in range(150): write_whole(Path(sys.argv[1]), sys.argv[2] * 10_000)"
    )
    processes = [
        subprocess.Popen([sys.executable, "-c", program, str(tmp_path / "file"), text], stderr=subprocess.PIPE)
        for text in "ab"
    ]
    assert [process.communicate(timeout=60)[1] for process in processes] == [b"", b""]
    assert (tmp_path / "file").read_text() in ("a" * 10_000, "b" * 10_000)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
