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


@pytest.mark.parametrize("name", FILES)
def test_a_judged_run_fits_the_published_schemas_and_a_broken_one_does_not(name, tmp_path, monkeypatch):
    monkeypatch.setenv("GENDIV_CACHE", str(tmp_path / "cache"))
    gendiv.evaluate(
        Scripted(), tasks=["mini-instructions/formal"], prompts=4, samples=2, metrics=["ead", "length"], out=tmp_path
    )
    schema = json.loads(schema_text(name))
    jsonschema.Draft202012Validator.check_schema(schema)
    gendiv.judge_reference(tmp_path, Scripted(lambda text, seed: "AB"[len(text) % 2]))
    (path,) = (
        (tmp_path / "judgements").glob("*.json") if "judgement" in name else [tmp_path / name.replace(".schema", "")]
    )
    written = json.loads(path.read_text(encoding="utf-8"))
    jsonschema.validate(written, schema, cls=jsonschema.Draft202012Validator)
    for broken in ({**written, "schema": 2}, {**written, "surplus": 1}, {"schema": 1}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(broken, schema, cls=jsonschema.Draft202012Validator)
