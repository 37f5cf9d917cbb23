"""The marketplace's adapter against the real world: what is asked, what is done, and what nobody knows."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from adapters.marketplaces.sandbox import MANIFEST
from adapters.marketplaces.sandbox.adapter import SandboxMarketplace
from domain.effect import Absent, CannotTell, Confirmed, Found, Rejected, Unknown
from domain.errors import ContractBroken, NotFound, Unauthorized, Unavailable
from domain.facts import OrderChanged, ReturnRequested
from domain.order import ChannelOrder, HoldReason, Ownership
from domain.ports.marketplace import (
    AcknowledgeOrder,
    AnswerReturn,
    CancelLines,
    ConfirmPickup,
    ConfirmShipment,
    Marketplace,
    OfferedStock,
    RefundPayment,
    StockResult,
    Write,
)  # fmt: skip
from tests.sandbox_world import Gateway, Json, SandboxWorld, Visitor, eventually, sent_at

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def speak_to(world: SandboxWorld, client: httpx.AsyncClient, **other: str) -> SandboxMarketplace:
    settings = {"base_url": world.url, "account": "sandbox-eu"} | other
    return MANIFEST.factory(MANIFEST.settings.model_validate(settings), client)


@pytest.fixture
def marketplace(sandbox_world: SandboxWorld, client: httpx.AsyncClient, visitor: Visitor) -> SandboxMarketplace:
    visitor.put("/pace", paused=True)
    return speak_to(sandbox_world, client)


async def seen(marketplace: Marketplace, order: Json) -> ChannelOrder:
    return marketplace.read_order((await marketplace.fetch_order(order["id"])).body)


def shipment(order: Json, reference: str = "tracking:1#1") -> ConfirmShipment:
    return ConfirmShipment(
        channel_order_id=order["id"], reference=reference, carrier="sandbox-swift", tracking_number="SW1",
        quantities={line["id"]: line["quantity"] for line in order["lines"]},
    )  # fmt: skip


def cancellation(order: Json) -> CancelLines:
    quantities = {line["id"]: line["quantity"] for line in order["lines"]}
    return CancelLines(
        channel_order_id=order["id"], reference="cancel:1#1", quantities=quantities, totals=quantities, reason="buyer"
    )


def refund(order: Json, amount: int) -> RefundPayment:
    return RefundPayment(
        channel_order_id=order["id"], reference="refund:1#1", amount=amount, currency=order["currency"],
        quantities={"L1": 1}, reason="return",
    )  # fmt: skip


async def test_every_order_is_pulled_once_over_all_pages(marketplace: SandboxMarketplace, visitor: Visitor) -> None:
    placed = [one["order_id"] for one in visitor.post("/scenes", orders=130, mix={"ship": 1})["orders"]]
    cursor, pulled = None, list[str]()
    while True:
        page = await marketplace.list_orders(LONG_AGO, cursor)
        pulled += [raw.channel_order_id for raw in page.orders]
        assert (page.watermark is None) == (page.next_cursor is not None)
        if (cursor := page.next_cursor) is None:
            break
    assert pulled == placed
    assert page.watermark
    assert (await marketplace.list_orders(page.watermark, None)).orders == ()


async def test_an_order_is_read_in_our_words(marketplace: SandboxMarketplace, visitor: Visitor) -> None:
    order = visitor.order("split")
    read = await seen(marketplace, order)
    assert read.address
    assert (read.channel_order_id, read.total, read.captured) == (order["id"], order["total"], order["total"])
    assert read.address.street == order["address"]["line1"]
    assert read.ownership is Ownership.OURS
    assert [line.sku for line in read.lines] == [line["sku"] for line in order["lines"]]


async def test_what_stands_out_about_an_order_is_seen(marketplace: SandboxMarketplace, visitor: Visitor) -> None:
    assert (await seen(marketplace, visitor.order("test_order"))).ownership is Ownership.TEST
    assert (await seen(marketplace, visitor.order("external"))).ownership is Ownership.EXTERNAL
    assert (await seen(marketplace, visitor.order("hold_payment"))).holds == (HoldReason.PAYMENT,)
    assert (await seen(marketplace, visitor.order("hold_fraud"))).holds == (HoldReason.FRAUD,)
    assert (await seen(marketplace, visitor.order("pickup"))).pickup_location == "STORE-1"
    assert (await seen(marketplace, visitor.order("ship_yen"))).currency == "JPY"


@pytest.mark.parametrize("what", ["total", "quantity", "currency", "address"])
async def test_a_malformed_order_is_pulled_raw_and_refused_when_read(
    marketplace: SandboxMarketplace, visitor: Visitor, what: str
) -> None:
    order = visitor.order(f"malformed_{what}")
    (raw,) = (await marketplace.list_orders(LONG_AGO, None)).orders
    with pytest.raises(ContractBroken) as caught:
        marketplace.read_order(raw.body)
    assert order["buyer"]["email"] not in str(caught.value)
    visitor.post(f"/marketplace/sandbox-eu/orders/{order['id']}/hand/correct")
    assert (await seen(marketplace, order)).channel_order_id == order["id"]


@pytest.mark.parametrize(
    "nonsense",
    [
        {"status": "teleported"},
        {"holds": ["bored"]},
        {"buyer": {"name": "a\x00b", "email": "", "phone": ""}},
        {"id": None},
    ],
)
async def test_nonsense_is_never_guessed_at(marketplace: SandboxMarketplace, visitor: Visitor, nonsense: Json) -> None:
    visitor.order(overrides=nonsense)
    (raw,) = (await marketplace.list_orders(LONG_AGO, None)).orders
    with pytest.raises(ContractBroken):
        marketplace.read_order(raw.body)


async def test_what_is_done_is_found_and_what_is_not_is_absent(
    marketplace: SandboxMarketplace, visitor: Visitor
) -> None:
    sent, dropped, kept = visitor.order(), visitor.order(), visitor.order("pickup")
    collected = {line["id"]: line["quantity"] for line in kept["lines"]}
    writes: list[Write] = [
        AcknowledgeOrder(channel_order_id=sent["id"], reference="acknowledge:1#1"),
        shipment(sent),
        cancellation(dropped),
        refund(dropped, 100),
        ConfirmPickup(channel_order_id=kept["id"], reference="pickup:1#1", quantities=collected, collected=True),
    ]
    for write in writes:
        assert await marketplace.find(write) == Absent()
    sends = [
        marketplace.acknowledge, marketplace.confirm_shipment, marketplace.cancel_lines, marketplace.refund,
        marketplace.confirm_pickup,
    ]  # fmt: skip
    for carry_out, write in zip(sends, writes, strict=True):
        assert isinstance(await carry_out(write), Confirmed)  # pyright: ignore[reportArgumentType] - each its own kind
        assert isinstance(await marketplace.find(write), Found)
    told = await seen(marketplace, sent)
    assert [one.tracking_number for one in told.shipments] == ["SW1"]
    told = await seen(marketplace, dropped)
    assert (told.cancelled, told.refunded, told.lines[0].refunded) == (True, 100, 1)
    assert (await seen(marketplace, kept)).lines[0].shipped == kept["lines"][0]["quantity"]


async def test_what_was_done_before_is_told_apart_from_what_cannot_be_done(
    marketplace: SandboxMarketplace, visitor: Visitor
) -> None:
    order = visitor.order()
    await marketplace.confirm_shipment(shipment(order))
    assert await marketplace.confirm_shipment(shipment(order)) == Rejected(code="already-done", already_done=True)
    assert await marketplace.cancel_lines(cancellation(order)) == Rejected(code="already-done", already_done=True)
    assert await marketplace.refund(refund(order, order["total"] + 1)) == Rejected(code="refund-above-captured")
    nowhere = AcknowledgeOrder(channel_order_id="SX-0", reference="a")
    assert await marketplace.acknowledge(nowhere) == Rejected(code="not-found")
    assert isinstance(await marketplace.find(nowhere), CannotTell)
    with pytest.raises(NotFound):
        await marketplace.fetch_order("SX-0")


async def test_a_wish_to_cancel_is_no_cancellation(marketplace: SandboxMarketplace, visitor: Visitor) -> None:
    order = visitor.order()
    visitor.post(f"/marketplace/sandbox-eu/orders/{order['id']}/hand/request-cancel")
    read = await seen(marketplace, order)
    assert (read.cancel_requested, read.cancelled) == (True, False)
    visitor.post(f"/marketplace/sandbox-eu/orders/{order['id']}/deny-cancel")
    assert not (await seen(marketplace, order)).cancel_requested


async def test_a_return_is_answered_once_and_its_answer_can_be_looked_up(
    marketplace: SandboxMarketplace, visitor: Visitor
) -> None:
    order = visitor.order()
    visitor.post("/deeds", deed="buyer.return", args={"order": order["id"], "course": "label"})
    path = f"/marketplace/sandbox-eu/orders/{order['id']}/returns"
    (asked,) = visitor.get(path)["rows"]
    grant = AnswerReturn(channel_order_id=order["id"], reference="r", request_id=asked["id"], granted=True)
    assert await marketplace.find(grant) == Absent()
    for _ in range(2):
        assert await marketplace.answer_return(grant) == Confirmed(remote_id=asked["id"])
    assert await marketplace.find(grant) == Found(confirmed=Confirmed(remote_id=asked["id"]))
    assert visitor.get(path)["rows"][0]["answer"] == "granted"
    decline = grant.model_copy(update={"granted": False})
    assert await marketplace.answer_return(decline) == Rejected(code="answered-before")
    assert await marketplace.find(decline) == Absent()
    assert len(visitor.journal("return.granted")) == 1


async def test_stock_rows_fail_one_by_one(marketplace: SandboxMarketplace) -> None:
    rows = [("LST-KETTLE", 5), ("LST-NOBODY", 1), ("LST-TEAPOT", 7)]
    offered = tuple(OfferedStock(listing_id=listing, sku="x", quantity=units) for listing, units in rows)
    assert await marketplace.publish_stock(offered) == (
        StockResult(listing_id="LST-KETTLE"),
        StockResult(listing_id="LST-NOBODY", code="unknown-listing"),
        StockResult(listing_id="LST-TEAPOT"),
    )
    assert await marketplace.publish_stock(()) == ()


@pytest.mark.parametrize("kind", ["reset_after", "html", "broken_json", "error_500"])
async def test_a_write_whose_answer_is_lost_is_unknown_and_then_found(
    marketplace: SandboxMarketplace, visitor: Visitor, kind: str
) -> None:
    order = visitor.order()
    visitor.post("/faults", operation="marketplace.shipments.add", kind=kind)
    assert isinstance(await marketplace.confirm_shipment(shipment(order)), Unknown)
    assert isinstance(await marketplace.find(shipment(order)), Found)
    assert len(visitor.journal("order.shipped")) == 1


async def test_a_throttled_write_was_not_executed(marketplace: SandboxMarketplace, visitor: Visitor) -> None:
    order = visitor.order()
    visitor.post("/faults", operation="marketplace.*", kind="throttle", seconds=3)
    with pytest.raises(Unavailable) as caught:
        await marketplace.confirm_shipment(shipment(order))
    assert caught.value.retry_after == 3
    visitor.post("/faults", operation="marketplace.*", kind="error_500", status=503, before=True)
    with pytest.raises(Unavailable):
        await marketplace.confirm_shipment(shipment(order))
    assert await marketplace.find(shipment(order)) == Absent()


async def test_a_look_up_that_fails_cannot_tell(marketplace: SandboxMarketplace, visitor: Visitor) -> None:
    order = visitor.order()
    for kind in ("html", "reset_before", "throttle"):
        visitor.post("/faults", operation="marketplace.shipments.find", kind=kind)
        assert isinstance(await marketplace.find(shipment(order)), CannotTell)


async def test_a_wrong_token_is_an_operators_to_mend(
    sandbox_world: SandboxWorld, client: httpx.AsyncClient, visitor: Visitor
) -> None:
    stranger = speak_to(sandbox_world, client, token="guessed")
    with pytest.raises(Unauthorized):
        await stranger.list_orders(LONG_AGO, None)
    with pytest.raises(Unauthorized):
        await stranger.confirm_shipment(shipment(visitor.order()))


async def test_its_webhooks_are_verified_and_read(
    marketplace: SandboxMarketplace, visitor: Visitor, gateway: Gateway
) -> None:
    order = visitor.order("return_in_store")
    visitor.post("/deeds", deed="buyer.return", args={"order": order["id"], "course": "store"})
    eventually(lambda: len(gateway.received) == 2)
    bodies = {event["type"]: body for event, (_, _, body) in zip(gateway.events(), gateway.received, strict=True)}
    _, headers, body = gateway.received[0]
    now = sent_at(headers)
    assert marketplace.verify_webhook(headers, body, now)
    assert not marketplace.verify_webhook(headers, body + b" ", now)
    assert not marketplace.verify_webhook(headers, body, now + timedelta(hours=1))
    assert marketplace.read_webhook(bodies["order.changed"]) == (OrderChanged(channel_order_id=order["id"]),)
    (wish,) = marketplace.read_webhook(bodies["return.requested"])
    assert isinstance(wish, ReturnRequested)
    assert (wish.course, wish.location, wish.lines[0].quantity) == ("store", "STORE-1", 1)
    assert marketplace.read_webhook(b'{"type": "weather.changed"}') == ()
    for broken in (b"", b"{}", b'{"type": "order.changed"}', b'{"type": "return.requested"}'):
        with pytest.raises(ContractBroken):
            marketplace.read_webhook(broken)
