"""Amazon's own models and examples: what it publishes is read, and what we say keeps to its description."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import BaseModel

from adapters.http import make_client, parse
from adapters.marketplaces.amazon import LIMITS, jobs, wire
from adapters.marketplaces.amazon.adapter import AmazonMarketplace
from adapters.marketplaces.amazon.mapping import read_notification, read_order
from adapters.marketplaces.amazon.settings import AmazonSettings
from adapters.marketplaces.amazon.stock import FEW
from domain.effect import Confirmed, Rejected, Unknown
from domain.errors import ContractBroken, CrossdockError
from domain.facts import OrderChanged
from domain.ports.marketplace import CorrectTracking, OfferedStock
from tests.adapters.marketplaces.amazon import scenes
from tests.adapters.marketplaces.amazon.replay import Pair, play, read_pairs
from tests.adapters.marketplaces.amazon.schema import Description
from tests.adapters.marketplaces.amazon.simulator import START, Amazon, make_order
from tests.vendor import contracts

pytestmark = pytest.mark.vendor

_MODELS: dict[str, tuple[str, str]] = {
    "searchOrders": ("orders-api-model/orders_2026-01-01", ""),
    "getOrder": ("orders-api-model/orders_2026-01-01", ""),
    "confirmShipment": ("orders-api-model/ordersV0", "ConfirmShipmentRequest"),
    "createFeedDocument": ("feeds-api-model/feeds_2021-06-30", "CreateFeedDocumentSpecification"),
    "createFeed": ("feeds-api-model/feeds_2021-06-30", "CreateFeedSpecification"),
    "getFeeds": ("feeds-api-model/feeds_2021-06-30", ""),
    "getFeed": ("feeds-api-model/feeds_2021-06-30", ""),
    "getFeedDocument": ("feeds-api-model/feeds_2021-06-30", ""),
    "getListingsItem": ("listings-items-api-model/listingsItems_2021-08-01", ""),
    "patchListingsItem": ("listings-items-api-model/listingsItems_2021-08-01", "ListingsItemPatchRequest"),
}
_ANSWERS: dict[str, type[BaseModel]] = {
    "searchOrders": wire.Page,
    "createFeedDocument": jobs.NewDocument,
    "createFeed": jobs.NewFeed,
    "getFeed": jobs.Feed,
    "getFeedDocument": jobs.StoredDocument,
    "patchListingsItem": jobs.Submission,
}
_OLD = "v0"


@dataclass
class Tally:
    """What became of the vendor's examples."""

    counts: Counter[str] = field(default_factory=Counter[str])
    reasons: list[str] = field(default_factory=list[str])

    def read(self, name: str, reading: Callable[[], object]) -> None:
        """Count an example as read, or as refused with its reason; anything else that is raised fails the test."""
        self.counts["cases"] += 1
        try:
            reading()
        except ContractBroken as error:
            self.counts["refused"] += 1
            self.reasons.append(f"{name}: {error.code}: {error}")
        else:
            self.counts["read"] += 1

    def show(self, what: str, capsys: pytest.CaptureFixture[str]) -> None:
        with capsys.disabled():
            print(f"\namazon {what}: {dict(self.counts)}", *self.reasons, sep="\n  ")  # noqa: T201  the counts are asked for


def model(operation: str) -> Description:
    return Description(contracts(f"channels/amazon/specs/models/{_MODELS[operation][0]}.json"))


def sandbox_files() -> list[Path]:
    return sorted(contracts("channels/amazon/sandbox").glob("*.json"))


def speaking(pairs: list[Pair], at: str = "2026-11-02T10:00:00Z") -> tuple[httpx.AsyncClient, AmazonMarketplace]:
    http = make_client(play(pairs))
    settings = AmazonSettings.model_validate(scenes.SETTINGS | {"marketplaces": ["ATVPDKIKX0DER"]})
    moment = datetime.fromisoformat(at).timestamp()
    return http, AmazonMarketplace(settings, http, lambda: moment)


def read_answer(pair: Pair) -> object:
    """Read a pair's answer as the adapter does."""
    if pair.status >= HTTPStatus.BAD_REQUEST:
        return wire.Errors.model_validate(pair.response)
    if pair.operation == "getOrder":
        return read_order(json.dumps(pair.response["order"]).encode())
    response = httpx.Response(pair.status, json=pair.response)
    read = parse(response, _ANSWERS[pair.operation])
    if isinstance(read, wire.Page):
        return [read_order(json.dumps(order).encode()) for order in read.orders]
    return read


def is_ours(pair: Pair) -> bool:
    return pair.operation in _ANSWERS or (pair.operation == "getOrder" and f"/{_OLD}/" not in pair.path)


def test_every_sandbox_answer_that_we_act_on_is_read(capsys: pytest.CaptureFixture[str]) -> None:
    tally = Tally()
    for pair in (pair for file in sandbox_files() for pair in read_pairs(file)):
        if is_ours(pair):
            tally.read(pair.name, lambda pair=pair: read_answer(pair))
        else:
            tally.counts["not spoken"] += 1
    tally.show("sandbox answers", capsys)
    assert tally.counts["read"] > tally.counts["refused"], tally.reasons


def test_every_notification_is_read(capsys: pytest.CaptureFixture[str]) -> None:
    tally, facts = Tally(), list[object]()
    told = json.loads(contracts("channels/amazon/notifications/examples.json").read_text())
    for one in told["examples"]:
        body = json.dumps(one["example"]).encode()
        tally.read(one["schema"], lambda body=body: facts.extend(read_notification(body)))
    tally.show("notifications", capsys)
    assert tally.counts["read"] > tally.counts["refused"], tally.reasons
    assert facts == [OrderChanged(channel_order_id="903-8868176-2219830")]


def test_every_sample_of_feeds_is_read(capsys: pytest.CaptureFixture[str]) -> None:
    tally = Tally()
    folder = contracts("channels/amazon/samples-responses")
    for operation in ("createFeed", "createFeedDocument", "getFeed"):
        told = json.loads((folder / f"feeds-{operation}.json").read_text())
        pair = Pair(operation, operation, "GET", "/", 200, {}, told)
        tally.read(operation, lambda pair=pair: read_answer(pair))
    tally.show("samples of feeds", capsys)
    assert tally.counts["read"] == tally.counts["cases"], tally.reasons


def test_the_processing_report_of_the_listings_feed_is_read() -> None:
    name = "listings-feed-processing-report-schema-v2.example.json"
    body = contracts(f"channels/amazon/specs/schemas/feeds/{name}").read_bytes()
    issues = jobs.Report.model_validate_json(body).issues
    assert [(issue.sku, issue.code) for issue in issues][:1] == [("My-SKU-B", "90220")]


async def test_orders_are_fetched_from_the_sandbox(capsys: pytest.CaptureFixture[str]) -> None:
    pairs = read_pairs(contracts("channels/amazon/sandbox/orders_2026-01-01.json"))
    http, marketplace = speaking(pairs)
    counts: Counter[str] = Counter()
    async with http:
        for pair in pairs:
            if pair.operation != "getOrder":
                continue
            if pair.status >= HTTPStatus.BAD_REQUEST:
                with pytest.raises(CrossdockError):
                    await marketplace.fetch_order(pair.asked["orderId"])
                counts["refused"] += 1
            else:
                raw = await marketplace.fetch_order(pair.asked["orderId"])
                assert marketplace.read_order(raw.body).channel_order_id == pair.asked["orderId"]
                counts["read"] += 1
    with capsys.disabled():
        print(f"\namazon sandbox, asked for orders: {dict(counts)}")  # noqa: T201  the counts are asked for
    assert counts["read"]


async def test_a_parcel_is_confirmed_in_the_sandbox() -> None:
    pairs = read_pairs(contracts("channels/amazon/sandbox/ordersV0.json"))
    write = CorrectTracking(
        channel_order_id="902-1106328-1059050", reference="correction:1:1", remote_id="1", replaces="1",
        carrier="fedex", tracking_number="112345678", quantities={"79039765272157": 1},
    )  # fmt: skip
    http, marketplace = speaking(pairs, "2022-02-11T01:00:00Z")
    async with http:
        assert await marketplace.correct_tracking(write) == Confirmed(remote_id="1")
        other = write.model_copy(update={"tracking_number": "112345679"})
        assert await marketplace.correct_tracking(other) == Rejected(code="amazon-InvalidInput")


async def test_a_quantity_is_taken_by_the_sandbox() -> None:
    pairs = read_pairs(contracts("channels/amazon/sandbox/listingsItems_2021-08-01.json"))
    anybody = [pair for pair in pairs if pair.operation == "patchListingsItem" and pair.status == HTTPStatus.OK]
    # Its pair answers whatever the body is.
    http, marketplace = speaking([replace(pair, asked={}) for pair in anybody])
    async with http:
        (told,) = await marketplace.publish_stock((OfferedStock(listing_id="GM-ZDPI-9B4E", sku="S", quantity=1),))
    assert told.code == ""


async def bodies_of_all_writes() -> Amazon:
    """Let the adapter write everything it can."""
    many = tuple(f"SKU-{number}" for number in range(FEW + 1))
    amazon = Amazon(many)
    amazon.place(make_order(scenes.ORDER, [("SKU-1", 2, 1000)], START - timedelta(hours=1)))
    rows = tuple(OfferedStock(listing_id=sku, sku=sku, quantity=3) for sku in many)
    async with scenes.speaking_to(amazon) as marketplace:
        for outcome in (
            await marketplace.refund(scenes.refund(100, {})),
            await marketplace.cancel_lines(scenes.cancellation({scenes.FIRST: 2})),
        ):
            assert isinstance(outcome, Unknown)
            assert outcome.trace
        await marketplace.confirm_shipment(scenes.shipment({scenes.FIRST: 1}))
        await marketplace.confirm_shipment(scenes.shipment({scenes.FIRST: 1}, carrier="Bike & Co"))
        await marketplace.publish_stock(rows[:1])
        (job,) = {told.job for told in await marketplace.publish_stock(rows)}
        await marketplace.list_orders(START - timedelta(days=1), None)
        assert (await marketplace.check_access()).missing == ()
        amazon.feeds.finish()
        assert await marketplace.stock_results(job) == ()
    return amazon


async def test_what_we_say_keeps_to_the_vendors_description(capsys: pytest.CaptureFixture[str]) -> None:
    amazon = await bodies_of_all_writes()
    counts: Counter[str] = Counter()
    for operation, body in amazon.bodies:
        assert model(operation).complaints(body, _MODELS[operation][1]) == [], operation
        counts[operation] += 1
    with capsys.disabled():
        print(f"\namazon request bodies against the models: {dict(counts)}")  # noqa: T201  the counts are asked for
    assert set(counts) == {"confirmShipment", "createFeedDocument", "createFeed", "patchListingsItem"}


async def test_the_simulator_speaks_as_the_vendor_describes() -> None:
    amazon = await bodies_of_all_writes()
    heard: set[str] = set()
    for operation, answer in amazon.answers:
        if operation != "confirmShipment":
            described = model(operation)
            answers = described.operation(operation)["responses"]
            definition = answers[str(answer.status_code)]["schema"]["$ref"].rpartition("/")[2]
            assert described.complaints(answer.json(), definition) == [], operation
        heard.add(operation)
    assert heard == set(_MODELS)


async def test_the_listings_feed_keeps_to_its_schema() -> None:
    amazon = await bodies_of_all_writes()
    (feed,) = [one for one in amazon.feeds.feeds.values() if one["feedType"] == "JSON_LISTINGS_FEED"]
    schema = Description(contracts("channels/amazon/specs/schemas/feeds/listings-feed-schema-v2.json"))
    document = json.loads(amazon.feeds.documents[feed["inputFeedDocumentId"]])
    assert schema.complaints(document) == []
    assert schema.complaints({**document, "messages": [document["messages"][0] | {"attributes": {"a": 1}}]})


async def test_the_query_of_the_list_is_of_the_vendors_words() -> None:
    seen: list[httpx.QueryParams] = []

    def note(request: httpx.Request) -> httpx.Response:
        seen.append(request.url.params)
        return httpx.Response(200, json={"access_token": "t", "orders": []})

    async with make_client(httpx.MockTransport(note)) as http:
        settings = AmazonSettings.model_validate(scenes.SETTINGS)
        await AmazonMarketplace(settings, http).list_orders(START, "2026-11-01T10:00:00Z token")
    described = {one["name"]: one for one in model("searchOrders").operation("searchOrders")["parameters"]}
    assert set(seen[-1]) <= set(described)
    assert set(seen[-1]["includedData"].split(",")) <= set(described["includedData"]["items"]["enum"])


def test_the_limits_are_the_published_ones() -> None:
    for operation in _MODELS:
        words: str = model(operation).operation(operation)["description"]
        found = re.search(r"\| *([\d.]+) *\| *([\d.]+) *\|", words)
        assert found, operation
        assert (LIMITS[operation].rate, LIMITS[operation].burst) == (float(found[1]), float(found[2])), operation


def test_our_own_payloads_keep_to_the_vendors_description() -> None:
    orders: list[Any] = [make_order(scenes.ORDER, [("SKU-1", 2, 1000)], START)]
    orders += [json.loads(file.read_text()) for file in (Path(__file__).parent / "payloads").glob("order_*.json")]
    described = model("getOrder")
    # Null is written into two of them on purpose: Amazon's own answers break their schema so.
    found = [one for order in orders for one in described.complaints(order, "Order") if "is no array" not in one]
    assert [one for one in found if not re.search(r"(addressLine3|buyerName) is no string", one)] == []
