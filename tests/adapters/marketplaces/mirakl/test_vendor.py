"""Mirakl's own contract: what we send validates against it, and every example it prints is read or refused."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from functools import cache
from http import HTTPStatus
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from adapters.http import make_client
from adapters.lenient import Loose, dumps
from adapters.marketplaces.mirakl import wire
from adapters.marketplaces.mirakl.mapping import read_order
from adapters.marketplaces.mirakl.settings import MiraklSettings
from domain.errors import ContractBroken
from domain.ports.marketplace import AcknowledgeOrder, CorrectTracking, OfferedStock
from tests.adapters.marketplaces.mirakl.conftest import Sell, cancellation, line_of, make_adapter, refund, shipment
from tests.adapters.marketplaces.mirakl.openapi import Contract
from tests.adapters.marketplaces.mirakl.world import MiraklWorld
from tests.vendor import contracts

pytestmark = pytest.mark.vendor
TAXED: dict[str, Any] = {"taxes": [{"code": "VAT", "amount": 4.79}], "shipping_taxes": [{"code": "VAT", "amount": 0.8}]}
ANSWERS: dict[str, type[Loose]] = {
    "OR28": wire.RefundsMade,
    "OR30": wire.CancellationsMade,
    "ST01": wire.ShipmentsMade,
    "ST11": wire.ShipmentPage,
    "ST23": wire.ShipmentsMade,
    "STO01": wire.Import,
    "STO02": wire.ImportStatus,
}
"""Every operation whose answer we read, but for orders."""


@cache
def contract() -> Contract:
    return Contract(json.loads((contracts("channels/mirakl") / "specs" / "mirakl-mmp-seller-openapi.json").read_text()))


def examples() -> Iterator[tuple[str, str, Any]]:
    """Yield operation, name and value of every printed answer of every contract."""
    for file in sorted((contracts("channels/mirakl") / "examples").glob("*.json")):
        for operation in json.loads(file.read_text()).get("operations", ()):
            for response in operation.get("responses", ()):
                yield f"{file.stem}:{operation['operationId']}", response["name"], response["value"]


async def _everything(world: MiraklWorld, sell: Sell) -> list[httpx.Request]:
    """Do everything that we can do, and return what was sent."""
    seen: list[httpx.Request] = []

    def look(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return world.market(request)

    async with make_client(httpx.MockTransport(look)) as http:
        adapter, whole = make_adapter(world, http), make_adapter(world, http, multi_shipment=False, warehouse="W-1")
        waiting, order, other = await sell(1, 1, state="WAITING_ACCEPTANCE"), await sell(3, 2), await sell(1)
        order["order_lines"][0] |= {"shipping_price": 4.9, **TAXED}
        reference = AcknowledgeOrder(
            channel_order_id=waiting["order_id"], reference="a", refused=(line_of(waiting, 2),)
        )
        outcomes = [await adapter.acknowledge(reference), await adapter.cancel_lines(cancellation(order, 1))]
        first = shipment(order, 1, carrier="Bote")
        made = await adapter.confirm_shipment(first)
        changed = {"remote_id": getattr(made, "remote_id", ""), "tracking_number": "T-9", "replaces": "T-1"}
        outcomes += [made, await adapter.correct_tracking(CorrectTracking.model_validate(first.model_dump() | changed))]
        outcomes += [await adapter.refund(refund(order, 1234, _1=1)), await whole.confirm_shipment(shipment(other, 1))]
        outcomes += [await whole.cancel_lines(cancellation(await sell(1), 1))]
        assert [type(one).__name__ for one in outcomes] == ["Unknown", *["Confirmed"] * 6]
        await whole.publish_stock((OfferedStock(listing_id="MUG", sku="M", quantity=3),))
    return [request for request in seen if request.method != "GET"]


async def test_every_request_that_we_send_validates_against_the_contract(
    world: MiraklWorld, sell: Sell, capsys: pytest.CaptureFixture[str]
) -> None:
    sent = Counter[str]()
    for request in await _everything(world, sell):
        operation: str = request.extensions["operation"]
        told = contract().operations[operation]
        shape = told["path"].split("/")
        path = request.url.path.split("/")
        assert request.method == told["method"]
        assert len(path) == len(shape)
        assert all(want in {one, ""} or want.startswith("{") for want, one in zip(shape, path, strict=True)), operation
        sent[operation] += 1
        if operation == "STO01":
            assert b'name="file"' in request.content
            assert b'"offer-sku";"quantity";"warehouse-code";"update-delete"' in request.content
        elif (schema := contract().request_schema(operation)) is not None:
            assert not list(contract().complaints(json.loads(request.content), schema)), operation
        else:
            assert request.content == b"", operation
    with capsys.disabled():
        print(f"\nMirakl requests: {sent.total()} sent, all valid: {dict(sorted(sent.items()))}")  # noqa: T201  the counts are to be seen
    assert set(sent) == {"OR21", "OR23", "OR24", "OR28", "OR29", "OR30", "ST01", "ST23", "STO01"}


@pytest.mark.parametrize("multi", [True, False])
async def test_what_asks_for_a_role_is_valid_and_wants_that_role(*, multi: bool, world: MiraklWorld) -> None:
    for role in world.permissions:
        (request,) = await _forbidden_without(role, world, multi=multi)
        operation = request.extensions["operation"].removesuffix("-one")
        (wanted,) = contract().operations[operation]["security"]
        assert role in wanted["Shop-API-Key"], operation
        schema = contract().request_schema(operation)
        assert schema is None or not list(contract().complaints(json.loads(request.content), schema)), operation


async def _forbidden_without(role: str, world: MiraklWorld, *, multi: bool) -> list[httpx.Request]:
    """Ask for all permissions but for one that lacks, and return what was refused."""
    seen: list[httpx.Request] = []

    def look(request: httpx.Request) -> httpx.Response:
        answer = world.market(request)
        seen.extend([request] if answer.status_code == HTTPStatus.FORBIDDEN else [])
        return answer

    world.withhold(role)
    async with make_client(httpx.MockTransport(look)) as http:
        await make_adapter(world, http, multi_shipment=multi).check_access()
    return seen


def test_a_body_that_is_not_as_agreed_would_be_noticed() -> None:
    schema = contract().request_schema("OR30")
    assert schema is not None
    good = {"order_line_id": "1", "quantity": 1, "amount": 1.5, "shipping_amount": 0, "reason_code": "34"}
    for wrong in ({"amount": "1.5"}, {"quantity": 1.5}, {"reason_code": 34}, {"colour": "red"}):
        assert list(contract().complaints({"cancelations": [good | wrong]}, schema))
    assert list(contract().complaints({"cancelations": [{"quantity": 1}]}, schema))
    assert not list(contract().complaints({"cancelations": [good]}, schema))


def test_every_printed_order_is_read_or_refused_with_a_reason(capsys: pytest.CaptureFixture[str]) -> None:
    settings = MiraklSettings.model_validate(MiraklWorld().settings)
    outcomes: dict[str, str] = {}
    for operation, name, value in examples():
        if operation in {"mirakl-mmp-seller:OR11", "mirakl-mmp-seller:OR12"}:
            for number, document in enumerate(value.get("orders", [value])):
                outcomes[f"{operation} {name} {number}"] = _outcome(dumps(document), settings)
    _print("orders (OR12, which is no longer to be used, tells no currency)", Counter(outcomes.values()), capsys)
    assert outcomes["mirakl-mmp-seller:OR11 application/json-0 0"] == "read"


def test_every_answer_that_we_ask_for_is_read(capsys: pytest.CaptureFixture[str]) -> None:
    outcomes = Counter[str]()
    for operation, name, value in examples():
        model = ANSWERS.get(operation.removeprefix("mirakl-mmp-seller:"))
        if model is not None:
            try:
                model.model_validate_json(json.dumps(value))
                outcomes["read"] += 1
            except ValidationError as error:
                outcomes[f"{operation} {name}: {error.errors()[0]['loc']}"] += 1
    _print("answers", outcomes, capsys)
    assert outcomes["read"] == outcomes.total() >= 10


def test_shipments_in_every_printed_answer_are_read() -> None:
    pages = [value for operation, _, value in examples() if operation.endswith(":ST11")]
    shipments = [wire.Shipment.model_validate(one) for page in pages for one in page["data"]]
    assert len(shipments) >= 2


def test_no_answer_of_whatever_kind_brings_down_who_takes_it_for_an_order(capsys: pytest.CaptureFixture[str]) -> None:
    settings = MiraklSettings.model_validate(MiraklWorld().settings)
    outcomes = Counter(_outcome(dumps(value), settings).partition(":")[0] for _, _, value in examples())
    _print("answers of all kinds, taken for an order", outcomes, capsys)
    assert outcomes.total() >= 238


def _outcome(body: bytes, settings: MiraklSettings) -> str:
    try:
        read_order(body, settings)
    except ContractBroken as refused:
        return f"{refused.code}: {refused}"[:110]
    return "read"


def _print(title: str, outcomes: Counter[str], capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        refused = outcomes.total() - outcomes["read"]
        print(f"\nMirakl {title}: {outcomes.total()} cases, {outcomes['read']} read, {refused} refused")  # noqa: T201  the counts are to be seen
        for words, several in sorted(outcomes.items()):
            if words != "read":
                print(f"  {several:4} {words}")  # noqa: T201  the counts are to be seen
