"""How it is kept who owns a reservation, and until when."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Protocol

from domain.inventory import Claim
from domain.values import Model, Moment


class SoftReservation(Model):
    """The owner of units that a checkout, or somebody on the phone, holds for a while; `account` may be empty."""

    owner: str
    account: str
    until: Moment
    actor: str
    reason: str


class Suspicion(StrEnum):
    """Why a reservation may not be one.

    OWNERLESS: its owner does not exist or has given it up; it can be released. LEFT: the goods are said to have left,
    and are still on a shelf here; somebody has to count. LATE: it is older than reservations are meant to get.
    """

    OWNERLESS = "ownerless"
    LEFT = "left"
    LATE = "late"


class SuspectReservation(Model):
    """Units that are reserved, and why that may be wrong."""

    owner: str
    sku: str
    location: str
    units: int
    reserved_at: Moment
    stage: str
    suspicion: Suspicion


class ReservationStore(Protocol):
    """Who owns reservations. Reserving and giving back is the stock ledger's."""

    async def add(self, soft: SoftReservation) -> bool:
        """Add the owner of a soft reservation; False when it is known."""
        ...

    async def end(self, owner: str) -> bool:
        """Forget the owner of a soft reservation, whose units were given back first; False when it is not known."""
        ...

    async def expired(self, now: datetime, limit: int) -> tuple[str, ...]:
        """Return the owners of soft reservations whose time is over, the longest over first."""
        ...

    async def held(self, owner: str) -> tuple[Claim, ...]:
        """Return what an owner holds."""
        ...

    async def suspects(self, reserved_before: datetime, now: datetime, limit: int) -> tuple[SuspectReservation, ...]:
        """Return reservations without a live owner, then those made before a moment or over since; oldest first."""
        ...
