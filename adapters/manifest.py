"""What an adapter says of itself: its name, what an operator must provide, and how one is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

import httpx
from pydantic import BaseModel

SettingsT = TypeVar("SettingsT", bound=BaseModel)
PortT = TypeVar("PortT")

Party = Literal["marketplace", "carrier", "location", "notifier"]


@dataclass(frozen=True)
class Manifest(Generic[SettingsT, PortT]):
    """An adapter's card. `factory` gets the settings and one shared HTTP client, and does no I/O."""

    party: Party
    name: str
    settings: type[SettingsT]
    factory: Callable[[SettingsT, httpx.AsyncClient], PortT]
