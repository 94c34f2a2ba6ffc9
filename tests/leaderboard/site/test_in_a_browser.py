"""The site as a reader has it: in a real browser, from a disk and from a sub-path of a server."""

import functools
import hashlib
import http.server
import shutil
import threading
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlparse

import pytest
import synthetic_submissions as made

from gendiv.benchmark.decoding import Decoding
from gendiv.leaderboard.site.build import build_site
from gendiv.leaderboard.site.data import script
from gendiv.leaderboard.submissions.standing import Checks, Refused, Verified

playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install 'gendiv[dev]'")

IMAGE = "<img src=x onerror=window.hacked=1>"
SCRIPT = "</script><script>window.hacked=1</script>"
STRANGE_SPLIT = "summarisation/\"'><b onclick=window.hacked=1>"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation", event => violations.push(event.violatedDirective));
"""
FIRST_VIEW = 300_000


def _hostile(root):
    """A submission whose every text tries to be more than a text."""
    one = made.submission(
        root, 90, 2, model=f"evil {IMAGE}", revision=SCRIPT, family="__proto__", tuning="constructor", licence=IMAGE
    )
    old = one.record.splits[1].name
    renamed = [
        split.model_copy(update={"name": STRANGE_SPLIT}) if split.name == old else split for split in one.record.splits
    ]
    results = [
        result.model_copy(update={"split": STRANGE_SPLIT}) if result.split == old else result
        for result in one.scores.results
    ]
    record = one.record.model_copy(update={"splits": tuple(renamed), "label": SCRIPT})
    scores = one.scores.model_copy(update={"results": tuple(results)})
    one = made.write(type(one)(one.folder.parents[2] / "evil" / "main" / "kirk2023", one.card, record, scores))
    texts = {f"prompt {IMAGE}": [IMAGE, IMAGE, SCRIPT, ""]}
    made.write_samples(one, "summarisation/tldr", texts)
    return made.seal(one)


def _write_site(root, out):
    ordinary = [made.write(one, prompts=4) for one in made.submissions(root, 11, 4)]
    cooler = made.write(made.submission(root, 40, 4, decoding=Decoding(temperature=0.7), model="cooler"))
    submissions = [*ordinary, cooler, _hostile(root)]
    first = submissions[3]
    card = hashlib.sha256((first.folder / "submission.json").read_bytes()).hexdigest()
    standings = {f"{result.split}|{result.signature}": "recomputed" for result in first.scores.results}
    checks = Checks(
        schema=1,
        gendiv="0.1.0",
        verified=(Verified(submission=first.name, card=card, standings=standings),),
        refused=(Refused(submission=f"bad/{IMAGE}/kirk2023", reasons=(f"samples: {SCRIPT}",)),),
    )
    build_site(submissions, checks, [], out, f"Board & {IMAGE}")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("board")
    _write_site(folder / "root", folder / "site")
    return folder / "site"


@pytest.fixture(scope="module")
def browser():
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if not found:
        pytest.skip("needs a Chromium on PATH: chromium, chromium-browser or google-chrome")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def reader(browser, site):
    """Return a function that opens a page of the site; at the end, no page may have complained or been taken over."""
    contexts, pages, said = [], [], []

    def opening(address="index.html", **settings):
        context = browser.new_context(**({"viewport": {"width": 1280, "height": 900}} | settings))
        context.add_init_script(WATCH)
        context.set_default_timeout(5000)
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(address if "://" in address else (site / address.partition("#")[0]).as_uri() + _hash(address))
        contexts.append(context)
        pages.append(page)
        if address.startswith("index.html") and settings.get("java_script_enabled", True):
            _drawn(page)
        return page

    yield opening
    for page in pages:
        if page.evaluate("true"):
            assert page.evaluate("[window.hacked, window.violations]") in ([None, []], [None, None])
    for context in contexts:
        context.close()
    assert said == []


def _hash(address):
    return f"#{address.partition('#')[2]}" if "#" in address else ""


def _drawn(page):
    page.wait_for_selector("#table-region:not([aria-busy]) tbody tr")


def _column(page, number):
    return page.eval_on_selector_all(
        "#table tbody tr", f"rows => rows.map(row => row.cells[{number}].firstChild.textContent)"
    )


def _values(page):
    return [
        float(text.replace("\u2212", "-"))
        for text in page.locator("#table td.value").all_text_contents()
        if text != "\u2013"
    ]


def _models(page):
    return page.locator("#table th.model a").all_text_contents()


def _header(page, name):
    return page.get_by_role("columnheader", name=name).get_by_role("button")


def _page_of(site, pattern):
    return sorted(site.glob(pattern))[0].relative_to(site).as_posix()


def test_the_first_view_shows_models_in_the_order_of_their_ranks(reader):
    page = reader()
    assert page.locator("#table caption").text_content() == "ead, per input: summarisation/tldr"
    ranks = [tuple(map(int, text.split("\u2013"))) for text in _column(page, 0)]
    assert ranks[0][0] == 1
    middles = [rank[0] + rank[-1] for rank in ranks]
    assert middles == sorted(middles)
    assert len(_models(page)) == 12  # eleven and the hostile one; the cooler one has a signature of its own
    assert "Higher is more diverse." in page.locator(".reading").first.text_content()


def test_a_header_sorts_by_its_column_and_back(reader):
    page = reader()
    before = _models(page)
    button, value = _header(page, "Value"), page.get_by_role("columnheader", name="Value")
    button.click()
    assert value.get_attribute("aria-sort") == "descending"
    assert _values(page) == sorted(_values(page), reverse=True)
    button.click()
    assert value.get_attribute("aria-sort") == "ascending"
    assert _values(page) == sorted(_values(page))
    assert "sorted by value, ascending" in page.locator("#status").text_content()
    _header(page, "Rank").click()
    assert value.get_attribute("aria-sort") is None
    assert _models(page) == before


def test_the_keyboard_alone_sorts(reader):
    page = reader()
    page.locator("#search").focus()
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('th')?.dataset.sort") == "value":
            break
    page.keyboard.press("Enter")
    assert page.get_by_role("columnheader", name="Value").get_attribute("aria-sort") == "descending"


def test_filters_narrow_the_table(reader):
    page = reader()
    page.select_option("#family", "llama-3")
    assert set(_column(page, 2)) == {"llama-3"}
    page.fill("#search", "PPO model-0001")
    assert _models(page) == ["model-0001"]
    page.fill("#search", "")
    page.select_option("#family", "")
    page.select_option("#standing", "recomputed")
    assert _models(page) == ["model-0003"]
    assert "recomputed" in page.locator("#table tbody tr").text_content()
    page.fill("#search", "nobody")
    assert page.locator("#table tbody").text_content() == "No number answers these filters."


def test_numbers_of_other_settings_are_a_table_of_their_own(reader):
    page = reader()
    options = page.locator("#signature option").all_text_contents()
    assert options == ["temperature 1.0", "temperature 0.7"]
    page.select_option("#signature", label="temperature 0.7")
    _drawn(page)
    assert _models(page) == ["cooler"]


def test_all_splits_of_a_shift_come_with_their_split_and_shift(reader):
    page = reader()
    page.select_option("#split", "all")
    _drawn(page)
    assert len(_models(page)) == 4 * 11 + 2
    page.select_option("#shift", "id")
    _drawn(page)
    assert set(_column(page, 4)) == {"summarisation/tldr", "instruction-following/alpaca_farm"}
    assert set(_column(page, 5)) == {"id"}


def test_an_address_shows_the_same_to_somebody_else_and_after_going_back(reader):
    page = reader()
    page.select_option("#split", "all")
    page.select_option("#metric", "sbert")
    page.fill("#search", "model-000")
    _drawn(page)
    _header(page, "Value").click()
    address, seen = page.url, page.locator("#table").inner_text()
    assert reader("index.html" + address[address.index("#") :]).locator("#table").inner_text() == seen
    page.locator("#table th.model a").first.click()
    page.wait_for_selector("h1")
    page.go_back()
    _drawn(page)
    assert page.locator("#table").inner_text() == seen


def test_an_address_that_changes_is_followed_and_one_that_is_wrong_is_said(reader):
    page = reader("index.html#split=all&metric=nonsense&sort=__proto__&order=up&page=-3&level=constructor")
    assert "no metric \u201cnonsense\u201d" in page.locator("#notes").text_content()
    assert page.locator("#table caption").text_content() == "ead, per input: 5 splits"
    page.evaluate("location.hash = 'split=summarisation/cnn_dailymail&metric=rouge'")
    playwright.expect(page.locator("#table caption")).to_contain_text("rouge")
    assert page.locator("#notes").text_content() == ""
    assert "Higher is better." in page.locator(".reading").first.text_content()


def test_rows_come_a_hundred_at_a_time_and_those_without_a_value_last(reader, site, tmp_path):
    shown = reader()
    shown.get_by_role("button", name="Copy link").click()
    playwright.expect(shown.locator("#status")).to_contain_text("address")
    view = parse_qs(urlparse(shown.url).fragment)["signature"][0]
    long = shutil.copytree(site, tmp_path / "long")
    values = [None if row % 25 == 0 else row * 7 % 250 / 250 for row in range(250)]
    columns = {"model": [row % 11 for row in range(250)], "value": values, "low": values, "high": values}
    columns |= {name: [None] * 250 for name in ("first", "last")} | {"inputs": [9] * 250, "standing": [0] * 250}
    (long / "data" / "views" / f"{view}.js").write_text(script("view", view, columns), encoding="utf-8")
    page = reader((long / "index.html").as_uri() + "#page=3")
    _drawn(page)
    assert len(_models(page)) == 50
    assert page.locator("#table td.value").all_text_contents()[-10:] == ["\u2013"] * 10
    assert not page.locator("#next").is_enabled()
    _header(page, "Value").click()
    found = []
    for number in (1, 2, 3):
        assert page.locator("#where").text_content() == f"Page {number} of 3"
        found += page.locator("#table td.value").all_text_contents()
        if number < 3:
            page.locator("#next").click()
    assert found[240:] == ["\u2013"] * 10
    assert [float(text) for text in found[:240]] == sorted(
        (value for value in values if value is not None), reverse=True
    )
    assert "page=3" in page.url


def test_a_models_page_leads_to_samples_that_mark_duplicates(reader):
    page = reader("models/index.html")
    page.get_by_role("link", name="model-0002").click()
    page.get_by_role("link", name="samples of summarisation/tldr").click()
    assert page.locator("strong.copy").first.text_content() == "the same as sample 1"
    copies = page.locator("li.copy pre").all_text_contents()
    assert copies
    assert page.locator("li.first pre").first.text_content() == copies[0]


def test_points_of_the_plot_are_named_and_walked_by_arrow_keys(reader):
    page = reader()
    page.locator("#plane-section").scroll_into_view_if_needed()
    page.wait_for_selector("#plot a.point")
    assert page.locator("#plot a.point[tabindex='0']").count() == 1
    page.locator("#plot a.point[tabindex='0']").focus()
    count = page.locator("#plot a.point").count()
    for _ in range(count):
        page.keyboard.press("ArrowLeft")
    named = []
    for _ in range(count):
        named.append(page.evaluate("document.activeElement.getAttribute('aria-label')"))
        page.keyboard.press("ArrowRight")
    across = [float(label.partition("diversity ")[2].partition(" ")[0]) for label in named]
    assert across == sorted(across)
    assert len(set(named)) == count == page.locator("#plot-rows tr").count() == 11
    assert named[-1] == page.locator("#plot-detail").text_content()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/models/*.html")


def test_the_map_lists_the_nearest_models_of_the_one_in_focus(reader):
    page = reader()
    page.locator("#map-section").scroll_into_view_if_needed()
    page.wait_for_selector("#map a.point")
    point = page.locator("#map a.point[tabindex='0']")
    point.focus()
    name = point.get_attribute("aria-label").partition(";")[0]
    assert page.locator("#nearest-of").text_content() == f"Nearest to {name}"
    assert page.locator("#nearest li").count() == 5
    similarities = [float(text.split()[-1]) for text in page.locator("#nearest li").all_text_contents()]
    assert similarities == sorted(similarities, reverse=True)


def test_a_hostile_submission_is_text_on_every_page(reader, site):
    page = reader("index.html#split=all")
    page.select_option("#family", "__proto__")
    assert _models(page) == [f"evil {IMAGE}"] * 2
    page.select_option("#split", STRANGE_SPLIT)
    _drawn(page)
    for section, points in (("#plane-section", "#plot"), ("#map-section", "#map")):
        page.locator(section).scroll_into_view_if_needed()
        page.wait_for_selector(f"{points} a.point")
    page.locator("#table th.model a").click()
    assert page.locator("h1").text_content() == f"evil {IMAGE}"
    page.get_by_role("link", name="samples of summarisation/tldr").click()
    assert page.locator("pre.sample").first.text_content().strip() in (IMAGE, SCRIPT)
    assert page.evaluate("document.images.length") == 0
    others = ["refused.html", "about.html", "models/index.html", "tasks/index.html", "metrics/index.html"]
    for name in [*others, *(path.relative_to(site).as_posix() for path in (site / "tasks").glob("*.html"))]:
        page.goto((site / name).as_uri())
        assert page.evaluate("[window.hacked, window.violations, document.images.length]") == [None, [], 0]


def test_a_file_of_data_that_is_missing_is_said_in_the_page(reader, site, tmp_path):
    broken = shutil.copytree(site, tmp_path / "broken")
    shutil.rmtree(broken / "data" / "views")
    said = []
    page = reader("about.html").context.new_page()
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto((broken / "index.html").as_uri())
    page.wait_for_selector("#table-error:not([hidden])")
    assert "could not be loaded" in page.locator("#table-error").text_content()
    assert page.locator("#metric").input_value() == "ead"
    assert said == []


def test_a_phone_needs_no_sideways_scrolling_of_any_page(reader, site):
    page = reader(viewport={"width": 360, "height": 740})
    for section in ("#plane-section", "#map-section"):
        page.locator(section).scroll_into_view_if_needed()
        page.wait_for_selector(f"{section} a.point")
    too_wide = {}
    for name in ("", *_some_pages(site)):
        if name:
            page.goto((site / name).as_uri())
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > 360:
            too_wide[name] = wide
    assert too_wide == {}


def _some_pages(site):
    return [
        _page_of(site, "models/evil*.html"),
        _page_of(site, "models/evil*/*.html"),
        _page_of(site, "models/model-0000*.html"),
        _page_of(site, "models/model-0000*/*.html"),
        "metrics/ead.html",
        "tasks/summarisation.html",
        "models/index.html",
        "refused.html",
        "about.html",
    ]


def test_dark_is_dark_and_the_readers_choice_is_kept_from_page_to_page(reader, site):
    def paper(page):
        return page.evaluate("getComputedStyle(document.body).backgroundColor")

    light, dark = (paper(reader("about.html", color_scheme=scheme)) for scheme in ("light", "dark"))
    assert light != dark
    page = reader("about.html", color_scheme="light")
    page.locator("#theme").click()
    assert paper(page) == dark
    page.goto((site / "refused.html").as_uri())
    assert paper(page) == dark


def test_without_javascript_the_front_page_leads_to_all_there_is(reader):
    page = reader(java_script_enabled=False)
    assert page.get_by_text("drawn by JavaScript, which is off").is_visible()
    assert not page.locator("#filters").is_visible()
    page.locator("main").get_by_role("link", name="list of models").click()
    page.get_by_role("link", name="model-0000").click()
    assert page.get_by_role("table").first.is_visible()


def test_no_page_has_a_serious_fault_of_accessibility_by_day_or_by_night(reader, site):
    axe = pytest.importorskip("axe_playwright_python", reason="needs axe-playwright-python: pip install 'gendiv[dev]'")
    source = Path(axe.__file__).with_name("axe.min.js")
    page = reader(reduced_motion="reduce", bypass_csp=True)
    for section in ("#plane-section", "#map-section"):
        page.locator(section).scroll_into_view_if_needed()
        page.wait_for_selector(f"{section} a.point")
    found = {}
    for name in ("", *_some_pages(site)[1:5], "refused.html"):
        if name:
            page.goto((site / name).as_uri())
        page.add_script_tag(path=source)
        for scheme, rules in (("light", "['wcag2a', 'wcag2aa', 'wcag21aa']"), ("dark", "['color-contrast']")):
            page.emulate_media(color_scheme=scheme)
            checked = page.evaluate(f"axe.run({{preload: false, resultTypes: ['violations'], runOnly: {rules}}})")
            for one in checked["violations"]:
                if one["impact"] in ("serious", "critical"):
                    found[name, scheme, one["id"]] = one["nodes"][0]["html"], one["nodes"][0]["failureSummary"]
    assert found == {}


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def test_under_a_sub_path_nothing_beyond_it_is_asked_for_and_the_first_view_is_small(reader, site, tmp_path):
    (tmp_path / "group").mkdir()
    (tmp_path / "group" / "board").symlink_to(site)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(tmp_path)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        root = f"http://127.0.0.1:{server.server_port}/group/board/"
        page = reader("about.html").context.new_page()
        asked = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{root}index.html")
        _drawn(page)
        first = [site / unquote(urlparse(url).path).removeprefix("/group/board/") for url in asked]
        assert sum(path.stat().st_size for path in first) < FIRST_VIEW
        for section in ("#plane-section", "#map-section"):
            page.locator(section).scroll_into_view_if_needed()
            page.wait_for_selector(f"{section} a.point")
        page.locator("#table th.model a").first.click()
        page.get_by_role("link", name="samples of").first.click()
        page.wait_for_selector("li pre.sample")
        assert [url for url in asked if not url.startswith((root, "data:"))] == []
    finally:
        server.shutdown()
        server.server_close()
