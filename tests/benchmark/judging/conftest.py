"""What every test of judging starts from: an empty cache, short pauses, and a small run."""

import pytest

import gendiv
from gendiv.benchmark import sampling
from gendiv.benchmark.sources.scripted import Scripted


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    folder = tmp_path / "cache"
    monkeypatch.setenv("GENDIV_CACHE", str(folder))
    monkeypatch.setattr(sampling, "FIRST_PAUSE", 0.005)
    monkeypatch.setattr(sampling, "LONGEST_PAUSE", 0.02)
    return folder


@pytest.fixture
def drawn(tmp_path):
    """Return a function that draws a scripted run of two splits and returns its folder."""

    def draw(
        name="run", answer=None, prompts=6, samples=2, tasks=("mini-summarisation/news", "mini-summarisation/forum")
    ):
        folder = tmp_path / name
        gendiv.evaluate(
            Scripted(answer, name=name), tasks=tasks, prompts=prompts, samples=samples, metrics=["length"], out=folder
        )
        return folder

    return draw
