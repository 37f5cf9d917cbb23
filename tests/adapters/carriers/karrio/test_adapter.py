"""Karrio: what is drafted, purchased and cancelled, beside what every carrier promises."""

import json
from typing import Any

import httpx
import pytest

from adapters.carriers.karrio import MANIFEST, mapping, scan
from adapters.carriers.karrio.adapter import Karrio
from adapters.http import make_client
from domain.effect import Absent, CannotTell, Confirmed, Found, Rejected, Unknown
from domain.errors import ContractBroken, NotFound, Refused, Unavailable
from domain.facts import ParcelScanned
from domain.ports.carrier import BuyLabel, OrderCollection, ParcelWish, Rate, VoidLabel
from domain.shipment import TrackingStatus as Status
from domain.values import Document, Money
from tests.adapters.carriers.karrio.simulator import PAPER, KarrioWorld

WORLD = KarrioWorld


@pytest.fixture
def world() -> KarrioWorld:
    return KarrioWorld()


@pytest.fixture
async def karrio(world: KarrioWorld) -> Karrio:
    return adapter(world)


def adapter(world: KarrioWorld, transport: httpx.AsyncBaseTransport | None = None, **changes: Any) -> Karrio:
    settings = MANIFEST.settings.model_validate({**world.settings, **changes})
    return MANIFEST.factory(settings, make_client(transport or world.transport))


def label(**changes: Any) -> BuyLabel:
    told = {"reference": "label:a/1/F1/P1#1", "origin": "WH-1", "sender": WORLD.sender, "weight_grams": 700}
    return BuyLabel.model_validate({**told, "destination": WORLD.destination, **changes})


async def drafted(karrio: Karrio, **changes: Any) -> BuyLabel:
    write = label(**changes)
    return write.model_copy(update={"trace": await karrio.draft_label(write)})


async def buy(karrio: Karrio, **changes: Any) -> Confirmed:
    outcome = await karrio.buy_label(await drafted(karrio, **changes))
    assert isinstance(outcome, Confirmed)
    return outcome


async def test_the_cheapest_service_is_purchased_with_the_paper_that_is_told_along(
    karrio: Karrio, world: KarrioWorld
) -> None:
    bought = await buy(karrio)
    assert bought.cost == Money(amount=590, currency="EUR")
    assert bought.document == Document(content=PAPER, media_type="application/zpl")
    assert (await buy(karrio, speed="express")).cost == Money(amount=1900, currency="EUR")
    assert not [request for request in world.asked if "label" in request.url.path]


async def test_a_draft_names_no_service_since_that_would_buy_it(karrio: Karrio, world: KarrioWorld) -> None:
    await drafted(karrio, is_return=True)
    (request,) = world.asked
    told = json.loads(request.content)
    assert "service" not in told
    assert (told["shipper"]["person_name"], told["recipient"]["person_name"]) == ("Ada Koch", "Depot")
    assert told["parcels"] == [{"weight": 0.7, "weight_unit": "KG"}]
    assert (told["carrier_ids"], told["label_type"], told["is_return"]) == (["fleet"], "ZPL", True)
    assert request.headers["x-test-mode"] == "true"
    assert await karrio.buy_label(label()) == Rejected(code="no-draft")


async def test_a_second_purchase_is_refused_there_and_looked_up_here(karrio: Karrio, world: KarrioWorld) -> None:
    write = await drafted(karrio)
    draft = json.dumps(world.shipments[write.trace])
    bought = await karrio.buy_label(write)

    def stale(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(200, content=draft, headers={"Content-Type": "application/json"})
        return world.play(request)

    assert isinstance(bought, Confirmed)
    outcome = await adapter(world, httpx.MockTransport(stale)).buy_label(write)
    assert outcome == Unknown(code="state_error", trace=write.trace)
    assert await karrio.find(write) == Found(confirmed=bought)
    assert await karrio.buy_label(write) == bought
    assert len(await world.labels()) == 1


async def test_rates_are_told_by_speed(karrio: Karrio) -> None:
    wish = ParcelWish(origin="WH-1", sender=WORLD.sender, destination=WORLD.destination, weight_grams=700)
    assert await karrio.rate(wish) == (
        Rate(speed="", cost=Money(amount=590, currency="EUR"), days=2),
        Rate(speed="express", cost=Money(amount=1900, currency="EUR"), days=2),
    )


async def test_a_server_that_takes_no_draft_says_why(karrio: Karrio, world: KarrioWorld) -> None:
    refusing = adapter(world, httpx.MockTransport(lambda _: httpx.Response(424, json={"messages": [{"code": "E-7"}]})))
    with pytest.raises(Refused) as refusal:
        await refusing.draft_label(label())
    assert refusal.value.code == "E-7"
    with pytest.raises(Unavailable):
        await adapter(world, httpx.MockTransport(lambda _: httpx.Response(500))).draft_label(label())
    with pytest.raises(Refused, match="senders"):
        await karrio.draft_label(label(sender=None))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"selected_rate": None}, "karrio-label-without-number"),
        ({"tracking_number": None}, "karrio-label-without-number"),
        ({"shipping_documents": [{"category": "label", "base64": "?"}]}, "not-a-paper"),
        ({"shipping_documents": [], "label_url": None}, "not-a-paper"),
        ({"shipping_documents": [], "label_url": "https://elsewhere.example.org/1.pdf"}, "paper-elsewhere"),
    ],
)
async def test_a_purchase_that_is_told_wrongly_is_not_made_again(
    karrio: Karrio, world: KarrioWorld, changes: dict[str, Any], code: str
) -> None:
    write = await drafted(karrio)
    await karrio.buy_label(write)
    told = {**world.shipments[write.trace], **changes}
    page = httpx.Response(200, content=b"<html>", headers={"Content-Type": "text/html"})

    def lie(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/label.zpl"):
            return world.play(request)
        return httpx.Response(200, json=told) if "shipments" in request.url.path else page

    lying = adapter(world, httpx.MockTransport(lie))
    assert await lying.buy_label(write) == Unknown(code=code, trace=write.trace)
    assert await lying.find(write) == CannotTell(code=code)


@pytest.mark.parametrize(("charge", "currency"), [(7.255, "EUR"), (7.25, None), (7.25, "XXX")])
async def test_a_price_that_is_not_exact_is_refused(
    karrio: Karrio, world: KarrioWorld, charge: float, currency: str | None
) -> None:
    write = await drafted(karrio)
    for rate in world.shipments[write.trace]["rates"]:
        rate.update(total_charge=charge, currency=currency)
    with pytest.raises(ContractBroken):
        await karrio.buy_label(write)


async def test_a_label_is_cancelled_once_and_a_second_time_changes_nothing(karrio: Karrio) -> None:
    bought = await buy(karrio)
    write = VoidLabel(reference="v", remote_id=bought.remote_id, tracking_number=bought.tracking_number or "")
    assert await karrio.find(write) == Absent()
    for _ in range(2):
        assert await karrio.void_label(write) == Confirmed(remote_id=bought.remote_id)
    assert await karrio.find(write) == Found(confirmed=Confirmed(remote_id=bought.remote_id))


async def test_no_driver_is_ordered(karrio: Karrio, world: KarrioWorld) -> None:
    write = OrderCollection(reference="c", origin="WH-1", ready_at=world.now, closes_at=world.now, remote_ids=("s",))
    assert await karrio.order_collection(write) == Rejected(code="cannot-order-collection")
    assert await karrio.find(write) == CannotTell(code="no-lookup")


async def test_a_carrier_that_does_not_answer_is_no_missing_parcel(karrio: Karrio, world: KarrioWorld) -> None:
    bought = await buy(karrio)
    number = bought.tracking_number or ""

    def answer(status: int, code: str) -> httpx.MockTransport:
        def play(request: httpx.Request) -> httpx.Response:
            if request.url.path.endswith("/trackers"):
                return httpx.Response(status, json={"errors": [{"code": code}]})
            return world.play(request)

        return httpx.MockTransport(play)

    with pytest.raises(Unavailable):
        await adapter(world, answer(404, "SHIPPING_SDK_INTERNAL_ERROR")).track(number)
    with pytest.raises(Refused):
        await adapter(world, answer(400, "validation")).track(number)
    with pytest.raises(NotFound):
        await karrio.track("F99999999")


def told_scan(**changes: Any) -> bytes:
    event = {"timestamp": "2026-03-01T11:58:02.000Z", "status": "in_transit", "code": "IT", **changes}
    data = {"tracking_number": "1Z12345E0205271688", "carrier_name": "fedex", "events": [event]}
    return json.dumps({"event": "tracker_updated", "data": data}).encode()


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        *(({"status": word, "code": ""}, status) for word, status in scan.STATUSES.items()),
        ({"status": None, "code": "DL"}, Status.DELIVERED),
        ({"status": "beamed", "code": "?"}, Status.UNKNOWN),
    ],
)
def test_each_status_has_a_word_of_ours(changes: dict[str, Any], status: Status) -> None:
    (fact,) = scan.read_event(told_scan(**changes))
    assert isinstance(fact, ParcelScanned)
    assert fact.scan.status is status


BROKEN = (b"", b"[]", told_scan()[:-3], told_scan(timestamp="2026-03-01T11:58:02"), told_scan(timestamp=None))


@pytest.mark.parametrize("body", BROKEN)
def test_a_broken_webhook_or_a_scan_without_zone_is_refused(body: bytes) -> None:
    with pytest.raises(ContractBroken):
        scan.read_event(body)


def test_a_webhook_about_other_things_means_nothing() -> None:
    assert scan.read_event(b'{"event": "shipment_purchased", "data": {"id": 7}}') == ()


def test_a_refusal_without_a_code_is_named_by_its_status() -> None:
    assert mapping.read_refusal(400, b"<html>") == Rejected(code="http-400")
    assert mapping.read_refusal(400, b'{"errors": [{"code": "a b\xc3\xa9"}]}') == Rejected(code="a-b-")


async def test_without_a_secret_no_webhook_is_believed(world: KarrioWorld) -> None:
    silent = adapter(world, webhook_secret="")
    assert not silent.capability.pushes
    assert not silent.verify_webhook({"x-event-id": ""}, b"{}", world.now)


async def test_the_paper_is_fetched_when_it_is_not_told_along(karrio: Karrio, world: KarrioWorld) -> None:
    write = await drafted(karrio)
    await karrio.buy_label(write)
    found = await karrio.find(write)
    assert isinstance(found, Found)
    assert found.confirmed.document == Document(content=PAPER, media_type="application/zpl")
    assert world.asked[-1].url.path.endswith("/label.zpl")
