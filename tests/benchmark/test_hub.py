"""A hub that cannot be reached is known for one, whatever HTTP library its client uses."""

import pytest

from gendiv.benchmark.checkpoint import find_checkpoint
from gendiv.benchmark.hub import hub_errors
from gendiv.errors import BadInput

hub = pytest.importorskip("huggingface_hub")
NOWHERE = "http://127.0.0.1:9"


def test_a_refused_connection_is_among_the_errors_of_the_hub():
    with pytest.raises(hub_errors()) as raised:
        hub.HfApi(endpoint=NOWHERE).model_info("org/name")
    assert "refused" in str(raised.value)


def test_a_model_id_without_a_hub_is_one_line_that_says_so(monkeypatch, tmp_path):
    monkeypatch.setattr(hub, "model_info", hub.HfApi(endpoint=NOWHERE).model_info)
    monkeypatch.setattr(hub, "snapshot_download", hub.HfApi(endpoint=NOWHERE).snapshot_download)
    monkeypatch.setattr(hub.constants, "HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(
        BadInput, match=r"no folder is called 'org/name', and the hub cannot be reached \(ConnectError\)"
    ):
        find_checkpoint("org/name")
