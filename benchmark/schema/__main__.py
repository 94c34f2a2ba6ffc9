"""Writes the published JSON Schemas anew: `python -m gendiv.benchmark.schema`."""

from . import FILES, published, schema_text

for name in FILES:
    published(name).write_text(schema_text(name), encoding="utf-8")
