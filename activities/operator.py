"""The operators' verbs: what each one changes in the record, with who and why."""

from __future__ import annotations

from temporalio import activity

from activities.address import is_abroad, is_on_a_label, plan_again
from activities.cancellation import cancel_units, everything
from activities.context import Context
from activities.correction import amend_number
from activities.ending import end_waits
from activities.observation import free_planned
from activities.rerouting import call_back
from activities.steps import VerbResult
from domain.effect import Confirmed, EffectState
from domain.errors import Conflict, CrossdockError
from domain.fulfillment import HOLDS_RESERVATION
from domain.listing import Listing
from domain.messages import (
    AmendAddress,
    AmendTracking,
    Cancel,
    PlaceHold,
    ReleaseHold,
    Reroute,
    ResolveSku,
    Retry,
    Verb,
)
from domain.order import KEEPS_STOCK, OrderState
from domain.ports.stores import Transaction
from domain.waits import hold_cause


class OperatorActivities:
    """Verbs. Each answers in words, and says no without failing the order."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @activity.defn(name="retry_order")
    async def retry(self, order_id: str, verb: Retry) -> VerbResult:
        """Let everything the order waits for be tried again; an outcome that a person looked up is settled first."""
        now = self._context.now()
        async with self._context.record.begin() as tx:
            await self._note(tx, order_id, "retry", verb)
            ticket = (await tx.orders.load(order_id, lock=True)).ticket
            if verb.effect and not await self._decide(tx, order_id, verb):
                return VerbResult(done=False, words=f"{verb.effect} is not an open effect of this order")
            renewed = await tx.effects.supersede(order_id)
            tried = [wait for wait in await tx.waits.of_order(order_id) if not wait.cause.startswith(_OTHERS_MOVE)]
            for cause in sorted({wait.cause for wait in tried}):
                await end_waits(tx, order_id, cause, now)
        words = f"{len(tried)} waits are tried again, {renewed} refused effects are begun anew"
        return VerbResult(done=True, words=words, ticket=ticket)

    async def _decide(self, tx: Transaction, order_id: str, verb: Retry) -> bool:
        effect = await tx.effects.load(verb.effect)
        if effect.order_id != order_id or verb.happened is None:
            return False
        confirmed = Confirmed(remote_id=verb.remote_id, tracking_number=verb.tracking_number or None)
        return await tx.effects.decide(
            verb.effect,
            EffectState.CONFIRMED if verb.happened else EffectState.PLANNED,
            confirmed if verb.happened else None,
            self._context.now(),
        )

    @activity.defn(name="cancel_order")
    async def cancel(self, order_id: str, verb: Cancel) -> VerbResult:
        """Cancel what still can be; what has left is asked back."""
        async with self._context.record.begin() as tx:
            await self._note(tx, order_id, "cancel", verb)
            order = await tx.orders.load(order_id, lock=True)
            if order.state is not OrderState.OPEN:
                return VerbResult(done=False, words=f"the order is {order.state.value}; open a return instead")
            unknown = set(verb.quantities) - {line.line_id for line in order.lines}
            if unknown:
                return VerbResult(done=False, words=f"the order has no line {min(unknown)}")
            totals = verb.quantities or everything(order)
            verdicts = await cancel_units(tx, order, totals, self._context.now(), told=False)
        return VerbResult(done=bool(verdicts.now or verdicts.waits), words=verdicts.words(), review=True)

    @activity.defn(name="reroute_fulfillment")
    async def reroute(self, order_id: str, verb: Reroute) -> VerbResult:
        """Take a fulfillment order away from its location; its units are planned again elsewhere."""
        now = self._context.now()
        async with self._context.record.begin() as tx:
            await self._note(tx, order_id, "reroute", verb)
            await tx.orders.load(order_id, lock=True)
            part = await tx.fulfillments.load(verb.fulfillment_id)
            if part.order_id != order_id or part.stage not in HOLDS_RESERVATION:
                return VerbResult(done=False, words=f"{verb.fulfillment_id} is {part.stage.value}: too late to reroute")
            if verb.to and verb.to not in {place.code for place in await tx.catalog.locations()}:
                return VerbResult(done=False, words=f"there is no location {verb.to}")
            if not await call_back(tx, part, now):
                return VerbResult(done=False, words="it has just moved on: look again")
        return VerbResult(done=True, words=f"{part.location} is called back; the units are planned again", review=True)

    @activity.defn(name="resolve_sku")
    async def resolve_sku(self, order_id: str, verb: ResolveSku) -> VerbResult:
        """Map a listing to a SKU; the order goes on, and so does every other order that waited for it."""
        account = order_id.partition("/")[0]
        now = self._context.now()
        try:
            async with self._context.record.begin() as tx:
                await self._note(tx, order_id, "resolve_sku", verb)
                means = Listing(listing_id=verb.listing_id, sku=verb.sku)
                await tx.listings.save(account, [means], verb.actor, now)
        except CrossdockError as error:
            return VerbResult(done=False, words=str(error))
        return VerbResult(done=True, words=f"listing {verb.listing_id} means {verb.sku}", review=True)

    @activity.defn(name="amend_address")
    async def amend_address(self, order_id: str, verb: AmendAddress) -> VerbResult:
        """Use the address that was put into the vault; a label that was refused for the old one is tried anew."""
        now = self._context.now()
        async with self._context.record.begin() as tx:
            await self._note(tx, order_id, "amend_address", verb)
            order = await tx.orders.load(order_id, lock=True)
            if await is_on_a_label(tx, order):
                words = "a label may carry the old address already: reroute the part, or have the parcel intercepted"
                return VerbResult(done=False, words=words)
            if not await tx.vault.use_address(order_id, verb.version):
                return VerbResult(done=False, words=f"the vault has no address {verb.version} for this order")
            await tx.effects.supersede(order_id)
            abroad = is_abroad(order, await tx.orders.load(order_id))
            if abroad:
                await plan_again(tx, order, now)
            # No wait is left when an attempt before this one ended it and its answer was lost.
            ticket = await end_waits(tx, order_id, f"address:{order_id}", now) or order.ticket
        words = "the new address is used" + ("; all is planned again for its country" if abroad else "")
        return VerbResult(done=True, words=words, ticket=ticket, review=abroad)

    @activity.defn(name="amend_tracking")
    async def amend_tracking(self, order_id: str, verb: AmendTracking) -> VerbResult:
        """Let a parcel travel under another number; the channel hears of it once."""
        now = self._context.now()
        try:
            async with self._context.record.begin() as tx:
                await self._note(tx, order_id, "correct_tracking", verb)
                return await amend_number(tx, await tx.orders.load(order_id, lock=True), verb, now)
        except Conflict as error:
            return VerbResult(done=False, words=str(error))

    @activity.defn(name="place_hold")
    async def place_hold(self, order_id: str, verb: PlaceHold) -> VerbResult:
        """Stop the order before its next step."""
        now = self._context.now()
        async with self._context.record.begin() as tx:
            await self._note(tx, order_id, "hold", verb)
            order = await tx.orders.load(order_id, lock=True)
            if order.state is not OrderState.OPEN:
                return VerbResult(done=False, words=f"the order is {order.state.value}")
            placed = await tx.orders.place_hold(order_id, verb.hold, verb.actor, now)
            if placed and not KEEPS_STOCK[verb.hold]:
                await free_planned(tx, order, now)
        words = f"held for {verb.hold.value}" if placed else f"it was held for {verb.hold.value} already"
        return VerbResult(done=placed, words=words, review=True)

    @activity.defn(name="release_hold")
    async def release_hold(self, order_id: str, verb: ReleaseHold) -> VerbResult:
        """End a hold; the order goes on at once."""
        now = self._context.now()
        async with self._context.record.begin() as tx:
            await self._note(tx, order_id, "release", verb)
            order = await tx.orders.load(order_id, lock=True)
            if not await tx.orders.release_hold(order_id, verb.hold, verb.actor, now):
                # Perhaps it ended in an attempt whose answer was lost: whoever waited for that must hear of it now.
                words = f"there is no hold for {verb.hold.value}"
                return VerbResult(done=False, words=words, ticket=order.ticket, review=True)
            ticket = await end_waits(tx, order_id, hold_cause(verb.hold.value, order_id), now)
        return VerbResult(done=True, words="the hold has ended", ticket=ticket, review=True)

    async def _note(self, tx: Transaction, order_id: str, name: str, verb: Verb) -> None:
        await tx.audit.note(order_id, name, verb.actor, verb.reason, self._context.now())


_OTHERS_MOVE = ("staff:", "pickup:", "delivery:", "return:")
"""Waits that only their own party can end: trying again means nothing to them."""
