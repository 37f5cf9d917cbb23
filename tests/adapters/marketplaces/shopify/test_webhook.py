"""What the store's webhooks say, and which of them are believed."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from domain.errors import ContractBroken
from domain.facts import OrderChanged, ReturnRequested
from tests.adapters.marketplaces.shopify.conftest import Open, Shop
from tests.adapters.marketplaces.shopify.simulator import signed

BODY = b'{"id":1001,"admin_graphql_api_id":"gid://shopify/Order/1001"}'


@pytest.mark.parametrize("family", ["x-shopify-", "shopify-"])
async def test_both_families_of_headers_are_believed(shop: Shop, family: str) -> None:
    headers = signed(BODY, shop.world.now, family)
    assert shop.adapter.verify_webhook(headers, BODY, shop.world.now)
    assert not shop.adapter.verify_webhook(headers, BODY + b" ", shop.world.now)
    assert not shop.adapter.verify_webhook(signed(BODY, shop.world.now, family, "other"), BODY, shop.world.now)


async def test_a_delivery_is_believed_as_long_as_shopify_tries_again(shop: Shop) -> None:
    for age, believed in ((timedelta(hours=4), True), (timedelta(hours=7), False), (-timedelta(hours=1), False)):
        headers = signed(BODY, shop.world.now - age)
        assert shop.adapter.verify_webhook(headers, BODY, shop.world.now) is believed


async def test_a_delivery_for_another_store_of_the_same_app_is_not_believed(shop: Shop) -> None:
    headers = signed(BODY, shop.world.now) | {"x-shopify-shop-domain": "south.myshopify.com"}
    assert not shop.adapter.verify_webhook(headers, BODY, shop.world.now)


async def test_without_a_secret_nothing_is_believed(open_shop: Open) -> None:
    shop = open_shop(client_secret="")
    assert not shop.adapter.verify_webhook(signed(BODY, shop.world.now, secret=""), BODY, shop.world.now)


async def test_whatever_changed_of_an_order_is_a_hint_to_read_it(shop: Shop) -> None:
    changed = (OrderChanged(channel_order_id="1001"),)
    assert shop.adapter.read_webhook(BODY) == changed
    for kind in ("Refund", "Fulfillment", "OrderTransaction", "Return"):
        told = {"id": 5, "order_id": 1001, "admin_graphql_api_id": f"gid://shopify/{kind}/5"}
        assert shop.adapter.read_webhook(json.dumps(told).encode()) == changed
    assert shop.adapter.read_webhook(b'{"id":7,"admin_graphql_api_id":"gid://shopify/Product/7"}') == ()


async def test_a_wish_to_return_names_units_by_line(shop: Shop) -> None:
    (fact,) = shop.adapter.read_webhook(shop.world.webhook_bodies()[2])
    assert isinstance(fact, ReturnRequested)
    assert (fact.request_id, fact.channel_order_id) == ("5003", "1001")
    assert [(row.line_id, row.quantity) for row in fact.lines] == [("100100", 1)]


async def test_a_body_of_another_shape_is_refused(shop: Shop) -> None:
    for body in (b"webhook_id=7", b"[]", b'{"order_id":"#1001"}'):
        with pytest.raises(ContractBroken):
            shop.adapter.read_webhook(body)
