"""The proof of the stock ledger, and the end of reservations that nobody owns any more."""

from __future__ import annotations

from temporalio import activity

from activities.context import Context
from activities.freeing import clear_stock
from domain.ports.stores.reservation import SuspectReservation, Suspicion
from domain.values import Model

SUSPECTS = 1000
"""Suspect reservations looked at in one proof; those that it can end come first, and the rest the night after."""

EXPIRED = 50
"""Soft reservations ended in one batch."""


class StockProof(Model):
    """What a proof found, and how many of the owners it found to be none it has released."""

    suspects: tuple[SuspectReservation, ...] = ()
    released: int = 0


class StockActivities:
    """Steps of the proof, safe to repeat."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @activity.defn(name="prove_stock")
    async def prove(self) -> dict[str, int]:
        """Release what is provably reserved for nobody; return how many reservations were found by their suspicion."""
        proof = await prove_stock(self._context, release=True)
        found = {suspicion.value: sum(row.suspicion is suspicion for row in proof.suspects) for suspicion in Suspicion}
        return {**found, "released": proof.released}


async def prove_stock(context: Context, *, release: bool) -> StockProof:
    """Find reservations without a live owner or past their time; release those whose owner is provably none."""
    now = context.now()
    async with context.record.begin() as tx:
        suspects = await tx.reservations.suspects(now - context.policy.reservations_last, now, SUSPECTS)
    ownerless = sorted({row.owner for row in suspects if row.suspicion is Suspicion.OWNERLESS}) if release else []
    for owner in ownerless:
        await end_reservation(context, owner)
    return StockProof(suspects=suspects, released=len(ownerless))


async def expire_soft_once(context: Context) -> int:
    """End a batch of soft reservations whose time is over; return how many there were."""
    async with context.record.begin() as tx:
        owners = await tx.reservations.expired(context.now(), EXPIRED)
    for owner in owners:
        await end_reservation(context, owner)
    return len(owners)


async def end_reservation(context: Context, owner: str) -> bool:
    """Give back what an owner holds, and let those who wait for it have it; False when it held nothing."""
    now = context.now()
    async with context.record.begin() as tx:
        held = await tx.reservations.held(owner)
        await clear_stock(tx, {claim.sku for claim in held}, now)
        await tx.stock.free(owner)
        await tx.reservations.end(owner)
    return bool(held)
