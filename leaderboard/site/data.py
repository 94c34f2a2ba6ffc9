"""The site's data as scripts: what the browser reads, and how it is kept from being anything but data.

Pages opened from a disk cannot fetch files, so data are classic scripts of one call each. `static/board.js` defines the
object `gendiv` with these functions; every script calls one of them:

    data/board.js         gendiv.board(BOARD)
    data/views/ID.js      gendiv.view("ID", VIEW)
    data/planes/ID.js     gendiv.plane("ID", PLANE)
    data/maps/ID.js       gendiv.map("ID", MAP)

BOARD, loaded first by `index.html`:

    title, version: strings; built: "2026-01-31 12:00 UTC"
    standings: [[name, what it means]...], weakest first; a standing elsewhere is an index into it
    models: columnar, a "model" being a submission; model i is
        {name: [...], revision: [...], suite: [...], family: [... or null], tuning: [... or null], page: [SLUG...]}
        its page is models/SLUG.html
    views: [{id, split, shift, metric, level, signature, direction, range, count}...], most models first
        shift: id | near | far; level: per_input | across_input
        direction: higher_is_more_diverse | lower_is_more_diverse | higher_is_better | neutral | null (unknown metric)
        range: [lowest, highest], null for an end without bound, or null for an unknown metric
    planes: [{id, task, split, shift, x, y, count}...]; x and y: {metric, level, signature, label}
        both are written so that more is better: what is lower for more diverse stands with a minus, as the label says
    maps: [{id, split, count, prompts}...]; of as many prompts

VIEW, columnar, a place in every list for each model that has the number (null where there is none to state):

    {model: [index], value, low, high, first: [best possible rank], last: [worst], inputs, standing: [index]}
    first and last are null for neutral and unknown metrics and for undefined values

PLANE: {model: [index], x, x_low, x_high, y, y_low, y_high, front: [0 or 1]}; front: dominated by no other point.
MAP: {model: [index], x, y, nearest: [[[index, similarity]...]...]}; nearest: up to five, most similar first.

Numbers have six significant digits; the downloads have all.
"""

import json
from math import isfinite
from typing import Final

_ESCAPES: Final = {ord(mark): f"\\u{ord(mark):04x}" for mark in "<>&'"}


def script(function: str, *values: object) -> str:
    r"""Return the text of a script that hands values to a function of the page.

    ASCII alone, so that no reading of it depends on an encoding, and without a character that means something in HTML.

    >>> script("view", "0a", {"name": "</script>"})
    'gendiv.view("0a",{"name":"\\u003c/script\\u003e"});\n'
    """
    texts = (json.dumps(value, allow_nan=False, separators=(",", ":")).translate(_ESCAPES) for value in values)
    return f"gendiv.{function}({','.join(texts)});\n"


def short(number: float | None) -> float | None:
    """Return a number in six significant digits; None for what is none.

    >>> short(0.12345678), short(None), short(float("inf"))
    (0.123457, None, None)
    """
    return float(f"{number:.6g}") if number is not None and isfinite(number) else None
