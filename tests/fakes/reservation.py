"""Owners of reservations in memory; when something was reserved is not kept, so that nothing is ever late."""

from __future__ import annotations

from datetime import datetime

from domain.fulfillment import GONE, HOLDS_RESERVATION, Stage
from domain.inventory import Claim
from domain.ports.stores.reservation import SoftReservation, SuspectReservation, Suspicion
from tests.fakes.state import State


class FakeReservationStore:
    """Who owns reservations."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def add(self, soft: SoftReservation) -> bool:
        """Add the owner of a soft reservation."""
        known = soft.owner in self._state.soft_reservations
        self._state.soft_reservations.setdefault(soft.owner, soft)
        return not known

    async def end(self, owner: str) -> bool:
        """Forget the owner of a soft reservation."""
        return self._state.soft_reservations.pop(owner, None) is not None

    async def expired(self, now: datetime, limit: int) -> tuple[str, ...]:
        """Return the owners of soft reservations whose time is over."""
        over = [(soft.until, owner) for owner, soft in self._state.soft_reservations.items() if soft.until <= now]
        return tuple(owner for _, owner in sorted(over)[:limit])

    async def held(self, owner: str) -> tuple[Claim, ...]:
        """Return what an owner holds."""
        return tuple(
            Claim(sku=sku, location=location, quantity=held.units)
            for (of, sku, location), held in sorted(self._state.reservations.items())
            if of == owner and held.units
        )

    async def suspects(self, reserved_before: datetime, now: datetime, limit: int) -> tuple[SuspectReservation, ...]:
        """Return reservations without a live owner, or whose time is over."""
        rows = [
            SuspectReservation(
                owner=owner, sku=sku, location=location, units=held.units, reserved_at=reserved_before,
                stage=self._stage(owner), suspicion=suspicion,
            )
            for (owner, sku, location), held in sorted(self._state.reservations.items())
            if held.units and (suspicion := self._suspicion(owner, now))
        ]  # fmt: skip
        return tuple(sorted(rows, key=lambda row: row.suspicion is not Suspicion.OWNERLESS)[:limit])

    def _stage(self, owner: str) -> str:
        part = self._state.fulfillments.get(owner)
        return part.stage.value if part else ""

    def _suspicion(self, owner: str, now: datetime) -> Suspicion | None:
        if soft := self._state.soft_reservations.get(owner):
            return Suspicion.LATE if soft.until < now else None
        stage = self._stage(owner)
        if stage in GONE | {Stage.COLLECTED}:
            return Suspicion.LEFT
        return None if stage in HOLDS_RESERVATION else Suspicion.OWNERLESS
