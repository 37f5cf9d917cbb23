"""Cancelling an order by a feed, and what becomes of the feed."""

from __future__ import annotations

import gzip
from datetime import timedelta

import pytest

from domain.effect import Absent, CannotTell, Confirmed, Found, NotYet, Rejected, Unknown
from domain.errors import Unavailable
from domain.ports.marketplace import CancelLines
from tests.adapters.marketplaces.amazon.scenes import FIRST, ORDER, SECOND, cancellation, shipment, speaking_to
from tests.adapters.marketplaces.amazon.simulated_feeds import report
from tests.adapters.marketplaces.amazon.simulator import START, Amazon, make_order

_ALL = {FIRST: 2, SECOND: 1}


@pytest.fixture
def amazon() -> Amazon:
    made = Amazon()
    made.place(make_order(ORDER, [("MUG-BLUE", 2, 1000), ("MUG-RED", 1, 500)], START - timedelta(hours=1)))
    return made


async def queued(amazon: Amazon) -> CancelLines:
    """Hand a cancellation in; return it with the id of its feed."""
    async with speaking_to(amazon) as marketplace:
        outcome = await marketplace.cancel_lines(cancellation(_ALL))
    assert isinstance(outcome, Unknown)
    assert outcome.code == "amazon-feed-queued"
    return cancellation(_ALL, trace=outcome.trace)


def feed_of(amazon: Amazon, write: CancelLines) -> dict[str, object]:
    return amazon.feeds.feeds[write.trace]


async def test_a_cancellation_is_handed_in_and_found_when_it_was_worked_off(amazon: Amazon) -> None:
    write = await queued(amazon)
    async with speaking_to(amazon) as marketplace:
        assert await marketplace.find(write) == NotYet(retry_after=60)
        amazon.feeds.finish()
        assert await marketplace.find(write) == Found(confirmed=Confirmed(remote_id=write.trace))
        assert marketplace.read_order((await marketplace.fetch_order(ORDER)).body).cancelled


async def test_the_feed_names_the_seller_the_order_and_a_reason_for_each_line(amazon: Amazon) -> None:
    write = await queued(amazon)
    content = amazon.feeds.documents[str(feed_of(amazon, write)["inputFeedDocumentId"])].decode()
    assert feed_of(amazon, write)["feedType"] == "POST_ORDER_ACKNOWLEDGEMENT_DATA"
    for part in (
        "<MerchantIdentifier>A3TH9S8BH6GOGM</MerchantIdentifier>",
        "<MessageType>OrderAcknowledgement</MessageType>",
        f"<AmazonOrderID>{ORDER}</AmazonOrderID><StatusCode>Failure</StatusCode>",
        f"<AmazonOrderItemCode>{FIRST}</AmazonOrderItemCode><CancelReason>GeneralAdjustment</CancelReason>",
        f"<AmazonOrderItemCode>{SECOND}</AmazonOrderItemCode>",
    ):
        assert part in content


async def test_single_units_cannot_be_cancelled(amazon: Amazon) -> None:
    async with speaking_to(amazon) as marketplace:
        assert await marketplace.cancel_lines(cancellation({FIRST: 2})) == Rejected(code="amazon-cancels-whole-orders")
    assert not amazon.feeds.feeds


async def test_an_order_of_which_a_unit_was_sent_is_never_cancelled(amazon: Amazon) -> None:
    async with speaking_to(amazon) as marketplace:
        await marketplace.confirm_shipment(shipment({SECOND: 1}))
        assert await marketplace.cancel_lines(cancellation(_ALL)) == Rejected(code="amazon-partly-sent")
    assert not amazon.feeds.feeds


async def test_an_order_that_is_cancelled_is_not_cancelled_again(amazon: Amazon) -> None:
    await queued(amazon)
    amazon.feeds.finish()
    async with speaking_to(amazon) as marketplace:
        outcome = await marketplace.cancel_lines(cancellation(_ALL))
    assert outcome == Rejected(code="amazon-already-cancelled", already_done=True)


async def test_without_a_trace_the_order_itself_tells(amazon: Amazon) -> None:
    write = await queued(amazon)
    async with speaking_to(amazon) as marketplace:
        assert await marketplace.find(cancellation(_ALL)) == Absent()
        amazon.feeds.finish()
        assert await marketplace.find(cancellation(_ALL)) == Found(confirmed=Confirmed())
    assert write.trace


async def test_a_refusal_in_the_report_is_told_by_its_code(amazon: Amazon) -> None:
    write = await queued(amazon)
    amazon.feeds.documents["r"] = gzip.compress(report("18024"))
    feed_of(amazon, write).update(processingStatus="DONE", resultFeedDocumentId="r")
    async with speaking_to(amazon) as marketplace:
        assert await marketplace.find(write) == Rejected(code="amazon-18024")


@pytest.mark.parametrize(
    ("status", "finding"),
    [
        ("IN_PROGRESS", NotYet(retry_after=60)),
        ("CANCELLED", Rejected(code="amazon-feed-cancelled")),
        ("FATAL", CannotTell(code="amazon-feed-FATAL")),
        ("ON_HOLIDAY", CannotTell(code="amazon-feed-ON_HOLIDAY")),
        ("DONE", CannotTell(code="amazon-feed-without-report")),
    ],
)
async def test_a_feed_that_told_nothing_is_not_believed(amazon: Amazon, status: str, finding: object) -> None:
    write = await queued(amazon)
    feed_of(amazon, write).update(processingStatus=status)
    async with speaking_to(amazon) as marketplace:
        assert await marketplace.find(write) == finding


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>",
        b"\xff\xfe<",
        b"<AmazonEnvelope/>",
        report().replace(b"<AmazonEnvelope>", b'<!DOCTYPE a [<!ENTITY b "c">]><AmazonEnvelope>'),
        gzip.compress(report())[:-12],
        gzip.compress(b" " * (11 * 1024 * 1024)),
    ],
    ids=["nothing", "html", "no text", "another document", "declares a type", "truncated", "unfolds"],
)
async def test_a_report_that_cannot_be_read_tells_nothing(amazon: Amazon, content: bytes) -> None:
    write = await queued(amazon)
    amazon.feeds.documents["r"] = content
    feed_of(amazon, write).update(processingStatus="DONE", resultFeedDocumentId="r")
    async with speaking_to(amazon) as marketplace:
        assert await marketplace.find(write) == CannotTell(code="amazon-unreadable-report")


async def test_a_throttled_look_up_waits_and_does_not_give_up(amazon: Amazon) -> None:
    write = await queued(amazon)
    amazon.feeds.finish()
    amazon.orders[ORDER]["fulfillment"]["fulfillmentStatus"] = "UNSHIPPED"
    amazon.quota["getFeedDocument"] = 0
    async with speaking_to(amazon) as marketplace:
        assert await marketplace.find(write) == NotYet(retry_after=60)


@pytest.mark.parametrize("operation", ["getOrder", "createFeedDocument", "createFeed"])
async def test_a_throttled_cancellation_was_not_handed_in(amazon: Amazon, operation: str) -> None:
    amazon.quota[operation] = 0
    async with speaking_to(amazon) as marketplace:
        with pytest.raises(Unavailable):
            await marketplace.cancel_lines(cancellation(_ALL))
    assert not amazon.feeds.feeds
