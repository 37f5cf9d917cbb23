"""EasyPost's own recordings and examples: what we ask is what was asked, and all that was answered is read."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import httpx
import pytest
from pydantic import BaseModel, ValidationError

from adapters.carriers.easypost import MANIFEST, mapping, scan, wire
from adapters.carriers.easypost.adapter import EasyPost
from adapters.http import make_client
from domain.effect import Confirmed, Found, Rejected
from domain.errors import ContractBroken
from domain.ports.carrier import BuyLabel, OrderCollection
from domain.values import Address, Document
from tests.adapters.carriers.cassette import Exchange, read_cassettes
from tests.builders import NOW
from tests.vendor import contracts

pytestmark = pytest.mark.vendor

CASSETTES = "carriers/easypost/python/tests/cassettes"
EXAMPLES = "carriers/easypost/examples/official"
_MODELS: dict[str, type[BaseModel]] = {
    "Shipment": wire.Shipment, "Tracker": wire.Tracker, "Pickup": wire.Pickup, "Batch": wire.Batch,
}  # fmt: skip
_FREE = Address(name="X", street="1", city="Y", country="US")


def easypost(transport: httpx.AsyncBaseTransport | None = None, **settings: Any) -> EasyPost:
    told = {"api_key": "k", "ordinary": ["USPS/GroundAdvantage"], **settings}
    return MANIFEST.factory(MANIFEST.settings.model_validate(told), make_client(transport))


def objects(told: Any) -> Iterator[dict[str, Any]]:
    """Every shipment, tracker and pickup in an answer, however deep."""
    if isinstance(told, dict):
        if told.get("object") in _MODELS:  # pyright: ignore[reportUnknownMemberType] - any JSON
            yield told  # pyright: ignore[reportUnknownArgumentType,reportReturnType] - any JSON
        for one in told.values():  # pyright: ignore[reportUnknownVariableType] - any JSON
            yield from objects(one)
    if isinstance(told, list):
        for one in told:  # pyright: ignore[reportUnknownVariableType] - any JSON
            yield from objects(one)


def read(told: dict[str, Any]) -> str:
    """Read one object to the end; return what came of it."""
    kind = told["object"]
    try:
        model = _MODELS[kind].model_validate_json(json.dumps(told))
        if isinstance(model, wire.Shipment):
            mapping.to_offers(model.rates or (), [f"{rate.carrier}/{rate.service}" for rate in model.rates or ()])
            mapping.from_refund(model)
            if model.postage_label:
                mapping.from_shipment(model, Document(content=b"%PDF-"))
        if isinstance(model, wire.Tracker):
            scan.to_scans(model)
    except (ValidationError, ContractBroken) as refusal:
        return f"{kind} refused: {refusal}"[:160]
    return f"{kind} read"


@pytest.mark.parametrize("source", ["cassettes", "examples"])
def test_every_object_that_easypost_told_is_read(source: str, capsys: pytest.CaptureFixture[str]) -> None:
    if source == "cassettes":
        exchanges = [one for cassette in read_cassettes(contracts(CASSETTES)).values() for one in cassette]
        answers = [one.json for one in exchanges if one.body.startswith((b"{", b"["))]
    else:
        answers = [json.loads(path.read_text()) for path in sorted(contracts(EXAMPLES).rglob("*.json"))]
    counts = Counter(read(one) for told in answers for one in objects(told))
    with capsys.disabled():
        print(f"\nEasyPost {source}: {len(answers)} answers, {dict(counts)}")  # noqa: T201  counts are what is asked for
    assert {words for words in counts if not words.endswith(" read")} == set()
    assert counts["Shipment read"] > 5


def test_every_refusal_that_was_recorded_has_a_code() -> None:
    exchanges = [one for cassette in read_cassettes(contracts(CASSETTES)).values() for one in cassette]
    refusals = [
        mapping.read_refusal(one.status, one.body)
        for one in exchanges
        if one.status >= 400 and "easypost.com" in one.url
    ]
    assert len(refusals) >= 6
    assert not [one for one in refusals if one.code.startswith("http-")]
    assert Rejected(code="PARAMETER.REQUIRED") in refusals


def test_a_shipment_is_asked_for_as_it_was_recorded() -> None:
    compared = 0
    for cassette in read_cassettes(contracts(CASSETTES)).values():
        for one in cassette:
            if (one.method, one.url, one.status) != ("POST", "https://api.easypost.com/v2/shipments", 201):
                continue
            recorded = one.sent["shipment"]
            if "street1" not in recorded["to_address"] or "weight" not in recorded["parcel"]:
                continue
            ours = _asked(recorded)
            for side in ("from_address", "to_address"):
                told = {"street2": "", **recorded[side]}
                street = f"{told.pop('street1')} {told.pop('street2')}".strip()
                assert ours[side].items() <= {**told, "street1": street}.items()
            assert ours["parcel"]["weight"] == pytest.approx(recorded["parcel"]["weight"], abs=0.1)
            assert ours["reference"] == recorded.get("reference", "")
            compared += 1
    assert compared >= 5


def _asked(recorded: dict[str, Any]) -> dict[str, Any]:
    """Return what we would ask for the same parcel."""

    def address(told: dict[str, str]) -> Address:
        street = f"{told['street1']} {told.get('street2', '')}".strip()
        return Address(
            name=told["name"], street=street, city=told["city"], region=told["state"], postal_code=told["zip"],
            country=told["country"], phone=told["phone"],
        )  # fmt: skip

    settings = MANIFEST.settings.model_validate({"api_key": "k", "ordinary": ["USPS/GroundAdvantage"]})
    write = BuyLabel(
        reference=recorded.get("reference", ""), origin="W", sender=address(recorded["from_address"]),
        destination=address(recorded["to_address"]), weight_grams=int(recorded["parcel"]["weight"] * 28.349523125),
    )  # fmt: skip
    wanted: Any = mapping.to_shipment(settings, write, write.reference)
    return wanted["shipment"]


class Replay:
    """Answers from a cassette, a shipment by its id as it stood before it was bought, and any label with a paper."""

    def __init__(self, cassette: Sequence[Exchange]) -> None:
        self.sent: list[tuple[str, Any]] = []
        self._told = {(one.method, one.url.partition("?")[0]): one for one in cassette}
        created = [one for one in cassette if one.url.endswith("/v2/shipments") and one.status == 201]
        self._drafts = {one.json["id"]: one for one in created}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        url = str(request.url).partition("?")[0]
        if request.content:
            self.sent.append((url, json.loads(request.content)))
        if request.url.host != "api.easypost.com":
            return httpx.Response(200, content=b"\x89PNG\r\n\x1a\n")
        draft = self._drafts.get(url.rpartition("/")[2]) if request.method == "GET" else None
        return (draft or self._told[(request.method, url)]).response(request)


async def test_a_purchase_is_made_and_read_as_it_was_recorded(capsys: pytest.CaptureFixture[str]) -> None:
    bought = Counter[str]()
    for cassette in read_cassettes(contracts(CASSETTES)).values():
        for one in (one for one in cassette if "/shipments/" in one.url and one.url.endswith("/buy")):
            told, replay = one.json, Replay(cassette)
            if told["id"] not in {exchange.json.get("id") for exchange in cassette if exchange.status == 201}:
                continue
            rate = told["selected_rate"]
            carrier = easypost(httpx.MockTransport(replay), ordinary=[f"{rate['carrier']}/{rate['service']}"])
            write = BuyLabel(reference="r", trace=told["id"], origin="W", destination=_FREE, weight_grams=1)
            outcome = await carrier.buy_label(write)
            assert isinstance(outcome, Confirmed)
            assert outcome.tracking_number == told["tracking_code"]
            assert outcome.cost
            assert str(outcome.cost) == f"{rate['rate']} {rate['currency']}"
            assert replay.sent == [(one.url, {"rate": one.sent["rate"]})]
            bought["bought"] += 1
    with capsys.disabled():
        print(f"\nEasyPost purchases replayed: {dict(bought)}")  # noqa: T201  counts are what is asked for
    assert bought["bought"] >= 2


async def test_a_driver_is_ordered_as_it_was_recorded() -> None:
    (cassette,) = [told for name, told in read_cassettes(contracts(CASSETTES)).items() if name == "test_pickup_buy"]
    drafted = next(one for one in cassette if one.url.endswith("/v2/pickups"))
    replay = Replay(cassette)
    write = OrderCollection(
        reference="r", origin="W", sender=_FREE, ready_at=drafted.json["min_datetime"],
        closes_at=drafted.json["max_datetime"], remote_ids=(drafted.sent["pickup"]["shipment"]["id"],),
    )  # fmt: skip
    outcome = await easypost(httpx.MockTransport(replay)).order_collection(write)
    assert outcome == Confirmed(remote_id=drafted.json["id"])
    ours = replay.sent[0][1]["pickup"]
    assert ours["shipment"] == drafted.sent["pickup"]["shipment"]
    assert ours.keys() - {"reference", "is_account_address"} <= drafted.sent["pickup"].keys()
    assert replay.sent[1][1] == {"carrier": "USPS", "service": "NextDay"}


def test_a_refund_that_was_told_is_found() -> None:
    told = json.loads((contracts(EXAMPLES) / "docs/responses/shipping-refund/shipping-refund-refund.json").read_text())
    finding = mapping.from_refund(wire.Shipment.model_validate(told))
    assert isinstance(finding, Found)


def test_the_signature_vector_is_genuine_and_its_event_is_read() -> None:
    fixtures = contracts(EXAMPLES) / "fixtures"
    vector = json.loads((fixtures / "client-library-fixtures.json").read_text())["webhooks"]
    body = (fixtures / "event-body.json").read_bytes().rstrip(b"\n")
    shown, carrier = {"x-hmac-signature": vector["hmac_signature"]}, easypost(webhook_secret=vector["secret"])
    assert carrier.verify_webhook(shown, body, NOW)
    assert not carrier.verify_webhook(shown, body + b"\n", NOW)
    assert not easypost(webhook_secret="secret").verify_webhook(shown, body, NOW)
    assert len(carrier.read_webhook(body)) == 7
