"""What every test of metrics starts from: an empty cache of model outputs."""

import pytest


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    folder = tmp_path / "cache"
    monkeypatch.setenv("GENDIV_CACHE", str(folder))
    return folder
