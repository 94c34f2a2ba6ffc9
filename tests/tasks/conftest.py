import json

import pytest


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Write rows where GENDIV_DATA finds them."""
    monkeypatch.setenv("GENDIV_DATA", str(tmp_path))

    def write(file, *rows):
        path = tmp_path / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return path

    return write
