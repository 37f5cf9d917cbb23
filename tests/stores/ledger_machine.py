"""A machine that plays any order of events on the stock and money ledgers of a record, and compares with a model."""

from __future__ import annotations

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from domain.effect import Confirmed
from domain.fulfillment import Fulfillment, Stage
from domain.inventory import InventoryLevel
from domain.order import ChannelRefund
from domain.ports.stores import Transaction
from domain.ports.stores.money import Refund, RefundState
from domain.ports.stores.order import KeptOrder, Refusal
from tests.builders import ACCOUNT, BERLIN, MUG, MUNICH, NOW, TEA, fulfillment
from tests.stores.ledger_model import Course, Part
from tests.stores.scenes import claims_of, walk
from tests.stores.stock_machine import PRICE, SKUS, UNITS, StockMachine

LINE = st.sampled_from(sorted(SKUS))
ENDS = st.sampled_from([None, Stage.DELIVERED, Stage.LOST, Stage.SENT_BACK])
AMOUNT = st.integers(1, 1500)


class Short(Exception):
    """A plan that the stock does not allow."""


class LedgerMachine(StockMachine):
    """One order, and everything that may happen to it and to the stock."""

    @rule(wanted=st.dictionaries(LINE, st.integers(1, 6), min_size=1), location=st.sampled_from([BERLIN, MUNICH]))
    def plan(self, wanted: dict[str, int], location: str) -> None:
        units = {line: min(count, self.model.open(line)) for line, count in wanted.items() if self.model.open(line)}
        if not units:
            return
        part = Part(location, units)
        units_at = self.model.units_at(part)
        fits = all(self.model.available(place, ACCOUNT) >= count for place, count in units_at.items())
        number = len(self.model.parts) + 1
        planned = fulfillment(self.order_id, number, units, place=location, skus=SKUS)
        if fits:
            self.within(lambda tx: self.add_reserved(tx, planned))
            self.model.reserve(planned.fulfillment_id, part)
        else:
            with pytest.raises(Short):
                self.within(lambda tx: self.add_reserved(tx, planned))

    @precondition(lambda self: self.model.of_course(Course.HELD))
    @rule(data=st.data(), units=UNITS)
    def reject(self, data: st.DataObject, units: int) -> None:
        number, part = self.pick(data, Course.HELD)
        line = data.draw(st.sampled_from(sorted(part.units)))
        rejected = {line: min(units, part.units[line])}

        async def act(tx: Transaction) -> None:
            await tx.fulfillments.reject_lines(number, rejected, "damaged", Refusal())
            for _ in range(2):
                await tx.stock.free(number, rejected)

        self.within(act)
        self.model.reject(part, line, rejected[line])

    @precondition(lambda self: self.model.of_course(Course.HELD))
    @rule(data=st.data(), end=ENDS)
    def hand_over(self, data: st.DataObject, end: Stage | None) -> None:
        number, part = self.pick(data, Course.HELD)

        async def act(tx: Transaction) -> None:
            parcel = await tx.shipments.plan_parcel(number, "swift", NOW)
            label = Confirmed(remote_id=parcel.parcel_id, tracking_number=parcel.parcel_id)
            await tx.shipments.keep_label(parcel.parcel_id, label, NOW)
            await tx.stock.ship(number, NOW)

        self.within(act)
        self.run(walk(self.record, number, Stage.HANDED_OVER))
        self.model.ship(part)
        self.arrive(number, part, end)

    @precondition(lambda self: self.model.of_course(Course.GONE))
    @rule(data=st.data(), end=ENDS)
    def scan(self, data: st.DataObject, end: Stage | None) -> None:
        self.arrive(*self.pick(data, Course.GONE), end)

    def arrive(self, number: str, part: Part, end: Stage | None) -> None:
        """Let a parcel arrive, be sent back, or get lost; what is lost in a Munich parcel is sent once more."""
        if end is None:
            return
        self.run(walk(self.record, number, end))
        part.course = Course.DONE
        if end is Stage.LOST and part.location == MUNICH:
            self.within(lambda tx: tx.fulfillments.reopen(number))
            part.course = Course.OPEN_AGAIN

    @precondition(lambda self: self.model.of_course(Course.HELD))
    @rule(data=st.data(), units=UNITS)
    def cancel(self, data: st.DataObject, units: int) -> None:
        """Wind a part down: some units of it end as cancelled and are paid back, the rest is open again."""
        number, part = self.pick(data, Course.HELD)
        line = data.draw(st.sampled_from(sorted(part.units)))
        cancelled = {line: min(units, part.units[line])}

        async def act(tx: Transaction) -> bool:
            await tx.orders.load(self.order_id, lock=True)
            await tx.fulfillments.mark_cancelling(number, cancelled)
            await tx.stock.free(number)
            return True

        async def settle(tx: Transaction) -> bool:
            await tx.orders.count_cancelled(self.order_id, cancelled, told=False)
            key, amount = f"cancel:{number}", cancelled[line] * PRICE
            return await tx.money.reserve_refund(self.order_id, key, amount, "cancelled", cancelled) is not None

        self.within(act)
        self.run(walk(self.record, number, Stage.CANCELLED))
        self.model.give_up(part)
        self.model.cancelled[line] += cancelled[line]
        assert self.within(settle) is self.model.reserve_refund(f"cancel:{number}", cancelled[line] * PRICE)

    @rule(line=LINE, units=UNITS)
    def ship_by_hand(self, line: str, units: int) -> None:
        shipped = min(units, self.model.open(line))
        if shipped:
            self.within(lambda tx: tx.orders.count_by_hand(self.order_id, {line: shipped}))
            self.model.by_hand[line] += shipped

    @precondition(lambda self: self.model.parts)
    @rule(data=st.data())
    def repeat(self, data: st.DataObject) -> None:
        """Do again what was done before: nothing changes."""
        number = data.draw(st.sampled_from(sorted(self.model.parts)))
        if self.model.parts[number].course is not Course.HELD:
            self.within(lambda tx: tx.stock.ship(number, NOW))
            self.within(lambda tx: tx.stock.free(number))
        elif any(self.model.parts[number].units.values()):
            claims = claims_of(fulfillment(self.order_id, 1, self.model.parts[number].units, skus=SKUS))
            assert self.within(lambda tx: tx.stock.reserve(number, claims))

    @rule(amount=AMOUNT, number=st.integers(1, 6))
    def reserve_refund(self, amount: int, number: int) -> None:
        key = f"goodwill:{number}"
        made = self.within(lambda tx: tx.money.reserve_refund(self.order_id, key, amount, "late", {}))
        assert (made is not None) is self.model.reserve_refund(key, amount)

    @precondition(lambda self: self.model.debts)
    @rule(data=st.data(), state=st.sampled_from([RefundState.CONFIRMED, RefundState.REJECTED]))
    def settle(self, data: st.DataObject, state: RefundState) -> None:
        debt = data.draw(st.sampled_from(sorted(self.model.debts)))
        refunds = self.within(lambda tx: tx.money.refunds(self.order_id))
        refund_id = next(refund.refund_id for refund in refunds if refund.key == debt)
        self.within(lambda tx: tx.money.settle_refund(refund_id, state, f"remote:{debt}", NOW))
        if self.model.debts[debt].state is RefundState.RESERVED:
            self.model.debts[debt].state = state

    @rule(amount=AMOUNT)
    def refund_by_hand(self, amount: int) -> None:
        seen = ChannelRefund(refund_id=f"hand:{next(self.numbers)}", amount=amount)
        for wanted in (self.model.refund_by_hand(amount), 0):
            assert self.within(lambda tx: tx.money.enter_by_hand(self.order_id, seen, NOW)) == wanted

    @invariant()
    def the_record_is_as_the_model_says(self) -> None:
        levels, order, refunds = self.within(self.look)
        kept = {(level.sku, level.location): (level.on_hand, level.reserved) for level in levels}
        assert sum(on_hand for on_hand, _ in kept.values()) == self.model.everything()
        for place in {*kept, *self.model.brought}:
            on_hand, reserved = kept.get(place, (0, 0))
            assert (on_hand, reserved) == (self.model.on_hand(place), self.model.reserved(place)), place
            assert 0 <= reserved <= on_hand
        assert order.refunding == self.model.refunding() <= order.captured
        assert {refund.key: (refund.amount, refund.state) for refund in refunds} == {
            key: (debt.amount, debt.state) for key, debt in self.model.debts.items()
        }
        for line in order.lines:
            assert line.open == self.model.open(line.line_id) >= 0
            assert line.planned == self.model.counted(line.line_id, Course.HELD, Course.GONE)
            assert line.done == self.model.counted(line.line_id, Course.DONE)

    @invariant()
    def no_view_lists_a_violation(self) -> None:
        assert self.run(self.ground.violations()) == []

    async def look(self, tx: Transaction) -> tuple[tuple[InventoryLevel, ...], KeptOrder, tuple[Refund, ...]]:
        order = await tx.orders.load(self.order_id)
        return await tx.stock.levels([TEA, MUG]), order, await tx.money.refunds(self.order_id)

    async def add_reserved(self, tx: Transaction, part: Fulfillment) -> None:
        async with tx.savepoint():
            await tx.fulfillments.add((part,), (), NOW)
            if not await tx.stock.reserve(part.fulfillment_id, claims_of(part)):
                raise Short

    def pick(self, data: st.DataObject, course: Course) -> tuple[str, Part]:
        return data.draw(st.sampled_from(sorted(self.model.of_course(course).items())))
