"""The catalogue of adapters: every folder below a party's folder that has a MANIFEST, and those of other packages."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from adapters.manifest import Manifest, Party
from domain.errors import NotFound, Refused

GROUP = "crossdock.adapters"
"""The entry point group under which another package offers its manifests: ``acme = "acme_crossdock:MANIFEST"``."""

FOLDERS: dict[Party, str] = {
    "marketplace": "adapters.marketplaces",
    "carrier": "adapters.carriers",
    "location": "adapters.locations",
    "notifier": "adapters.notifiers",
}


def adapter_names(party: Party) -> list[str]:
    """Return the names of all adapters of one kind of party."""
    return sorted({*_own_names(party), *_foreign(party)})


def load_manifest(party: Party, name: str) -> Manifest[Any, Any]:
    """Return an adapter's manifest; what the project brings along cannot be replaced by another package.

    Raises:
        NotFound: there is no such adapter; the words name those that exist.
        Refused: another package offers one that cannot be loaded.
    """
    if name in _own_names(party):
        manifest: Manifest[Any, Any] = import_module(f"{FOLDERS[party]}.{name}").MANIFEST
        return manifest
    foreign = _foreign(party)
    if name not in foreign:
        raise NotFound("no-adapter", f"no {party} adapter {name!r}; there are: {', '.join(adapter_names(party))}")
    return foreign[name]


def _own_names(party: Party) -> list[str]:
    folder = import_module(FOLDERS[party])
    return [module.name for module in pkgutil.iter_modules(folder.__path__) if module.ispkg]


def _foreign(party: Party) -> dict[str, Manifest[Any, Any]]:
    offered = [_load(point) for point in entry_points(group=GROUP)]
    return {manifest.name: manifest for manifest in offered if manifest.party == party}


def _load(point: EntryPoint) -> Manifest[Any, Any]:
    try:
        offered: object = point.load()
    except Exception as error:
        raise Refused(
            "bad-adapter", f"{point.value} cannot be loaded: {error}; repair or remove its package"
        ) from error
    if not isinstance(offered, Manifest):
        raise Refused("bad-adapter", f"{point.value} is no Manifest; repair or remove its package")
    return offered  # pyright: ignore[reportUnknownVariableType] - its two types are its own
