"""Orders, lines and holds in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from domain.barrier import BARRED_BY
from domain.errors import Conflict, NotFound
from domain.fulfillment import TERMINAL, Fulfillment, Stage
from domain.listing import Matched
from domain.order import KEEPS_STOCK, ChannelLine, ChannelOrder, Hold, HoldReason, OrderState, Ownership
from domain.ports.stores.catalog import Mode
from domain.ports.stores.order import KeptLine, KeptOrder
from domain.promise import UNPROMISED, Urgency
from domain.returns import REFUNDED_DISPOSITIONS
from domain.snapshot import postal_zone_of
from tests.fakes.inbox import FakeInboxStore
from tests.fakes.outbox import FakeOutboxStore
from tests.fakes.state import State
from tests.fakes.vault import FakeVaultStore

_NOT_DONE = {Stage.REJECTED, Stage.REPLANNED, Stage.CANCELLED, Stage.EXPIRED}
_FIRST_STATE = {
    Ownership.OURS: OrderState.OPEN,
    Ownership.TEST: OrderState.TEST,
    Ownership.EXTERNAL: OrderState.EXTERNAL,
}


class FakeOrderStore:
    """Orders as rows without their counters, which are worked out when an order is loaded."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._inbox = FakeInboxStore(state)
        self._outbox = FakeOutboxStore(state)

    async def record(
        self,
        order_id: str,
        account: str,
        order: ChannelOrder,
        inbox_id: int,
        now: datetime,
        urgency: Urgency = UNPROMISED,
    ) -> bool:
        """Record a new order whole; its inbox row is done with it."""
        if order_id in self._state.orders:
            return False
        state = self._first_state(account, order)
        kept = _kept(order_id, account, order).model_copy(update={**dict(urgency), "state": state})
        self._state.orders[order_id] = kept
        self._state.recorded[order_id] = now
        self._state.buyers[order_id] = order.buyer
        if order.address:
            self._state.addresses[order_id, 1] = order.address
            self._state.current_address[order_id] = 1
            await FakeVaultStore(self._state).note_told(order_id, order.address)
        await self._inbox.finish(inbox_id, order_id, now)
        if state is OrderState.OPEN:
            await self._outbox.start_order(order_id)
        return True

    def _first_state(self, account: str, order: ChannelOrder) -> OrderState:
        """Return OPEN for what we are to carry; a channel may be watched only, or ours since a moment."""
        channel = self._state.channels.get(account)
        if order.ownership is not Ownership.OURS or channel is None:
            return _FIRST_STATE[order.ownership]
        if channel.mode is Mode.OBSERVE:
            return OrderState.OBSERVED
        begins = channel.live_from
        return OrderState.EXTERNAL if begins is not None and order.placed_at < begins else OrderState.OPEN

    async def load(self, order_id: str, *, lock: bool = False) -> KeptOrder:
        """Load an order with its counters and fulfillment orders; the fake's one lock is held already."""
        del lock
        order = self._row(order_id)
        parts = tuple(part for part in self._state.fulfillments.values() if part.order_id == order_id)
        lines = tuple(self._counted(line, parts) for line in order.lines)
        return order.model_copy(
            update={
                "fulfillments": parts,
                "lines": lines,
                "last_number": _last_number(parts),
                "waiting": self._waits(order_id),
            }
        )

    def _waits(self, order_id: str) -> bool:
        return any(key[:2] == (order_id, "") for key in self._state.waits)

    async def match_lines(self, order_id: str, found: Mapping[str, Matched]) -> None:
        """Keep what each named line means; a line that was matched stays as it is."""
        self._change_lines(order_id, found, lambda line: {} if line.sku else _meaning(found[line.line_id]))

    async def count_cancelled(self, order_id: str, quantities: Mapping[str, int], *, told: bool) -> None:
        """Add cancelled units per line."""
        await self._require_open(order_id, quantities)
        self._change_lines(
            order_id,
            quantities,
            lambda line: {
                "cancelled": line.cancelled + quantities[line.line_id],
                "told_cancelled": line.told_cancelled + (quantities[line.line_id] if told else 0),
            },
        )

    async def tell_cancelled(self, order_id: str, totals: Mapping[str, int]) -> None:
        """Keep that the channel knows of this many cancelled units per line."""
        self._change_lines(
            order_id, totals, lambda line: {"told_cancelled": max(line.told_cancelled, totals[line.line_id])}
        )

    async def count_by_hand(self, order_id: str, quantities: Mapping[str, int]) -> None:
        """Add units per line that a person shipped on the channel itself."""
        await self._require_open(order_id, quantities, planned=True)
        self._change_lines(order_id, quantities, lambda line: {"by_hand": line.by_hand + quantities[line.line_id]})

    async def place_hold(self, order_id: str, reason: HoldReason, placed_by: str, now: datetime) -> bool:
        """Place a hold; False when it is already there, or when the channel speaks of a time before it ended."""
        holds = self._row(order_id).holds
        ended = self._state.ended_holds.get((order_id, reason))
        if any(hold.reason is reason for hold in holds) or (placed_by == "channel" and ended and ended > now):
            return False
        hold = Hold(reason=reason, keeps_stock=KEEPS_STOCK[reason], placed_by=placed_by, placed_at=now)
        self._change(order_id, holds=(*holds, hold))
        return True

    async def release_hold(self, order_id: str, reason: HoldReason, released_by: str, now: datetime) -> bool:
        """End a hold."""
        holds = self._row(order_id).holds
        left = tuple(hold for hold in holds if hold.reason is not reason)
        self._change(order_id, holds=left)
        if left != holds:
            self._state.ended_holds[order_id, reason] = now
        if released_by != BARRED_BY and any(hold.reason is reason and hold.placed_by == BARRED_BY for hold in holds):
            self._state.waived[order_id, reason] = released_by
        return left != holds

    async def waived(self, order_id: str) -> frozenset[HoldReason]:
        """Return the reasons of which a person ended a barrier's hold."""
        return frozenset(reason for order, reason in self._state.waived if order == order_id)

    async def request_cancel(self, order_id: str) -> bool:
        """Keep that the buyer asked for a cancellation; False when that was known."""
        known = self._row(order_id).cancel_requested
        self._change(order_id, cancel_requested=True)
        return not known

    async def mark_acknowledged(self, order_id: str) -> None:
        """Keep that the channel was told that we accept the order."""
        self._change(order_id, acknowledged=True)

    async def open_before(self, account: str, before: datetime, after: str, limit: int) -> tuple[str, ...]:
        """Return ids of OPEN orders of ours recorded before a moment, by id, behind `after`."""
        found = sorted(
            order_id
            for order_id, order in self._state.orders.items()
            if (order.account, order.state) == (account, OrderState.OPEN)
            and self._state.recorded[order_id] < before
            and order_id > after
        )
        return tuple(found[:limit])

    async def close(self, order_id: str, state: OrderState, now: datetime) -> bool:
        """Close an open order in a terminal state."""
        if self._row(order_id).state is not OrderState.OPEN:
            return False
        self._change(order_id, state=state, closed_at=now)
        for place in [place for place in self._state.waits if place[1].startswith(f"{order_id}/F")]:
            del self._state.waits[place]
        return True

    def _row(self, order_id: str) -> KeptOrder:
        if order_id not in self._state.orders:
            raise NotFound("no-order", f"no order {order_id}")
        return self._state.orders[order_id]

    def _change(self, order_id: str, **columns: object) -> None:
        self._state.orders[order_id] = self._row(order_id).model_copy(update=columns)

    def _change_lines(
        self, order_id: str, named: Mapping[str, object], change: Callable[[KeptLine], dict[str, object]]
    ) -> None:
        lines = self._row(order_id).lines
        after = tuple(line.model_copy(update=change(line)) if line.line_id in named else line for line in lines)
        self._change(order_id, lines=after)

    async def _require_open(self, order_id: str, quantities: Mapping[str, int], *, planned: bool = False) -> None:
        left = {line.line_id: line.open + line.planned * planned for line in (await self.load(order_id)).lines}
        if any(units > left.get(line_id, -1) for line_id, units in quantities.items()):
            raise Conflict("units-taken", "a line has fewer open units than that")

    def _counted(self, line: KeptLine, parts: tuple[Fulfillment, ...]) -> KeptLine:
        counters = dict.fromkeys(("planned", "done", "lost"), 0)
        for part in parts:
            units = sum(each.quantity for each in part.lines if each.line_id == line.line_id)
            if part.stage not in TERMINAL:
                counters["planned"] += units
            elif part.stage not in _NOT_DONE and part.fulfillment_id not in self._state.reopened:
                counters["done"] += units
                counters["lost"] += units if part.stage is Stage.LOST else 0
        return line.model_copy(update=counters | {"returned": self._returned(line, parts)})

    def _returned(self, line: KeptLine, parts: tuple[Fulfillment, ...]) -> int:
        orders = {part.order_id for part in parts}
        return sum(
            units
            for known in self._state.returns.values()
            if known.order_id in orders
            for disposition, units in self._state.inspections.get(known.return_id, {}).get(line.line_id, {}).items()
            if disposition in REFUNDED_DISPOSITIONS
        )


def _meaning(means: Matched) -> dict[str, object]:
    components = () if means.is_plain else means.components
    return {"sku": means.sku, "matched_by": means.matched_by.value, "components": components}


def _last_number(parts: tuple[Fulfillment, ...]) -> int:
    return max((int(part.fulfillment_id.rpartition("F")[2]) for part in parts), default=0)


def _kept(order_id: str, account: str, order: ChannelOrder) -> KeptOrder:
    holds = tuple(
        Hold(reason=reason, keeps_stock=KEEPS_STOCK[reason], placed_by="channel", placed_at=order.updated_at)
        for reason in dict.fromkeys(order.holds)
    )
    return KeptOrder(
        order_id=order_id,
        account=account,
        channel_order_id=order.channel_order_id,
        number=order.number,
        state=_FIRST_STATE[order.ownership],
        ownership=order.ownership,
        delivery=order.delivery,
        pickup_location=order.pickup_location,
        ship_by=order.ship_by,
        deliver_by=order.deliver_by,
        country=order.address.country if order.address else "",
        postal_zone=postal_zone_of(order.address.postal_code) if order.address else "",
        gift=order.gift,
        currency=order.currency,
        total=order.total,
        shipping=order.shipping,
        captured=order.captured,
        refunding=0,
        tender=order.tender,
        acknowledged=False,
        cancel_requested=order.cancel_requested,
        lines=tuple(_kept_line(line) for line in order.lines),
        holds=holds,
        fulfillments=(),
        ticket=0,
        last_number=0,
        waiting=False,
        closed_at=None,
    )


def _kept_line(line: ChannelLine) -> KeptLine:
    return KeptLine(
        line_id=line.line_id,
        listing_id=line.listing_id,
        channel_sku=line.sku,
        sku=None,
        title=line.title,
        quantity=line.quantity,
        unit_price=line.unit_price,
        cancelled=line.cancelled,
        planned=0,
        done=0,
        by_hand=min(line.shipped, line.quantity - line.cancelled),
        told_cancelled=line.cancelled,
        lost=0,
        returned=0,
        refusals={},
        gtin=line.gtin,
        ship_by=line.ship_by,
        deliver_by=line.deliver_by,
        not_before=line.not_before,
    )
