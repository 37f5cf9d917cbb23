"""A location that exchanges CSV files with us through a shared folder."""

from __future__ import annotations

from adapters.locations.folder.adapter import CAPABILITY, FolderLocations
from adapters.locations.folder.settings import FolderSettings
from adapters.manifest import Manifest

MANIFEST = Manifest("location", "folder", FolderSettings, FolderLocations, capability=CAPABILITY, tier="own")
