"""A refund of ours in doubt that a person lowers or repeats by hand: what the channel shows counts, and it ends."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from activities.context import Context
from activities.money import MoneyActivities
from activities.operator import OperatorActivities
from activities.steps import StepResult
from adapters.marketplaces.sandbox.adapter import CAPABILITY
from domain.effect import (
    Absent,
    CannotTell,
    Confirmed,
    Dedupe,
    DedupeClass,
    EffectKind,
    EffectState,
    Finding,
    Found,
    Outcome,
    Rejected,
    Unknown,
)
from domain.errors import Unavailable
from domain.messages import WOKEN, RefundStart, Retry
from domain.order import ChannelOrder, ChannelRefund
from domain.policy import Policy
from domain.ports.marketplace import RawOrder, RefundPayment
from domain.ports.stores.money import RefundState
from tests.builders import ACCOUNT, NOW, channel_line, channel_order
from tests.fakes.record import FakeRecord
from tests.stores.scenes import load, record_order, tellings

ORDER, REFUND = "shop/1001", "shop/1001/refund/1"
KEY = f"refund:{REFUND}#1"
START = RefundStart(order_id=ORDER, refund_id=REFUND, account=ACCOUNT)


@dataclass
class Till:
    """A channel that does not answer the first refund; whether it is done, found and shown there is up to the test."""

    native: bool = False
    done: bool = False
    finds: bool = True
    names: bool = True
    silent: bool = True
    refuses: bool = False
    refunds: list[ChannelRefund] = field(default_factory=list[ChannelRefund])
    sent: list[int] = field(default_factory=list[int])
    now: datetime = NOW

    @property
    def capability(self) -> Any:
        kind = Dedupe.NATIVE if self.native else Dedupe.REFERENCE
        dedupe = {**CAPABILITY.dedupe, EffectKind.REFUND: DedupeClass(dedupe=kind, key_life=timedelta(days=9))}
        return CAPABILITY.model_copy(update={"dedupe": dedupe})

    async def marketplace(self, account: str) -> Till:
        assert account == ACCOUNT
        return self

    async def refund(self, write: RefundPayment) -> Outcome:
        self.sent.append(write.amount)
        if self.refuses:
            return Rejected(code="too-much")
        if not self.silent or self.done:
            self.show(write.amount, write.reference)
        return Unknown(code="lost") if self.silent else Confirmed(remote_id=f"G{len(self.refunds)}")

    async def find(self, write: RefundPayment) -> Finding:
        if not self.finds:
            return CannotTell()
        mine = [one for one in self.refunds if one.reference == write.reference]
        return Found(confirmed=Confirmed(remote_id=mine[0].refund_id)) if mine else Absent()

    async def fetch_order(self, channel_order_id: str) -> RawOrder:
        return RawOrder(channel_order_id=channel_order_id, body=b"")

    def read_order(self, body: bytes) -> ChannelOrder:
        del body
        shown = [one if self.names else one.model_copy(update={"reference": ""}) for one in self.refunds]
        return channel_order(channel_line("1", 3), refunds=tuple(shown))

    def show(self, amount: int, reference: str = "") -> None:
        self.refunds.append(ChannelRefund(refund_id=f"G{len(self.refunds) + 1}", reference=reference, amount=amount))


class Counter:
    """Somebody who gives 10.00 back, of the 30.00 that were paid."""

    def __init__(self, till: Till) -> None:
        self.till, self.record = till, FakeRecord()
        parties: Any = till
        self.context = Context(self.record, parties, Policy(), lambda: till.now)

    async def begin(self) -> None:
        """Send the refund, and hear nothing."""
        await record_order(self.record, channel_order(channel_line("1", 3)))
        async with self.record.begin() as tx:
            assert await tx.money.reserve_refund(ORDER, "late", 1000, "late", {})
        with pytest.raises(Unavailable, match="looked up next"):
            await self.send()
        self.till.silent = False
        self.till.now += timedelta(hours=1)

    async def send(self) -> StepResult:
        return await MoneyActivities(self.context).send(START)

    async def go_on(self) -> StepResult:
        """Take the step until it ends or waits, as its workflow does."""
        for _ in range(5):
            try:
                return await self.send()
            except Unavailable:
                self.till.now += timedelta(minutes=5)
        raise AssertionError("it is tried for ever")

    async def books(self) -> tuple[RefundState, int, EffectState]:
        """How the refund stands, what was given back in all, and how its effect ended."""
        async with self.record.begin() as tx:
            refund, effect = await tx.money.load_refund(REFUND), await tx.effects.load(KEY)
        return refund.state, (await load(self.record, ORDER)).refunding, effect.state


@pytest.mark.parametrize("native", [False, True])
async def test_what_was_lowered_by_hand_is_sent_anew_when_it_surely_was_not_done(*, native: bool) -> None:
    counter = Counter(Till(native=native))
    await counter.begin()
    counter.till.show(400)
    assert await counter.go_on() == StepResult()
    assert counter.till.sent == [1000, 600]
    assert await counter.books() == (RefundState.CONFIRMED, 1000, EffectState.CONFIRMED)


@pytest.mark.parametrize("names", [False, True])
async def test_what_was_lowered_by_hand_and_done_all_the_same_counts_whole(*, names: bool) -> None:
    counter = Counter(Till(done=True, names=names))
    await counter.begin()
    counter.till.refunds.insert(0, ChannelRefund(refund_id="H", amount=400))
    await counter.go_on()
    assert counter.till.sent == [1000]
    _state, given, effect = await counter.books()
    assert (given, effect) == (1400, EffectState.CONFIRMED)
    await counter.go_on()
    assert (await counter.books())[1] == 1400


async def test_what_shows_up_after_it_was_lowered_by_hand_counts_whole() -> None:
    counter = Counter(Till(finds=False))
    await counter.begin()
    counter.till.show(400)
    await counter.go_on()
    counter.till.show(1000, KEY)
    assert (await counter.go_on()).done
    assert await counter.books() == (RefundState.CONFIRMED, 1400, EffectState.CONFIRMED)


@pytest.mark.parametrize("native", [False, True])
async def test_nobody_can_tell_so_a_person_says_it_and_nothing_is_sent_twice(*, native: bool) -> None:
    counter = Counter(Till(native=native, finds=False))
    await counter.begin()
    counter.till.show(400)
    waits = await counter.go_on()
    assert (waits.cause, waits.done, counter.till.sent) == (f"effect:{KEY}", False, [1000])
    verb = Retry(actor="ann", reason="looked there", effect=KEY, happened=True)
    assert (await OperatorActivities(counter.context).retry(ORDER, verb)).done
    assert (await counter.go_on()).done
    assert await counter.books() == (RefundState.CONFIRMED, 1400, EffectState.CONFIRMED)
    assert counter.till.sent == [1000]


async def test_a_person_who_says_that_it_did_not_happen_lets_the_rest_be_sent() -> None:
    counter = Counter(Till(finds=False))
    await counter.begin()
    counter.till.show(400)
    await counter.go_on()
    verb = Retry(actor="ann", reason="looked there", effect=KEY, happened=False)
    assert (await OperatorActivities(counter.context).retry(ORDER, verb)).done
    assert (await counter.go_on()).done
    assert counter.till.sent == [1000, 600]
    assert await counter.books() == (RefundState.CONFIRMED, 1000, EffectState.CONFIRMED)


async def test_what_was_refused_and_lowered_by_hand_waits_for_a_retry_that_sends_the_rest() -> None:
    counter = Counter(Till())
    await counter.begin()
    counter.till.refuses = True
    assert (await counter.go_on()).cause == f"effect:{KEY}"
    counter.till.refuses = False
    counter.till.show(400)
    assert (await counter.go_on()).cause == f"effect:{KEY}"
    assert (await OperatorActivities(counter.context).retry(ORDER, Retry(actor="ann", reason="it is less"))).done
    assert (await counter.go_on()).done
    assert counter.till.sent == [1000, 1000, 600]


async def test_what_was_repeated_by_hand_ends_and_leaves_nothing_in_doubt() -> None:
    counter = Counter(Till())
    await counter.begin()
    counter.till.show(1000)
    assert not (await counter.go_on()).done
    assert await counter.books() == (RefundState.BY_HAND, 1000, EffectState.PLANNED)
    assert counter.till.sent == [1000]


async def test_what_was_repeated_by_hand_and_done_as_well_counts_twice() -> None:
    counter = Counter(Till(finds=False))
    await counter.begin()
    counter.till.show(1000)
    assert (await counter.go_on()).cause == f"effect:{KEY}"
    counter.till.finds = True
    counter.till.show(1000, KEY)
    assert not (await counter.go_on()).ticket
    assert await counter.books() == (RefundState.BY_HAND, 2000, EffectState.CONFIRMED)


async def test_our_own_refund_that_is_shown_without_a_name_counts_once() -> None:
    counter = Counter(Till(done=True, names=False))
    await counter.begin()
    assert not (await counter.go_on()).ticket
    assert await counter.books() == (RefundState.BY_HAND, 1000, EffectState.CONFIRMED)


async def test_who_waits_for_a_person_s_word_looks_again_when_the_channel_shows_more() -> None:
    counter = Counter(Till(finds=False))
    await counter.begin()
    waits = await counter.go_on()
    counter.till.show(400)
    await counter.go_on()
    woken = [json.loads(told.payload)["ticket"] for told in await tellings(counter.record) if told.signal == WOKEN]
    assert woken == [waits.ticket]
