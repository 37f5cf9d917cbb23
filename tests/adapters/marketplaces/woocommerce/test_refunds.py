"""Giving money back through a shop that has no idempotency, and that calls its refusals failures."""

from typing import Any

import httpx

from adapters.http import make_client
from adapters.marketplaces.woocommerce.adapter import WooCommerceMarketplace
from domain.effect import Absent, CannotTell, Confirmed, Found, Rejected, Unknown
from domain.ports.marketplace import RefundPayment
from tests.adapters.marketplaces.woocommerce.conftest import Sell, make_adapter
from tests.adapters.marketplaces.woocommerce.simulator import failure
from tests.adapters.marketplaces.woocommerce.world import WooWorld


def refund(
    order: dict[str, Any], amount: int = 500, reference: str = "refund:1", currency: str = "EUR"
) -> RefundPayment:
    return RefundPayment(
        channel_order_id=str(order["id"]), reference=reference, amount=amount, currency=currency, quantities={"11": 1},
        reason="came back",
    )  # fmt: skip


def posted(world: WooWorld) -> list[dict[str, Any]]:
    return [body for method, _, body in world.shop.asked if method == "POST"]


async def test_a_refund_says_what_moves_and_carries_our_reference(
    adapter: WooCommerceMarketplace, sell: Sell, world: WooWorld
) -> None:
    order = sell(1)
    assert isinstance(await adapter.refund(refund(order)), Confirmed)
    (body,) = posted(world)
    assert (body["amount"], body["api_refund"], body["api_restock"]) == ("5.00", True, False)
    assert order["refunds"][0]["reason"] == "came back (crossdock refund:1)"
    (read,) = adapter.read_order((await adapter.fetch_order(str(order["id"]))).body).refunds
    assert (read.reference, read.amount) == ("refund:1", 500)


async def test_money_that_a_shop_only_notes_is_not_moved(sell: Sell, world: WooWorld, http: httpx.AsyncClient) -> None:
    adapter = make_adapter(world, http, api_refund=False)
    assert isinstance(await adapter.refund(refund(sell(1))), Confirmed)
    assert world.shop.moved == 0


async def test_a_refund_that_is_there_is_not_sent_again(
    adapter: WooCommerceMarketplace, sell: Sell, world: WooWorld
) -> None:
    order = sell(1)
    first, second = [await adapter.refund(refund(order)) for _ in range(2)]
    assert first == second
    assert len(posted(world)) == 1


async def test_more_than_is_left_is_rejected_and_never_sent(
    adapter: WooCommerceMarketplace, sell: Sell, world: WooWorld
) -> None:
    order = sell(1)
    await adapter.refund(refund(order, 800))
    outcome = await adapter.refund(refund(order, 300, "refund:2"))
    assert outcome == Rejected(code="woocommerce-refund-above-remaining")
    assert len(posted(world)) == 1


async def test_a_500_for_too_much_is_a_rejection_and_no_riddle(sell: Sell, world: WooWorld) -> None:
    order, hands = sell(1), ["a person"]

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "POST" and hands and hands.pop():
            # Between our look and our write somebody gives back most of it.
            wish = {"amount": "8.00", "reason": "by hand", "api_refund": False, "line_items": list[Any]()}
            world.shop.refund(order["id"], wish)
        return world.shop(request)

    async with make_client(httpx.MockTransport(answer)) as http:
        adapter = make_adapter(world, http)
        assert await adapter.refund(refund(order)) == Rejected(code="woocommerce-refund-above-remaining")
        assert await adapter.find(refund(order)) == Rejected(code="woocommerce-refund-above-remaining")


async def test_a_gateway_that_refuses_is_left_to_a_person(
    adapter: WooCommerceMarketplace, sell: Sell, world: WooWorld
) -> None:
    world.shop.gateway_refunds = False
    assert await adapter.refund(refund(sell(1))) == Rejected(code="woocommerce-refund-refused")
    assert world.shop.moved == 0


async def test_a_failure_of_the_shop_itself_is_looked_up(sell: Sell, world: WooWorld) -> None:
    order, broken = sell(1), True

    def answer(request: httpx.Request) -> httpx.Response:
        return failure(500, "internal_server_error") if broken and request.method == "POST" else world.shop(request)

    async with make_client(httpx.MockTransport(answer)) as http:
        adapter = make_adapter(world, http)
        assert await adapter.refund(refund(order)) == Unknown(code="http-500")
        assert isinstance(await adapter.find(refund(order)), Absent)
        broken = False
        await adapter.refund(refund(order))
        assert isinstance(await adapter.find(refund(order)), Found)


async def test_another_currency_is_refused(adapter: WooCommerceMarketplace, sell: Sell) -> None:
    assert await adapter.refund(refund(sell(1), currency="USD")) == Rejected(code="woocommerce-other-currency")


async def test_an_order_that_is_gone_is_rejected_and_cannot_be_looked_up(adapter: WooCommerceMarketplace) -> None:
    assert await adapter.refund(refund({"id": 999})) == Rejected(code="woocommerce-no-such-order")
    assert isinstance(await adapter.find(refund({"id": 999})), CannotTell)
