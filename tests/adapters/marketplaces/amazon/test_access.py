"""Access tokens: got once, renewed when they are refused, and given to nobody else."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from domain.errors import Unauthorized
from tests.adapters.marketplaces.amazon.scenes import FIRST, ORDER, shipment, speaking_to
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
