"""The real shop: it installs, seeds, sells, and says that an order changed."""

import hashlib
import hmac
import json
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from infra.settings import DRIVER
from infra.stack.errors import StackError
from infra.vendure import install
from infra.vendure.buyer import place_order
from infra.vendure.hand import Administrator
from infra.vendure.store import Store
from tests.postbox import Letter, Postbox

pytest_plugins = ["tests.vendure_store"]
# The first run installs from npm.
pytestmark = [pytest.mark.vendure, pytest.mark.timeout(900)]


def is_genuine(letter: Letter, secret: str) -> bool:
    signed = letter.headers["x-crossdock-timestamp"].encode() + b"." + letter.body
    expected = "v1=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, letter.headers["x-crossdock-signature"])


async def test_a_buyer_places_a_paid_order_and_the_stock_is_allocated(
    vendure_store: Store, administrator_of_store: Administrator
) -> None:
    before = await administrator_of_store.stock_of("MUG-ENA")
    order = await place_order(vendure_store, {"MUG-ENA": 3, "TOT-NAT": 2})
    after = await administrator_of_store.stock_of("MUG-ENA")
    assert (order.state, order.currency_code) == ("PaymentSettled", "EUR")
    assert order.total_with_tax == 3 * 1290 + 2 * 1800 + 490
    assert after.available == before.available - 3


async def test_an_order_can_be_collected_in_a_store(vendure_store: Store) -> None:
    order = await place_order(vendure_store, {"LAN-TIN": 1}, shipping="store-pickup")
    assert order.total_with_tax == 2450


async def test_a_person_ships_cancels_and_refunds_by_hand(
    vendure_store: Store, administrator_of_store: Administrator
) -> None:
    order = await place_order(vendure_store, {"MUG-ENA": 2, "TOT-NAT": 1})
    mug, tote = order.line_of("MUG-ENA"), order.line_of("TOT-NAT")
    fulfillment = await administrator_of_store.fulfill(order.id, {mug: 2}, tracking_code="HAND-1")
    await administrator_of_store.move(fulfillment, "Shipped")
    await administrator_of_store.cancel(order.id, {tote: 1})
    await administrator_of_store.refund(order.id, 1800)
    seen = await administrator_of_store.look_at(order.id)
    # The shop does not look at the order again when its last open line is cancelled.
    assert seen.state == "PartiallyShipped"
    assert seen.tracking_codes == ["HAND-1"]
    assert {line.id: line.quantity for line in seen.lines} == {mug: 2, tote: 0}
    assert [(refund.state, refund.total) for refund in seen.refunds] == [("Settled", 1800)]


async def test_what_is_left_is_what_was_not_fulfilled_yet(
    vendure_store: Store, administrator_of_store: Administrator
) -> None:
    order = await place_order(vendure_store, {"MUG-ENA": 2, "TOT-NAT": 1})
    await administrator_of_store.ship(order.id, {order.line_of("MUG-ENA"): 1})
    await administrator_of_store.ship(order.id)
    assert (await administrator_of_store.look_at(order.id)).state == "Shipped"


async def test_each_act_on_an_order_sends_a_signed_webhook_that_names_it(
    vendure_store: Store, administrator_of_store: Administrator, postbox: Postbox
) -> None:
    order = await place_order(vendure_store, {"SLT-200": 4})
    seen = len(await postbox.wait_for(1))
    acts = (
        lambda: administrator_of_store.ship(order.id, {order.line_of("SLT-200"): 1}),
        lambda: administrator_of_store.cancel(order.id, {order.line_of("SLT-200"): 1}),
        lambda: administrator_of_store.ask_refund(order.id, 100),
    )
    for act in acts:
        await act()
        seen = len(await postbox.wait_for(seen + 1))
    told = [json.loads(letter.body) for letter in postbox.letters]
    assert all(is_genuine(letter, postbox.secret) for letter in postbox.letters)
    assert {(letter["order"], letter["account"], letter["type"]) for letter in told} == {
        (order.id, postbox.account, "order.changed")
    }
    assert len({letter["id"] for letter in told}) == len(told)


async def test_a_sku_the_shop_does_not_sell_is_named(vendure_store: Store) -> None:
    with pytest.raises(StackError, match="has no 'NO-SUCH'"):
        await place_order(vendure_store, {"NO-SUCH": 1})


async def test_a_refund_above_the_payment_is_refused_by_the_shop(
    vendure_store: Store, administrator_of_store: Administrator
) -> None:
    order = await place_order(vendure_store, {"MTC-STM": 1})
    with pytest.raises(StackError, match="REFUND_AMOUNT_ERROR"):
        await administrator_of_store.refund(order.id, order.total_with_tax + 1)


async def test_orders_survive_a_second_preparation(vendure_store: Store, postgres_server: str) -> None:
    order = await place_order(vendure_store, {"MTC-STM": 1})
    vendure_store.prepare()
    address = f"{postgres_server.rpartition('/')[0]}/{vendure_store.database}".replace(DRIVER, "postgresql")
    with psycopg.connect(address) as connection:
        row = connection.execute('SELECT state FROM "order" WHERE code = %s', [order.code]).fetchone()
    assert row == ("PaymentSettled",)


def test_a_database_that_cannot_be_reached_is_said(vendure_store: Store) -> None:
    nowhere = replace(vendure_store, server_url="postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(StackError, match="PostgreSQL refused"):
        nowhere.prepare()


def test_a_machine_without_node_is_told_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "Node.js" in (install.why_not() or "")
    with pytest.raises(StackError, match=r"needs Node\.js"):
        install.install(tmp_path)


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("echo lost the network; exit 3", "(?s)ended with 3.*lost the network"),
        ("sleep 9", "took longer than 1 seconds"),
    ],
)
def test_a_program_that_fails_or_hangs_is_reported_with_its_last_words(tmp_path: Path, script: str, words: str) -> None:
    with pytest.raises(StackError, match=words):
        install.run(["sh", "-c", script], tmp_path, {}, seconds=1)
