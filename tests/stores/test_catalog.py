"""Channels, locations, SKUs and listings, in both records."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from domain.barrier import BARRIERS
from domain.errors import NotFound
from domain.location import Location
from domain.ports.stores import Record
from domain.ports.stores.catalog import Channel
from domain.restriction import Restriction
from domain.waits import SOURCING_POLICY, hold_cause
from tests.builders import ACCOUNT, BERLIN, MUG, MUNICH, NOW, TEA, location
from tests.stores.scenes import SHOP, let_wait, open_causes, start_publishing, wants_sweep


async def test_a_channel_is_loaded_as_it_was_saved(record: Record) -> None:
    assert await _channel(record) == SHOP


async def test_channels_come_by_account(record: Record) -> None:
    async with record.begin() as tx:
        for account in ("zoo", "alpha"):
            await tx.catalog.save_channel(SHOP.model_copy(update={"account": account}))
        assert [channel.account for channel in await tx.catalog.channels()] == ["alpha", ACCOUNT, "zoo"]


async def test_an_empty_record_has_no_channels_and_no_locations(empty_record: Record) -> None:
    async with empty_record.begin() as tx:
        assert (await tx.catalog.channels(), await tx.catalog.locations()) == ((), ())


async def test_an_unknown_channel_is_not_found(record: Record) -> None:
    with pytest.raises(NotFound):
        async with record.begin() as tx:
            await tx.catalog.channel("none")


async def test_saving_a_channel_again_keeps_pause_and_watermark(record: Record) -> None:
    async with record.begin() as tx:
        await tx.catalog.pause_channel(ACCOUNT, paused=True)
        await tx.catalog.advance_watermark(ACCOUNT, NOW)
        await tx.catalog.note_listed(ACCOUNT, NOW)
        await tx.catalog.save_channel(Channel(account=ACCOUNT, adapter="vendure", settings='{"token": "u"}'))
    wanted = Channel(account=ACCOUNT, adapter="vendure", settings='{"token": "u"}', paused=True, watermark=NOW)
    assert await _channel(record) == wanted.model_copy(update={"listed_at": NOW})


async def test_what_the_adapter_says_of_carriers_and_labels_is_kept_anew_each_time(record: Record) -> None:
    for terms in ({"carriers": ("swift", "slow"), "sells_labels": True}, {"carriers": (), "sells_labels": False}):
        wanted = SHOP.model_copy(update=terms)
        async with record.begin() as tx:
            await tx.catalog.save_channel(wanted)
        assert await _channel(record) == wanted


async def test_an_unknown_channel_can_be_neither_paused_nor_advanced(record: Record) -> None:
    with pytest.raises(NotFound):
        async with record.begin() as tx:
            await tx.catalog.pause_channel("none", paused=True)
    with pytest.raises(NotFound):
        async with record.begin() as tx:
            await tx.catalog.advance_watermark("none", NOW)
    with pytest.raises(NotFound):
        async with record.begin() as tx:
            await tx.catalog.note_listed("none", NOW)


async def test_a_channel_is_paused_and_resumed(record: Record) -> None:
    for paused in (True, True, False):
        async with record.begin() as tx:
            await tx.catalog.pause_channel(ACCOUNT, paused=paused)
        assert (await _channel(record)).paused is paused


async def test_a_watermark_never_goes_back(record: Record) -> None:
    for moment in (NOW, NOW + timedelta(hours=1), NOW - timedelta(days=1)):
        async with record.begin() as tx:
            await tx.catalog.advance_watermark(ACCOUNT, moment)
    assert (await _channel(record)).watermark == NOW + timedelta(hours=1)


async def test_locations_come_by_code_as_they_were_saved(record: Record) -> None:
    aachen = Location(
        code="AAH", name="Aachen", system="wms", needs_hand=False, ships=False, rank=7, carrier="slow", open=False,
        time_zone="Europe/Berlin", country="DE", hours="mon-fri 09:00-18:00", cut_off="15:00",
        holidays=(date(2026, 1, 6),), closed_until=NOW, daily_capacity=40, handling=120, handling_line=15,
        serves=("DE", "AT"), handles=frozenset({Restriction.AGE_18}),
    )  # fmt: skip
    async with record.begin() as tx:
        await tx.catalog.save_location(aachen)
        assert await tx.catalog.locations() == (aachen, location(BERLIN), location(MUNICH))


async def test_a_location_can_be_changed(record: Record) -> None:
    closed = location(BERLIN, open=False, name="Berlin", pickup=False)
    async with record.begin() as tx:
        await tx.catalog.save_location(closed)
        assert await tx.catalog.locations() == (closed, location(MUNICH))


async def test_a_changed_location_wakes_who_waits_for_what_it_was_like_and_offers_its_stock_anew(
    record: Record,
) -> None:
    woken = {f"location:{BERLIN}", SOURCING_POLICY, *(hold_cause(reason.value, "shop/1001") for reason in BARRIERS)}
    await let_wait(record, *woken, f"location:{MUNICH}", f"stock:{TEA}")
    await start_publishing(record)
    async with record.begin() as tx:
        assert await tx.catalog.change_locations(lambda known: [known[BERLIN]], NOW) == 0
    assert (await open_causes(record), await wants_sweep(record)) == (set(), False)
    closed, new = location(BERLIN, open=False), location("AAH")
    async with record.begin() as tx:
        assert await tx.catalog.change_locations(lambda known: [closed, new, known[MUNICH]], NOW) == 2
        assert await tx.catalog.locations() == (new, closed, location(MUNICH))
    assert (await open_causes(record), await wants_sweep(record)) == (woken, True)


async def test_only_skus_that_exist_are_known(record: Record) -> None:
    async with record.begin() as tx:
        assert await tx.catalog.known_skus([TEA, "NOTHING", MUG, TEA]) == {TEA, MUG}
        assert await tx.catalog.known_skus([]) == frozenset()


async def test_a_sku_has_a_weight_that_can_be_changed(record: Record) -> None:
    async with record.begin() as tx:
        await tx.catalog.save_sku(TEA, "Better tea", 250)
        assert await tx.catalog.weight([TEA, MUG, "NOTHING"]) == {TEA: 250, MUG: 100}
        assert await tx.catalog.weight([]) == {}


async def test_a_weight_that_is_not_given_stays_and_a_new_sku_is_without(record: Record) -> None:
    async with record.begin() as tx:
        for sku in (TEA, "NEW"):
            await tx.catalog.save_sku(sku, "Better tea")
        assert await tx.catalog.weight([TEA, "NEW"]) == {TEA: 100, "NEW": 0}


async def _channel(record: Record) -> Channel:
    async with record.begin() as tx:
        return await tx.catalog.channel(ACCOUNT)
