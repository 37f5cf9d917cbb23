"""The carriers' adapter against the real world."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from adapters.carriers.sandbox import MANIFEST
from adapters.carriers.sandbox.adapter import SandboxCarrier
from adapters.carriers.sandbox.mapping import STATUSES
from domain.effect import Absent, CannotTell, Confirmed, Dedupe, EffectKind, Found, Rejected, Unknown
from domain.errors import ContractBroken, NotFound
from domain.facts import ParcelScanned
from domain.ports.carrier import BuyLabel, InterceptParcel, OrderCollection, VoidLabel
from domain.shipment import TrackingStatus
from domain.values import Address
from infra.sandbox.parcels import JOURNEYS
from tests.sandbox_world import Gateway, SandboxWorld, Visitor, eventually, sent_at

ADDRESS = Address(name="Ada Koch", street="Lindenweg 7", city="Hamburg", postal_code="20457", country="DE")


def speak_to(world: SandboxWorld, client: httpx.AsyncClient, name: str) -> SandboxCarrier:
    return MANIFEST.factory(MANIFEST.settings.model_validate({"base_url": world.url, "carrier": name}), client)


@pytest.fixture
def swift(sandbox_world: SandboxWorld, client: httpx.AsyncClient, visitor: Visitor) -> SandboxCarrier:
    del visitor
    return speak_to(sandbox_world, client, "sandbox-swift")


@pytest.fixture
def blind(sandbox_world: SandboxWorld, client: httpx.AsyncClient, visitor: Visitor) -> SandboxCarrier:
    del visitor
    return speak_to(sandbox_world, client, "sandbox-blind")


def label(reference: str = "label:a/1/F1/P1#1", address: Address = ADDRESS, **other: Any) -> BuyLabel:
    return BuyLabel(reference=reference, origin="WH-AUTO", destination=address, weight_grams=700, **other)


def void(bought: Confirmed) -> VoidLabel:
    return VoidLabel(reference="void:1#1", remote_id=bought.remote_id, tracking_number=bought.tracking_number or "")


def turn_round(bought: Confirmed) -> InterceptParcel:
    return InterceptParcel(**void(bought).model_dump())


async def buy(carrier: SandboxCarrier, write: BuyLabel | None = None) -> Confirmed:
    outcome = await carrier.buy_label(write or label())
    assert isinstance(outcome, Confirmed)
    return outcome


async def test_a_label_has_a_number_a_price_and_a_paper(swift: SandboxCarrier) -> None:
    bought = await buy(swift)
    assert bought.document
    assert bought.cost
    assert (bought.tracking_number, bought.cost.amount, bought.cost.currency) == (bought.remote_id, 590, "EUR")
    assert bought.document.media_type == "application/pdf"
    assert bought.document.content.startswith(b"%PDF-")


async def test_what_a_carrier_declares_is_what_it_does(swift: SandboxCarrier, blind: SandboxCarrier) -> None:
    assert swift.capability.dedupe[EffectKind.LABEL].dedupe is Dedupe.REFERENCE
    assert await swift.find(label()) == Absent()
    assert await swift.find(label()) == Absent()
    bought = await buy(swift)
    assert await swift.find(label()) == Found(confirmed=bought)
    assert blind.capability.dedupe[EffectKind.LABEL].dedupe is Dedupe.NONE
    await buy(blind)
    assert await blind.find(label()) == CannotTell(code="no-lookup")


async def test_a_label_is_voided_once_and_for_all(
    swift: SandboxCarrier, blind: SandboxCarrier, visitor: Visitor
) -> None:
    for carrier in (swift, blind):
        bought = await buy(carrier)
        assert await carrier.find(void(bought)) == Absent()
        assert isinstance(await carrier.void_label(void(bought)), Confirmed)
        assert isinstance(await carrier.void_label(void(bought)), Confirmed)
        assert isinstance(await carrier.find(void(bought)), Found)
    assert visitor.get("/witness")["labels_live"] == 0


async def test_a_parcel_under_way_is_turned_round_not_voided(
    swift: SandboxCarrier, blind: SandboxCarrier, visitor: Visitor
) -> None:
    visitor.put("/pace", paused=True)
    bought = await buy(swift)
    visitor.post("/deeds", deed="parcel.scan", args={"tracking_number": bought.tracking_number, "status": "accepted"})
    assert await swift.void_label(void(bought)) == Rejected(code="in-our-hands")
    assert await swift.find(turn_round(bought)) == Absent()
    assert isinstance(await swift.intercept(turn_round(bought)), Confirmed)
    assert isinstance(await swift.find(turn_round(bought)), Found)
    gone = await buy(swift, label("label:2"))
    visitor.post("/deeds", deed="parcel.scan", args={"tracking_number": gone.tracking_number, "status": "delivered"})
    assert await swift.intercept(turn_round(gone)) == Rejected(code="cannot-intercept")
    assert not blind.capability.intercepts
    assert await blind.intercept(turn_round(bought)) == Rejected(code="no-intercept")


async def test_an_address_nobody_serves_is_undeliverable(swift: SandboxCarrier) -> None:
    nowhere = ADDRESS.model_copy(update={"postal_code": "00000"})
    expected = Rejected(code="undeliverable-address", undeliverable=True)
    assert await swift.buy_label(label(address=nowhere)) == expected
    unknown = BuyLabel(reference="x", origin="MOON", destination=ADDRESS, weight_grams=1)
    assert await swift.buy_label(unknown) == Rejected(code="unknown-location")


@pytest.mark.parametrize("kind", ["reset_after", "html", "broken_json", "error_500"])
async def test_a_label_whose_answer_is_lost_is_unknown_and_found_where_it_can_be(
    swift: SandboxCarrier, blind: SandboxCarrier, visitor: Visitor, kind: str
) -> None:
    visitor.post("/faults", operation="carrier.labels.buy", kind=kind, times=2)
    assert isinstance(await swift.buy_label(label()), Unknown)
    assert isinstance(await blind.buy_label(label()), Unknown)
    assert isinstance(await swift.find(label()), Found)
    assert isinstance(await blind.find(label()), CannotTell)
    assert visitor.get("/witness")["labels_bought"] == 2


async def test_every_step_of_every_journey_has_a_word_of_ours() -> None:
    assert set(STATUSES) == {status for journey in JOURNEYS.values() for status in journey}


async def test_a_parcel_is_tracked_and_its_webhooks_are_read(
    swift: SandboxCarrier, visitor: Visitor, gateway: Gateway
) -> None:
    fulfillment = visitor.release(visitor.order(), "WH-AUTO")
    bought = await buy(swift, label(f"label:{fulfillment}/P1#1"))
    eventually(lambda: len(gateway.events("parcel.scanned")) == 4)
    scans = await swift.track(bought.tracking_number or "")
    assert [scan.status for scan in scans] == [
        TrackingStatus.ACCEPTED, TrackingStatus.IN_TRANSIT, TrackingStatus.OUT_FOR_DELIVERY, TrackingStatus.DELIVERED,
    ]  # fmt: skip
    hooks = [(path, headers, body) for path, headers, body in gateway.received if b"parcel.scanned" in body]
    assert {path for path, _, _ in hooks} == {"/hooks/sandbox-swift"}
    assert all(swift.verify_webhook(headers, body, sent_at(headers)) for _, headers, body in hooks)
    facts = [fact for _, _, body in hooks for fact in swift.read_webhook(body)]
    assert sorted(map(repr, facts)) == sorted(repr(ParcelScanned(scan=scan)) for scan in scans)
    with pytest.raises(NotFound):
        await swift.track("SW-NOBODY")


async def test_a_scan_nobody_knows_moves_nothing_and_a_broken_one_is_refused(swift: SandboxCarrier) -> None:
    strange = (
        b'{"type": "parcel.scanned", "tracking_number": "1", "status": "beamed", "scanned_at": "2026-01-01T00:00Z"}'
    )
    (fact,) = swift.read_webhook(strange)
    assert isinstance(fact, ParcelScanned)
    assert fact.scan.status is TrackingStatus.UNKNOWN
    assert swift.read_webhook(b'{"type": "invoice.sent"}') == ()
    for broken in (b"[]", b'{"type": "parcel.scanned"}', strange.replace(b"00:00Z", b"00:00")):
        with pytest.raises(ContractBroken):
            swift.read_webhook(broken)


async def test_a_return_label_leads_to_the_location(swift: SandboxCarrier, visitor: Visitor) -> None:
    await buy(swift, label("return-label:a/1/R1#1", is_return=True))
    witness = visitor.get("/witness")
    assert (witness["return_labels_bought"], witness["labels_bought"]) == (1, 0)


def driver(bought: Confirmed, reference: str = "collection:STORE-1/sandbox-swift/2026-03-02/1#1") -> OrderCollection:
    now = datetime.now(UTC)  # noqa: TID251 - the world has its own clock
    return OrderCollection(
        reference=reference, origin="STORE-1", ready_at=now, closes_at=now + timedelta(hours=3),
        remote_ids=(bought.remote_id,),
    )  # fmt: skip


async def test_a_driver_comes_for_labels_and_is_found_again(swift: SandboxCarrier, visitor: Visitor) -> None:
    write = driver(await buy(swift))
    assert await swift.find(write) == Absent()
    outcome = await swift.order_collection(write)
    assert isinstance(outcome, Confirmed)
    assert await swift.find(write) == Found(confirmed=outcome)
    (ordered,) = visitor.journal("driver.ordered")
    assert (ordered["subject"], ordered["reference"], ordered["location"]) == (
        outcome.remote_id, write.reference, "STORE-1",
    )  # fmt: skip


async def test_no_driver_comes_for_nothing_or_too_late(swift: SandboxCarrier, visitor: Visitor) -> None:
    bought = await buy(swift)
    write = driver(bought)
    over = {"ready_at": write.ready_at - timedelta(hours=2), "closes_at": write.ready_at - timedelta(hours=1)}
    for change, code in (
        (over, "no-such-window"),
        ({"origin": "NOWHERE"}, "unknown-location"),
        ({"remote_ids": ("SW-nobody",)}, "unknown-label"),
    ):
        assert await swift.order_collection(write.model_copy(update=change)) == Rejected(code=code)
    await swift.void_label(void(bought))
    assert await swift.order_collection(write) == Rejected(code="not-waiting")
    assert visitor.journal("driver.ordered") == []


async def test_a_carrier_without_drivers_says_so(blind: SandboxCarrier) -> None:
    write = driver(await buy(blind))
    assert not blind.capability.collects
    assert await blind.order_collection(write) == Rejected(code="cannot-order-collection")
    assert await blind.find(write) == CannotTell(code="no-lookup")
