"""Drivers: what waits at a location goes into one collection, and the carrier is asked for one driver."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from temporalio import activity

from activities.context import Context
from activities.effect import Call, claim, settled
from domain.calendar import driver_window
from domain.collection import Collection, CollectionState, CollectionWish
from domain.effect import Confirmed, EffectKind, EffectState, Outcome, Rejected
from domain.errors import NotFound, Refused
from domain.location import Location
from domain.messages import Answer, CollectionStart, Retry, Verb
from domain.ports.carrier import Carrier, OrderCollection
from domain.ports.stores import Transaction
from domain.values import Model

Window = tuple[datetime, datetime]
_NEVER_SENT = frozenset({EffectState.PLANNED})


class Planned(Model):
    """What became of a wish for a driver: a new collection, or those whose drivers may still come."""

    fresh: bool
    collections: tuple[Collection, ...]


async def plan_collection(context: Context, location: str, carrier: str, window: Window | None, verb: Verb) -> Planned:
    """Put everything that waits for a carrier at a location into one collection; a driver is ordered by its workflow.

    Where nothing waits but what has its driver already, no second one is ordered; one who is still being ordered is
    begun again, should its workflow be lost.

    Args:
        context: the world.
        location: the code of the location.
        carrier: the name of the carrier; empty for the one that collects there.
        window: from when until when the driver may come; None for what the location's hours and cut-off say.
        verb: who wants it, and why.

    Raises:
        NotFound: no such location or carrier, or nothing waits there.
        Refused: the carrier sends no drivers, or the window cannot be used.
    """
    now = context.now()
    async with context.record.begin() as tx:
        place = await _place(tx, location)
        name = carrier or place.carrier
        _require_driver(context, place, name)
        begins, ends = window or _usual(place, now)
        if begins >= ends or ends <= now:
            raise Refused("no-such-window", "a driver needs a time that begins before it ends, and is not over yet")
        day = begins.astimezone(ZoneInfo(place.time_zone)).date()
        wish = CollectionWish(location=place.code, carrier=name, day=day, ready_at=begins, closes_at=ends)
        made = await tx.collections.plan(wish, now)
        if made is not None:
            await tx.audit.note(made.ledger_id, "order", verb.actor, verb.reason, now)
            return Planned(fresh=True, collections=(made,))
        due = await tx.collections.due(place.code, name, now)
        for one in due:
            if one.state is CollectionState.ORDERING:
                await tx.collections.begin(one.collection_id)
    if not due:
        raise NotFound("nothing-waits", f"no labelled parcel of {name} waits at {place.code}: buy labels first")
    return Planned(fresh=False, collections=due)


class CollectionActivities:
    """Steps of a collection, each safe to repeat."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @activity.defn(name="order_driver")
    async def order_driver(self, start: CollectionStart) -> CollectionState:
        """Order the driver once; ORDERING where nobody can tell whether one was ordered, so that a person decides."""
        now = self._context.now()
        async with self._context.record.begin() as tx:
            collection = await tx.collections.load(start.collection_id, lock=True)
            if collection.state is not CollectionState.ORDERING:
                return collection.state
            call = _call(self._context.parties.carrier(collection.carrier), collection)
            if why := await _why_not(tx, call, collection, now):
                await tx.collections.settle(collection.collection_id, CollectionState.REFUSED, now, code=why)
                return CollectionState.REFUSED
            effect = await claim(tx, call, self._context)
        async with settled(self._context, effect, call) as (tx, outcome):
            return await self._keep(tx, collection.collection_id, outcome)

    async def _keep(self, tx: Transaction, collection_id: str, outcome: Outcome) -> CollectionState:
        now = self._context.now()
        if isinstance(outcome, Confirmed):
            await tx.collections.settle(collection_id, CollectionState.ORDERED, now, remote_id=outcome.remote_id)
            return CollectionState.ORDERED
        if isinstance(outcome, Rejected):
            state = CollectionState.ORDERED if outcome.already_done else CollectionState.REFUSED
            await tx.collections.settle(collection_id, state, now, code=outcome.code)
            return state
        await tx.collections.note(collection_id, f"unknown-{outcome.code}")
        return CollectionState.ORDERING

    @activity.defn(name="note_collection")
    async def note(self, start: CollectionStart, code: str) -> None:
        """Keep what keeps a driver from being ordered, where people see it."""
        async with self._context.record.begin() as tx:
            await tx.collections.note(start.collection_id, code)

    @activity.defn(name="retry_collection")
    async def retry(self, start: CollectionStart, verb: Retry) -> Answer:
        """Let the driver be ordered again; what a person knows about one who was perhaps ordered is settled first."""
        now = self._context.now()
        async with self._context.record.begin() as tx:
            collection = await tx.collections.load(start.collection_id, lock=True)
            await tx.audit.note(collection.ledger_id, "retry", verb.actor, verb.reason, now)
            if collection.state is not CollectionState.ORDERING:
                return Answer(done=False, words=f"it is {collection.state.value.lower()} already")
            call = _call(self._context.parties.carrier(collection.carrier), collection)
            if verb.happened is not None and not await _decide(tx, call, verb, now):
                return Answer(done=False, words="no driver is in doubt")
        return Answer(done=True, words="the driver is ordered again, unless one was found")


async def _place(tx: Transaction, code: str) -> Location:
    places = await tx.catalog.locations()
    place = next((place for place in places if place.code == code), None)
    if place is None:
        known = ", ".join(place.code for place in places)
        raise NotFound("no-location", f"there is no location {code}; there are: {known}")
    return place


def _require_driver(context: Context, place: Location, carrier: str) -> None:
    if not carrier:
        raise NotFound("no-carrier", f"no carrier collects at {place.code}: name one with --carrier")
    if not context.parties.carrier(carrier).capability.collects:
        raise Refused(
            "cannot-order-collection",
            f"{carrier} sends no drivers on request: hand the parcels over as agreed with it, or order at its own site",
        )


def _usual(place: Location, now: datetime) -> Window:
    window = driver_window(place, now)
    if window is None:
        raise Refused("never-open", f"{place.code} does not open within a year: say --from and --until")
    return window


async def _why_not(tx: Transaction, call: Call[OrderCollection], collection: Collection, now: datetime) -> str:
    """Return why a driver of whom the carrier surely knows nothing is not to be ordered any more, or nothing."""
    latest = await tx.effects.latest(call.intent().base)
    if latest is not None and latest.state not in _NEVER_SENT:
        return ""
    if now >= collection.closes_at:
        return "window-over"
    return "" if await tx.collections.still_waits(collection.collection_id) else "nothing-left"


async def _decide(tx: Transaction, call: Call[OrderCollection], verb: Retry, now: datetime) -> bool:
    latest = await tx.effects.latest(call.intent().base)
    if latest is None:
        return False
    state = EffectState.CONFIRMED if verb.happened else EffectState.PLANNED
    return await tx.effects.decide(
        latest.key, state, Confirmed(remote_id=verb.remote_id) if verb.happened else None, now
    )


def _call(carrier: Carrier, collection: Collection) -> Call[OrderCollection]:
    return Call(
        kind=EffectKind.COLLECTION,
        subject=collection.collection_id,
        order_id=collection.ledger_id,
        adapter=collection.carrier,
        phrase=lambda key: OrderCollection(
            reference=key,
            origin=collection.location,
            ready_at=collection.ready_at,
            closes_at=collection.closes_at,
            remote_ids=tuple(parcel.remote_id for parcel in collection.parcels),
        ),
        send=carrier.order_collection,
        find=carrier.find,
        dedupe=carrier.capability.dedupe[EffectKind.COLLECTION],
    )
