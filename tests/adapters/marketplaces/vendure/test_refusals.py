"""When the shop answers badly: what surely did not happen is an error or rejected, the rest is unknown."""

import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from adapters.http import make_client
from adapters.marketplaces.vendure import MANIFEST
from adapters.marketplaces.vendure.adapter import VendureMarketplace
from adapters.marketplaces.vendure.settings import VendureSettings
from domain.effect import Absent, CannotTell, Confirmed, Found, Rejected, Unknown
from domain.errors import ContractBroken, CrossdockError, Unauthorized, Unavailable
from domain.ports.marketplace import CancelLines, ConfirmShipment, OfferedStock, RefundPayment, StockResult
from tests.adapters.marketplaces.vendure import orders

SHIPMENT = ConfirmShipment(
    channel_order_id="1", reference="tracking:1", quantities={"11": 1}, carrier="Fast", tracking_number="T-9"
)
CANCELLATION = CancelLines(
    channel_order_id="1", reference="cancel:1", quantities={"11": 1}, totals={"11": 1}, reason="gone"
)
REFUND = RefundPayment(
    channel_order_id="1", reference="refund:1", amount=4490, currency="EUR", quantities={}, reason="late"
)

Respond = Callable[[], httpx.Response]


def answers(status: int = 200, **parts: Any) -> Respond:
    return lambda: httpx.Response(status, **parts)


def says(field: object) -> Respond:
    return answers(json={"data": {"field": field}})


def fails_with(code: str | None, status: int = 200) -> Respond:
    extensions = {"extensions": {"code": code}} if code else {}
    return answers(status, json={"errors": [{"message": "x"} | extensions], "data": None})


def breaks(error: type[httpx.TransportError]) -> Respond:
    def respond() -> httpx.Response:
        raise error("broken")

    return respond


HTML = answers(html="<h1>Maintenance</h1>")
BUSY = answers(429, headers={"Retry-After": "7"})
FAILED = answers(502)
LOGIN = answers(json={"data": {"login": {"id": "1"}}}, headers={"vendure-auth-token": "t"})


def variant(on_hand: int, allocated: int) -> dict[str, object]:
    level = {"stockLocationId": "1", "stockOnHand": on_hand, "stockAllocated": allocated}
    return {"id": "7", "stockLevels": [level]}


class Script(httpx.AsyncBaseTransport):
    """Answers from a list, the last of it for ever; logins are always answered unless told otherwise."""

    def __init__(self) -> None:
        self.answers: list[Respond] = []
        self.login: Respond = LOGIN
        self.sent: list[dict[str, Any]] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        told = json.loads(await request.aread())
        if "login(" in told["query"]:
            return self.login()
        self.sent.append(told["variables"])
        return (self.answers.pop(0) if len(self.answers) > 1 else self.answers[0])()


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
async def scripted(script: Script) -> AsyncIterator[VendureMarketplace]:
    settings = VendureSettings.model_validate({"admin_api": "http://shop.test/", "username": "a", "password": "b"})
    async with make_client(script) as http:
        yield MANIFEST.factory(settings, http)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (breaks(httpx.ReadTimeout), Unavailable),
        (breaks(httpx.ConnectError), Unavailable),
        (FAILED, Unavailable),
        (BUSY, Unavailable),
        (fails_with(None), Unavailable),
        (fails_with("INTERNAL_SERVER_ERROR"), Unavailable),
        (HTML, ContractBroken),
        (fails_with("GRAPHQL_VALIDATION_FAILED", 400), ContractBroken),
        (says("no order"), ContractBroken),
        (answers(json={"data": {}}), ContractBroken),
        (answers(json={}), ContractBroken),
        (fails_with("FORBIDDEN"), Unauthorized),
        (answers(401), Unauthorized),
    ],
)
async def test_a_read_fails_in_our_words(
    script: Script, scripted: VendureMarketplace, answer: Respond, error: type[CrossdockError]
) -> None:
    script.answers = [answer]
    with pytest.raises(error):
        await scripted.fetch_order("1")
    assert isinstance(await scripted.find(SHIPMENT), CannotTell)


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (breaks(httpx.ReadTimeout), Unknown),
        (breaks(httpx.RemoteProtocolError), Unknown),
        (FAILED, Unknown),
        (HTML, Unknown),
        (fails_with(None), Unknown),
        (fails_with("INTERNAL_SERVER_ERROR"), Unknown),
        (fails_with("GRAPHQL_VALIDATION_FAILED", 400), Rejected),
        (fails_with("ENTITY_NOT_FOUND"), Rejected),
        (says({"errorCode": "INSUFFICIENT_STOCK_ON_HAND_ERROR"}), Rejected),
    ],
)
async def test_what_became_of_a_write_has_three_values(
    script: Script, scripted: VendureMarketplace, answer: Respond, outcome: type
) -> None:
    script.answers = [says(orders.order()), answer]
    assert isinstance(await scripted.confirm_shipment(SHIPMENT), outcome)


@pytest.mark.parametrize(
    ("answer", "error"),
    [(BUSY, Unavailable), (breaks(httpx.ConnectError), Unavailable), (fails_with("FORBIDDEN"), Unauthorized)],
)
async def test_a_write_that_surely_did_not_happen_is_an_error(
    script: Script, scripted: VendureMarketplace, answer: Respond, error: type[CrossdockError]
) -> None:
    script.answers = [says(orders.order()), answer]
    with pytest.raises(error):
        await scripted.confirm_shipment(SHIPMENT)


@pytest.mark.parametrize(
    "answer",
    [BUSY, HTML, fails_with("FORBIDDEN"), breaks(httpx.ConnectError), says({"errorCode": "FULFILLMENT_STATE_ERROR"})],
)
async def test_once_the_first_step_is_done_every_failure_is_unknown(
    script: Script, scripted: VendureMarketplace, answer: Respond
) -> None:
    script.answers = [says(orders.order()), says({"id": "41"}), answer]
    assert isinstance(await scripted.confirm_shipment(SHIPMENT), Unknown)
    script.answers = [says(orders.order()), says({"id": "31"}), answer]
    assert isinstance(await scripted.refund(REFUND), Unknown)


async def test_a_cancellation_that_left_the_order_behind_is_absent_and_sending_it_again_finishes_it(
    script: Script, scripted: VendureMarketplace
) -> None:
    done = says({"history": {"items": [{"id": "51", "data": {"reason": "gone (crossdock cancel:1)"}}]}})
    rest = orders.line(quantity=1)
    behind = says(orders.order(state="PartiallyShipped", lines=[rest], fulfillments=[orders.fulfillment()]))
    script.answers = [done, behind]
    assert await scripted.find(CANCELLATION) == Absent()
    script.answers = [done, behind, says({"id": "1"})]
    assert await scripted.cancel_lines(CANCELLATION) == Confirmed(remote_id="51")
    assert script.sent[-1] == {"id": "1", "state": "Shipped"}
    script.answers = [done, says(orders.order(state="Shipped"))]
    assert await scripted.find(CANCELLATION) == Found(confirmed=Confirmed(remote_id="51"))


async def test_what_left_is_not_cancelled_and_what_is_left_is(script: Script, scripted: VendureMarketplace) -> None:
    nothing = says({"history": {"items": []}})
    gone = orders.fulfillment(lines=[{"orderLineId": "11", "quantity": 2}])
    script.answers = [nothing, says(orders.order(fulfillments=[gone]))]
    assert await scripted.cancel_lines(CANCELLATION) == Rejected(code="vendure-already-shipped")
    script.answers = [nothing, says(orders.order(fulfillments=[orders.fulfillment()])), says({"id": "1"})]
    await scripted.cancel_lines(CANCELLATION)
    assert [told["input"]["orderId"] for told in script.sent if "input" in told] == ["1"]


async def test_a_write_about_an_order_that_the_shop_does_not_have_is_rejected(
    script: Script, scripted: VendureMarketplace
) -> None:
    script.answers = [says(None)]
    wrong = Rejected(code="vendure-no-such-order")
    assert await scripted.confirm_shipment(SHIPMENT) == wrong
    assert await scripted.cancel_lines(CANCELLATION) == wrong
    assert await scripted.refund(REFUND) == wrong


async def test_an_order_that_nobody_can_read_is_still_fetched(script: Script, scripted: VendureMarketplace) -> None:
    script.answers = [says({"id": "1"})]
    raw = await scripted.fetch_order("1")
    with pytest.raises(ContractBroken):
        scripted.read_order(raw.body)
    assert isinstance(await scripted.find(SHIPMENT), CannotTell)


async def test_stock_that_moves_while_it_is_published_is_set_again(
    script: Script, scripted: VendureMarketplace
) -> None:
    row = OfferedStock(listing_id="7", sku="MUG", quantity=5)
    levels = [variant(on_hand, allocated) for on_hand, allocated in ((9, 2), (7, 3), (8, 3))]
    script.answers = [says({"items": [levels[0]]}), says([levels[1]]), says([levels[2]])]
    assert await scripted.publish_stock((row,)) == (StockResult(listing_id="7"),)
    told = [sent["input"][0]["stockLevels"][0]["stockOnHand"] for sent in script.sent if "input" in sent]
    assert told == [7, 8]


async def test_stock_that_never_rests_is_said(script: Script, scripted: VendureMarketplace) -> None:
    row = OfferedStock(listing_id="7", sku="MUG", quantity=5)
    script.answers = [says({"items": [variant(9, 2)]}), says([variant(9, 2)])]
    assert await scripted.publish_stock((row,)) == (StockResult(listing_id="7", code="vendure-stock-moves"),)


@pytest.mark.parametrize("login", [BUSY, FAILED, breaks(httpx.ReadTimeout)])
async def test_a_login_that_fails_sends_nothing(script: Script, scripted: VendureMarketplace, login: Respond) -> None:
    script.login = login
    with pytest.raises(Unavailable):
        await scripted.confirm_shipment(SHIPMENT)
    assert script.sent == []


async def test_a_refund_is_spread_over_the_payments_that_can_bear_it(
    script: Script, scripted: VendureMarketplace
) -> None:
    used = orders.payment(id="21", amount=2000, refunds=[orders.refund(total=500)])
    fresh = orders.payment(id="22", amount=3990)
    reason = "late (crossdock refund:1)"
    given = [orders.refund(id="31", total=1500, reason=reason), orders.refund(id="32", total=2990, reason=reason)]
    script.answers = [
        says(orders.order(payments=[used, fresh])),
        says({"id": "31"}),
        says({"id": "32"}),
        says(orders.order(payments=[orders.payment(refunds=given)])),
    ]
    assert await scripted.refund(REFUND) == Confirmed(remote_id="31,32")
    asked = [told["input"] for told in script.sent if "input" in told]
    assert [(each["paymentId"], each["amount"]) for each in asked] == [("21", 1500), ("22", 2990)]


async def test_a_refund_that_the_payment_provider_failed_is_rejected(
    script: Script, scripted: VendureMarketplace
) -> None:
    failed = orders.refund(total=4490, state="Failed", reason="late (crossdock refund:1)")
    after = orders.order(payments=[orders.payment(refunds=[failed])])
    script.answers = [says(orders.order()), says({"id": "31"}), says(after)]
    assert await scripted.refund(REFUND) == Rejected(code="vendure-refund-failed")


async def test_a_refund_the_payment_provider_works_on_is_left_to_it(
    script: Script, scripted: VendureMarketplace
) -> None:
    working = orders.refund(total=4490, state="Pending", reason="late (crossdock refund:1)")
    script.answers = [says(orders.order(payments=[orders.payment(refunds=[working])]))]
    assert isinstance(await scripted.refund(REFUND), Confirmed)
    assert all("input" not in told for told in script.sent)
