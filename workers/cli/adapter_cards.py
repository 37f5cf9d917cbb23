"""What there is to say of each adapter, as its manifest says it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast, get_args

from adapters.catalog import adapter_names, load_manifest
from adapters.manifest import Manifest, Party
from domain.values import Model

PARTIES: tuple[Party, ...] = get_args(Party)


class AdapterCard(Model):
    """One adapter.

    Attributes:
        can: what it claims at most; its settings may take from it.
        dedupe: how a repeat is recognised, by kind of write.
        limits: calls or points a second, by operation.
    """

    party: str
    name: str
    tier: str
    can: tuple[str, ...] = ()
    dedupe: Mapping[str, str]
    limits: Mapping[str, float]


def read_cards() -> tuple[AdapterCard, ...]:
    """Return the cards of all adapters."""
    return tuple(_card(load_manifest(party, name)) for party in PARTIES for name in adapter_names(party))


def _card(manifest: Manifest[Any, Any]) -> AdapterCard:
    told = manifest.capability.model_dump(mode="json") if manifest.capability else {}
    dedupe: dict[str, dict[str, str]] = told.pop("dedupe", {})
    return AdapterCard(
        party=manifest.party,
        name=manifest.name,
        tier=manifest.tier,
        can=tuple(name if can is True else f"{name}: {_words(can)}" for name, can in told.items() if _is_claim(can)),
        dedupe={kind: one["dedupe"] for kind, one in dedupe.items()},
        limits={operation: limit.rate for operation, limit in manifest.limits.items()},
    )


def _words(can: object) -> str:
    return ", ".join(map(str, cast("list[object]", can))) if isinstance(can, list) else str(can)


def _is_claim(can: object) -> bool:
    return can is True or (isinstance(can, str) and can != "nothing") or (isinstance(can, list) and can != [])
