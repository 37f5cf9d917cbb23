"""An address that changes: before a label, while it is bought, after it, and on the channel."""

from __future__ import annotations

from datetime import timedelta
from typing import cast

import pytest

from activities.context import Context
from activities.intake import take_in
from activities.operator import OperatorActivities
from activities.steps import VerbResult
from domain.effect import EffectKind, EffectState
from domain.fulfillment import Stage
from domain.messages import CHANGED, AmendAddress
from domain.order import ChannelOrder, HoldReason, OrderState
from domain.policy import Policy
from domain.ports.marketplace import Marketplace
from domain.ports.parties import Parties
from domain.ports.stores.effect import Settlement
from domain.ports.stores.fulfillment import Move
from domain.ports.stores.inbox import InboxRow, InboxState
from domain.values import Address
from tests.builders import NOW, address, channel_order, fulfillment, intent, pickup_order, received
from tests.fakes.record import FakeRecord
from tests.stores.scenes import add_part, close, load, record_order, tellings, walk

ORDER, PART = "shop/1001", "shop/1001/F1"
MOVED = address(street="Other street 9")
ABROAD = address(street="Bahnhofstrasse 9", country="CH")
LATER = NOW + timedelta(minutes=5)


def context_of(record: FakeRecord) -> Context:
    return Context(record, cast("Parties", None), Policy(), lambda: LATER)


async def amend(record: FakeRecord, moved: Address = MOVED) -> VerbResult:
    async with record.begin() as tx:
        version = await tx.vault.propose_address(ORDER, moved)
    verb = AmendAddress(actor="boss", reason="the buyer called", version=version)
    return await OperatorActivities(context_of(record)).amend_address(ORDER, verb)


async def address_now(record: FakeRecord) -> str:
    async with record.begin() as tx:
        return (await tx.vault.address(ORDER)).street


async def stages(record: FakeRecord) -> list[Stage]:
    return [part.stage for part in (await load(record, ORDER)).fulfillments]


async def label_itself(record: FakeRecord) -> None:
    """Release the part to a place that sends with labels of its own."""
    before = frozenset({Stage.PLANNED})
    async with record.begin() as tx:
        move = Move(fulfillment_id=PART, before=before, to=Stage.RELEASED, at=NOW, labels_itself=True)
        assert await tx.fulfillments.advance(move) is not None


async def begin_label(record: FakeRecord, state: EffectState) -> None:
    """Bring the part to where its label was begun, with an outcome."""
    await walk(record, PART, Stage.LABELLING)
    async with record.begin() as tx:
        parcel = await tx.shipments.plan_parcel(PART, "swift", NOW)
        effect = await tx.effects.claim(intent(parcel.parcel_id, kind=EffectKind.LABEL), NOW)
        if state is not EffectState.SENDING:
            await tx.effects.settle(effect.key, effect.token, Settlement(state=state, code="why"), NOW)


@pytest.mark.parametrize("stage", [Stage.PLANNED, Stage.RELEASED, Stage.PICKED])
async def test_before_its_label_an_order_simply_goes_to_the_new_address(stage: Stage) -> None:
    record = FakeRecord()
    await add_part(record, fulfillment(await record_order(record)))
    await walk(record, PART, stage)
    assert (await amend(record)).done
    assert await address_now(record) == MOVED.street
    assert await stages(record) == [stage]


@pytest.mark.parametrize(
    ("stage", "then"),
    [(Stage.PLANNED, Stage.REPLANNED), (Stage.RELEASED, Stage.CANCELLING), (Stage.PICKED, Stage.CANCELLING)],
)
@pytest.mark.parametrize(
    ("home", "moved"),
    [(address(), ABROAD), (address(country="ES", postal_code="28013"), address(country="ES", postal_code="35001"))],
)
async def test_what_was_planned_for_this_side_of_a_border_is_planned_again(
    stage: Stage, then: Stage, home: Address, moved: Address
) -> None:
    record = FakeRecord()
    await add_part(record, fulfillment(await record_order(record, channel_order(address=home))))
    await walk(record, PART, stage)
    answer = await amend(record, moved)
    assert (answer.done, answer.review) == (True, True)
    assert await stages(record) == [then]


async def test_a_label_that_was_refused_is_not_bought_for_another_country() -> None:
    record = FakeRecord()
    await add_part(record, fulfillment(await record_order(record)))
    await begin_label(record, EffectState.REJECTED)
    assert (await amend(record, ABROAD)).done
    assert await stages(record) == [Stage.CANCELLING]


@pytest.mark.parametrize("stage", [Stage.RELEASED, Stage.PICKED])
async def test_a_place_that_labels_itself_may_have_printed_the_old_address(stage: Stage) -> None:
    record = FakeRecord()
    await add_part(record, fulfillment(await record_order(record)))
    await label_itself(record)
    await walk(record, PART, stage)
    answer = await amend(record)
    assert (answer.done, "reroute" in answer.words) == (False, True)
    assert await address_now(record) != MOVED.street


async def test_while_its_label_is_being_voided_a_part_may_still_leave_for_the_old_address() -> None:
    record = FakeRecord()
    await add_part(record, fulfillment(await record_order(record)))
    await begin_label(record, EffectState.CONFIRMED)
    await walk(record, PART, Stage.CANCELLING)
    assert not (await amend(record)).done
    async with record.begin() as tx:
        (parcel,) = await tx.shipments.parcels(PART)
        await tx.shipments.void(parcel.parcel_id, NOW)
    assert (await amend(record)).done


@pytest.mark.parametrize("stage", [Stage.LABELLED, Stage.HANDED_OVER, Stage.IN_TRANSIT])
async def test_after_its_label_the_new_address_is_refused_with_what_to_do(stage: Stage) -> None:
    record = FakeRecord()
    await add_part(record, fulfillment(await record_order(record)))
    await walk(record, PART, stage)
    answer = await amend(record)
    assert not answer.done
    assert "reroute" in answer.words
    assert await address_now(record) != MOVED.street


@pytest.mark.parametrize(
    ("state", "done"),
    [
        (EffectState.SENDING, False), (EffectState.UNKNOWN, False), (EffectState.REJECTED, True),
        (EffectState.PLANNED, True),
    ],
)  # fmt: skip
async def test_while_a_label_may_have_been_bought_for_the_old_address_the_new_one_is_refused(
    state: EffectState,
    done: bool,  # noqa: FBT001 - a parameter
) -> None:
    record = FakeRecord()
    await add_part(record, fulfillment(await record_order(record)))
    await begin_label(record, state)
    assert (await amend(record)).done is done
    assert (await address_now(record) == MOVED.street) is done


class OneOrder:
    """A marketplace that shows one order."""

    def __init__(self, seen: ChannelOrder) -> None:
        self._seen = seen

    def read_order(self, body: bytes) -> ChannelOrder:
        del body
        return self._seen


async def show(record: FakeRecord, seen: ChannelOrder) -> None:
    """Let the channel show the order once more."""
    message = received(seen.model_dump_json().encode())
    async with record.begin() as tx:
        (inbox_id,) = await tx.inbox.store((message,), LATER)
    assert inbox_id is not None
    row = InboxRow(**message.model_dump(), inbox_id=inbox_id, state=InboxState.NEW)
    await take_in(context_of(record), cast("Marketplace", OneOrder(seen)), row)


async def holds(record: FakeRecord) -> list[HoldReason]:
    return [hold.reason for hold in (await load(record, ORDER)).holds]


@pytest.mark.parametrize("stage", [Stage.PLANNED, Stage.PICKED, Stage.LABELLING, Stage.LABELLED])
async def test_another_address_on_the_channel_holds_the_order_until_a_person_decides(stage: Stage) -> None:
    record = FakeRecord()
    await add_part(record, fulfillment(await record_order(record)))
    await walk(record, PART, stage)
    await show(record, channel_order(address=MOVED, updated_at=LATER))
    assert await holds(record) == [HoldReason.ADDRESS]
    assert await address_now(record) == address().street, "nothing goes to the new one by itself"
    assert record.state.addresses[ORDER, 2] == MOVED
    assert CHANGED in [told.signal for told in await tellings(record)]


async def test_an_address_that_the_channel_tells_later_is_used_at_once_and_held_when_it_changes() -> None:
    record = FakeRecord()
    await add_part(record, fulfillment(await record_order(record, channel_order(address=None, address_later=True))))
    assert (await load(record, ORDER)).country == ""
    await show(record, channel_order(address=address(), updated_at=LATER))
    assert await address_now(record) == address().street
    assert await holds(record) == []
    seen = await load(record, ORDER)
    assert (seen.country, [part.stage for part in seen.fulfillments]) == (address().country, [Stage.REPLANNED])
    assert CHANGED in [told.signal for told in await tellings(record)]
    await show(record, channel_order(address=MOVED, updated_at=LATER + timedelta(minutes=1)))
    assert await holds(record) == [HoldReason.ADDRESS]


async def test_work_that_was_given_out_before_the_address_was_told_is_called_back() -> None:
    record = FakeRecord()
    await add_part(record, fulfillment(await record_order(record, channel_order(address=None, address_later=True))))
    await walk(record, PART, Stage.PICKED)
    await show(record, channel_order(address=ABROAD, updated_at=LATER))
    assert await stages(record) == [Stage.CANCELLING]


async def test_an_address_that_is_told_of_a_pickup_leaves_it_where_it_is() -> None:
    record = FakeRecord()
    await add_part(record, fulfillment(await record_order(record, pickup_order()), delivery="pickup"))
    await walk(record, PART, Stage.READY)
    await show(record, pickup_order(address=MOVED, updated_at=LATER))
    assert await stages(record) == [Stage.READY]


async def test_an_address_that_is_still_not_told_changes_nothing() -> None:
    record = FakeRecord()
    await record_order(record, channel_order(address=None, address_later=True))
    before = await tellings(record)
    await show(record, channel_order(address=None, address_later=True, updated_at=LATER))
    assert await tellings(record) == before


async def test_the_same_change_holds_the_order_once_also_after_the_hold_was_released() -> None:
    record = FakeRecord()
    await record_order(record)
    await show(record, channel_order(address=MOVED, updated_at=LATER))
    async with record.begin() as tx:
        await tx.orders.release_hold(ORDER, HoldReason.ADDRESS, "boss", LATER)
    await show(record, channel_order(address=MOVED, updated_at=LATER + timedelta(minutes=1)))
    assert await holds(record) == []


async def test_a_pull_that_shows_no_hold_of_its_own_does_not_end_ours() -> None:
    record = FakeRecord()
    await record_order(record)
    await show(record, channel_order(address=MOVED, updated_at=LATER))
    await show(record, channel_order(address=MOVED, updated_at=LATER + timedelta(hours=1)))
    assert await holds(record) == [HoldReason.ADDRESS]


@pytest.mark.parametrize("change", [{"street": "  HAFENWEG   1 "}, {"phone": "+49 1"}])
async def test_spaces_capitals_and_a_telephone_are_no_other_address(change: dict[str, str]) -> None:
    record = FakeRecord()
    told = {"street": "Hafenweg 1"}
    await record_order(record, channel_order(address=address(**told)))
    await show(record, channel_order(address=address(**(told | change)), updated_at=LATER))
    assert await holds(record) == []


async def test_what_has_left_is_only_noted() -> None:
    record = FakeRecord()
    await add_part(record, fulfillment(await record_order(record)))
    await walk(record, PART, Stage.HANDED_OVER)
    await show(record, channel_order(address=MOVED, updated_at=LATER))
    assert await holds(record) == []
    assert ["too late" in line.reason for line in record.state.audit.values()] == [True]


async def test_an_order_that_is_closed_or_was_erased_is_left_alone() -> None:
    record = FakeRecord()
    await record_order(record)
    await close(record, ORDER, OrderState.CANCELLED)
    await show(record, channel_order(address=MOVED, updated_at=LATER))
    other = FakeRecord()
    await record_order(other)
    async with other.begin() as tx:
        await tx.vault.erase(ORDER, NOW)
    await show(other, channel_order(address=MOVED, updated_at=LATER))
    assert (await holds(record), await holds(other)) == ([], [])
