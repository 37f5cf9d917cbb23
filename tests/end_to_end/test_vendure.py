"""Real orders of a real shop, carried by the real workflows: what the shop shows afterwards is the witness."""

from collections.abc import AsyncIterator, Iterator

import psycopg
import pytest
from psycopg import sql
from temporalio.client import Client

from domain.fulfillment import Stage
from domain.order import HoldReason, OrderState
from domain.ports.marketplace import OfferedStock
from domain.ports.stores.money import RefundState
from infra.database.invariants import violations
from infra.settings import DRIVER
from infra.vendure.buyer import PlacedOrder
from infra.vendure.hand import Administrator
from infra.vendure.store import Store
from tests.end_to_end.town import eventually
from tests.end_to_end.vendure_hand import ACTS, SKU, STAGES, UNITS, Life
from tests.end_to_end.vendure_town import PATIENCE, VendureTown, open_vendure_town
from workers.vendure import ACCOUNT

pytest_plugins = ["tests.vendure_store"]
# The first run installs from npm.
pytestmark = [pytest.mark.vendure, pytest.mark.stack, pytest.mark.timeout(900)]

# What nobody has seen yet cannot be heard of.
LIVES = [
    pytest.param(act, stage, heard, id=f"{act}-{stage}-{'heard' if heard else 'unheard'}")
    for act in ACTS
    for stage in STAGES
    for heard in ((False,) if stage == "unseen" else (True, False))
]
AT_STORE, ALSO_AT_STORE, AT_WAREHOUSE = "MUG-ENA", "MAT-ROPE", "SLT-200"


@pytest.fixture(scope="module")
def own_database(postgres_server: str, template_database: str) -> Iterator[str]:
    """A migrated database for all tests of this module: they share one town."""
    name = f"{template_database}_shop"
    copy = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template_database))
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    address = postgres_server.replace(f"{DRIVER}://", "postgresql://", 1)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(drop)
        connection.execute(copy)
        yield f"{postgres_server.rpartition('/')[0]}/{name}"
        connection.execute(drop)


@pytest.fixture(scope="module")
async def shop(
    tmp_path_factory: pytest.TempPathFactory,
    own_database: str,
    temporal_client: Client,
    vendure_store: Store,
    administrator_of_store: Administrator,
) -> AsyncIterator[VendureTown]:
    folder = tmp_path_factory.mktemp("town")
    async with open_vendure_town(folder, own_database, temporal_client, vendure_store, administrator_of_store) as town:
        yield town


@pytest.fixture(autouse=True)
async def nothing_is_violated(shop: VendureTown) -> AsyncIterator[None]:
    await shop.listen(webhooks=True)
    shop.pause(paused=False)
    yield
    assert await violations(shop.town.house.engine) == []


async def test_orders_are_pulled_shipped_and_shown_with_their_tracking_numbers(shop: VendureTown) -> None:
    await shop.listen(webhooks=False)
    before = await shop.person.stock_of(AT_WAREHOUSE)
    orders: list[PlacedOrder] = []
    # In turn: the shop reads a stock level, adds, and writes it; of two changes at once it loses one.
    for goods in ({AT_WAREHOUSE: 2}, {AT_WAREHOUSE: 1, AT_STORE: 1}):
        orders.append(await shop.buy(goods))
        await shop.pull()
        assert (await shop.until_rest(orders[-1])).state is OrderState.DELIVERED
    journal = shop.town.visitor.journal("label.bought")
    for placed, parcels in zip(orders, (1, 2), strict=True):
        seen = await shop.look(placed)
        labels = [entry["tracking_number"] for entry in journal if f"/{placed.id}/" in entry["reference"]]
        assert seen.state in {"Shipped", "Delivered"}
        assert sorted(seen.tracking_codes) == sorted(labels)
        assert len(labels) == parcels
        assert seen.unfulfilled == {}
    after = await shop.person.stock_of(AT_WAREHOUSE)
    assert (after.stock_on_hand, after.stock_allocated) == (before.stock_on_hand - 3, before.stock_allocated)


async def test_a_line_that_an_operator_cancels_is_refunded_once_and_the_rest_ships(shop: VendureTown) -> None:
    shop.pause(paused=True)
    placed = await shop.buy({AT_STORE: 2, ALSO_AT_STORE: 1})
    mug, mat = placed.line_of(AT_STORE), placed.line_of(ALSO_AT_STORE)
    await shop.until_stage(placed, Stage.RELEASED)
    assert (await shop.cancel(placed, {mat: 1})).done
    shop.pause(paused=False)
    assert (await shop.until_rest(placed)).state is OrderState.DELIVERED
    seen = await shop.look(placed)
    assert {line.id: line.quantity for line in seen.lines} == {mug: 2, mat: 0}
    assert [(refund.state, refund.total) for refund in seen.refunds] == [("Settled", 3900)]
    (sent,) = seen.fulfillments
    assert {row.order_line_id: row.quantity for row in sent.lines} == {mug: 2}


async def test_an_order_that_is_cancelled_before_its_label_is_refunded_and_its_stock_is_free(shop: VendureTown) -> None:
    shop.pause(paused=True)
    before = await shop.person.stock_of(AT_STORE)
    placed = await shop.buy({AT_STORE: 3})
    await shop.until_stage(placed, Stage.RELEASED)
    assert (await shop.cancel(placed)).done
    assert (await shop.until_rest(placed)).state is OrderState.CANCELLED
    seen = await shop.look(placed)
    assert seen.state == "Cancelled"
    assert [(refund.state, refund.total) for refund in seen.refunds] == [("Settled", placed.total_with_tax)]
    assert await shop.person.stock_of(AT_STORE) == before
    assert await shop.reserved(AT_STORE) == 0
    assert "cancelled" in [mail["template"] for mail in shop.mail()]
    assert not [entry for entry in shop.town.visitor.journal("label.bought") if f"/{placed.id}/" in entry["reference"]]


async def test_stock_that_is_published_is_what_buyers_can_order(shop: VendureTown) -> None:
    shop.pause(paused=True)
    placed = await shop.buy({AT_STORE: 1})
    await shop.until_stage(placed, Stage.RELEASED)
    listing = await shop.person.variant_id(AT_STORE)
    marketplace = await shop.town.context.parties.marketplace(ACCOUNT)
    rows = (OfferedStock(listing_id=listing, sku=AT_STORE, quantity=250),)
    assert [row.code for row in await marketplace.publish_stock(rows)] == [""]
    assert (await shop.person.stock_of(AT_STORE)).available == 250
    shop.pause(paused=False)
    await shop.until_rest(placed)
    assert (await shop.person.stock_of(AT_STORE)).available == 250


async def test_an_order_waits_until_its_payment_is_taken(shop: VendureTown) -> None:
    placed = await shop.buy({AT_WAREHOUSE: 1}, payment="on-account")
    await shop.until_kept(placed, lambda order: [hold.reason for hold in order.holds] == [HoldReason.PAYMENT])
    order = await shop.order(placed)
    assert (order.captured, order.fulfillments, await shop.reserved(AT_WAREHOUSE)) == (0, (), 0)
    await shop.person.take_payment(placed.id)
    order = await shop.until_rest(placed)
    assert (order.state, order.captured, order.holds) == (OrderState.DELIVERED, placed.total_with_tax, ())
    assert len((await shop.look(placed)).tracking_codes) == 1


async def test_a_pickup_that_was_collected_is_delivered_in_the_shop(shop: VendureTown) -> None:
    placed = await shop.buy({AT_STORE: 1}, shipping="store-pickup")
    await shop.until_stage(placed, Stage.READY)
    await eventually(shop.has_pin, PATIENCE)
    shop.act("staff.collect", work=await shop.work(placed), pin=shop.pin(), right="yes")
    assert (await shop.until_rest(placed)).state is OrderState.COLLECTED
    assert (await shop.look(placed)).state == "Delivered"


@pytest.mark.parametrize(("act", "stage", "heard"), LIVES)
async def test_what_a_person_does_in_the_shop_is_not_done_again(
    shop: VendureTown, act: str, stage: str, *, heard: bool
) -> None:
    shop.pause(paused=True)
    await shop.listen(webhooks=stage != "unseen")
    life = Life(shop, await shop.buy({SKU: UNITS}), act, stage, heard)
    await life.begin()
    await life.go_on()
    await shop.until_rest(life.placed)
    await shop.pull()
    order, seen = await shop.until_rest(life.placed), await shop.look(life.placed)
    assert (order.state, len(seen.refunds)) == (life.end, life.refunds_due)
    assert seen.refunded == order.refunding <= order.captured
    live = [sent for sent in seen.fulfillments if sent.state != "Cancelled"]
    assert sum(row.quantity for sent in live for row in sent.lines) <= UNITS
    assert seen.unfulfilled == {}
    assert sum(line.by_hand for line in order.lines) == life.units_by_hand
    refunds = await shop.refunds(life.placed)
    assert {refund.state for refund in refunds} <= {RefundState.CONFIRMED, RefundState.BY_HAND}
    ours = [refund for refund in seen.refunds if "crossdock" in (refund.reason or "")]
    assert len(ours) == sum(refund.state is RefundState.CONFIRMED for refund in refunds)
    assert await shop.reserved(SKU) == 0


async def test_money_that_a_person_gave_back_is_taken_off_what_we_give_back(shop: VendureTown) -> None:
    shop.pause(paused=True)
    placed = await shop.buy({SKU: UNITS})
    await shop.until_stage(placed, Stage.RELEASED)
    await shop.person.refund(placed.id, 1000)
    await shop.cancel(placed)
    order, seen = await shop.until_rest(placed), await shop.look(placed)
    assert order.state is OrderState.CANCELLED
    assert [refund.total for refund in seen.refunds] == [1000, placed.total_with_tax - 1000]
    assert order.refunding == seen.refunded == order.captured


@pytest.mark.parametrize("stage", ["released", "labelled"])
async def test_units_that_a_person_ships_are_not_shipped_with_the_rest(shop: VendureTown, stage: str) -> None:
    shop.pause(paused=True)
    placed = await shop.buy({SKU: UNITS})
    life = Life(shop, placed, "ships", stage, heard=True)
    await life.bring()
    await shop.person.ship(placed.id, {placed.line_of(SKU): 1})
    await shop.until_kept(placed, lambda order: len(order.fulfillments) > 1)
    shop.pause(paused=False)
    order, seen = await shop.until_rest(placed), await shop.look(placed)
    assert (order.state, order.lines[0].by_hand, seen.unfulfilled) == (OrderState.DELIVERED, 1, {})
    assert [row.quantity for sent in seen.fulfillments for row in sent.lines] == [1, 1]
    assert len(set(seen.tracking_codes)) == UNITS


async def test_a_line_that_a_person_cancels_is_not_shipped_and_the_rest_is(shop: VendureTown) -> None:
    shop.pause(paused=True)
    placed = await shop.buy({SKU: UNITS, ALSO_AT_STORE: 1})
    await shop.until_stage(placed, Stage.RELEASED)
    await shop.person.cancel(placed.id, {placed.line_of(ALSO_AT_STORE): 1})
    await shop.until_kept(placed, lambda order: len(order.fulfillments) > 1)
    shop.pause(paused=False)
    order, seen = await shop.until_rest(placed), await shop.look(placed)
    assert (order.state, seen.refunds, seen.unfulfilled) == (OrderState.DELIVERED, [], {})
    assert [row.order_line_id for sent in seen.fulfillments for row in sent.lines] == [placed.line_of(SKU)]
