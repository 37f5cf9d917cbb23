"""Kits and retired SKUs, in both records."""

from __future__ import annotations

import pytest

from domain.errors import NotFound, Refused
from domain.kit import KitPart
from domain.ports.stores import Record
from tests.builders import MUG, NOW, TEA
from tests.stores.scenes import receive

SET = "SET"


@pytest.fixture
async def kitchen(record: Record) -> Record:
    """The record with two more SKUs that may become kits."""
    async with record.begin() as tx:
        for sku in (SET, "BOX"):
            await tx.catalog.save_sku(sku, sku, 0)
    return record


async def test_a_kit_is_loaded_with_the_kits_that_it_holds(kitchen: Record) -> None:
    tea, mug = KitPart(sku=TEA, units=2, worth=5), KitPart(sku=MUG, units=1)
    async with kitchen.begin() as tx:
        await tx.kits.save(SET, (tea, mug), "kim", NOW)
        await tx.kits.save("BOX", (KitPart(sku=SET, units=4),), "kim", NOW)
        assert await tx.kits.load([SET, TEA]) == {SET: (mug, tea)}
        assert await tx.kits.load(["BOX"]) == {"BOX": (KitPart(sku=SET, units=4),), SET: (mug, tea)}
        assert await tx.kits.load([]) == {}


async def test_a_kit_can_be_declared_anew_and_be_no_kit_any_more(kitchen: Record) -> None:
    async with kitchen.begin() as tx:
        await tx.kits.save(SET, (KitPart(sku=TEA, units=2),), "kim", NOW)
        await tx.kits.save(SET, (KitPart(sku=MUG, units=3),), "kim", NOW)
        assert await tx.kits.load([SET]) == {SET: (KitPart(sku=MUG, units=3),)}
        await tx.kits.save(SET, (), "kim", NOW)
        assert await tx.kits.load([SET]) == {}


async def test_a_kit_that_contains_itself_over_another_is_refused(kitchen: Record) -> None:
    async with kitchen.begin() as tx:
        await tx.kits.save(SET, (KitPart(sku="BOX", units=1),), "kim", NOW)
    with pytest.raises(Refused, match="BOX > SET > BOX"):
        async with kitchen.begin() as tx:
            await tx.kits.save("BOX", (KitPart(sku=SET, units=1),), "kim", NOW)
    async with kitchen.begin() as tx:
        assert await tx.kits.load(["BOX"]) == {}


async def test_a_kit_of_what_is_retired_or_unknown_is_refused(kitchen: Record) -> None:
    async with kitchen.begin() as tx:
        await tx.kits.retire(TEA, retired=True)
        assert await tx.kits.retired([TEA, MUG, "NOPE"]) == {TEA: True, MUG: False}
    for part, code in ((TEA, "retired-sku"), ("NOPE", "no-sku")):
        with pytest.raises(Refused) as refusal:
            async with kitchen.begin() as tx:
                await tx.kits.save(SET, (KitPart(sku=part, units=1),), "kim", NOW)
        assert refusal.value.code == code
    async with kitchen.begin() as tx:
        await tx.kits.retire(TEA, retired=False)
        await tx.kits.save(SET, (KitPart(sku=TEA, units=1),), "kim", NOW)


async def test_what_lies_in_stock_is_no_kit(kitchen: Record) -> None:
    await receive(kitchen, 1, sku=SET)
    with pytest.raises(Refused, match="lies in stock itself"):
        async with kitchen.begin() as tx:
            await tx.kits.save(SET, (KitPart(sku=TEA, units=1),), "kim", NOW)


async def test_a_sku_that_does_not_exist_is_neither_kit_nor_retired(kitchen: Record) -> None:
    with pytest.raises(NotFound):
        async with kitchen.begin() as tx:
            await tx.kits.save("NOPE", (KitPart(sku=TEA, units=1),), "kim", NOW)
    with pytest.raises(NotFound):
        async with kitchen.begin() as tx:
            await tx.kits.retire("NOPE", retired=True)
