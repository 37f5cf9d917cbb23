"""The watch: what is at risk is mended by policy, once per order and remedy, and dates that come let orders go."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, cast

import pytest

from activities.context import Context
from activities.promise import PromiseActivities
from activities.review import review_in
from activities.steps import MessageRequest, Review, ReviewRequest, WatchPage, WatchRequest
from activities.waking import Waking
from domain.fulfillment import Fulfillment, Stage
from domain.lateness import Remedy, RiskMark
from domain.messages import ADVANCED, WOKEN
from domain.order import ChannelOrder, HoldReason
from domain.policy import Policy
from domain.ports.carrier import Carrier, CarrierCapability
from domain.ports.notifier import MessageKind
from domain.ports.parties import Carriers, Parties
from domain.promise import Urgency
from domain.restriction import Restriction
from domain.sourcing import ChannelTerms, SourcingPolicy
from domain.transit import Transit
from domain.waits import date_cause
from tests.builders import ACCOUNT, BERLIN, MUG, MUNICH, NOW, TEA, channel_line, channel_order, location, received
from tests.fakes.fulfillment import FakeFulfillmentStore
from tests.fakes.promise import FakePromiseStore
from tests.fakes.record import FakeRecord
from tests.stores.scenes import load, receive, record_order, seed_catalog, tellings, walk

ORDER, PART = "shop/1001", "shop/1001/F1"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SHIPS_TODAY = channel_order(ship_by=NOW + 4 * HOUR)
EXPRESS = Transit(speed="express", days=1, surcharge=500)


class OneCarrier:
    """Sells one faster speed; nothing else is asked of it here."""

    capability = CarrierCapability(voids=True, intercepts=True, return_labels=True, dedupe={}, speeds=("express",))

    def carrier(self, name: str) -> Carrier:
        del name
        return cast("Carrier", self)

    async def carriers(self, account: str) -> Carriers:
        del account
        return self.carrier


@pytest.fixture
async def record() -> FakeRecord:
    """A record with two locations, both with goods."""
    made = FakeRecord()
    await seed_catalog(made)
    for sku in (TEA, MUG):
        await receive(made, 5, sku)
        await receive(made, 5, sku, MUNICH)
    return made


def at(record: FakeRecord, now: datetime, **policy: object) -> Context:
    """Return the world at a moment."""
    return Context(record, cast("Parties", OneCarrier()), Policy.model_validate(policy), lambda: now)


async def plan(record: FakeRecord, order: ChannelOrder = SHIPS_TODAY, now: datetime = NOW, **policy: object) -> Review:
    """Record an order and let it be reviewed."""
    await record_order(record, order)
    return await review(at(record, now, **policy))


async def review(context: Context) -> Review:
    async with context.record.begin() as tx:
        return await review_in(tx, ReviewRequest(order_id=ORDER), context.policy, context.now())


async def watch(context: Context, after: RiskMark | None = None, told: Sequence[str] = ()) -> WatchPage:
    return await PromiseActivities(context).watch(WatchRequest(after=after, told=tuple(told)))


async def part_of(record: FakeRecord, number: int = 1) -> Fulfillment:
    async with record.begin() as tx:
        return await tx.fulfillments.load(f"{ORDER}/F{number}")


def deeds(record: FakeRecord) -> list[Remedy]:
    return sorted(remedy for order, remedy in record.state.deeds if order == ORDER)


async def test_a_planned_part_knows_when_it_is_due_and_when_it_is_expected(record: FakeRecord) -> None:
    review = await plan(record, channel_order(ship_by=NOW + DAY, deliver_by=NOW + 4 * DAY), transit_days=1)
    part = await part_of(record)
    assert (part.ship_by, part.deliver_by) == (NOW + DAY, NOW + 4 * DAY)
    assert part.expected_hand_over == NOW + timedelta(hours=2, minutes=40)
    assert part.expected_arrival == NOW + timedelta(days=1, hours=2, minutes=40)
    assert part.at_risk_from == NOW + DAY - timedelta(hours=4, minutes=40)
    assert review.priority == 3


async def test_without_dates_nothing_is_at_risk_or_urgent(record: FakeRecord) -> None:
    review = await plan(record, channel_order())
    part = await part_of(record)
    assert (part.at_risk_from, review.priority) == (None, None)
    assert part.expected_hand_over is not None
    assert await watch(at(record, NOW + 99 * DAY)) == WatchPage()


async def test_goods_that_nobody_touches_are_taken_where_they_still_make_it(record: FakeRecord) -> None:
    await plan(record)
    first = await part_of(record)
    page = await watch(at(record, NOW + HOUR))
    assert (page.mended, page.owed, deeds(record)) == (1, (), [Remedy.REPLAN])
    assert (await part_of(record)).stage is Stage.REPLANNED
    assert [told.signal for told in await tellings(record)].count(ADVANCED) == 1
    await review(at(record, NOW + HOUR))
    assert (await part_of(record, 2)).location != first.location


async def test_goods_that_were_released_are_called_back_first(record: FakeRecord) -> None:
    await plan(record)
    await walk(record, PART, Stage.RELEASED)
    assert (await watch(at(record, NOW + HOUR))).mended == 1
    assert (await part_of(record)).stage is Stage.CANCELLING


async def test_goods_are_taken_away_once_however_often_it_is_looked(record: FakeRecord) -> None:
    await plan(record)
    assert (await watch(at(record, NOW + HOUR))).mended == 1
    await review(at(record, NOW + HOUR))
    assert (await watch(at(record, NOW + HOUR))).mended == 0
    assert (await part_of(record, 2)).stage is Stage.PLANNED


@pytest.mark.parametrize("stage", [Stage.PICKED, Stage.LABELLED])
async def test_goods_that_are_picked_stay_where_they_are(record: FakeRecord, stage: Stage) -> None:
    await plan(record)
    await walk(record, PART, stage)
    assert (await watch(at(record, NOW + 3 * HOUR))).mended == 0
    assert (await part_of(record)).stage is stage


async def test_goods_stay_where_no_other_place_makes_it(record: FakeRecord) -> None:
    async with record.begin() as tx:
        closed = location(MUNICH, hours="sun 09:00-10:00", time_zone="Europe/Berlin")
        await tx.catalog.save_location(closed)
    await plan(record)
    assert (await watch(at(record, NOW + HOUR))).mended == 0
    assert (await part_of(record)).stage is Stage.PLANNED


async def test_goods_stay_where_nobody_else_has_them(record: FakeRecord) -> None:
    await plan(record, channel_order(channel_line(quantity=5), ship_by=NOW + 4 * HOUR))
    elsewhere = MUNICH if (await part_of(record)).location == BERLIN else BERLIN
    await receive(record, -1, place=elsewhere)
    assert (await watch(at(record, NOW + HOUR))).mended == 0


async def test_a_policy_that_says_so_takes_nothing_away_and_tells_nobody(record: FakeRecord) -> None:
    wish: dict[str, Any] = {"replan_late": False, "late_word": False}
    await plan(record)
    assert await watch(at(record, NOW + DAY, **wish)) == WatchPage()


async def test_what_is_held_is_left_to_whoever_holds_it(record: FakeRecord) -> None:
    await plan(record)
    async with record.begin() as tx:
        await tx.orders.place_hold(ORDER, HoldReason.OPERATOR, "boss", NOW)
    assert (await watch(at(record, NOW + DAY))).mended == 0


async def test_a_faster_speed_is_bought_where_it_still_arrives_in_time_and_within_the_cap(record: FakeRecord) -> None:
    late = channel_order(deliver_by=NOW + 2 * DAY)
    wish: dict[str, Any] = {"transits": [EXPRESS], "upgrade_cost_cap": 500, "replan_late": False}
    await plan(record, late, **wish)
    assert (await watch(at(record, NOW, **wish))).mended == 1
    part = await part_of(record)
    assert (part.speed, deeds(record)) == ("express", [Remedy.SPEED_UP])
    assert part.expected_arrival == NOW + timedelta(hours=2, minutes=40) + DAY
    assert part.at_risk_from is not None
    assert part.at_risk_from > NOW
    assert await watch(at(record, NOW, **wish)) == WatchPage()


@pytest.mark.parametrize(
    ("speeds", "bought"), [(None, "express"), (("express",), "express"), (("slower",), ""), ((), "")]
)
async def test_a_speed_that_the_channel_does_not_allow_is_not_bought(
    record: FakeRecord, speeds: tuple[str, ...] | None, bought: str
) -> None:
    async with record.begin() as tx:
        terms = SourcingPolicy(channels={ACCOUNT: ChannelTerms(speeds=speeds)})
        await tx.sourcing.add_policy(terms, "ops", "", NOW)
    wish: dict[str, Any] = {"transits": [EXPRESS], "upgrade_cost_cap": 500, "replan_late": False}
    await plan(record, channel_order(deliver_by=NOW + 2 * DAY), **wish)
    await watch(at(record, NOW, **wish))
    assert (await part_of(record)).speed == bought


@pytest.mark.parametrize("remedy", [Remedy.REPLAN, Remedy.SPEED_UP])
async def test_a_remedy_that_came_too_late_may_be_used_another_time(
    record: FakeRecord, monkeypatch: pytest.MonkeyPatch, remedy: Remedy
) -> None:
    replans = remedy is Remedy.REPLAN
    wish: dict[str, Any] = {"transits": [EXPRESS], "upgrade_cost_cap": 500, "replan_late": replans, "late_word": False}
    await plan(record, SHIPS_TODAY if replans else channel_order(deliver_by=NOW + 2 * DAY), **wish)
    owner, step = (FakeFulfillmentStore, "advance") if replans else (FakePromiseStore, "expedite")
    with monkeypatch.context() as moved_on:
        moved_on.setattr(owner, step, came_too_late)
        assert (await watch(at(record, NOW + HOUR, **wish))).mended == 0
    assert deeds(record) == []
    assert (await watch(at(record, NOW + HOUR, **wish))).mended == 1
    assert deeds(record) == [remedy]


async def came_too_late(*args: object) -> None:
    """Change nothing, as a conditional update does when things have moved on."""
    del args


@pytest.mark.parametrize(("cap", "bound"), [(499, ""), (500, "lithium-battery")])
async def test_a_speed_above_the_cap_or_for_restricted_goods_is_not_bought_and_the_buyer_is_told_instead(
    record: FakeRecord, cap: int, bound: str
) -> None:
    wish: dict[str, Any] = {"transits": [EXPRESS], "upgrade_cost_cap": cap, "replan_late": False}
    await plan(record, channel_order(deliver_by=NOW + 2 * DAY), **wish)
    record.state.restrictions[TEA] = frozenset({Restriction(bound)} if bound else ())
    page = await watch(at(record, NOW, **wish))
    assert (await part_of(record)).speed == ""
    assert deeds(record) == [Remedy.WORD]
    expected = (NOW + timedelta(days=2, hours=2, minutes=40)).date().isoformat()
    request = MessageRequest(order_id=ORDER, kind=MessageKind.DELAYED, subject=ORDER, expected=expected)
    assert page.owed == (request,)


async def test_a_word_is_owed_the_same_until_it_was_told_and_never_again(record: FakeRecord) -> None:
    await plan(record, replan_late=False)
    first = await watch(at(record, NOW + 3 * HOUR, replan_late=False))
    again = await watch(at(record, NOW + 9 * DAY, replan_late=False))
    assert first.owed == again.owed != ()
    told = await watch(at(record, NOW + 9 * DAY, replan_late=False), told=[ORDER])
    assert (told.owed, told.mended) == ((), 0)
    assert (await watch(at(record, NOW + 99 * DAY, replan_late=False))).owed == ()


async def test_a_buyer_whose_goods_nobody_has_hears_that_nobody_knows_when(record: FakeRecord) -> None:
    order = channel_order(channel_line(quantity=99), ship_by=NOW + 4 * HOUR)
    async with record.begin() as tx:
        (inbox_id,) = await tx.inbox.store((received(),), NOW)
        assert inbox_id is not None
        assert await tx.orders.record(ORDER, ACCOUNT, order, inbox_id, NOW, Urgency(priority=1, at_risk_from=NOW))
    await review(at(record, NOW))
    assert (await watch(at(record, NOW + HOUR))).owed == (), "it may still be kept"
    (owed,) = (await watch(at(record, NOW + 2 * HOUR))).owed
    assert (owed.subject, owed.expected) == (ORDER, "")


async def test_a_long_list_is_gone_through_page_by_page_from_the_front_again(
    record: FakeRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("activities.promise.PAGE", 1)
    await plan(record, late_word=False)
    await record_order(record, channel_order(channel_order_id="1002", ship_by=NOW + 5 * HOUR))
    async with record.begin() as tx:
        await review_in(tx, ReviewRequest(order_id="shop/1002"), Policy(), NOW)
    context = at(record, NOW + 9 * HOUR, replan_late=False, late_word=False)
    first = await watch(context)
    assert first.after is not None
    second = await watch(context, first.after)
    assert second.after is not None
    assert [first.after.subject, second.after.subject] == [PART, "shop/1002/F1"]
    assert (await watch(context, second.after)).after is None


async def test_a_preorder_holds_its_own_line_until_its_date_comes(record: FakeRecord) -> None:
    christmas = NOW + 30 * DAY
    review = await plan(record, channel_order(channel_line("1"), channel_line("2", sku=MUG, not_before=christmas)))
    assert review.waits_for == (date_cause(christmas),)
    assert [line.planned for line in (await load(record, ORDER)).lines] == [1, 0]
    assert await PromiseActivities(at(record, christmas - HOUR)).clear_dates() == 0
    await tellings_gone(record)
    then = at(record, christmas)
    assert await PromiseActivities(then).clear_dates() == 1
    assert await PromiseActivities(then).clear_dates() == 0, "it was told already"
    while await Waking(then).go_round():
        pass
    assert [line.planned for line in (await load(record, ORDER)).lines] == [1, 1]
    assert WOKEN in [told.signal for told in await tellings(record)]
    assert not (await load(record, ORDER)).waiting


async def tellings_gone(record: FakeRecord) -> None:
    async with record.begin() as tx:
        await tx.outbox.take(100)
