"""Telling Amazon what may be sold."""

from __future__ import annotations

import pytest

from adapters.marketplaces.amazon.stock import FEW
from domain.effect import CannotTell
from domain.errors import ContractBroken, NotFound, Unavailable
from domain.ports.marketplace import OfferedStock, StockResult
from tests.adapters.marketplaces.amazon.scenes import refund, speaking_to
from tests.adapters.marketplaces.amazon.simulator import Amazon

_MANY = tuple(f"SKU-{number}" for number in range(FEW + 1))


def rows(*skus: str, quantity: int = 4) -> tuple[OfferedStock, ...]:
    return tuple(OfferedStock(listing_id=sku, sku=sku, quantity=quantity) for sku in skus)


async def test_few_rows_are_told_one_by_one() -> None:
    amazon = Amazon(("MUG/BLUE", "MUG-RED"))
    async with speaking_to(amazon) as marketplace:
        told = await marketplace.publish_stock(rows("MUG/BLUE", "NOBODY", "MUG-RED"))
    assert told == (
        StockResult(listing_id="MUG/BLUE"),
        StockResult(listing_id="NOBODY", code="amazon-13013"),
        StockResult(listing_id="MUG-RED"),
    )
    assert amazon.feeds.offered == {"MUG/BLUE": 4, "MUG-RED": 4}
    assert amazon.bodies[0] == (
        "patchListingsItem",
        {
            "productType": "PRODUCT",
            "patches": [
                {
                    "op": "replace",
                    "path": "/attributes/fulfillment_availability",
                    "value": [{"fulfillment_channel_code": "DEFAULT", "quantity": 4}],
                }
            ],
        },
    )


async def test_many_rows_go_in_one_feed_that_answers_later() -> None:
    amazon = Amazon(_MANY[1:])
    async with speaking_to(amazon) as marketplace:
        told = await marketplace.publish_stock(rows(*_MANY))
        (job,) = {one.job for one in told}
        assert job
        assert await marketplace.stock_results(job) is None
        amazon.feeds.finish()
        assert await marketplace.stock_results(job) == (StockResult(listing_id="SKU-0", code="amazon-13013"),)
    assert amazon.feeds.offered == dict.fromkeys(_MANY[1:], 4)
    assert amazon.asked.count("patchListingsItem") == 0


async def test_what_was_told_before_a_limit_is_not_lost() -> None:
    amazon = Amazon()
    amazon.quota["patchListingsItem"] = 1
    async with speaking_to(amazon) as marketplace:
        told = await marketplace.publish_stock(rows("MUG-BLUE", "MUG-RED"))
        assert told == (StockResult(listing_id="MUG-BLUE"), StockResult(listing_id="MUG-RED", code="http-429"))
        with pytest.raises(Unavailable):
            await marketplace.publish_stock(rows("MUG-RED"))


@pytest.mark.parametrize("status", ["CANCELLED", "FATAL"])
async def test_a_feed_that_broke_off_tells_nothing_of_its_rows(status: str) -> None:
    amazon = Amazon(_MANY)
    async with speaking_to(amazon) as marketplace:
        job = (await marketplace.publish_stock(rows(*_MANY)))[0].job
        amazon.feeds.feeds[job]["processingStatus"] = status
        with pytest.raises(NotFound) as caught:
            await marketplace.stock_results(job)
    assert caught.value.code == f"amazon-feed-{status}"


@pytest.mark.parametrize("body", [b'{"issues": [{"severity": "ERROR", "message": "no header"}]}', b"<html>", b"[]"])
async def test_a_report_that_refuses_all_or_cannot_be_read_is_a_broken_contract(body: bytes) -> None:
    amazon = Amazon(_MANY)
    async with speaking_to(amazon) as marketplace:
        job = (await marketplace.publish_stock(rows(*_MANY)))[0].job
        amazon.feeds.documents["r"] = body
        amazon.feeds.feeds[job] |= {"processingStatus": "DONE", "resultFeedDocumentId": "r"}
        with pytest.raises(ContractBroken):
            await marketplace.stock_results(job)


async def test_a_feed_that_amazon_forgot_is_not_found() -> None:
    async with speaking_to(Amazon()) as marketplace:
        with pytest.raises(NotFound):
            await marketplace.stock_results("404")
        assert isinstance(await marketplace.find(refund(1, {}, trace="404")), CannotTell)
