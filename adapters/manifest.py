"""What an adapter says of itself: its name, what an operator must provide, and how one is made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, Literal, TypeVar

import httpx
from pydantic import BaseModel

from domain.values import Model

SettingsT = TypeVar("SettingsT", bound=BaseModel)
PortT = TypeVar("PortT")

Party = Literal["marketplace", "carrier", "location", "notifier"]
Tier = Literal["own", "live", "examples"]
"""How an adapter was proved: against our own sandbox, a real installation, or only what the vendor publishes."""


@dataclass(frozen=True)
class Limit:
    """How fast one operation may be called: a bucket of `burst` that fills by `rate` a second, in calls or in points.

    All workers share it, for each account by itself.
    """

    rate: float
    burst: float


@dataclass(frozen=True)
class Manifest(Generic[SettingsT, PortT]):
    """An adapter's card.

    Attributes:
        settings: what an operator must provide.
        factory: gets the settings and the account's HTTP client, and does no I/O.
        capability: what it can do at most; its settings may take from it, which only a made one can tell.
        limits: the published limits by operation; a request names its own in its extensions, see `adapters.http`.
        hosts: hosts it speaks to beside the addresses in its settings; ``*.vendor.example`` is every name below it.
        tier: how it was proved.
        conformance: the module of tests that holds it to its port's promises; empty: beside the project's own.
    """

    party: Party
    name: str
    settings: type[SettingsT]
    factory: Callable[[SettingsT, httpx.AsyncClient], PortT]
    capability: Model | None = None
    limits: Mapping[str, Limit] = field(default_factory=dict[str, Limit])
    hosts: tuple[str, ...] = ()
    tier: Tier = "examples"
    conformance: str = ""
