"""How the store refuses, and what that means to us."""

from __future__ import annotations

import pytest

from adapters.marketplaces.shopify.settings import SCOPES
from domain.effect import Rejected, Unknown
from domain.errors import ContractBroken, NotFound, Unauthorized, Unavailable
from domain.ports.marketplace import AnswerReturn
from tests.adapters.marketplaces.shopify.conftest import Shop, answering, failing

WISH = AnswerReturn(channel_order_id="1001", reference="return-answer:x:1", request_id="7", granted=True)
ASKED = {"data": {"told": {"id": "gid://shopify/Return/7", "status": "REQUESTED"}}}

DONE: dict[str, object] = {"data": {"told": {"userErrors": []}}}


def cost(requested: float, available: float, rate: float) -> dict[str, object]:
    status = {"maximumAvailable": 2000, "currentlyAvailable": available, "restoreRate": rate}
    return {"extensions": {"cost": {"requestedQueryCost": requested, "throttleStatus": status}}}


@pytest.mark.parametrize(
    ("told", "pause"),
    [(cost(750, 50, 100), 7.0), (cost(60, 70, 50), 0.0), (cost(10**9, 0, 1), 60.0), ({}, 1.0), (cost(1, 1, 0), 1.0)],
)
async def test_how_long_to_wait_follows_from_the_points(shop: Shop, told: dict[str, object], pause: float) -> None:
    adapter = answering(shop.world, failing("THROTTLED") | told)
    with pytest.raises(Unavailable) as caught:
        await adapter.fetch_order("1001")
    assert (caught.value.code, caught.value.retry_after) == ("shopify-throttled", pause)


async def test_a_write_that_was_throttled_was_surely_not_done(shop: Shop) -> None:
    with pytest.raises(Unavailable):
        await answering(shop.world, ASKED, failing("THROTTLED")).answer_return(WISH)


async def test_a_missing_scope_is_named(shop: Shop) -> None:
    told = failing("ACCESS_DENIED", requiredAccess="`read_orders` access scope. Also: more words.")
    with pytest.raises(Unauthorized, match="lacks the access scope read_orders") as caught:
        await answering(shop.world, told).fetch_order("1001")
    assert caught.value.code == "shopify-needs-read_orders"
    with pytest.raises(Unauthorized) as caught:
        await answering(shop.world, ASKED, failing("ACCESS_DENIED", requiredAccess="`write_returns`")).answer_return(
            WISH
        )
    assert caught.value.code == "shopify-needs-write_returns"


async def test_of_several_scopes_that_would_do_the_one_we_ask_for_is_named(shop: Shop) -> None:
    any_of = "`read_assigned_fulfillment_orders`, `read_merchant_managed_fulfillment_orders` access scope"
    with pytest.raises(Unauthorized) as caught:
        await answering(shop.world, failing("ACCESS_DENIED", requiredAccess=any_of)).fetch_order("1001")
    assert caught.value.code == "shopify-needs-read_merchant_managed_fulfillment_orders"


async def test_a_store_that_is_closed_is_for_an_operator(shop: Shop) -> None:
    with pytest.raises(Unauthorized, match="or to this store"):
        await answering(shop.world, failing("SHOP_INACTIVE")).fetch_order("1001")


async def test_a_read_with_any_error_is_not_believed(shop: Shop) -> None:
    for code, error in (
        ("INTERNAL_SERVER_ERROR", Unavailable),
        ("undefinedField", ContractBroken),
        ("", ContractBroken),
    ):
        with pytest.raises(error):
            await answering(shop.world, {"data": {"told": {"id": "1"}}} | failing(code)).fetch_order("1001")


async def test_an_answer_of_nothing_is_a_broken_contract(shop: Shop) -> None:
    with pytest.raises(ContractBroken, match="no-answer"):
        await answering(shop.world, {}).fetch_order("1001")
    with pytest.raises(NotFound):
        await answering(shop.world, {"data": {"told": None}}).fetch_order("1001")


async def test_a_write_that_the_schema_refuses_was_surely_not_done(shop: Shop) -> None:
    outcome = await answering(shop.world, ASKED, failing("undefinedField")).answer_return(WISH)
    assert outcome == Rejected(code="shopify-undefinedfield")


async def test_a_write_with_an_answer_and_an_error_was_perhaps_done(shop: Shop) -> None:
    told = DONE | failing("ACCESS_DENIED", requiredAccess="`read_returns`")
    assert await answering(shop.world, ASKED, told).answer_return(WISH) == Unknown(code="shopify-access-denied")


async def test_the_scopes_that_were_not_granted_are_named(shop: Shop) -> None:
    held = [scope for scope in SCOPES if scope not in {"read_orders", "read_returns", "write_returns"}]
    told = {"data": {"told": {"accessScopes": [{"handle": handle} for handle in held]}}}
    access = await answering(shop.world, told).check_access()
    # Who may write orders may read them.
    assert access.missing == ("read_returns", "write_returns")
    assert access.remote_account == str(shop.world.settings["shop"])
