"""Building a board's site: submissions in, a folder of static pages out that needs no server and no network."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from ...errors import StoreFailed
from ...version import __version__
from ..levels import LEVELS
from ..submissions.checking import read_checks
from ..submissions.reading import read_prompts, read_repository, read_samples
from ..submissions.standing import STANDINGS, Checks, Refused
from ..submissions.submission import Submission
from ..submissions.tables import require_pyarrow
from .card_parts import pieces
from .catalogue import Render, write_metrics, write_tasks
from .data import script
from .downloads import write_downloads
from .drawing import scales
from .entry import Entry, entries
from .folder import SiteFolder, check_replaceable, replacing
from .model_page import gap_reading, model_page, places_of
from .pages import new_renderer
from .planes import Plane, planes_of
from .samples_page import answered
from .similarity import PROMPTS, Nearest, maps_of_split, nearest_by_entry
from .slugs import slug
from .views import View, views_of

SHIFTS: Final = {"id": "in distribution", "near": "out of distribution, near", "far": "out of distribution, far"}


@dataclass(frozen=True)
class Built:
    """What a build did.

    Attributes:
        index: the page to open.
        models: how many are on the board.
        refused: by name, why a submission is not.
        remarks: by name, what of one that is on the board could not be read.
    """

    index: Path
    models: int
    refused: Mapping[str, Sequence[str]]
    remarks: Sequence[tuple[str, str]]


def build_repository(root: Path, out: Path, checks_file: Path | None, title: str) -> Built:
    """Write the site of a results repository: `gendiv board build`.

    Args:
        root: the repository.
        out: the folder of the site.
        checks_file: that the maintainer's check wrote, or None.
        title: of the board.

    Raises:
        BadInput: `out` holds something else.
        StoreFailed: there is no submission, a folder or the checks cannot be read, or the site cannot be written.
        NotInstalled: jinja2 or pyarrow is missing.
    """
    check_replaceable(out)
    checks = None if checks_file is None else read_checks(checks_file)
    submissions, refused = read_repository(root)
    return build_site(submissions, checks, refused, out, title)


def build_site(
    submissions: Sequence[Submission],
    checks: Checks | None,
    refused: Sequence[Refused],
    out: Path,
    title: str,
) -> Built:
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
    require_pyarrow()
    built = _now()
    render = new_renderer(
        site={"title": title, "built": built, "version": __version__},
        standings=[(name.replace("_", "-"), meaning) for name, meaning in STANDINGS.items()],
        shifts=SHIFTS,
        levels=LEVELS,
        address=_address,
        pieces=pieces,
        reading=gap_reading,
        slug=slug,
        prompts_on_a_map=PROMPTS,
    )
    dropped = {one.submission: tuple(one.reasons) for one in (*(checks.refused if checks else ()), *refused)}
    known, broken = entries((one for one in submissions if one.name not in dropped), checks)
    dropped |= {name: (reason,) for name, reason in broken.items()}
    with replacing(out, {"schema": 1, "gendiv": __version__, "built": built}) as site:
        views, planes = views_of(known), planes_of(known)
        maps, nearest, remarks = _write_maps(site, known)
        _write_static(site)
        _write_data(site, views, planes)
        site.write("data/board.js", script("board", _board(title, built, known, views, planes, maps)))
        remarks += _write_models(site, render, known, views, nearest)
        write_metrics(site, render, views)
        write_tasks(site, render, known, views, planes)
        write_downloads(site, known)
        for name in ("index.html", "about.html"):
            site.write(name, render(name, root="", here=name))
        page = render(
            "refused.html", root="", here="refused.html", refused=dict(sorted(dropped.items())), remarks=remarks
        )
        site.write("refused.html", page)
    return Built(out / "index.html", len(known), dropped, remarks)


def _write_static(site: SiteFolder) -> None:
    folder = files(__package__) / "static"
    for file in folder.iterdir() if folder.is_dir() else ():
        if file.is_file():
            site.write(f"static/{file.name}", file.read_bytes())


def _write_data(site: SiteFolder, views: Sequence[View], planes: Sequence[Plane]) -> None:
    for view in views:
        site.write(f"data/views/{view.id}.js", script("view", view.id, view.columns()))
    for plane in planes:
        site.write(f"data/planes/{plane.id}.js", script("plane", plane.id, plane.columns()))


def _board(
    title: str,
    built: str,
    known: Sequence[Entry],
    views: Sequence[View],
    planes: Sequence[Plane],
    maps: Sequence[dict[str, object]],
) -> dict[str, object]:
    """Return what the page of the table reads first; see `data`."""
    cards = [entry.submission.card for entry in known]
    return {
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
        "planes": [plane.described() for plane in planes],
        "maps": maps,
    }


def _write_maps(
    site: SiteFolder, known: Sequence[Entry]
) -> tuple[list[dict[str, object]], Nearest, list[tuple[str, str]]]:
    """Write the maps, one split at a time; return their list, by model the nearest ones, and what could not be read."""
    described: list[dict[str, object]] = []
    nearest: Nearest = {}
    remarks: list[tuple[str, str]] = []
    for split in dict.fromkeys(split for entry in known for split in entry.splits):
        found, unusable = maps_of_split(split, known)
        remarks += unusable.items()
        for one in found:
            site.write(f"data/maps/{one.id}.js", script("map", one.id, one.columns()))
            described.append(one.described())
        for index, rows in nearest_by_entry(found).items():
            nearest.setdefault(index, []).extend(rows)
    return described, nearest, remarks


def _write_models(
    site: SiteFolder, render: Render, known: Sequence[Entry], views: Sequence[View], nearest: Nearest
) -> list[tuple[str, str]]:
    """Write the pages of models and of their samples; return what of these could not be read."""
    places, among = places_of(views), scales(result for entry in known for result in entry.results)
    remarks: list[tuple[str, str]] = []
    for entry in known:
        samples, unread = _write_samples(site, render, entry)
        remarks += [(entry.submission.name, reason) for reason in unread]
        shown = model_page(entry, places, among, samples)
        page = render("model.html", root="../", here="", nearest=nearest.get(entry.index, []), **shown)
        site.write(f"models/{entry.slug}.html", page)
    page = render("models.html", root="../", here="models/index.html", entries=known)
    site.write("models/index.html", page)
    return remarks


def _write_samples(site: SiteFolder, render: Render, entry: Entry) -> tuple[dict[str, str], list[str]]:
    """Write the pages of a model's samples; return their addresses by split, and what could not be read."""
    addresses: dict[str, str] = {}
    unread: list[str] = []
    for split, record in entry.splits.items():
        try:
            samples = read_samples(entry.submission, split)
        except StoreFailed as error:
            unread.append(str(error))
            continue
        try:
            asked = read_prompts(entry.submission, split)
        except StoreFailed as error:
            asked = {}
            unread.append(str(error))
        answers = answered(samples, asked)
        if answers:
            addresses[split] = f"{entry.slug}/{slug(split)}.html"
            page = render(
                "samples.html",
                root="../../",
                here="",
                entry=entry,
                split=split,
                answers=answers,
                prompts=record.prompts,
            )
            site.write(f"models/{addresses[split]}", page)
    return addresses, unread


def _address(view: View) -> str:
    """Return what stands behind # in the address of a table."""
    state = {"split": view.split, "metric": view.metric, "level": view.level, "signature": view.signature}
    return urlencode(state, safe="/")


def _now() -> str:
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    now = datetime.fromtimestamp(int(epoch), UTC) if epoch.isdecimal() else datetime.now(UTC)
    return now.strftime("%Y-%m-%d %H:%M UTC")
