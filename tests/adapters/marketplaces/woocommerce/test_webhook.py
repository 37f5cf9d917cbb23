"""What the shop sends: signed hints, and one unsigned ping."""

import pytest

from adapters.marketplaces.woocommerce.adapter import WooCommerceMarketplace
from domain.errors import ContractBroken
from domain.facts import OrderChanged
from tests.adapters.marketplaces.woocommerce.conftest import make_adapter
from tests.adapters.marketplaces.woocommerce.world import NOW, WooWorld


def test_the_signature_is_that_of_the_documentation(adapter: WooCommerceMarketplace) -> None:
    # printf '{"id":1}' | openssl dgst -sha256 -hmac hook-secret-1 -binary | base64
    headers = {"x-wc-webhook-signature": "2RZPxkisktkccSBtW/JuOlW1gUxxb5F/jDd6bx8KmmE="}
    assert adapter.verify_webhook(headers, b'{"id":1}', NOW)


def test_the_ping_of_a_new_webhook_is_not_signed_and_changes_nothing(adapter: WooCommerceMarketplace) -> None:
    assert not adapter.verify_webhook({"content-type": "application/x-www-form-urlencoded"}, b"webhook_id=7", NOW)
    with pytest.raises(ContractBroken):
        adapter.read_webhook(b"webhook_id=7")


def test_without_a_secret_nothing_is_genuine(world: WooWorld) -> None:
    adapter = make_adapter(world, None, webhook_secret="")  # pyright: ignore[reportArgumentType] - nothing is sent
    assert not adapter.verify_webhook(world.sign(b"{}", NOW), b"{}", NOW)


def test_one_delivery_id_for_two_orders_hides_neither(adapter: WooCommerceMarketplace) -> None:
    bodies = [b'{"id":1,"line_items":[]}', b'{"id":2,"line_items":[]}']
    assert [adapter.read_webhook(body) for body in bodies] == [
        (OrderChanged(channel_order_id="1"),), (OrderChanged(channel_order_id="2"),),
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["permalink", "username", "discount_type", "action"])
def test_what_is_not_about_orders_means_nothing(name: str, adapter: WooCommerceMarketplace) -> None:
    assert adapter.read_webhook(f'{{"id": 5, "{name}": "x"}}'.encode()) == ()
