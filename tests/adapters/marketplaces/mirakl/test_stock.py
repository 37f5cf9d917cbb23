"""Publishing quantities as a file that is taken in later."""

import csv
import io

import httpx
import pytest

from adapters.http import make_client
from adapters.marketplaces.mirakl import MANIFEST
from adapters.marketplaces.mirakl.adapter import MiraklMarketplace
from domain.errors import ContractBroken, Unavailable
from domain.ports.marketplace import OfferedStock, StockResult
from tests.adapters.marketplaces.mirakl.conftest import make_adapter
from tests.adapters.marketplaces.mirakl.simulator import answer
from tests.adapters.marketplaces.mirakl.world import MiraklWorld


def rows(*offers: str) -> tuple[OfferedStock, ...]:
    return tuple(OfferedStock(listing_id=one, sku="S", quantity=4) for one in offers)


async def test_a_file_is_a_job_whose_refused_rows_are_told_later(
    adapter: MiraklMarketplace, world: MiraklWorld
) -> None:
    told = await adapter.publish_stock(rows("MUG", "NOBODY-S"))
    (job,) = {one.job for one in told}
    assert await adapter.stock_results(job) is None
    world.market.finish_jobs()
    assert await adapter.stock_results(job) == (StockResult(listing_id="NOBODY-S", code="mirakl-stock-refused"),)
    assert world.market.stock["MUG"] == 4


async def test_an_offer_with_signs_of_a_file_in_its_name_stays_one_row(
    world: MiraklWorld, http: httpx.AsyncClient
) -> None:
    sly = 'A";"9\nB;C'
    await make_adapter(world, http, warehouse="W-1").publish_stock(rows(sly))
    ((_, _, body),) = world.market.asked
    content = body.decode().split("\r\n\r\n", 1)[1].rsplit("\r\n--", 1)[0]
    assert list(csv.reader(io.StringIO(content), delimiter=";")) == [
        ["offer-sku", "quantity", "warehouse-code", "update-delete"], [sly, "4", "W-1", ""],
    ]  # fmt: skip


async def test_nothing_to_tell_is_nothing_sent(adapter: MiraklMarketplace, world: MiraklWorld) -> None:
    assert await adapter.publish_stock(()) == ()
    assert world.market.asked == []


async def test_an_import_that_failed_as_a_whole_is_tried_again(world: MiraklWorld) -> None:
    async with make_client(httpx.MockTransport(lambda _: answer({"status": "FAILED"}))) as http:
        with pytest.raises(Unavailable):
            await make_adapter(world, http).stock_results("7")


async def test_a_report_without_offers_is_a_broken_contract(world: MiraklWorld) -> None:
    def respond(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("status"):
            return answer({"status": "COMPLETE", "has_error_report": True})
        return httpx.Response(200, content=b"<html>", headers={"Content-Type": "text/csv"})

    async with make_client(httpx.MockTransport(respond)) as http:
        with pytest.raises(ContractBroken):
            await make_adapter(world, http).stock_results("7")


def test_the_published_call_frequencies_are_kept() -> None:
    limits = MANIFEST.limits
    assert limits["STO01"].rate == limits["STO03"].rate == limits["OR11"].rate == pytest.approx(1 / 60)
    assert limits["STO02"].rate == pytest.approx(1 / 15)


def test_no_pull_comes_more_often_than_a_partner_may_ask(adapter: MiraklMarketplace) -> None:
    assert adapter.capability.pull.every.total_seconds() == 15 * 60
