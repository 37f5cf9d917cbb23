"""Shelves: what a location tells of its own stock is booked as its own clock has it, in whatever order it arrives."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from activities.context import Context
from activities.freeing import clear_stock
from activities.told import Told
from domain.errors import ContractBroken, NotFound, OutOfStock
from domain.facts import StockChanged, StockCounted, TillReturned, TillSold
from domain.inventory import MovementKind
from domain.ports.stores import Transaction
from domain.ports.stores.inventory import Movement

StockFact = StockCounted | StockChanged | TillSold | TillReturned

_CLOCKS = timedelta(minutes=5)
"""How far a location's clock may be ahead of ours."""

_NAMED = 20
"""How many troubles are named in words."""


async def apply_stock_fact(context: Context, source: Told, fact: StockFact) -> None:
    """Book what a location tells; what can be booked is, and what cannot is said.

    A repeat changes nothing that was booked, and books what could not be before.

    Raises:
        NotFound: no such location of this party, or no such SKU.
        OutOfStock: units have left that are promised to orders, or that were never known to be there.
        ContractBroken: it happened in the future.
    """
    now = context.now()
    if max(_moments(fact)) > now + _CLOCKS:
        raise ContractBroken("from-the-future", f"{fact.location} reports what has not happened yet; check its clock")
    async with context.record.begin() as tx:
        await _require_own_place(tx, source.party, fact.location)
        told = await _movements(tx, fact, source.party)
        known = await tx.catalog.known_skus({movement.sku for movement, _ in told})
        mine = [(movement, at) for movement, at in told if movement.sku in known]
        await clear_stock(tx, await _rising(tx, fact, mine), now)
        short = [await _book(tx, fact, movement, at) for movement, at in mine]
        if isinstance(fact, StockChanged):
            await tx.shelves.note_sequences(fact.location, (one.sequence for one in fact.changes), now)
        unknown = sorted({movement.sku for movement, _ in told} - set(known))
        if not unknown and not any(short):
            await source.end(tx, None, now)
    if unknown:
        raise NotFound("no-sku", f"{fact.location} reports SKUs that nobody knows: {', '.join(unknown[:_NAMED])}")
    if any(short):
        words = [f"{units} of {told.sku}" for (told, _), units in zip(mine, short, strict=True) if units]
        raise OutOfStock("oversold", f"{fact.location}: gone, but promised or not on the books: {words[:_NAMED]}")


def _moments(fact: StockFact) -> list[datetime]:
    match fact:
        case StockCounted():
            return [fact.counted_at]
        case StockChanged():
            return [one.occurred_at for one in fact.changes]
        case _:
            return [fact.occurred_at]


async def _require_own_place(tx: Transaction, party: str, location: str) -> None:
    if not any(place.code == location and place.system == party for place in await tx.catalog.locations()):
        raise NotFound("no-location", f"{party} does not speak for a location {location}; see crossdock locations list")


async def _movements(tx: Transaction, fact: StockFact, actor: str) -> list[tuple[Movement, datetime]]:
    """Return what is to be booked, in the order in which levels are locked; a count has its units for a delta."""
    match fact:
        case StockCounted():
            counted = {row.sku: row.units for row in fact.rows}
            missing = await tx.shelves.stocked(fact.location) - counted.keys() if fact.whole else frozenset[str]()
            rows = [
                (f"shelf:{fact.location}:{fact.counted_at.isoformat()}:{sku}", sku, units, "counted", fact.counted_at)
                for sku, units in (counted | dict.fromkeys(missing, 0)).items()
            ]
            kind = MovementKind.COUNT
        case StockChanged():
            rows = [
                (f"shelf:{fact.location}:{one.sequence}", one.sku, one.delta, one.reason, one.occurred_at)
                for one in fact.changes
            ]
            kind = MovementKind.ADJUST
        case TillReturned():
            rows = _receipt(fact, 1, "taken back at the till")
            kind = MovementKind.RETURN
        case TillSold():
            rows = _receipt(fact, -1, "sold at the till")
            kind = MovementKind.SELL
    told = [
        (Movement(key=key, kind=kind, sku=sku, location=fact.location, delta=delta, reason=reason, actor=actor), at)
        for key, sku, delta, reason, at in rows
    ]
    return sorted(told, key=lambda one: (one[0].sku, one[1]))


def _receipt(fact: TillSold | TillReturned, sign: int, reason: str) -> list[tuple[str, str, int, str, datetime]]:
    return [
        (
            f"{fact.kind}:{fact.location}:{fact.receipt}:{one.line}",
            one.sku,
            sign * one.quantity,
            reason,
            fact.occurred_at,
        )
        for one in fact.lines
    ]


async def _rising(tx: Transaction, fact: StockFact, told: Iterable[tuple[Movement, datetime]]) -> set[str]:
    """Return the SKUs of which more may be free afterwards: their causes are cleared before any level is locked."""
    units = {movement.sku: movement.delta for movement, _ in told}
    if not isinstance(fact, StockCounted):
        return {movement.sku for movement, _ in told if movement.delta > 0}
    return set(await tx.shelves.rising(fact.location, units, fact.counted_at))


async def _book(tx: Transaction, fact: StockFact, movement: Movement, at: datetime) -> int:
    if isinstance(fact, StockCounted):
        return await tx.shelves.count(movement, movement.delta, at)
    return await tx.shelves.change(movement, at)
