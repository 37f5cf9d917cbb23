"""Answering a buyer's wish to give goods back."""

from __future__ import annotations

import pytest

from domain.effect import Absent, CannotTell, Confirmed, Found, Rejected
from domain.ports.marketplace import AnswerReturn
from tests.adapters.marketplaces.shopify.conftest import Shop


def answer(*, granted: bool) -> AnswerReturn:
    return AnswerReturn(
        channel_order_id="1001", reference="return-answer:x:1", request_id="7", granted=granted, reason="x" * 900
    )


@pytest.mark.parametrize(("granted", "status"), [(True, "OPEN"), (False, "DECLINED")])
async def test_a_wish_is_answered_once(shop: Shop, status: str, *, granted: bool) -> None:
    shop.admin.wishes[7] = (1001, "REQUESTED")
    write = answer(granted=granted)
    assert isinstance(await shop.adapter.find(write), Absent)
    for _ in range(2):
        assert isinstance(await shop.adapter.answer_return(write), Confirmed)
    assert shop.admin.wishes[7] == (1001, status)
    assert isinstance(await shop.adapter.find(write), Found)


async def test_what_a_person_answered_otherwise_stands(shop: Shop) -> None:
    for status in ("DECLINED", "CANCELED"):
        shop.admin.wishes[7] = (1001, status)
        assert await shop.adapter.answer_return(answer(granted=True)) == Rejected(
            code=f"shopify-return-{status.lower()}"
        )


async def test_a_wish_that_nobody_has_cannot_be_answered(shop: Shop) -> None:
    assert await shop.adapter.answer_return(answer(granted=True)) == Rejected(code="shopify-no-such-return")
    assert isinstance(await shop.adapter.find(answer(granted=True)), CannotTell)
