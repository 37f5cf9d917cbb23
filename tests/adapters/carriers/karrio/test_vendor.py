"""A running Karrio, recorded: a draft, its purchase, a second one, cancellations, a tracker and webhooks."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import httpx
import pytest

from adapters.carriers.karrio import MANIFEST, mapping, scan, wire
from adapters.carriers.karrio.adapter import Karrio
from adapters.http import make_client
from domain.effect import Confirmed, Rejected
from domain.ports.carrier import BuyLabel, VoidLabel
from domain.values import Address, Money
from tests.builders import NOW
from tests.vendor import contracts

pytestmark = pytest.mark.vendor

Exchange = dict[str, Any]


@pytest.fixture
def recording() -> dict[str, Any]:
    told: dict[str, Any] = json.loads(contracts("carriers/karrio/live_recording.json").read_text())
    return told


def noted(recording: dict[str, Any], note: str) -> Exchange:
    found: Exchange = next(one for one in recording["interactions"] if one["note"].startswith(note))
    return found


class Replay:
    """Answers what was recorded, the first time as the first and then as the last of the same request."""

    def __init__(self, exchanges: list[Exchange]) -> None:
        self.sent: list[tuple[str, Any]] = []
        self._told: dict[tuple[str, str], list[Exchange]] = {}
        for one in exchanges:
            self._told.setdefault((one["request"]["method"], one["request"]["path"].partition("?")[0]), []).append(one)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if request.content:
            self.sent.append((path, json.loads(request.content)))
        if path.endswith("/label.zpl"):
            return httpx.Response(200, content=b"^XA^XZ", headers={"Content-Type": "application/octet-stream"})
        told = self._told[(request.method, path)]
        one = told.pop(0) if len(told) > 1 else told[0]
        return httpx.Response(one["response"]["status"], json=one["response"]["body"])


def karrio(transport: httpx.AsyncBaseTransport, **changes: Any) -> Karrio:
    told = {"base_url": "http://127.0.0.1:5002", "token": "k", "ordinary": ["fleet-rec/fleet_ground"], **changes}
    return MANIFEST.factory(MANIFEST.settings.model_validate(told), make_client(transport))


def _address(told: dict[str, str]) -> Address:
    return Address(
        name=told["person_name"], street=told["address_line1"], city=told["city"], region=told["state_code"],
        postal_code=told["postal_code"], country=told["country_code"], phone=told["phone_number"],
    )  # fmt: skip


async def test_a_label_is_drafted_purchased_and_cancelled_as_it_was_recorded(recording: dict[str, Any]) -> None:
    created, purchase = noted(recording, "create draft shipment"), noted(recording, "purchase")
    draft = {**created, "request": {**created["request"], "method": "GET", "path": _path(created)}}
    replay = Replay([draft, *recording["interactions"]])
    carrier, asked = karrio(httpx.MockTransport(replay), label_format="ZPL"), created["request"]["body"]
    write = BuyLabel(
        reference="order-1001", origin="W", sender=_address(asked["shipper"]), weight_grams=1000,
        destination=_address(asked["recipient"]),
    )  # fmt: skip
    write = write.model_copy(update={"trace": await carrier.draft_label(write)})
    _, sent = replay.sent[0]
    assert {**sent, "parcels": []}.items() <= {**asked, "parcels": []}.items()
    assert sent["parcels"][0].items() <= asked["parcels"][0].items()

    bought = await carrier.buy_label(write)
    assert isinstance(bought, Confirmed)
    assert bought.tracking_number == purchase["response"]["body"]["tracking_number"]
    assert bought.cost == Money(amount=725, currency="USD")
    assert bought.document
    assert (bought.document.media_type, len(bought.document.content)) == ("application/zpl", 1230)
    assert replay.sent[1][1] == purchase["request"]["body"]

    void = VoidLabel(reference="v", remote_id=bought.remote_id, tracking_number=bought.tracking_number or "")
    for _ in range(2):
        assert await carrier.void_label(void) == Confirmed(remote_id=bought.remote_id)


def _path(created: Exchange) -> str:
    return f"/v1/shipments/{created['response']['body']['id']}"


def test_a_second_purchase_and_what_is_missing_are_told_as_refusals(recording: dict[str, Any]) -> None:
    codes = {
        note: mapping.read_refusal(one["response"]["status"], json.dumps(one["response"]["body"]).encode())
        for note in ("purchase again", "validation error", "not found", "unauthenticated")
        for one in [noted(recording, note)]
    }
    assert codes == {
        "purchase again": Rejected(code="state_error"),
        "validation error": Rejected(code="validation"),
        "not found": Rejected(code="not_found"),
        "unauthenticated": Rejected(code="not_authenticated"),
    }


def test_every_recorded_answer_and_webhook_is_read(
    recording: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    counts = Counter[str]()
    for one in recording["interactions"]:
        body, path = json.dumps(one["response"]["body"]), one["request"]["path"].partition("?")[0]
        kind = path.split("/")[2] if path.startswith("/v1/") else ""
        if one["response"]["status"] >= 400:
            assert not mapping.read_refusal(one["response"]["status"], body.encode()).code.startswith("http-")
            counts["refusals"] += 1
        elif kind == "shipments" and path != "/v1/shipments" and "label" not in path:
            wire.Shipment.model_validate_json(body)
            counts["shipments"] += 1
        elif kind == "shipments" and one["request"]["method"] == "GET" and "label" not in path:
            counts["shipments"] += len(wire.Shipments.model_validate_json(body).results)
        elif kind == "trackers":
            assert scan.to_scans(wire.Tracker.model_validate_json(body))
            counts["trackers"] += 1
        elif kind == "proxy":
            mapping.to_offers(wire.Rates.model_validate_json(body).rates, ["fleet-rec/fleet_ground"])
            counts["rates"] += 1
    facts = 0
    for one in recording["webhook_deliveries"]:
        secret = one["headers"]["X-Event-Id"]
        carrier = karrio(httpx.MockTransport(lambda _: httpx.Response(500)), webhook_secret=secret)
        assert carrier.verify_webhook({"x-event-id": secret}, one["body"].encode(), NOW)
        facts += len(carrier.read_webhook(one["body"].encode()))
        counts["webhooks"] += 1
    with capsys.disabled():
        print(f"\nKarrio recording: {len(recording['interactions'])} exchanges, {dict(counts)}, {facts} scans told")  # noqa: T201  counts are what is asked for
    assert (counts["webhooks"], facts, counts["trackers"]) == (6, 2, 4)
