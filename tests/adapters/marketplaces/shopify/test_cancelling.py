"""Telling the store what will not come: units at once, a whole order by a job."""

from __future__ import annotations

import pytest

from domain.effect import Absent, Confirmed, Found, NotYet, Rejected, Unknown
from domain.ports.marketplace import CancelLines
from tests.adapters.marketplaces.shopify.conftest import Shop
from tests.adapters.marketplaces.shopify.shelf import ELSEWHERE, Part, Sent


def cancel(shop: Shop, *units: int) -> CancelLines:
    quantities = shop.lines(*units)
    return CancelLines(
        channel_order_id="1001", reference="cancel:shop/1001/a:1", quantities=quantities, totals=quantities,
        reason="sold out",
    )  # fmt: skip


async def queued(shop: Shop, write: CancelLines) -> CancelLines:
    outcome = await shop.adapter.cancel_lines(write)
    assert isinstance(outcome, Unknown)
    assert outcome.code == "shopify-cancel-queued"
    return write.model_copy(update={"trace": outcome.trace})


async def test_units_are_cancelled_at_the_locations_where_they_lie_and_no_money_moves(shop: Shop) -> None:
    line = shop.order.lines[0].number
    shop.order.parts[0].remaining[line] = 1
    shop.order.parts.append(Part(9001, ELSEWHERE, "SHIPPING", {line: 2}, {line: 9901}, shop.world.now, "ON_HOLD"))
    outcome = await shop.adapter.cancel_lines(cancel(shop, 3))
    assert isinstance(outcome, Confirmed)
    assert [part.remaining[line] for part in shop.order.parts] == [0, 0]
    (made,) = shop.order.refunds
    assert (made.amount, made.note) == (0, "sold out (crossdock cancel:shop/1001/a:1)")


async def test_a_whole_order_is_cancelled_by_a_job(shop: Shop) -> None:
    write = await queued(shop, cancel(shop, 3, 2))
    assert isinstance(await shop.adapter.find(write), NotYet)
    shop.admin.finish_jobs()
    assert isinstance(await shop.adapter.find(write), Found)
    order = await shop.seen()
    assert order.cancelled
    assert order.refunds == ()


async def test_a_job_that_came_too_late_is_a_no(shop: Shop) -> None:
    write = await queued(shop, cancel(shop, 3, 2))
    await shop.world.ship_by_hand(shop.placed, shop.lines(1), "BY-HAND")
    shop.admin.finish_jobs()
    assert await shop.adapter.find(write) == Rejected(code="shopify-cancel-failed")


async def test_a_lost_answer_to_a_whole_cancellation_is_found_by_its_note(shop: Shop) -> None:
    write = await queued(shop, cancel(shop, 3, 2))
    without_trace = write.model_copy(update={"trace": ""})
    assert isinstance(await shop.adapter.find(without_trace), Absent)
    shop.admin.finish_jobs()
    assert isinstance(await shop.adapter.find(without_trace), Found)
    assert isinstance(await shop.adapter.cancel_lines(without_trace), Confirmed)


async def test_what_a_person_cancelled_is_not_cancelled_again(shop: Shop) -> None:
    await shop.world.cancel_by_hand(shop.placed, shop.lines(1))
    assert await shop.adapter.cancel_lines(cancel(shop, 1)) == Rejected(
        code="shopify-already-cancelled", already_done=True
    )
    assert isinstance(await shop.adapter.cancel_lines(cancel(shop, 2)), Confirmed)
    assert shop.order.lines[0].current == 1


async def test_an_order_that_a_person_cancelled_is_done(shop: Shop) -> None:
    shop.admin.order_cancel(orderId="gid://shopify/Order/1001", staffNote="by hand")
    shop.admin.finish_jobs()
    done = Rejected(code="shopify-already-cancelled", already_done=True)
    assert await shop.adapter.cancel_lines(cancel(shop, 3, 2)) == done
    assert await shop.adapter.find(cancel(shop, 3, 2)) == done


async def test_the_rest_of_an_order_of_which_a_part_left_is_cancelled_by_line(shop: Shop) -> None:
    line = shop.order.lines[1].number
    shop.order.sent.append(Sent(5, "DHL", "1", {line: 2}, shop.world.now))
    shop.order.parts[0].remaining[line] = 0
    assert isinstance(await shop.adapter.cancel_lines(cancel(shop, 3)), Confirmed)
    assert not shop.admin.jobs


@pytest.mark.parametrize("units", [(4,), (3, 3)])
async def test_more_than_there_is_cannot_be_cancelled(shop: Shop, units: tuple[int, ...]) -> None:
    outcome = await shop.adapter.cancel_lines(cancel(shop, *units))
    assert outcome == Rejected(code="shopify-nothing-left-to-cancel")
