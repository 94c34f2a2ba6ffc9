"""A board's site: what is written, that foreign text stays text, and what happens to a folder that is not ours."""

import csv
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from calling import calling
from synthetic_submissions import result, seal, submission, submissions, write, write_samples

from gendiv.leaderboard.site.build import build_site
from gendiv.leaderboard.site.data import script
from gendiv.leaderboard.site.samples_page import LONGEST
from gendiv.leaderboard.submissions.standing import Refused

HOSTILE = {
    "script": "<script>alert(1)</script>",
    "image": '"><img src=x onerror=alert(1)>',
    "close": "</script>",
    "template": "{{7*7}}",
    "separator": "a\u2028b",
    "turned": "a\u202egnp.exe",
    "long": "W" * 5000,
}
VOID = {"meta", "link", "img", "br", "input", "line", "circle"}
FORBIDDEN = {"img", "iframe", "object", "embed", "base", "style"}


class Page(HTMLParser):
    """What a page holds: its elements with their attributes, its links, its text."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.links, self.texts, self._open = [], [], [], []
        self.feed(text)
        assert self._open == [], "every element is closed"

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self.links += [value for name, value in attrs if name in ("href", "src")]
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self._open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)

    @property
    def text(self):
        return "".join(self.texts)

    def having(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


def pages(site):
    return {path.relative_to(site).as_posix(): Page(path.read_text(encoding="utf-8")) for path in site.rglob("*.html")}


def data(path):
    return json.loads("[" + re.fullmatch(r"gendiv\.\w+\((.*)\);\n", path.read_text(encoding="ascii"))[1] + "]")


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    """Six models, one of which has everything hostile in it that a field may hold."""
    root = tmp_path_factory.mktemp("root")
    made = [write(one, 3, dimension=8) for one in submissions(root, 5, 5, prompts=3, samples=4)]
    evil = submission(
        root, 5, 5, prompts=4, samples=4, model=HOSTILE["script"], family=HOSTILE["image"], tuning=HOSTILE["template"]
    )
    faults = [fault.model_copy(update={"message": HOSTILE["turned"]}) for fault in evil.record.faults]
    record = evil.record.model_copy(update={"label": HOSTILE["close"], "faults": tuple(faults)})
    foreign = result("summarisation/tldr", "ead", "per_input", 0.5)
    odd = foreign.model_copy(
        update={"metric": HOSTILE["image"], "signature": foreign.signature.replace("ead", HOSTILE["image"], 1)}
    )
    scores = evil.scores.model_copy(update={"results": (*evil.scores.results, odd)})
    evil = type(evil)(evil.folder, evil.card, record, scores)
    write(evil, 3, dimension=8)
    texts = list(HOSTILE.values())
    write_samples(
        evil,
        "summarisation/tldr",
        {HOSTILE["image"]: texts[:4], HOSTILE["close"]: texts[3:], "three": ["", "x", "x", "\0"]},
    )
    made.append(seal(evil))
    return root, made


@pytest.fixture(scope="module")
def site(repository, tmp_path_factory):
    out = tmp_path_factory.mktemp("site")
    refused = [Refused(submission=HOSTILE["script"], reasons=(HOSTILE["image"], "two"))]
    build_site(repository[1], None, refused, out, "A </title><b>board")
    return out


@pytest.fixture(scope="module")
def read(site):
    return pages(site)


def test_every_page_is_well_formed_and_holds_no_script_or_style_of_its_own(read):
    assert len(read) > 40
    for name, page in read.items():
        assert all("src" in attributes for attributes in page.having("script")), name
        assert not FORBIDDEN & {tag for tag, _ in page.elements}, name
        assert not [attributes for _, attributes in page.elements if any(key.startswith("on") for key in attributes)]
        assert not [attributes for _, attributes in page.elements if {"style", "action"} & set(attributes)], name


def test_every_page_forbids_what_it_does_not_need(read):
    for name, page in read.items():
        (policy,) = [
            one["content"] for one in page.having("meta") if one.get("http-equiv") == "Content-Security-Policy"
        ]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'"), name
        assert "unsafe" not in policy


def test_every_page_has_one_heading_a_language_and_tables_that_can_be_read_aloud(read):
    for name, page in read.items():
        assert len(page.having("h1")) == 1, name
        assert page.having("html") == [{"lang": "en"}]
        if name != "index.html":  # whose tables are filled by scripts; what reads it aloud is tried in a browser
            assert len(page.having("caption")) == len(page.having("table")), name
        assert all("scope" in attributes for attributes in page.having("th")), name
        assert page.having("a")[0] == {"class": "skip", "href": "#content"}


def test_every_link_is_relative_and_leads_somewhere(site, read):
    """But for what the front adds, style and scripts, which other tests hold."""
    for name, page in read.items():
        for link in page.links:
            if link in ("data:,",) or link.startswith("#"):
                continue
            parts = urlsplit(link)
            assert not parts.scheme and not parts.netloc and not parts.path.startswith("/"), (name, link)
            target = (site / name).parent / unquote(parts.path)
            assert target.resolve().is_relative_to(site.resolve())
            assert target.is_file() or "static/" in link, (name, link)


def test_foreign_texts_are_shown_as_they_are(read):
    evil = next(
        page for name, page in read.items() if page.text.count(HOSTILE["script"]) and name.startswith("models/s")
    )
    assert HOSTILE["template"] in evil.text
    assert HOSTILE["image"] in evil.text
    assert HOSTILE["turned"] in evil.text
    assert HOSTILE["image"] in read["refused.html"].text


def test_what_turns_text_round_is_shut_in(site):
    for path in site.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        for found in re.finditer("\u202e", text):
            before = text[: found.start()]
            assert before.rfind("<bdi>") > before.rfind("</bdi>") or before.rfind("<pre") > before.rfind("</pre>")


def test_samples_stand_side_by_side_with_copies_and_empty_ones_marked_in_words(read):
    page = next(page for name, page in read.items() if "summarisation--tldr" in name and HOSTILE["script"] in page.text)
    assert "Empty: no text at all." in page.text
    assert "the same as sample 2" in page.text and "3 of 4 samples are different." in page.text
    assert "\u2400" in page.text, "a control character is made visible"
    assert f"Cut here: {5000 - LONGEST} more characters." in page.text


def test_scripts_are_ascii_and_hold_nothing_that_means_something_in_a_page(site):
    files = list((site / "data").rglob("*.js"))
    assert len(files) > 30
    for path in files:
        assert not re.search(r"[<>&']", path.read_text(encoding="ascii"))
    assert json.loads(script("view", "\u2028</script>")[12:-3]) == "\u2028</script>"
    assert "\\u2028" in script("view", "\u2028")


def test_the_board_lists_models_and_tables(site, repository):
    (board,) = data(site / "data" / "board.js")
    assert board["title"] == "A </title><b>board"
    assert board["models"]["name"] == [one.card.model for one in sorted(repository[1], key=lambda one: one.name)]
    assert all((site / "models" / f"{page}.html").is_file() for page in board["models"]["page"])
    counts = [view["count"] for view in board["views"]]
    assert counts == sorted(counts, reverse=True) and counts[0] == 6
    for kind in ("views", "planes", "maps"):
        for one in board[kind]:
            identity, columns = data(site / "data" / kind / f"{one['id']}.js")
            assert identity == one["id"] and {len(column) for column in columns.values()} == {one["count"]}


def test_the_same_submissions_give_the_same_bytes(repository, tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    for name in "ab":
        build_site(
            list(reversed(repository[1][:3])) if name == "b" else repository[1][:3], None, [], tmp_path / name, "t"
        )
    first, second = (
        {p.relative_to(tmp_path / n): p.read_bytes() for p in (tmp_path / n).rglob("*") if p.is_file()} for n in "ab"
    )
    assert first == second
    assert "2023-11-14 22:13 UTC" in (tmp_path / "a" / "about.html").read_text()


def test_downloads_hold_every_number_whole(site, repository):
    import pyarrow.parquet as pq

    wanted = sum(len(one.scores.results) for one in repository[1])
    rows = list(csv.DictReader((site / "downloads" / "board.csv").open(encoding="utf-8", newline="")))
    columns = json.loads((site / "downloads" / "board.json").read_text())["columns"]
    table = pq.read_table(site / "downloads" / "board.parquet")
    assert len(rows) == len(columns["value"]) == table.num_rows == wanted
    values = [one.value for made in sorted(repository[1], key=lambda one: one.name) for one in made.scores.results]
    assert [float(row["value"]) for row in rows] == columns["value"] == table["value"].to_pylist() == values
    assert {row["standing"] for row in rows} == {"self_reported"}


def test_a_spreadsheet_computes_nothing_that_a_submitter_wrote(tmp_path):
    made = write(submission(tmp_path / "root", 0, 1, model="=HYPERLINK(1)", family="@x", tuning="-2"))
    build_site([made], None, [], tmp_path / "site", "t")
    row = next(csv.DictReader((tmp_path / "site" / "downloads" / "board.csv").open(encoding="utf-8", newline="")))
    assert (row["model"], row["family"], row["tuning"]) == ("'=HYPERLINK(1)", "'@x", "'-2")


@pytest.mark.parametrize("link", ["javascript:alert(1)", "http://x.example", "data:text/html,x"])
def test_only_https_is_a_link(tmp_path, link):
    made = write(submission(tmp_path / "root", 0, 1))
    made = type(made)(made.folder, made.card.model_copy(update={"link": link}), made.record, made.scores)
    build_site([made], None, [], tmp_path / "site", "t")
    (page,) = [page for name, page in pages(tmp_path / "site").items() if name.startswith("models/model")]
    assert link in page.text and link not in page.links


def test_an_https_link_is_a_link(tmp_path):
    made = write(submission(tmp_path / "root", 0, 1, link="https://x.example/a?b=1&c=2"))
    build_site([made], None, [], tmp_path / "site", "t")
    (page,) = [page for name, page in pages(tmp_path / "site").items() if name.startswith("models/model")]
    assert "https://x.example/a?b=1&c=2" in page.links


def test_an_empty_board_is_a_site_too(tmp_path):
    build_site([], None, [Refused(submission="a/b/c", reasons=("torn",))], tmp_path / "site", "t")
    assert "torn" in pages(tmp_path / "site")["refused.html"].text


@pytest.fixture
def board(monkeypatch, capsys):
    return calling(monkeypatch, capsys, "board", "build")


def test_the_command_builds_lists_what_is_broken_and_says_where_to_look(board, tmp_path):
    for one in submissions(tmp_path / "root", 2, 1):
        write(one, 2, dimension=4)
    (tmp_path / "root" / "model-0001" / "main" / "kirk2023" / "scores.json").write_text("{")
    (tmp_path / "root" / "model-0000" / "main" / "kirk2023" / "samples" / "summarisation" / "tldr.parquet").write_bytes(
        b"x"
    )
    code, out, err = board(tmp_path / "root", "--out", tmp_path / "site")
    assert (code, out.splitlines()[1]) == (
        0,
        f"open {tmp_path / 'site' / 'index.html'} in a browser, or put the folder on any static host",
    )
    assert "left out: model-0001/main/kirk2023" in err and "not shown: model-0000/main/kirk2023" in err
    text = pages(tmp_path / "site")["refused.html"].text
    assert "model-0001/main/kirk2023" in text and "samples/summarisation/tldr.parquet" in text
    code, out, _ = board(tmp_path / "root", "--out", tmp_path / "site", "--json")
    assert (code, json.loads(out)["models"], list(json.loads(out)["refused"])) == (0, 1, ["model-0001/main/kirk2023"])


def test_bad_input_is_one_line_and_leaves_what_is_there_alone(board, tmp_path):
    root, other, file = tmp_path / "root", tmp_path / "other", tmp_path / "file"
    write(submission(root, 0, 1))
    other.mkdir()
    (other / "thesis.tex").write_text("years of work")
    file.write_text("{")
    (tmp_path / "empty").mkdir()
    for words, said in {
        (tmp_path / "none", "--out", tmp_path / "site"): "is no folder",
        (tmp_path / "empty", "--out", tmp_path / "site"): "holds no submission",
        (root, "--out", other): "files that are no site",
        (root, "--out", file): "is a file",
        (root, "--out", tmp_path / "site", "--checks", file): "wanted JSON",
        (root, "--out", tmp_path / "site", "--checks", tmp_path / "none"): "cannot read",
    }.items():
        code, out, err = board(*words)
        assert (code, out, len(err.splitlines())) == (2, "", 1)
        assert said in err
    assert [path.name for path in other.iterdir()] == ["thesis.tex"]
    assert not (tmp_path / "site").exists()


def test_a_build_that_fails_leaves_the_old_site(tmp_path, monkeypatch):
    made = write(submission(tmp_path / "root", 0, 1))
    build_site([made], None, [], tmp_path / "site", "old")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("gendiv.leaderboard.site.build.write_downloads", full)
    with pytest.raises(OSError, match=r"No space left on device; make room"):
        build_site([made], None, [], tmp_path / "site", "new")
    assert "old" in (tmp_path / "site" / "index.html").read_text()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["root", "site"]


def test_templates_come_with_the_package():
    import gendiv.leaderboard.site as room

    assert (Path(room.__file__).parent / "templates" / "base.html").is_file()
