"""A place for a cassette."""

from pathlib import Path

import pytest


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "cassette.yaml"
