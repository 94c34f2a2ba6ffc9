"""Building a board's site of 100, 300 and 1,000 made-up submissions: seconds, memory, size; sorting its table.

Run: PYTHONPATH=.dev:tests python tests/benchmarks/board.py [--models 100 300 1000] [--chromium /usr/bin/chromium]
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from synthetic_submissions import submissions, write

METRICS = ("ead", "sbert:model=minilm", "distinct")
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-sync".split()
)


def size(folder):
    """Return the bytes of all files of a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def first_view(site):
    """Return the bytes that a browser loads before the first table is there."""
    index = (site / "index.html").read_text(encoding="utf-8")
    loaded = [path for path in (site / "static").glob("*") if path.name in index]
    board = (site / "data" / "board.js").read_text(encoding="utf-8")
    first = json.loads(board[len("gendiv.board(") : -3])["views"][0]["id"]
    paths = [site / "index.html", site / "data" / "board.js", site / "data" / "views" / f"{first}.js", *loaded]
    return sum(path.stat().st_size for path in paths)


def build(root, site):
    """Build in a process of its own; return seconds, those of the processor, and its peak memory in MiB."""
    started = time.perf_counter()
    command = [sys.executable, "-m", "gendiv", "board", "build", str(root), "--out", str(site)]
    pid = subprocess.Popen(command, stdout=subprocess.DEVNULL).pid
    _, status, usage = os.wait4(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    return time.perf_counter() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def sort_clicks(site, chromium, clicks):
    """Return the milliseconds from a click on a column's head until the browser has drawn the table, click by click."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as running:
        browser = running.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_page()
        page.goto((site / "index.html").as_uri())
        page.wait_for_selector("table tbody tr")
        script = """() => new Promise(done => {
            const heads = [...document.querySelectorAll("thead th button")];
            const from = performance.now();
            heads[Math.floor(Math.random() * heads.length)].click();
            requestAnimationFrame(() => setTimeout(() => done(performance.now() - from), 0));
        })"""
        found = [page.evaluate(script) for _ in range(clicks)]
        browser.close()
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--models", type=int, nargs="+", default=[100, 300, 1000])
    parser.add_argument("--splits", type=int, default=10)
    parser.add_argument("--prompts", type=int, default=4, help="with samples on disk, of each split")
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    parser.add_argument("--clicks", type=int, default=31)
    given = parser.parse_args()
    for models in given.models:
        with tempfile.TemporaryDirectory() as folder:
            root, site = Path(folder) / "root", Path(folder) / "site"
            for one in submissions(root, models, given.splits, metrics=METRICS):
                write(one, given.prompts)
            seconds, busy, memory = build(root, site)
            print(
                f"{models:>5} submissions x {given.splits} splits: {seconds:.1f} s, {busy:.1f} s of the processor "
                f"({1000 * busy / models:.1f} ms each), peak {memory:.0f} MiB, {size(site) / 1e6:.0f} MB on disk, "
                f"first view {first_view(site) / 1e3:.0f} kB, of it board.js "
                f"{(site / 'data' / 'board.js').stat().st_size / 1e3:.0f} kB",
                flush=True,
            )
            if Path(given.chromium).exists():
                try:
                    clicks = sort_clicks(site, given.chromium, given.clicks)
                except Exception as error:  # noqa: BLE001  a browser that does not come up leaves the other figures
                    print(f"      no clicks measured: {str(error).splitlines()[0]}")
                    continue
                print(
                    f"      a click that sorts: median {statistics.median(clicks):.0f} ms, most {max(clicks):.0f} ms",
                    flush=True,
                )


if __name__ == "__main__":
    main()
