"""The catalogue of adapters: every folder below a party's folder that has a MANIFEST."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import Any

from adapters.manifest import Manifest, Party
from domain.errors import NotFound

_FOLDERS: dict[Party, str] = {
    "marketplace": "adapters.marketplaces",
    "carrier": "adapters.carriers",
    "location": "adapters.locations",
    "notifier": "adapters.notifiers",
}


def adapter_names(party: Party) -> list[str]:
    """Return the names of all adapters of one kind of party."""
    folder = import_module(_FOLDERS[party])
    return sorted(module.name for module in pkgutil.iter_modules(folder.__path__) if module.ispkg)


def load_manifest(party: Party, name: str) -> Manifest[Any, Any]:
    """Return an adapter's manifest.

    Raises:
        NotFound: there is no such adapter; the words name those that exist.
    """
    if name not in adapter_names(party):
        raise NotFound("no-adapter", f"no {party} adapter {name!r}; there are: {', '.join(adapter_names(party))}")
    manifest: Manifest[Any, Any] = import_module(f"{_FOLDERS[party]}.{name}").MANIFEST
    return manifest
