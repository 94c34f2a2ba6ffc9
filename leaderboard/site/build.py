"""Building a board's site: submissions in, a folder of static pages out that needs no server and no network."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from ...version import __version__
from ..submissions.standing import STANDINGS, Checks, Refused
from ..submissions.submission import Submission
from .data import script
from .entry import Entry, entries
from .folder import SiteFolder, replacing
from .pages import new_environment, render
from .views import View, views_of

if TYPE_CHECKING:
    from jinja2 import Environment


def build_site(
    submissions: Sequence[Submission],
    checks: Checks | None,
    refused: Sequence[Refused],
    out: Path,
    title: str,
) -> None:
    """Write the site of a board.

    The folder is replaced whole or not at all, and only if it is empty or holds a site. SOURCE_DATE_EPOCH, where it is
    set, is the time of the build, so that the same submissions give the same bytes.

    Args:
        submissions: that were read.
        checks: what the maintainer's check of them found; without it every number is self-reported.
        refused: submissions that could not be read, with the reasons.
        out: the folder.
        title: of the board.

    Raises:
        BadInput: the folder holds something else.
        StoreFailed: it cannot be written.
        NotInstalled: jinja2 or pyarrow is missing.
    """
    environment = new_environment()
    built = _now()
    environment.globals["site"] = {"title": title, "built": built, "version": __version__}
    dropped = {one.submission: list(one.reasons) for one in (*(checks.refused if checks else ()), *refused)}
    known, broken = entries((one for one in submissions if one.name not in dropped), checks)
    dropped |= {name: [reason] for name, reason in broken.items()}
    with replacing(out, {"schema": 1, "gendiv": __version__, "built": built}) as site:
        views = views_of(known)
        _write_static(site)
        _write_data(site, known, views, title, built)
        _write_pages(site, environment, known)


def _write_static(site: SiteFolder) -> None:
    folder = files(__package__) / "static"
    for file in folder.iterdir() if folder.is_dir() else ():
        if file.is_file():
            site.write(f"static/{file.name}", file.read_bytes())


def _write_data(site: SiteFolder, known: Sequence[Entry], views: Sequence[View], title: str, built: str) -> None:
    cards = [entry.submission.card for entry in known]
    board = {
        "title": title,
        "version": __version__,
        "built": built,
        "standings": [[name, meaning] for name, meaning in STANDINGS.items()],
        "models": {
            "name": [card.model for card in cards],
            "revision": [card.revision for card in cards],
            "suite": [card.suite for card in cards],
            "family": [card.family for card in cards],
            "tuning": [card.tuning for card in cards],
            "page": [entry.slug for entry in known],
        },
        "views": [view.described() for view in views],
        "planes": [],
        "maps": [],
    }
    site.write("data/board.js", script("board", board))
    for view in views:
        site.write(f"data/views/{view.id}.js", script("view", view.id, view.columns()))


def _write_pages(site: SiteFolder, environment: "Environment", known: Sequence[Entry]) -> None:
    site.write("index.html", render(environment, "index.html", root="", here="index.html"))
    for entry in known:
        page = render(environment, "model.html", root="../", here="", entry=entry)
        site.write(f"models/{entry.slug}.html", page)


def _now() -> str:
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    now = datetime.fromtimestamp(int(epoch), UTC) if epoch.isdecimal() else datetime.now(UTC)
    return now.strftime("%Y-%m-%d %H:%M UTC")
