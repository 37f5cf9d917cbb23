"""What is done with a return: permit it, pay its way back, settle stock and money by what was found."""

from __future__ import annotations

from collections.abc import Mapping

from temporalio import activity

from activities.context import Context
from activities.effect import Call, claim, settled
from activities.freeing import clear_stock
from activities.order import debt_of, wait_for_effect
from activities.outage import parks
from activities.steps import ReturnView, StepResult, step_scope
from domain.effect import Confirmed, EffectKind, EffectState, effect_base
from domain.errors import Refused
from domain.inventory import MovementKind
from domain.listing import Component
from domain.location import Location
from domain.messages import ReturnStart
from domain.ports.carrier import BuyLabel, Carrier
from domain.ports.location import ExpectReturn, WorkLine
from domain.ports.marketplace import Marketplace, SellsLabels
from domain.ports.stores import Transaction
from domain.ports.stores.inventory import Movement
from domain.returns import REFUNDED_DISPOSITIONS, Disposition, Return, ReturnState, check_window
from domain.values import Address


class ReturnActivities:
    """Steps of a return, each safe to repeat."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @activity.defn(name="authorise_return")
    async def authorise(self, start: ReturnStart) -> ReturnView:
        """Permit or decline a return by policy, and say where its goods go."""
        now = self._context.now()
        marketplace = await self._context.parties.marketplace(start.account)
        async with self._context.record.begin() as tx:
            order = await tx.orders.load(start.order_id)
            back = await tx.returns.load(start.return_id)
            if back.state is ReturnState.REQUESTED:
                try:
                    check_window(order.closed_at or now, now, self._context.policy.return_window_of(start.account))
                except Refused:
                    await tx.returns.advance(start.return_id, ReturnState.DECLINED, now)
                else:
                    await tx.returns.advance(start.return_id, ReturnState.AUTHORISED, now)
                back = await tx.returns.load(start.return_id)
            if back.state is ReturnState.AUTHORISED:
                cause = {f"return:{start.return_id}": "awaited"}
                await tx.waits.rewrite(start.order_id, start.return_id, cause, now)
            place = next(place for place in await tx.catalog.locations() if place.code == back.location)
        return ReturnView(
            state=back.state,
            course=back.course,
            system=place.system,
            carrier=_seller(marketplace, start.account, place),
            expires_after=self._context.policy.return_expires_after,
            probe_after=self._context.policy.probe_after,
            answers=bool(back.request_id) and marketplace.capability.answers_returns,
        )

    @activity.defn(name="buy_return_label")
    @parks(lambda start: step_scope(start.return_id))
    async def buy_label(self, start: ReturnStart) -> StepResult:
        """Buy the label with which goods travel back, where whoever sells labels for the order sells such ones.

        Once bought there, or perhaps, it is asked for there, whatever the channel's settings have become.
        """
        marketplace = await self._context.parties.marketplace(start.account)
        carriers = await self._context.parties.carriers(start.account)
        async with self._context.record.begin() as tx:
            back = await tx.returns.load(start.return_id)
            place = next(place for place in await tx.catalog.locations() if place.code == back.location)
            begun = await tx.effects.latest(effect_base(EffectKind.RETURN_LABEL, start.return_id))
            stands = begun is not None and begun.state is not EffectState.REJECTED
            seller = begun.adapter if begun and stands else _seller(marketplace, start.account, place)
            carrier = carriers(seller)
            if not carrier.capability.return_labels:
                return StepResult(done=False)
            call = _label_call(carrier, seller, start, back, await tx.vault.address(start.order_id))
            effect = await claim(tx, call, self._context)
        async with settled(self._context, effect, call) as (tx, outcome):
            if isinstance(outcome, Confirmed):
                await tx.returns.keep_tracking(start.return_id, outcome.tracking_number or "")
                return StepResult()
            return await wait_for_effect(
                tx, self._context, start.order_id, step_scope(start.return_id), effect, outcome
            )

    @activity.defn(name="expect_return")
    @parks(lambda start: step_scope(start.return_id))
    async def expect(self, start: ReturnStart) -> StepResult:
        """Announce the goods to the location they come back to."""
        async with self._context.record.begin() as tx:
            back = await tx.returns.load(start.return_id)
            place = next(place for place in await tx.catalog.locations() if place.code == back.location)
            system = self._context.parties.location(place.system)
            call = Call(
                kind=EffectKind.RELEASE,
                subject=start.return_id,
                order_id=start.order_id,
                adapter=place.system,
                phrase=lambda key: ExpectReturn(
                    reference=key, location=back.location, return_id=start.return_id, lines=_work_lines(back)
                ),
                send=system.expect_return,
                find=system.find,
                dedupe=system.capability.dedupe[EffectKind.RELEASE],
            )
            effect = await claim(tx, call, self._context)
        async with settled(self._context, effect, call) as (tx, outcome):
            if isinstance(outcome, Confirmed):
                return StepResult()
            return await wait_for_effect(
                tx, self._context, start.order_id, step_scope(start.return_id), effect, outcome
            )

    @activity.defn(name="expire_return")
    async def expire(self, start: ReturnStart) -> str:
        """End a return whose goods never came; return the state that won."""
        now = self._context.now()
        async with self._context.record.begin() as tx:
            if await tx.returns.advance(start.return_id, ReturnState.EXPIRED, now) is not None:
                await tx.waits.rewrite(start.order_id, start.return_id, {}, now)
            return (await tx.returns.load(start.return_id)).state.value

    @activity.defn(name="settle_return")
    async def settle_return(self, start: ReturnStart) -> str:
        """Let the dispositions decide the stock, and reserve the refund; return its id, or empty when none is owed."""
        now = self._context.now()
        async with self._context.record.begin() as tx:
            order = await tx.orders.load(start.order_id, lock=True)
            back = await tx.returns.load(start.return_id)
            found = await tx.returns.inspected(start.return_id)
            movements = _restocked(back, found, {line.line_id: line.made_of for line in order.lines})
            await clear_stock(tx, {movement.sku for movement in movements}, now)
            for movement in movements:
                await tx.stock.move(movement, now)
            await tx.waits.rewrite(start.order_id, start.return_id, {}, now)
            return await _reserve(tx, start, found)

    @activity.defn(name="close_return")
    async def close(self, start: ReturnStart) -> str:
        """End an inspected return: refunded, or declined when nothing that is paid back came; return its state."""
        async with self._context.record.begin() as tx:
            found = await tx.returns.inspected(start.return_id)
            end = ReturnState.REFUNDED if any(_paid_back(found).values()) else ReturnState.DECLINED
            await tx.returns.advance(start.return_id, end, self._context.now())
            return (await tx.returns.load(start.return_id)).state.value


def _seller(marketplace: Marketplace, account: str, place: Location) -> str:
    """Return who sells the label of a return: the channel that sells labels for ways back too, else the carrier."""
    if marketplace.capability.sells_labels and isinstance(marketplace, SellsLabels):
        return account if marketplace.labels.capability.return_labels else place.carrier
    return place.carrier


def _label_call(carrier: Carrier, seller: str, start: ReturnStart, back: Return, address: Address) -> Call[BuyLabel]:
    return Call(
        kind=EffectKind.RETURN_LABEL,
        subject=start.return_id,
        order_id=start.order_id,
        adapter=seller,
        phrase=lambda key: BuyLabel(
            reference=key,
            origin=back.location,
            destination=address,
            weight_grams=1000,
            is_return=True,
            channel_order_id=start.order_id.partition("/")[2],
            quantities={line.line_id: line.quantity for line in back.lines},
        ),
        send=carrier.buy_label,
        find=carrier.find,
        dedupe=carrier.capability.dedupe[EffectKind.RETURN_LABEL],
        draft=carrier.draft_label,
    )


def _paid_back(found: Mapping[str, Mapping[Disposition, int]]) -> dict[str, int]:
    return {
        line_id: sum(units for disposition, units in units_by.items() if disposition in REFUNDED_DISPOSITIONS)
        for line_id, units_by in found.items()
    }


def _restocked(
    back: Return, found: Mapping[str, Mapping[Disposition, int]], made_of: Mapping[str, tuple[Component, ...]]
) -> list[Movement]:
    """Return what is put on the shelf again: of a kit its components, in the order in which levels are locked."""
    movements = [
        Movement(
            key=f"return:{back.return_id}:{line_id}:{own.sku}",
            kind=MovementKind.RETURN,
            sku=own.sku,
            location=back.location,
            delta=own.units * units,
            reason=f"restocked from {back.return_id}",
        )
        for line_id, units_by in found.items()
        if (units := units_by.get(Disposition.RESTOCKED, 0))
        for own in made_of[line_id]
    ]
    return sorted(movements, key=lambda movement: (movement.sku, movement.key))


async def _reserve(tx: Transaction, start: ReturnStart, found: Mapping[str, Mapping[Disposition, int]]) -> str:
    debt = debt_of(await tx.orders.load(start.order_id))
    key = f"return:{start.return_id}"
    known = next((refund for refund in await tx.money.refunds(start.order_id) if refund.key == key), None)
    if known is not None:
        return known.refund_id
    if debt <= 0:
        return ""
    refund = await tx.money.reserve_refund(start.order_id, key, debt, "returned", _paid_back(found))
    return refund.refund_id if refund else ""


def _work_lines(back: Return) -> tuple[WorkLine, ...]:
    return tuple(WorkLine(line_id=line.line_id, sku=line.sku, title="", quantity=line.quantity) for line in back.lines)
