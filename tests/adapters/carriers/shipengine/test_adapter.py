"""ShipEngine: what is sold, given back and told, beside what every carrier promises."""

import base64
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from adapters.carriers.shipengine import MANIFEST, mapping, scan, wire
from adapters.carriers.shipengine.adapter import ShipEngine
from adapters.http import make_client
from domain.effect import Absent, CannotTell, Confirmed, NotYet, Rejected, Unknown
from domain.errors import ContractBroken, NotFound, Unavailable
from domain.facts import ParcelScanned
from domain.ports.carrier import BuyLabel, OrderCollection, ParcelWish, Rate, VoidLabel
from domain.shipment import TrackingStatus as Status
from domain.values import Document, Money
from tests.adapters.carriers.shipengine.simulator import PAPER, ShipEngineWorld

WORLD = ShipEngineWorld


@pytest.fixture
def world() -> ShipEngineWorld:
    return ShipEngineWorld()


@pytest.fixture
async def shipengine(world: ShipEngineWorld) -> ShipEngine:
    return adapter(world)


def adapter(world: ShipEngineWorld, transport: httpx.AsyncBaseTransport | None = None, **changes: Any) -> ShipEngine:
    settings = MANIFEST.settings.model_validate({**world.settings, **changes})
    return MANIFEST.factory(settings, make_client(transport or world.transport))


def label(**changes: Any) -> BuyLabel:
    told = {"reference": "label:a/1/F1/P1#1", "origin": "WH-1", "sender": WORLD.sender, "weight_grams": 700}
    return BuyLabel.model_validate({**told, "destination": WORLD.destination, **changes})


async def buy(shipengine: ShipEngine, **changes: Any) -> Confirmed:
    outcome = await shipengine.buy_label(label(**changes))
    assert isinstance(outcome, Confirmed)
    return outcome


def void(bought: Confirmed) -> VoidLabel:
    return VoidLabel(reference="void:1#1", remote_id=bought.remote_id, tracking_number=bought.tracking_number or "")


async def test_the_cheapest_ordinary_service_is_bought_with_its_paper(shipengine: ShipEngine) -> None:
    bought = await buy(shipengine)
    assert bought.cost == Money(amount=379, currency="USD")
    assert bought.document == Document(content=PAPER, media_type="application/pdf")


async def test_a_service_without_a_choice_is_bought_without_asking_for_rates(
    shipengine: ShipEngine, world: ShipEngineWorld
) -> None:
    bought = await buy(shipengine, speed="express")
    assert bought.cost == Money(amount=3115, currency="USD")
    assert [request.url.path for request in world.asked] == ["/v1/labels"]
    assert await shipengine.buy_label(label(speed="teleport")) == Rejected(code="no-offer")


async def test_a_label_is_asked_for_by_a_key_of_ours_that_is_safe_in_a_path(
    shipengine: ShipEngine, world: ShipEngineWorld
) -> None:
    await buy(shipengine, speed="express", is_return=True)
    told = json.loads(world.asked[0].content)
    shipment = told["shipment"]
    assert len(shipment["external_shipment_id"]) <= 50
    assert shipment["external_shipment_id"].replace("-", "").isalnum()
    assert shipment["external_order_id"] == "label:a/1/F1/P1#1"
    assert (shipment["ship_from"]["name"], shipment["ship_to"]["name"]) == ("Ada Koch", "Store")
    assert (told["is_return_label"], told["label_download_type"]) == (True, "inline")
    assert mapping.external_id("a") != mapping.external_id("b")


async def test_rates_add_up_all_that_a_service_costs(shipengine: ShipEngine) -> None:
    wish = ParcelWish(origin="WH-1", sender=WORLD.sender, destination=WORLD.destination, weight_grams=700)
    assert await shipengine.rate(wish) == (
        Rate(speed="", cost=Money(amount=379, currency="USD"), days=2),
        Rate(speed="express", cost=Money(amount=3115, currency="USD"), days=2),
    )


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"shipment_cost": {"currency": "usd", "amount": 3.795}}, "shipengine-unreadable-price"),
        ({"shipment_cost": {"currency": "xxx", "amount": 3.79}}, "shipengine-unreadable-price"),
        ({"insurance_cost": {"currency": "eur", "amount": 1.0}}, "shipengine-unreadable-price"),
        ({"tracking_number": None}, "shipengine-label-without-number"),
        ({"label_download": None}, "shipengine-label-without-paper"),
        ({"label_download": {"href": "data:application/pdf;base64,?"}}, "not-a-paper"),
        ({"label_download": {"href": "data:text/html;base64,PGh0bWw+"}}, "not-a-paper"),
        ({"label_download": {"href": "https://elsewhere.example.org/1.pdf"}}, "paper-elsewhere"),
    ],
)
async def test_a_bought_label_that_is_told_wrongly_is_looked_up_and_not_bought_again(
    shipengine: ShipEngine, world: ShipEngineWorld, changes: dict[str, Any], code: str
) -> None:
    await buy(shipengine, speed="express")
    world.sold["se-1"] = {**world.sold["se-1"], **changes}
    told = world.sold["se-1"]
    lying = adapter(world, httpx.MockTransport(lambda _: httpx.Response(200, json=told)))
    assert await lying.buy_label(label(speed="express")) == Unknown(code=code)
    assert await lying.find(label()) == CannotTell(code=code)


async def test_a_paper_behind_an_address_of_theirs_is_fetched_without_our_key(world: ShipEngineWorld) -> None:
    fetched: list[httpx.Request] = []

    def play(request: httpx.Request) -> httpx.Response:
        if "downloads" in request.url.path:
            fetched.append(request)
            return httpx.Response(200, content=b"^XA^XZ")
        told = json.loads(world.play(request).content)
        told["label_download"] = {"href": "https://api.shipengine.com/v1/downloads/10/label.zpl"}
        return httpx.Response(200, json=told)

    bought = await buy(adapter(world, httpx.MockTransport(play)), speed="express")
    assert bought.document
    assert bought.document.media_type == "application/zpl"
    assert "api-key" not in fetched[0].headers


def test_an_amount_is_read_as_it_is_written_and_not_as_a_binary_fraction() -> None:
    cost = b'{"currency": "usd", "amount": %s}'
    told = b'{"label_id": "se-1", "status": "completed", "tracking_number": "1", "shipment_cost": ' + cost + b"}"
    paper = Document(content=PAPER)
    exact = mapping.from_label(wire.Label.model_validate_json(told % b"4503599627370.49"), paper)
    assert exact.cost == Money(amount=450359962737049, currency="USD")
    with pytest.raises(ContractBroken):
        mapping.from_label(wire.Label.model_validate_json(told % b"12.3400000000000000001"), paper)


@pytest.mark.parametrize(
    ("status", "bought", "found"),
    [
        ("processing", Unknown(code="in-the-making", trace="se-1"), NotYet(retry_after=5)),
        ("error", Rejected(code="label-error"), Rejected(code="label-error")),
    ],
)
async def test_a_label_that_is_being_made_or_failed_says_so(
    shipengine: ShipEngine, world: ShipEngineWorld, status: str, bought: object, found: object
) -> None:
    await buy(shipengine, speed="express")
    told = {**world.sold["se-1"], "status": status}
    slow = adapter(world, httpx.MockTransport(lambda _: httpx.Response(200, json=told)))
    assert await slow.buy_label(label(speed="express")) == bought
    assert await slow.find(label()) == found


async def test_an_answer_alone_does_not_void_a_label(shipengine: ShipEngine, world: ShipEngineWorld) -> None:
    first, second = await buy(shipengine), await buy(shipengine, reference="label:2")
    await world.hand_over(first.tracking_number or "")
    assert await shipengine.void_label(void(first)) == Rejected(code="label_already_used")
    assert await shipengine.find(void(first)) == Absent()
    assert await shipengine.void_label(void(second)) == Confirmed(remote_id=second.remote_id)
    assert await shipengine.void_label(void(second)) == Confirmed(remote_id=second.remote_id)


async def test_without_a_contact_no_driver_is_ordered(world: ShipEngineWorld) -> None:
    shipengine = adapter(world, contact=None)
    write = OrderCollection(reference="c", origin="WH-1", ready_at=world.now, closes_at=world.now, remote_ids=("se-1",))
    assert not shipengine.capability.collects
    assert await shipengine.order_collection(write) == Rejected(code="cannot-order-collection")
    assert world.asked == []


async def test_rates_that_cannot_be_had_buy_nothing_now(world: ShipEngineWorld) -> None:
    shipengine = adapter(world, httpx.MockTransport(lambda _: httpx.Response(500)))
    with pytest.raises(Unavailable):
        await shipengine.buy_label(label())


async def test_a_number_of_another_account_is_not_found(shipengine: ShipEngine) -> None:
    with pytest.raises(NotFound):
        await shipengine.track("9400111899563821705427")


def told_scan(**changes: Any) -> bytes:
    event = {"occurred_at": "2026-03-01T11:58:02Z", "status_code": "IT", **changes}
    data = {"tracking_number": "9400111899563821705427", "carrier_code": "stamps_com", "events": [event]}
    return json.dumps({"resource_type": "API_TRACK", "data": data}).encode()


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        *(({"status_code": word}, status) for word, status in scan.STATUSES.items()),
        *(({"status_detail_code": word}, status) for word, status in scan.DETAILS.items()),
        ({"status_code": "??"}, Status.UNKNOWN),
        ({"status_code": "UN", "event_code": "OF"}, Status.OUT_FOR_DELIVERY),
        ({"status_code": None, "carrier_status_code": "09"}, Status.RETURNING),
    ],
)
def test_each_status_and_detail_has_a_word_of_ours(changes: dict[str, Any], status: Status) -> None:
    (fact,) = scan.read_event(told_scan(**changes))
    assert isinstance(fact, ParcelScanned)
    assert fact.scan.status is status


BROKEN = (b"", b"[]", told_scan()[:-3], told_scan(occurred_at="2026-03-01T11:58:02"), b'{"resource_type": "API_TRACK"}')


@pytest.mark.parametrize("body", BROKEN)
def test_a_broken_webhook_is_refused(body: bytes) -> None:
    with pytest.raises(ContractBroken):
        scan.read_event(body)


def test_a_webhook_about_other_things_means_nothing() -> None:
    assert scan.read_event(b'{"resource_type": "API_BATCH", "data": 7}') == ()


async def test_a_webhook_is_believed_by_a_published_key_for_five_minutes(
    shipengine: ShipEngine, world: ShipEngineWorld
) -> None:
    body = told_scan()
    headers = world.sign(body, world.now)
    assert shipengine.verify_webhook(headers, body, world.now + timedelta(minutes=5))
    assert not shipengine.verify_webhook(headers, body, world.now + timedelta(minutes=6))
    assert not shipengine.verify_webhook({**headers, "x-shipengine-rsa-sha256-key-id": "key-2"}, body, world.now)
    for moment in ("", "now", "2026-03-01T12:00:00", "0001-01-01T00:00:00+09:00"):
        assert not shipengine.verify_webhook({**headers, "x-shipengine-timestamp": moment}, body, world.now)
    assert not adapter(world, webhook_keys=[]).verify_webhook(headers, body, world.now)
    short = [{"kid": "key-1", "n": "AQAB", "e": base64.b64encode(b"\x01").decode()}]
    assert not adapter(world, webhook_keys=short).verify_webhook(headers, body, world.now)


@pytest.mark.parametrize("level", ["usps_priority", "/usps_priority", "se-1/"])
def test_a_service_without_its_carrier_is_refused(level: str) -> None:
    with pytest.raises(ValueError, match="carrier id/service code"):
        MANIFEST.settings.model_validate({"api_key": "k", "ordinary": [level]})
    with pytest.raises(ValueError, match="carrier id/service code"):
        MANIFEST.settings.model_validate({"api_key": "k", "ordinary": ["a/b"], "speeds": {"x": [level]}})
