"""`gendiv metrics`: what can be measured."""

import inspect
from dataclasses import fields

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
    table = Table("metric", "range", "unit", "direction", "levels", "cost", "what it is", box=None, header_style="bold")
    for metric in found:
        facts = _describe(metric)
        shown = (facts["default"], "{} to {}".format(*metric.range), metric.unit, metric.direction.replace("_", " "))
        table.add_row(*map(str, shown), ", ".join(metric.levels), metric.cost, str(facts["description"]))
    Console().print(table)


def _describe(metric: type[Metric]) -> dict[str, object]:
    default = metric()
    low, high = metric.range
    return {
        "metric": metric.name,
        "version": metric.version,
        "default": default.signature,
        "settings": [field.name for field in fields(metric)],
        "range": [low, None if high == float("inf") else high],
        "unit": metric.unit,
        "direction": metric.direction,
        "levels": list(metric.levels),
        "cost": metric.cost,
        "description": (inspect.getdoc(metric) or "").partition("\n")[0],
    }
