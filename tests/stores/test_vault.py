"""The vault of personal data, in both records."""

from __future__ import annotations

import pytest

from domain.effect import Confirmed
from domain.errors import NotFound
from domain.ports.stores import Record
from domain.values import Address, Document
from tests.builders import NOW, address, buyer, channel_order, fulfillment, intent, pickup_order, received
from tests.stores.scenes import add_part, load, record_order

ELSEWHERE = address(street="Am Kai 1\N{ZERO WIDTH JOINER}", city="L\u00fcbeck", phone="+49 451 1")


async def test_address_and_buyer_are_read_as_they_came(record: Record) -> None:
    order_id = await record_order(record, channel_order(address=ELSEWHERE, buyer=buyer(phone="+49 1")))
    assert await _address(record, order_id) == ELSEWHERE
    async with record.begin() as tx:
        assert await tx.vault.buyer(order_id) == buyer(phone="+49 1")


async def test_a_pickup_has_a_buyer_and_no_address(record: Record) -> None:
    order_id = await record_order(record, pickup_order())
    async with record.begin() as tx:
        assert await tx.vault.buyer(order_id) == buyer()
    with pytest.raises(NotFound):
        await _address(record, order_id)


async def test_an_unknown_order_has_neither_address_nor_buyer(record: Record) -> None:
    with pytest.raises(NotFound):
        await _address(record, "shop/none")
    with pytest.raises(NotFound):
        await _buyer(record, "shop/none")


async def test_a_proposed_address_is_not_used_until_it_is_accepted(record: Record) -> None:
    order_id = await record_order(record)
    version = await _propose(record, order_id, ELSEWHERE)
    assert await _address(record, order_id) == address()
    assert await _use(record, order_id, version)
    assert await _address(record, order_id) == ELSEWHERE
    assert await _use(record, order_id, version)


async def test_each_proposed_address_has_its_own_version(record: Record) -> None:
    order_id = await record_order(record)
    versions = [await _propose(record, order_id, address(city=city)) for city in ("Kiel", "Bremen", "Essen")]
    assert len(set(versions)) == 3
    assert await _use(record, order_id, versions[1])
    assert (await _address(record, order_id)).city == "Bremen"


async def test_an_address_nobody_proposed_cannot_be_used(record: Record) -> None:
    order_id = await record_order(record)
    assert not await _use(record, order_id, 99)
    assert not await _use(record, "shop/none", 1)
    assert await _address(record, order_id) == address()


async def test_a_pickup_pin_has_six_digits_and_is_the_same_every_time(record: Record) -> None:
    order_id = await record_order(record, pickup_order())
    part = await add_part(record, fulfillment(order_id, delivery="pickup"))
    pin = await _pin(record, part)
    assert len(pin) == 6
    assert pin.isdecimal()
    assert await _pin(record, part) == pin


async def test_every_pickup_has_its_own_pin(record: Record) -> None:
    order_id = await record_order(record, pickup_order())
    parts = [await add_part(record, fulfillment(order_id, number, delivery="pickup")) for number in range(1, 9)]
    # One chance collision of two is rare; of three it does not happen.
    assert len({await _pin(record, part) for part in parts}) >= 7


async def test_an_unknown_pickup_has_no_pin(record: Record) -> None:
    with pytest.raises(NotFound):
        await _pin(record, "shop/none/F1")


async def test_after_erasure_nothing_personal_can_be_read(record: Record) -> None:
    order_id = await record_order(record)
    part = await add_part(record, fulfillment(order_id))
    version = await _propose(record, order_id, ELSEWHERE)
    await _erase(record, order_id)
    for read in (_address, _buyer):
        with pytest.raises(NotFound):
            await read(record, order_id)
    with pytest.raises(NotFound):
        await _pin(record, part)
    assert not await _use(record, order_id, version)


async def test_erasure_takes_inbox_bodies_and_labels_with_it(record: Record) -> None:
    order_id = await record_order(record)
    part = await add_part(record, fulfillment(order_id))
    async with record.begin() as tx:
        (inbox_id,) = await tx.inbox.store((received(b"personal"),), NOW)
        assert inbox_id is not None
        await tx.inbox.finish(inbox_id, order_id, NOW)
        parcel = await tx.shipments.plan_parcel(part, "swift", NOW)
        label = Confirmed(tracking_number="T-1", document=Document(content=b"personal"))
        await tx.shipments.keep_label(parcel.parcel_id, label, NOW)
    await _erase(record, order_id)
    async with record.begin() as tx:
        assert await tx.shipments.label_document(parcel.parcel_id) is None
    with pytest.raises(NotFound):
        async with record.begin() as tx:
            await tx.inbox.load(inbox_id)


async def test_what_comes_in_after_erasure_is_not_kept(record: Record) -> None:
    order_id = await record_order(record)
    part = await add_part(record, fulfillment(order_id))
    await _erase(record, order_id)
    async with record.begin() as tx:
        (inbox_id,) = await tx.inbox.store((received(b"personal"),), NOW)
        assert inbox_id is not None
        await tx.inbox.finish(inbox_id, order_id, NOW)
        parcel = await tx.shipments.plan_parcel(part, "swift", NOW)
        label = Confirmed(tracking_number="T-1", document=Document(content=b"personal"))
        await tx.shipments.keep_label(parcel.parcel_id, label, NOW)
        assert await tx.shipments.label_document(parcel.parcel_id) is None
    with pytest.raises(NotFound):
        async with record.begin() as tx:
            await tx.inbox.load(inbox_id)
    with pytest.raises(NotFound):
        await _propose(record, order_id, ELSEWHERE)


async def test_erasing_an_unknown_order_is_harmless(record: Record) -> None:
    await _erase(record, "shop/none")
    with pytest.raises(NotFound):
        await _propose(record, "shop/none", ELSEWHERE)


async def test_erasure_keeps_the_order_and_its_effects(record: Record) -> None:
    order_id = await record_order(record)
    async with record.begin() as tx:
        effect = await tx.effects.claim(intent(order_id=order_id), NOW)
    await _erase(record, order_id)
    assert (await load(record, order_id)).total == 1000
    async with record.begin() as tx:
        assert (await tx.effects.load(effect.key)).state == effect.state


async def test_erasing_one_order_leaves_the_others(record: Record) -> None:
    first = await record_order(record)
    second = await record_order(record, channel_order(channel_order_id="1002"))
    for _ in range(2):
        await _erase(record, first)
    assert await _address(record, second) == address()


async def test_a_mark_tells_addresses_of_one_order_apart_and_nothing_about_others(record: Record) -> None:
    order_id = await record_order(record)
    moved = address(street="Other street 9")
    async with record.begin() as tx:
        here = tx.vault.mark(order_id, address())
        assert here == tx.vault.mark(order_id, address(phone="+49 2", city=address().city.upper()))
        assert len({here, tx.vault.mark(order_id, moved), tx.vault.mark("shop/2", address())}) == 3
        assert (await tx.orders.load(order_id)).address_mark == here
        await tx.vault.note_told(order_id, moved)
        assert (await tx.orders.load(order_id)).address_mark == tx.vault.mark(order_id, moved)


async def test_the_mark_of_an_address_is_erased_with_it(record: Record) -> None:
    order_id = await record_order(record)
    await _erase(record, order_id)
    async with record.begin() as tx:
        await tx.vault.note_told(order_id, address())
        assert (await tx.orders.load(order_id)).address_mark == ""


async def _address(record: Record, order_id: str) -> Address:
    async with record.begin() as tx:
        return await tx.vault.address(order_id)


async def _buyer(record: Record, order_id: str) -> object:
    async with record.begin() as tx:
        return await tx.vault.buyer(order_id)


async def _propose(record: Record, order_id: str, wanted: Address) -> int:
    async with record.begin() as tx:
        return await tx.vault.propose_address(order_id, wanted)


async def _use(record: Record, order_id: str, version: int) -> bool:
    async with record.begin() as tx:
        return await tx.vault.use_address(order_id, version)


async def _erase(record: Record, order_id: str) -> None:
    async with record.begin() as tx:
        await tx.vault.erase(order_id, NOW)


async def _pin(record: Record, part: str) -> str:
    async with record.begin() as tx:
        return await tx.vault.pickup_pin(part)
