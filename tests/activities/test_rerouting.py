"""What was taken away from a location: it goes elsewhere, and where nobody else has it, it may come back."""

from __future__ import annotations

from domain.waits import date_cause
from tests.activities.test_promise import HOUR, at, part_of, plan, review, watch
from tests.builders import BERLIN, MUNICH, NOW, TEA
from tests.fakes.record import FakeRecord
from tests.stores.scenes import receive, seed_catalog


async def test_goods_that_were_taken_away_may_come_back_when_nobody_else_has_them_any_more() -> None:
    record = FakeRecord()
    await seed_catalog(record)
    for place in (BERLIN, MUNICH):
        await receive(record, 5, place=place)
    await plan(record)
    first = (await part_of(record)).location
    assert (await watch(at(record, NOW + HOUR))).mended == 1
    await receive(record, -5, place=MUNICH if first == BERLIN else BERLIN)
    waiting = await review(at(record, NOW + HOUR))
    assert waiting.waits_for == (date_cause(NOW + 2 * HOUR), f"stock:{TEA}")
    assert (await review(at(record, NOW + 2 * HOUR))).planned == 1
    assert (await part_of(record, 2)).location == first
