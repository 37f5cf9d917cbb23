"""Access tokens: got once, renewed when they are refused, and given to nobody else."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from domain.errors import Refused, Unauthorized
from tests.adapters.marketplaces.amazon.scenes import FIRST, ORDER, SETTINGS, shipment, speaking_to
from tests.adapters.marketplaces.amazon.simulator import START, Amazon, make_order


@pytest.fixture
def amazon() -> Amazon:
    made = Amazon()
    made.place(make_order(ORDER, [("MUG-BLUE", 2, 1000)], START - timedelta(hours=1)))
    return made


async def test_one_token_serves_many_requests(amazon: Amazon) -> None:
    async with speaking_to(amazon) as marketplace:
        for _ in range(3):
            await marketplace.fetch_order(ORDER)
    assert len(amazon.tokens) == 1


async def test_requests_at_once_log_in_once(amazon: Amazon) -> None:
    async with speaking_to(amazon) as marketplace:
        await asyncio.gather(*(marketplace.fetch_order(ORDER) for _ in range(5)))
        amazon.forget_tokens()
        await asyncio.gather(*(marketplace.fetch_order(ORDER) for _ in range(5)))
    assert len(amazon.tokens) == 1


async def test_an_expired_token_is_renewed_and_the_write_done_once(amazon: Amazon) -> None:
    async with speaking_to(amazon) as marketplace:
        await marketplace.fetch_order(ORDER)
        amazon.forget_tokens()
        await marketplace.confirm_shipment(shipment({FIRST: 1}))
    assert amazon.asked.count("confirmShipment") == 1
    assert len(amazon.orders[ORDER]["packages"]) == 1


async def test_a_revoked_authorisation_is_for_an_operator_to_mend(amazon: Amazon) -> None:
    amazon.refresh_token = "Atzr|another"
    async with speaking_to(amazon) as marketplace:
        with pytest.raises(Unauthorized) as caught:
            await marketplace.confirm_shipment(shipment({FIRST: 1}))
        with pytest.raises(Unauthorized):
            await marketplace.check_access()
    assert caught.value.code == "amazon-login-refused"
    assert not amazon.asked


async def test_what_was_not_granted_is_named_with_the_operation(amazon: Amazon) -> None:
    amazon.withheld = {"getFeeds", "getListingsItem", "sqs:DeleteMessage"}
    async with speaking_to(amazon) as marketplace:
        access = await marketplace.check_access()
    assert access.missing == (
        "Inventory and Order Tracking (getFeeds)", "Product Listing (getListingsItem)", "sqs:DeleteMessage",
    )  # fmt: skip


async def test_a_channel_without_a_queue_lacks_none(amazon: Amazon) -> None:
    amazon.withheld = {"sqs:ReceiveMessage", "sqs:DeleteMessage"}
    async with speaking_to(amazon, queue=None) as marketplace:
        assert (await marketplace.check_access()).missing == ()


async def test_a_key_that_the_queue_does_not_know_may_do_nothing_there(amazon: Amazon) -> None:
    stranger = SETTINGS["queue"] | {"access_key_id": "AKIDOTHER"}
    async with speaking_to(amazon, queue=stranger) as marketplace:
        assert (await marketplace.check_access()).missing == ("sqs:ReceiveMessage", "sqs:DeleteMessage")


async def test_a_queue_that_does_not_exist_is_no_permission(amazon: Amazon) -> None:
    amazon.has_queue = False
    async with speaking_to(amazon) as marketplace:
        with pytest.raises(Refused) as caught:
            await marketplace.check_access()
    assert caught.value.code == "amazon-no-queue"


async def test_nothing_that_is_asked_is_about_an_order_that_there_is(amazon: Amazon) -> None:
    async with speaking_to(amazon) as marketplace:
        await marketplace.check_access()
    assert amazon.asked == ["getOrder", "confirmShipment", "getFeeds", "getListingsItem"]
    assert amazon.orders[ORDER]["packages"] == []
