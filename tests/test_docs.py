"""What the documentation shows is what happens."""

import re
import shlex
from pathlib import Path

import click
import pytest

from gendiv.benchmark.train.page import settings_page
from gendiv.commands import gendiv
from gendiv.metrics import METRICS
from gendiv.metrics.card import cards

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def blocks(language):
    for page in PAGES:
        for block in re.findall(rf"```{language}\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.DOTALL):
            yield page.name, block


@pytest.mark.parametrize(("page", "code"), list(blocks("python")))
def test_python_examples_run(page, code, capsys):
    exec(compile(code, page, "exec"), {})  # noqa: S102  the documentation's own code
    assert capsys.readouterr().out


def command_lines():
    for page, block in blocks("console"):
        for line in block.splitlines():
            if line.startswith("gendiv "):
                yield page, line.partition("  #")[0].strip()


@pytest.mark.parametrize(("page", "line"), list(command_lines()))
def test_command_examples_parse(page, line):
    words = shlex.split(line)[1:]
    context = click.Context(gendiv, info_name="gendiv")
    command, rest = gendiv, words
    while isinstance(command, click.Group) and (rest or not command.invoke_without_command):
        name, command, rest = command.resolve_command(context, rest)
        context = click.Context(command, info_name=name, parent=context)
    assert command.name == name, page
    command.make_context(name, rest, parent=context.parent)


def test_make_targets_named_in_the_documentation_exist():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    texts = [page.read_text(encoding="utf-8") for page in PAGES]
    named = {word for text in texts for word in re.findall(r"(?m)(?:`|^)make ([a-z]+)", text)}
    assert {"quickstart", "test"} <= named <= targets


def test_every_linked_page_exists():
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
            assert target.startswith("http") or (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_page_of_cards_is_what_the_docstrings_say():
    assert (ROOT / "docs" / "cards.md").read_text(encoding="utf-8") == cards(), "run `make cards`"


def test_the_page_of_settings_is_what_the_fields_say():
    assert (ROOT / "docs" / "training-settings.md").read_text(encoding="utf-8") == settings_page(), "run `make cards`"


def test_every_metric_is_named_in_the_overview():
    page = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    assert [name for name in METRICS if f"`{name}`" not in page] == []
