"""What goes wrong on the way of a write: documents that cannot be put or got, logins that answer nonsense."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from datetime import timedelta

import httpx
import pytest

from adapters.http import make_client
from adapters.marketplaces.amazon.adapter import AmazonMarketplace
from adapters.marketplaces.amazon.settings import AmazonSettings
from domain.effect import Absent, CannotTell, Confirmed, Found, NotYet, Outcome, Rejected
from domain.errors import Unavailable
from domain.ports.marketplace import AcknowledgeOrder, AnswerReturn, OfferedStock
from tests.adapters.marketplaces.amazon import scenes
from tests.adapters.marketplaces.amazon.scenes import FIRST, ORDER, SETTINGS, cancellation, refund, shipment
from tests.adapters.marketplaces.amazon.simulator import START, Amazon, make_order

Spoil = Callable[[httpx.Request], httpx.Response | None]


@pytest.fixture
def amazon() -> Amazon:
    made = Amazon()
    made.place(make_order(ORDER, [("MUG-BLUE", 2, 1000)], START - timedelta(hours=1)))
    return made


def before(amazon: Amazon, spoil: Spoil) -> Callable[[httpx.Request], Coroutine[None, None, httpx.Response]]:
    """Return what answers in the simulator's stead wherever it is spoilt."""

    async def handle(request: httpx.Request) -> httpx.Response:
        return spoil(request) or await amazon.handle(request)

    return handle


async def refunded(amazon: Amazon, spoil: Spoil) -> Outcome:
    async with make_client(httpx.MockTransport(before(amazon, spoil))) as http:
        return await AmazonMarketplace(AmazonSettings.model_validate(SETTINGS), http).refund(refund(100, {}))


@pytest.mark.parametrize("status", [403, 404, 500])
async def test_a_document_that_cannot_be_put_is_no_feed(amazon: Amazon, status: int) -> None:
    with pytest.raises(Unavailable):
        await refunded(amazon, lambda request: httpx.Response(status) if request.method == "PUT" else None)
    assert not amazon.feeds.feeds


async def test_an_address_that_is_none_is_no_feed(amazon: Amazon) -> None:
    def spoil(request: httpx.Request) -> httpx.Response | None:
        if request.url.path.endswith("/documents"):
            return httpx.Response(201, json={"feedDocumentId": "d", "url": "https://[half"})
        return None

    with pytest.raises(Unavailable):
        await refunded(amazon, spoil)
    assert not amazon.feeds.feeds


async def test_a_login_that_answers_nonsense_sent_nothing(amazon: Amazon) -> None:
    def spoil(request: httpx.Request) -> httpx.Response | None:
        return httpx.Response(200, html="<html>") if request.url.path == "/auth/o2/token" else None

    async with make_client(httpx.MockTransport(before(amazon, spoil))) as http:
        with pytest.raises(Unavailable):
            await AmazonMarketplace(AmazonSettings.model_validate(SETTINGS), http).confirm_shipment(
                shipment({FIRST: 1})
            )
    assert not amazon.asked


async def test_a_report_whose_address_expired_is_asked_for_again(amazon: Amazon) -> None:
    async with scenes.speaking_to(amazon) as marketplace:
        outcome = await marketplace.refund(refund(100, {}))
    amazon.feeds.finish()
    write = refund(100, {}, trace=getattr(outcome, "trace", ""))

    def expired(request: httpx.Request) -> httpx.Response | None:
        return httpx.Response(403) if request.url.host.endswith(".amazonaws.com") else None

    async with make_client(httpx.MockTransport(before(amazon, expired))) as http:
        found = await AmazonMarketplace(AmazonSettings.model_validate(SETTINGS), http).find(write)
    assert found == NotYet(retry_after=60)


async def test_a_report_that_only_says_it_is_compressed_tells_nothing(amazon: Amazon) -> None:
    async with scenes.speaking_to(amazon) as marketplace:
        outcome = await marketplace.refund(refund(100, {}))
        trace = getattr(outcome, "trace", "")
        amazon.feeds.documents["r"] = b"\x1f\x8bno gzip at all"
        amazon.feeds.feeds[trace] |= {"processingStatus": "DONE", "resultFeedDocumentId": "r"}
        assert await marketplace.find(refund(100, {}, trace=trace)) == CannotTell(code="amazon-unreadable-report")


async def test_an_order_that_does_not_exist_is_not_written_to() -> None:
    async with scenes.speaking_to(Amazon(), marketplaces=["A", "B"]) as marketplace:
        for outcome in (
            await marketplace.refund(refund(100, {})),
            await marketplace.cancel_lines(cancellation({FIRST: 1})),
            await marketplace.confirm_shipment(shipment({FIRST: 1})),
        ):
            assert outcome == Rejected(code="http-404")


async def test_a_listing_that_is_refused_is_told_by_its_code(amazon: Amazon) -> None:
    async with scenes.speaking_to(amazon) as marketplace:
        await marketplace.fetch_order(ORDER)
        amazon.instead = httpx.Response(400, json={"errors": [{"code": "BAD REQUEST!", "message": "no"}]})
        (told,) = await marketplace.publish_stock((OfferedStock(listing_id="X", sku="X", quantity=1),))
    assert told.code == "amazon-BAD-REQUEST-"


async def test_what_is_never_sent_is_never_missing(amazon: Amazon) -> None:
    accepted = AcknowledgeOrder(channel_order_id=ORDER, reference="acknowledge:1")
    answer = AnswerReturn(channel_order_id=ORDER, reference="return-answer:1", request_id="1", granted=True)
    async with scenes.speaking_to(amazon) as marketplace:
        assert await marketplace.acknowledge(accepted) == Confirmed()
        assert await marketplace.find(accepted) == Found(confirmed=Confirmed())
        assert await marketplace.find(answer) == Absent()
    assert not amazon.asked
