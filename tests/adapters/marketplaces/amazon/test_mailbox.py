"""The queue in which Amazon leaves hints."""

from __future__ import annotations

import httpx
import pytest

from domain.errors import ContractBroken, NotFound, Unauthorized
from domain.facts import OrderChanged
from domain.ports.mailbox import Letter
from tests.adapters.marketplaces.amazon.scenes import ORDER, SETTINGS, order_change, speaking_to
from tests.adapters.marketplaces.amazon.simulator import Amazon


async def test_all_messages_are_read_batch_by_batch() -> None:
    amazon = Amazon()
    for number in range(23):
        amazon.leave(order_change(f"305-00000{number:02}-1234567"))
    async with speaking_to(amazon) as marketplace:
        letters = await marketplace.fetch_letters()
        assert len({letter.receipt for letter in letters}) == 23
        for letter in letters:
            await marketplace.answer_letter(letter, "")
    assert amazon.messages == {}


async def test_a_message_is_a_hint_about_its_order() -> None:
    amazon = Amazon()
    amazon.leave(order_change(ORDER))
    async with speaking_to(amazon) as marketplace:
        (letter,) = await marketplace.fetch_letters()
        assert marketplace.read_webhook(letter.body) == (OrderChanged(channel_order_id=ORDER),)
        assert not marketplace.verify_webhook({}, letter.body, amazon.now)


async def test_a_message_that_is_not_answered_comes_again() -> None:
    amazon = Amazon()
    amazon.leave(order_change(ORDER))
    async with speaking_to(amazon) as marketplace:
        first = await marketplace.fetch_letters()
        assert await marketplace.fetch_letters() == ()
        amazon.hidden.clear()
        assert await marketplace.fetch_letters() == first


async def test_without_a_queue_there_are_no_letters() -> None:
    async with speaking_to(Amazon(), queue=None) as marketplace:
        assert await marketplace.fetch_letters() == ()
        with pytest.raises(NotFound):
            await marketplace.answer_letter(Letter(receipt="1", body=b"{}"), "")


async def test_a_key_that_is_refused_is_for_an_operator_to_mend() -> None:
    async with speaking_to(Amazon(), queue=SETTINGS["queue"] | {"access_key_id": "AKIDOTHER"}) as marketplace:
        with pytest.raises(Unauthorized):
            await marketplace.fetch_letters()


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.Response(400, json={"__type": "com.amazonaws.sqs#QueueDoesNotExist"}), NotFound),
        (httpx.Response(200, html="<html>"), ContractBroken),
    ],
)
async def test_an_answer_of_another_kind_is_told_in_our_words(answer: httpx.Response, error: type[Exception]) -> None:
    amazon = Amazon()
    amazon.instead = answer
    async with speaking_to(amazon) as marketplace:
        with pytest.raises(error):
            await marketplace.fetch_letters()
