"""ShipEngine's recordings: what we ask is what was asked, and all that was answered is read."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from adapters.carriers.shipengine import MANIFEST, mapping, scan, wire
from adapters.carriers.shipengine.adapter import ShipEngine
from adapters.http import make_client
from domain.effect import Confirmed, Found
from domain.errors import ContractBroken
from domain.ports.carrier import BuyLabel
from domain.values import Address, Document
from tests.adapters.carriers.cassette import Exchange, read_cassettes
from tests.vendor import contracts

pytestmark = pytest.mark.vendor

CASSETTES = "carriers/shipengine/unofficial-python-vcr"


def recorded() -> list[Exchange]:
    return [one for cassette in read_cassettes(contracts(CASSETTES)).values() for one in cassette]


def shipengine(transport: httpx.AsyncBaseTransport, level: str) -> ShipEngine:
    settings = MANIFEST.settings.model_validate({"api_key": "k", "ordinary": [level]})
    return MANIFEST.factory(settings, make_client(transport))


def read(one: Exchange) -> str:
    """Read one answer to the end; return what came of it."""
    path = one.url.partition("?")[0].partition("/v1/")[2]
    kind = path.split("/")[0]
    try:
        if one.status >= 400:
            code = mapping.read_refusal(one.status, one.body).code
            return "refusal read" if not code.startswith("http-") else f"refusal without code: {one.url}"
        if kind == "labels" and path.endswith("/track"):
            scan.to_scans(wire.Tracking.model_validate_json(one.body))
        elif kind == "labels" and one.body:
            mapping.from_label(wire.Label.model_validate_json(one.body), Document(content=b"%PDF-"))
        elif kind == "tracking" and one.method == "GET":
            scan.to_scans(wire.Tracking.model_validate_json(one.body))
        else:
            return "not ours"
    except (ValidationError, ContractBroken) as refusal:
        return f"{kind} refused: {refusal}"[:200]
    return f"{kind} read"


def test_every_answer_that_we_would_read_is_read(capsys: pytest.CaptureFixture[str]) -> None:
    exchanges = recorded()
    counts = Counter(read(one) for one in exchanges)
    with capsys.disabled():
        print(f"\nShipEngine cassettes: {len(exchanges)} answers, {dict(counts)}")  # noqa: T201  counts are what is asked for
    assert counts.keys() <= {"labels read", "tracking read", "refusal read", "not ours"}
    assert min(counts["labels read"], counts["refusal read"]) >= 5


async def test_a_label_is_bought_and_read_as_it_was_recorded(capsys: pytest.CaptureFixture[str]) -> None:
    replayed = 0
    for one in recorded():
        if (one.method, one.url) != ("POST", "https://api.shipengine.com/v1/labels") or one.status != 200:
            continue
        sent: list[dict[str, Any]] = []

        def answer(request: httpx.Request, one: Exchange = one, sent: list[dict[str, Any]] = sent) -> httpx.Response:
            if "downloads" in request.url.path:
                return httpx.Response(200, content=b"%PDF-1.4")
            if request.content:
                sent.append(json.loads(request.content))
            return one.response(request)

        asked, told = one.sent["shipment"], one.json
        carrier = shipengine(httpx.MockTransport(answer), f"{asked['carrier_id']}/{asked['service_code']}")
        write = _as_ours(asked)
        outcome = await carrier.buy_label(write)
        assert isinstance(outcome, Confirmed)
        assert (outcome.remote_id, outcome.tracking_number) == (told["label_id"], told["tracking_number"])
        assert outcome.cost
        assert str(outcome.cost) == f"{told['shipment_cost']['amount']:.2f} USD"
        _hold_against(sent[0], one.sent)
        assert await carrier.find(write) == Found(confirmed=outcome)
        replayed += 1
    with capsys.disabled():
        print(f"\nShipEngine purchases replayed: {replayed}")  # noqa: T201  counts are what is asked for
    assert replayed >= 3


def _as_ours(asked: dict[str, Any]) -> BuyLabel:
    there = asked["ship_to"]
    address = Address(
        name=there["name"], street=there["address_line1"], city=there["city_locality"], region=there["state_province"],
        postal_code=there["postal_code"], country=there["country_code"], phone=there["phone"],
    )  # fmt: skip
    return BuyLabel(reference="r", origin="W", sender=address, destination=address, weight_grams=28)


def _hold_against(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    """Every field that we send was sent there, too, and where it is of the same parcel it says the same."""
    assert ours.keys() <= theirs.keys()
    assert ours["shipment"].keys() <= theirs["shipment"].keys()
    assert ours["shipment"]["ship_to"].items() <= theirs["shipment"]["ship_to"].items()
    assert ours["shipment"]["packages"][0].keys() <= theirs["shipment"]["packages"][0].keys()
    same = ("carrier_id", "service_code", "is_return", "validate_address")
    assert {key: ours["shipment"][key] for key in same} == {key: theirs["shipment"][key] for key in same}
    assert ours["label_format"] == theirs["label_format"]
