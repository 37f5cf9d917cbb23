"""Orders come out of the shop as they stand, and what people do there by hand is seen by reading again."""

from datetime import UTC, datetime, timedelta

import pytest

from adapters.http import make_client
from adapters.marketplaces.vendure import MANIFEST, pull
from adapters.marketplaces.vendure.adapter import VendureMarketplace
from adapters.marketplaces.vendure.settings import VendureSettings
from domain.errors import ContractBroken, NotFound
from domain.order import ChannelOrder, Ownership
from domain.ports.marketplace import OrderPage
from infra.vendure.buyer import HOME, place_order
from infra.vendure.hand import Administrator
from infra.vendure.store import Store
from tests.adapters.marketplaces.vendure.line import LossyLine

pytest_plugins = ["tests.vendure_store"]
pytestmark = [pytest.mark.vendure, pytest.mark.timeout(900)]

HOUR = timedelta(hours=1)


def now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251  a test is the edge


async def pull_all(marketplace: VendureMarketplace, since: datetime) -> dict[str, ChannelOrder]:
    orders: dict[str, ChannelOrder] = {}
    cursor: str | None = None
    while True:
        page = await marketplace.list_orders(since, cursor)
        orders |= {raw.channel_order_id: marketplace.read_order(raw.body) for raw in page.orders}
        cursor = page.next_cursor
        if cursor is None:
            return orders


async def reread(marketplace: VendureMarketplace, order_id: str) -> ChannelOrder:
    return marketplace.read_order((await marketplace.fetch_order(order_id)).body)


async def test_a_placed_order_is_pulled_with_its_lines_money_and_address(
    vendure_store: Store, marketplace: VendureMarketplace
) -> None:
    placed = await place_order(vendure_store, {"MUG-ENA": 3, "TOT-NAT": 2}, email="bo@example.com")
    order = (await pull_all(marketplace, now() - HOUR))[placed.id]
    assert [(line.sku, line.quantity, line.unit_price) for line in order.lines] == [
        ("MUG-ENA", 3, 1290),
        ("TOT-NAT", 2, 1800),
    ]
    assert (order.number, order.currency, order.total, order.captured) == (placed.code, "EUR", 7960, 7960)
    assert (order.shipping, order.discount, order.tax, order.tender) == (490, 0, 0, "dummy")
    assert (order.ownership, order.delivery, order.holds) == (Ownership.OURS, "ship", ())
    assert order.address == HOME
    assert (order.buyer.name, order.buyer.email) == (HOME.name, "bo@example.com")
    assert now() - timedelta(minutes=1) < order.placed_at <= now()


async def test_a_pickup_order_says_where_it_is_collected(vendure_store: Store, marketplace: VendureMarketplace) -> None:
    placed = await place_order(vendure_store, {"LAN-TIN": 1}, shipping="store-pickup")
    order = await reread(marketplace, placed.id)
    assert (order.delivery, order.pickup_location) == ("pickup", "STORE-1")


async def test_a_cart_that_nobody_paid_is_not_pulled(vendure_store: Store, marketplace: VendureMarketplace) -> None:
    placed = await place_order(vendure_store, {"SLT-200": 1})
    orders = await pull_all(marketplace, now() - HOUR)
    assert placed.id in orders
    assert all(order.captured > 0 for order in orders.values())


async def test_pages_join_without_gap_and_end_at_the_last_orders_moment(
    vendure_store: Store, marketplace: VendureMarketplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    placed = [(await place_order(vendure_store, {"MTC-STM": 1})).id for _ in range(5)]
    monkeypatch.setattr(pull, "ORDERS_A_PAGE", 2)
    listed: list[str] = []
    cursor: str | None = None
    while True:
        page = await marketplace.list_orders(now() - HOUR, cursor)
        listed += [raw.channel_order_id for raw in page.orders]
        body = page.orders[-1].body
        if page.next_cursor is None:
            break
        assert page.watermark is None
        cursor = page.next_cursor
    assert [order_id for order_id in dict.fromkeys(listed) if order_id in placed] == placed
    last = marketplace.read_order(body)
    assert page.watermark == last.placed_at


async def test_an_order_nobody_touched_reads_the_same_byte_for_byte(
    vendure_store: Store, marketplace: VendureMarketplace
) -> None:
    placed = await place_order(vendure_store, {"SLT-200": 1})
    listed = {raw.channel_order_id: raw.body for raw in (await marketplace.list_orders(now() - HOUR, None)).orders}
    fetched = await marketplace.fetch_order(placed.id)
    assert listed.get(placed.id, fetched.body) == fetched.body
    assert (await marketplace.fetch_order(placed.id)).body == fetched.body


@pytest.mark.parametrize("order_id", ["987654", "not-a-number"])
async def test_an_order_that_does_not_exist_is_not_found(marketplace: VendureMarketplace, order_id: str) -> None:
    with pytest.raises(NotFound):
        await marketplace.fetch_order(order_id)


async def test_an_unfinished_order_is_pulled_for_months(vendure_store: Store, marketplace: VendureMarketplace) -> None:
    placed = await place_order(vendure_store, {"MTC-STM": 1})
    assert placed.id in await pull_all(marketplace, now() + timedelta(days=89))
    assert placed.id not in await pull_all(marketplace, now() + timedelta(days=91))


async def test_orders_from_before_the_shop_was_connected_are_left_alone(
    vendure_store: Store, settings: VendureSettings, line: LossyLine
) -> None:
    before = await place_order(vendure_store, {"MTC-STM": 1})
    after = await place_order(vendure_store, {"MTC-STM": 1})
    async with make_client(line) as http:
        marketplace = MANIFEST.factory(settings, http)
        begins_at = (await reread(marketplace, after.id)).placed_at
        connected = MANIFEST.factory(settings.model_copy(update={"begins_at": begins_at}), http)
        pulled = await pull_all(connected, now() - HOUR)
    assert after.id in pulled
    assert before.id not in pulled


async def test_nothing_new_leaves_the_watermark_where_it_is(marketplace: VendureMarketplace) -> None:
    page = await marketplace.list_orders(now() + timedelta(days=1000), None)
    assert page == OrderPage(orders=(), next_cursor=None, watermark=None)


async def test_a_cursor_that_is_not_ours_is_refused(marketplace: VendureMarketplace) -> None:
    with pytest.raises(ContractBroken):
        await marketplace.list_orders(now(), "page 2")


async def test_a_finished_order_is_pulled_while_it_is_recent_and_no_longer(
    vendure_store: Store, marketplace: VendureMarketplace, administrator_of_store: Administrator
) -> None:
    placed = await place_order(vendure_store, {"MTC-STM": 1})
    await administrator_of_store.move(await administrator_of_store.ship(placed.id), "Delivered")
    assert placed.id in await pull_all(marketplace, now() + timedelta(days=6))
    assert placed.id not in await pull_all(marketplace, now() + timedelta(days=8))


async def test_what_is_shipped_by_hand_is_seen(
    vendure_store: Store, marketplace: VendureMarketplace, administrator_of_store: Administrator
) -> None:
    placed = await place_order(vendure_store, {"MUG-ENA": 3})
    mug = placed.line_of("MUG-ENA")
    before = await reread(marketplace, placed.id)
    fulfillment = await administrator_of_store.fulfill(placed.id, {mug: 2}, tracking_code="HAND-7")
    packed = await reread(marketplace, placed.id)
    await administrator_of_store.move(fulfillment, "Shipped")
    shipped = await reread(marketplace, placed.id)
    assert (before.lines[0].shipped, packed.lines[0].shipped, shipped.lines[0].shipped) == (0, 2, 2)
    (shipment,) = shipped.shipments
    assert (shipment.tracking_number, shipment.quantities, shipment.reference) == ("HAND-7", {mug: 2}, "")
    assert before.updated_at < packed.updated_at < shipped.updated_at
    await administrator_of_store.move(fulfillment, "Cancelled")
    assert (await reread(marketplace, placed.id)).lines[0].shipped == 0


async def test_units_cancelled_by_hand_are_counted_and_the_purchase_stays_what_it_was(
    vendure_store: Store, marketplace: VendureMarketplace, administrator_of_store: Administrator
) -> None:
    placed = await place_order(vendure_store, {"MUG-ENA": 3, "TOT-NAT": 1})
    await administrator_of_store.cancel(placed.id, {placed.line_of("MUG-ENA"): 2})
    order = await reread(marketplace, placed.id)
    assert [(line.quantity, line.cancelled) for line in order.lines] == [(3, 2), (1, 0)]
    assert (order.total, order.captured, order.cancelled) == (placed.total_with_tax, placed.total_with_tax, False)


async def test_an_order_cancelled_by_hand_is_cancelled(
    vendure_store: Store, marketplace: VendureMarketplace, administrator_of_store: Administrator
) -> None:
    placed = await place_order(vendure_store, {"MUG-ENA": 3})
    await administrator_of_store.cancel(placed.id)
    order = await reread(marketplace, placed.id)
    assert order.cancelled
    assert (order.lines[0].cancelled, order.total) == (3, placed.total_with_tax)


async def test_a_refund_by_hand_is_seen_and_is_not_taken_for_ours(
    vendure_store: Store, marketplace: VendureMarketplace, administrator_of_store: Administrator
) -> None:
    placed = await place_order(vendure_store, {"MUG-ENA": 1})
    refund_id = await administrator_of_store.refund(placed.id, 500)
    order = await reread(marketplace, placed.id)
    assert [(refund.refund_id, refund.amount, refund.reference) for refund in order.refunds] == [(refund_id, 500, "")]
    assert order.refunded == 500
