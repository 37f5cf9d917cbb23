"""The shop's webhooks: believed when signed, and then only as a hint."""

from datetime import UTC, datetime, timedelta

import pytest

from adapters.http import make_client
from adapters.marketplaces.vendure import MANIFEST
from adapters.marketplaces.vendure.adapter import VendureMarketplace
from adapters.marketplaces.vendure.settings import VendureSettings
from domain.errors import ContractBroken
from domain.facts import OrderChanged
from infra.vendure.buyer import place_order
from infra.vendure.hand import Administrator
from infra.vendure.store import Store
from tests.postbox import Letter, Postbox

pytest_plugins = ["tests.vendure_store"]
pytestmark = [pytest.mark.vendure, pytest.mark.timeout(900)]


@pytest.fixture
def reader(settings: VendureSettings, postbox: Postbox) -> VendureMarketplace:
    told = settings.model_validate(settings.model_dump() | {"webhook_secret": postbox.secret})
    return MANIFEST.factory(told, make_client())


@pytest.fixture
async def letter(vendure_store: Store, postbox: Postbox) -> Letter:
    await place_order(vendure_store, {"SLT-200": 1})
    return (await postbox.wait_for(1))[0]


def signed_at(letter: Letter) -> datetime:
    return datetime.fromtimestamp(int(letter.headers["x-crossdock-timestamp"]), UTC)


async def test_what_a_person_does_in_the_shop_arrives_as_a_genuine_hint(
    vendure_store: Store, reader: VendureMarketplace, administrator_of_store: Administrator, postbox: Postbox
) -> None:
    order = await place_order(vendure_store, {"SLT-200": 2})
    seen = len(await postbox.wait_for(1))
    await administrator_of_store.cancel(order.id, {order.line_of("SLT-200"): 1})
    letter = (await postbox.wait_for(seen + 1))[-1]
    assert reader.verify_webhook(letter.headers, letter.body, signed_at(letter))
    assert reader.read_webhook(letter.body) == (OrderChanged(channel_order_id=order.id),)


async def test_one_changed_bit_one_old_day_or_no_signature_is_not_genuine(
    reader: VendureMarketplace, letter: Letter
) -> None:
    at = signed_at(letter)
    unsigned = {name: value for name, value in letter.headers.items() if name != "x-crossdock-signature"}
    assert reader.verify_webhook(letter.headers, letter.body, at + timedelta(minutes=4))
    assert not reader.verify_webhook(letter.headers, letter.body + b" ", at)
    assert not reader.verify_webhook(letter.headers, letter.body, at + timedelta(minutes=6))
    assert not reader.verify_webhook(letter.headers, letter.body, at - timedelta(minutes=6))
    assert not reader.verify_webhook(unsigned, letter.body, at)
    assert not reader.verify_webhook(letter.headers | {"x-crossdock-timestamp": "soon"}, letter.body, at)
    assert not reader.verify_webhook({}, b"", at)


async def test_without_a_secret_nothing_is_genuine(marketplace: VendureMarketplace, letter: Letter) -> None:
    assert not marketplace.verify_webhook(letter.headers, letter.body, signed_at(letter))


def test_a_message_about_something_else_means_nothing(reader: VendureMarketplace) -> None:
    assert reader.read_webhook(b'{"type":"product.changed","order":"1"}') == ()


@pytest.mark.parametrize("body", [b"", b"[]", b'{"type":"order.changed"}', b'{"type":"order.changed","order":"a b"}'])
def test_a_body_that_is_not_the_plugins_breaks_the_contract(reader: VendureMarketplace, body: bytes) -> None:
    with pytest.raises(ContractBroken):
        reader.read_webhook(body)
