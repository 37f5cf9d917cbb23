"""A location that exchanges files keeps what every location promises."""

from pathlib import Path

import pytest

from adapters.conformance.location import LocationConformance
from tests.adapters.locations.folder.simulator import FolderWorld


class TestFolderLocations(LocationConformance):
    @pytest.fixture
    def world(self, tmp_path: Path) -> FolderWorld:
        return FolderWorld(tmp_path)
