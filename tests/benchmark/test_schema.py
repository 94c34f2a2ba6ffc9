"""The published JSON Schemas are those of the code, and real files fit them."""

import json

import jsonschema
import pytest

import gendiv
from gendiv.benchmark.schema import FILES, published, schema_text
from gendiv.benchmark.sources.scripted import Scripted


@pytest.mark.parametrize("name", FILES)
def test_the_published_schema_is_the_one_the_code_reads_and_writes(name):
    assert published(name).read_text(encoding="utf-8") == schema_text(name), "make schema writes it anew"


def test_a_run_fits_the_published_schemas(tmp_path):
    gendiv.evaluate(Scripted(), tasks=["mini-instructions/formal"], prompts=4, samples=2, out=tmp_path, metrics=["ead"])
    for name in FILES:
        found = json.loads((tmp_path / name.replace(".schema", "")).read_text(encoding="utf-8"))
        jsonschema.Draft202012Validator(json.loads(schema_text(name))).validate(found)
