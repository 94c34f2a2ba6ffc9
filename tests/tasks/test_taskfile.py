"""Tasks of your own: what a YAML file makes, and every mistake in one in one line that names its key."""

import json
import re
from pathlib import Path

import pytest

import gendiv
from gendiv.__main__ import main
from gendiv.benchmark.plan import make_plan
from gendiv.benchmark.prompts import read_prompts
from gendiv.benchmark.record import read_run
from gendiv.benchmark.sources.scripted import Scripted
from gendiv.errors import BadInput
from gendiv.tasks.filling import Template
from gendiv.tasks.taskfile import load_task, splits_of_file
from gendiv.tasks.taskkeys import DataKeys, PromptKeys, SplitKeys, TaskKeys

GOOD = """
name: recipes
version: 3
description: Recipes in a line.
licence: CC0-1.0
format: raw
max_tokens: 40
stop: ["\\n\\n"]
prompt:
  raw: "RECIPE: {title}\\nSTEPS: {steps}\\nIN SHORT:"
  chat: "Put this recipe in one sentence.\\n\\n{title}\\n{steps}"
  shown: "{title}"
reference: short
id: key
kind: article
splits:
  soups:
    shift: id
    description: soups
    data: {file: soups.jsonl}
  cakes:
    shift: far
    kind: instruction
    data: {file: more/cakes.jsonl}
    prompt: "Bake {title}"
"""
SOUPS = [
    {"key": 7, "title": "Leek {soup}", "steps": "Boil.\nEat.", "short": "Boil leeks."},
    {"key": "b", "title": "Pea soup", "steps": "Boil.", "short": ""},
]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with a good task file and its data, in which commands run."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "task.yaml").write_text(GOOD)
    (tmp_path / "soups.jsonl").write_text("".join(json.dumps(row) + "\n" for row in SOUPS))
    (tmp_path / "more").mkdir()
    (tmp_path / "more/cakes.jsonl").write_text(json.dumps({"key": "c", "title": "Sponge", "short": 3}) + "\n")
    return tmp_path


def test_a_task_is_what_its_file_says(folder):
    task = load_task(folder / "task.yaml")
    assert (task.name, task.version, task.licence, task.format) == ("recipes", 3, "CC0-1.0", "raw")
    assert (task.max_tokens, task.stop) == (40, ("\n\n",))
    assert [(one.name, one.shift, one.kind) for one in task.splits] == [
        ("soups", "id", "article"),
        ("cakes", "far", "instruction"),
    ]


def test_prompts_are_templates_filled_with_the_values_of_a_row(folder):
    soups, cakes = (one.load() for one in load_task(folder / "task.yaml").splits)
    assert soups[0].raw == "RECIPE: Leek {soup}\nSTEPS: Boil.\nEat.\nIN SHORT:"
    assert soups[0].message == "Put this recipe in one sentence.\n\nLeek {soup}\nBoil.\nEat."
    assert soups[0].shown == "Leek {soup}"
    assert [one.id for one in soups] == ["7", "b"]
    assert [one.reference for one in soups] == ["Boil leeks.", None]
    assert cakes[0].raw == cakes[0].message == cakes[0].shown == "Bake Sponge"
    assert cakes[0].reference == "3"


def test_a_columns_name_alone_is_a_prompt_and_ids_come_from_content(folder):
    text = "name: short\nmax_tokens: 8\nprompt: title\nsplits: {soups: {shift: id, data: {file: soups.jsonl}}}\n"
    (folder / "short.yaml").write_text(text)
    prompts = load_task(folder / "short.yaml").splits[0].load()
    assert [one.raw for one in prompts] == ["Leek {soup}", "Pea soup"]
    # printf '{"title": "Pea soup"}' | sha256sum
    assert prompts[1].id == "8b0d275bdf98ebe8"


def test_all_splits_or_one_of_a_file_are_planned(folder):
    whole = make_plan(tasks=[str(folder / "task.yaml")], samples=2)
    assert [one.name for one in whole.splits] == ["recipes/soups", "recipes/cakes"]
    one = make_plan(tasks=["task.yaml/cakes", "task.yaml/cakes"], samples=2)
    assert [split.name for split in one.splits] == ["recipes/cakes"]
    assert one.splits[0].decoding.max_tokens == 40
    assert one.splits[0].decoding.stop == ("\n\n",)


def test_a_split_asked_for_twice_is_planned_once_and_two_files_may_not_share_one(folder):
    assert len(make_plan(tasks=["task.yaml", "task.yaml/cakes"], samples=2).splits) == 2
    (folder / "other.yaml").write_text(GOOD.replace("max_tokens: 40", "max_tokens: 41").replace("Bake", "Eat"))
    with pytest.raises(BadInput, match=r"--task other.yaml/cakes: another recipes/cakes is asked for too"):
        make_plan(tasks=["task.yaml", "other.yaml/cakes"], samples=2)


@pytest.mark.usefixtures("folder")
def test_a_run_of_a_file_keeps_prompts_and_origin():
    gendiv.evaluate(Scripted(), tasks=["task.yaml"], samples=2, metrics=["distinct"], out="run")
    asked = read_prompts(Path("run"), "recipes/soups")
    assert asked["7"].text == "RECIPE: Leek {soup}\nSTEPS: Boil.\nEat.\nIN SHORT:"
    record = read_run(Path("run")).splits[0]
    assert record.data.path == "soups.jsonl"
    assert (record.data.rows, record.available, record.task_version) == (2, 2, 3)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("name: recipes", "nmae: recipes", "no key is called 'nmae' here: did you mean name?"),
        ("name: recipes\n", "", "name: wanted a value, found none"),
        ("name: recipes", "name: my recipes", "name: wanted letters, digits"),
        ("name: recipes", "name: 7", "name: wanted text, found 7; quote it"),
        ("name: recipes", "name: mini-instructions", "name: another task is called 'mini-instructions'"),
        ("version: 3", "version: three", "version: wanted a whole number, found 'three'"),
        ("version: 3", "version: 0", "version: wanted a whole number from 1, found 0"),
        ("format: raw", "format: row", "format: wanted 'chat' or 'raw', found 'row'"),
        ("max_tokens: 40", "max_tokens: many", "max_tokens: wanted a whole number, found 'many'"),
        ("max_tokens: 40\n", "", "max_tokens: wanted a value, found none"),
        ('stop: ["\\n\\n"]', "stop: end", "stop: wanted a list, found 'end'"),
        ('stop: ["\\n\\n"]', 'stop: [""]', "stop.0: wanted at least one character, found ''"),
        ("    shift: far", "    shift: mid", "splits.cakes.shift: wanted 'id', 'near' or 'far', found 'mid'"),
        ("    shift: far", "    shfit: far", "splits.cakes: no key is called 'shfit' here: did you mean shift?"),
        ("kind: article", "kind: poem", "kind: wanted 'post', 'article' or 'instruction', found 'poem'"),
        ("{file: soups.jsonl}", "soups.jsonl", "splits.soups.data: wanted a mapping, found 'soups.jsonl'"),
        ("{file: soups.jsonl}", "{}", "splits.soups.data: wanted either file (a JSONL file) or hub"),
        ("{file: soups.jsonl}", "{file: soups.jsonl, hub: a/b}", "splits.soups.data: wanted either file"),
        ("{file: soups.jsonl}", "{file: a, revision: b}", "splits.soups.data: revision: for data sets on the hub"),
        ("{file: soups.jsonl}", "{hub: a/b, sha256: 1234}", "splits.soups.data.sha256: wanted text, found 1234; quote"),
        (
            "{file: soups.jsonl}",
            "{file: a, sha256: x12ab}",
            "splits.soups.data.sha256: wanted 64 hexadecimal digits, found",
        ),
        (
            "{file: soups.jsonl}",
            "{hub: a/b, revision: 1234}",
            "data.revision: wanted text, found 1234; quote",
        ),
        ("{file: soups.jsonl}", "{file: none.jsonl}", "none.jsonl: cannot read none.jsonl (No such file or directory)"),
        (
            "{title}\\nSTEPS: {steps}",
            "{titel}",
            "short, key, and titel is missing; did you mean title?",
        ),
        ("{title}\\nSTEPS: {steps}", "{title", "prompt.raw: unmatched '{' in format spec; write {{ and }} for braces"),
        ("{title}\\nSTEPS: {steps}", "{}", "prompt.raw: wanted a column's name between braces, found {}"),
        ("{title}\\nSTEPS: {steps}", "{title!r}", "prompt.raw: wanted a column's name between braces, found {title!r}"),
        (
            "{title}\\nSTEPS: {steps}",
            "{title:>9}",
            "prompt.raw: wanted a column's name between braces, found {title:>9}",
        ),
        ('shown: "{title}"', 'shown: "a {{recipe}}"', "prompt.shown: 'a {{recipe}}' names no column"),
        ('  shown: "{title}"', '  show: "{title}"', "prompt: no key is called 'show' here: did you mean shown?"),
        ("reference: short", "reference: long", "soups.jsonl:1: wanted the columns"),
        ("version: 3", "name: other", "task.yaml:3: wanted YAML: the key 'name' twice"),
        ("version: 3", "version: [3", "wanted YAML: "),
        ("version: 3", "\tversion: 3", "task.yaml:3: wanted YAML: "),
    ],
)
def test_every_mistake_is_one_line_that_names_file_and_key(folder, old, new, reason):
    assert old in GOOD
    (folder / "task.yaml").write_text(GOOD.replace(old, new, 1))
    with pytest.raises(BadInput) as refused:
        make_plan(tasks=["task.yaml"], samples=2)
    assert reason in str(refused.value)
    assert "\n" not in str(refused.value)
    assert ".yaml" in str(refused.value) or ".jsonl" in str(refused.value)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "wanted a mapping with name, max_tokens, prompt and splits, found None"),
        ("- a\n- b\n", "wanted a mapping with name, max_tokens, prompt and splits, found ['a', 'b']"),
        ("name: a\nmax_tokens: 3\nprompt: b\nsplits: {}\n", "splits: wanted at least one, found {}"),
        ("name: a\nmax_tokens: 3\nsplits: {s: {shift: id, data: {file: f}}}\n", "splits.s: wanted a prompt, here or"),
        (
            "name: a\nmax_tokens: 3\nprompt: {}\nsplits: {s: {shift: id, data: {file: f}}}\n",
            "prompt: wanted a template",
        ),
        (
            "name: a\nmax_tokens: 3\nprompt: b\nsplits: {a/b: {shift: id, data: {file: f}}}\n",
            "splits.a/b: wanted letters",
        ),
        ("!!python/object/apply:os.system [ls]", "wanted YAML: could not determine a constructor"),
    ],
)
def test_files_that_are_no_tasks_are_one_line(folder, text, reason):
    (folder / "other.yaml").write_text(text)
    with pytest.raises(BadInput) as refused:
        load_task(folder / "other.yaml")
    assert str(refused.value).startswith(str(folder / "other.yaml"))
    assert reason in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.usefixtures("folder")
def test_a_missing_file_or_split_is_one_line():
    with pytest.raises(BadInput, match=r"--task: cannot read none.yaml \(No such file or directory\)"):
        make_plan(tasks=["none.yaml"])
    with pytest.raises(BadInput, match=r"task.yaml has no split 'soup': did you mean soups\?"):
        make_plan(tasks=["task.yaml/soup"])


def test_bytes_that_are_no_text_are_one_line(folder):
    (folder / "bytes.yaml").write_bytes(b"name: \xff\n")
    with pytest.raises(BadInput, match=r"bytes.yaml: wanted YAML, found"):
        load_task(folder / "bytes.yaml")


@pytest.mark.parametrize("value", ["", "  ", None, [], {}, True])
def test_a_row_without_text_in_a_field_is_one_line(folder, value):
    (folder / "soups.jsonl").write_text(json.dumps({**SOUPS[0], "steps": value}) + "\n")
    with pytest.raises(BadInput, match=r"soups.jsonl:1: wanted text in the column 'steps', found"):
        splits_of_file("task.yaml/soups", ())[0][1].load()


def test_a_number_is_written_as_it_is():
    assert Template.of("here", "{a} {b}").fill({"a": 3, "b": 0.5}) == "3 0.5"


def test_a_columns_name_may_hold_dots_and_spaces():
    assert Template.of("here", "{a.b} {c d}").fill({"a.b": "x", "c d": "y"}) == "x y"


PAGE = Path(__file__).parents[2] / "docs" / "tasks.md"


def block(language, after=""):
    """Return the first block of a language on the page of tasks, after some text of it."""
    page = PAGE.read_text(encoding="utf-8")
    return re.search(rf"```{language}\n(.*?)```", page[page.index(after) :], flags=re.DOTALL)[1]


def test_the_documented_example_prints_what_is_documented(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("tides.yaml").write_text(block("yaml"))
    Path("plain.jsonl").write_text(block("jsonl"))
    Path("nautical.jsonl").write_text(block("jsonl"))
    assert main(["tasks", "show", "tides.yaml/plain", "-n", "1"]) == 0
    shown = capsys.readouterr().out
    expected = block("text", after="gendiv tasks show tides.yaml/plain")
    assert re.sub(r"sha256 \w{16}", "sha256 SHA256", re.sub(r"--- \w{16}", "--- ID", shown)) == expected
    assert [one.name for one in make_plan(tasks=["tides.yaml"]).splits] == ["tides/plain", "tides/nautical"]


def test_every_key_is_documented():
    keys = {key for model in (TaskKeys, SplitKeys, DataKeys, PromptKeys) for key in model.model_fields}
    table = PAGE.read_text(encoding="utf-8").partition("The keys:")[2]
    assert [key for key in sorted(keys) if f"`{key}`" not in table] == []
