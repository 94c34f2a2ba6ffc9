"""`gendiv metrics`: what can be measured."""

import inspect
from dataclasses import fields
from math import isinf

import click
from rich.console import Console
from rich.table import Table

from ..benchmark.registry import find_metric
from ..benchmark.registry import names as names_of
from ..metrics import Metric
from ..metrics.card import card
from .options import json_option, print_json


@click.command("metrics")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@json_option
def command(names: tuple[str, ...], as_json: bool) -> None:
    """List the metrics with their settings, range, unit, direction and cost; print the cards of those named."""
    found = [find_metric(name) for name in names or names_of("metric")]
    if as_json:
        print_json([_describe(metric) for metric in found])
        return
    if names:
        click.echo("\n".join(map(card, found)), nl=False)
        return
    table = Table(box=None, header_style="bold", padding=(0, 1, 0, 0))
    table.add_column("metric", no_wrap=True)
    for head in ("range", "diverse", "levels", "cost", "unit"):
        table.add_column(head, overflow="fold")
    for metric in found:
        direction = "" if metric.direction == "neutral" else metric.direction.partition("_")[0]
        levels = "both" if len(metric.levels) == 2 else metric.levels[0].replace("_", " ")
        bounds = "{:g} to {:g}".format(*metric.range)
        table.add_row(metric.name, bounds, direction, levels, metric.cost.replace("_", "-"), metric.unit)
    Console().print(table)
    click.echo("\ngendiv metrics NAME prints the card of a metric: formula, source, settings, when not to use it.")


def _describe(metric: type[Metric]) -> dict[str, object]:
    default = metric()
    return {
        "metric": metric.name,
        "version": metric.version,
        "default": default.signature,
        "settings": [field.name for field in fields(metric)],
        "range": [None if isinf(end) else end for end in metric.range],
        "unit": metric.unit,
        "direction": metric.direction,
        "levels": list(metric.levels),
        "cost": metric.cost,
        "description": (inspect.getdoc(metric) or "").partition("\n")[0],
    }
