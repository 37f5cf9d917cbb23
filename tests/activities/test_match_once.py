"""What a review has matched it does not match again, whatever becomes of the catalogue meanwhile."""

from __future__ import annotations

from typing import Any

import pytest

from activities.review import review_in
from activities.steps import ReviewRequest
from domain.listing import Listing
from domain.policy import Policy
from tests.builders import ACCOUNT, MUG, NOW, TEA, channel_line, channel_order
from tests.fakes.listing import FakeListingStore
from tests.fakes.record import FakeRecord
from tests.stores.scenes import load, receive, record_order, seed_catalog


async def test_a_catalogue_that_changes_between_two_looks_does_not_change_what_a_line_means(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    record = FakeRecord()
    await seed_catalog(record)
    await receive(record, 5, sku=MUG)
    order = channel_order(channel_line(listing_id="L", sku=""))
    order_id = await record_order(record, order, match=False)
    asked: list[str] = []
    answers = FakeListingStore.answers

    async def change_after(self: FakeListingStore, account: str, lines: Any) -> Any:
        found = await answers(self, account, lines)
        asked.append(account)
        await self.save(account, [Listing(listing_id="L", sku=MUG)], "ops", NOW)
        return found

    async with record.begin() as tx:
        await tx.listings.save(ACCOUNT, [Listing(listing_id="L", sku=TEA)], "ops", NOW)
        monkeypatch.setattr(FakeListingStore, "answers", change_after)
        seen = await review_in(tx, ReviewRequest(order_id=order_id), Policy(), NOW)
    kept = await load(record, order_id)
    assert (asked, seen.waits_for, seen.planned) == ([ACCOUNT], (f"stock:{TEA}",), 0)
    assert [line.sku for line in kept.lines] == [TEA]
