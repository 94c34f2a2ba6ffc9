"""How long a reader waits for a board: first view, sorting, searching; run as a program with a built site's folder.

    PYTHONPATH=.dev:tests python tests/benchmarks/board_in_a_browser.py SITE

The time of a click is that of its handler and of the layout that follows.
"""

import shutil
import statistics
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

CLICK = """name => {
    const button = document.querySelector(`th[data-sort=${name}] button`);
    const start = performance.now();
    button.click();
    document.body.offsetHeight;
    return performance.now() - start;
}"""
TYPE = """word => {
    const field = document.getElementById("search");
    const start = performance.now();
    field.value = word;
    field.dispatchEvent(new Event("input"));
    document.body.offsetHeight;
    return performance.now() - start;
}"""


def main():
    site = Path(sys.argv[1]).resolve()
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page()
        asked = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto((site / "index.html").as_uri())
        page.wait_for_selector("#table-region:not([aria-busy]) tbody tr")
        files = [Path(url.removeprefix("file://")) for url in asked if url.startswith("file:")]
        print(f"first view: {sum(file.stat().st_size for file in files):,} bytes in {len(files)} files")
        for split in ("one split", "all splits"):
            if split == "all splits":
                page.select_option("#split", "all")
                page.wait_for_selector("#table-region:not([aria-busy]) tbody tr")
            print(f"{split}: {page.locator('#status').text_content()}")
            for name in ("value", "model", "family", "rank"):
                times = [page.evaluate(CLICK, name) for _ in range(10)]
                print(f"  sort by {name}: median {statistics.median(times):.0f} ms, most {max(times):.0f} ms")
            times = [page.evaluate(TYPE, word) for word in ("m", "mo", "model-00", "", "llama", "")]
            print(f"  search: median {statistics.median(times):.0f} ms, most {max(times):.0f} ms")
        browser.close()


if __name__ == "__main__":
    main()
