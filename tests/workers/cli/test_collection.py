"""Drivers as operators see them: in the list, on the order's page, and among what is stuck."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from domain.collection import Collection, CollectionState, CollectionWish
from infra.database.record import PostgresRecord
from tests.builders import ACCOUNT, BERLIN, NOW
from tests.stores.test_collection import label
from tests.workers.cli.conftest import Ask, Run

pytestmark = pytest.mark.stack

WISH = CollectionWish(
    location=BERLIN, carrier="swift", day=date(2026, 1, 5), ready_at=NOW, closes_at=NOW + timedelta(hours=2)
)
ORDER = f"{ACCOUNT}/1"


@pytest.fixture
async def wanted(record: PostgresRecord) -> Collection:
    """A driver who is being ordered for one parcel."""
    await label(record, "1")
    return await plan(record)


async def plan(record: PostgresRecord, late: timedelta = timedelta()) -> Collection:
    async with record.begin() as tx:
        collection = await tx.collections.plan(WISH, NOW + late)
    assert collection
    return collection


async def settle(record: PostgresRecord, collection: Collection, state: CollectionState, **what: str) -> None:
    async with record.begin() as tx:
        await tx.collections.settle(collection.collection_id, state, NOW, **what)


async def test_drivers_are_listed_with_what_the_carrier_said(
    wanted: Collection, record: PostgresRecord, ask: Ask, run: Run
) -> None:
    await settle(record, wanted, CollectionState.ORDERED, remote_id="PU-7")
    (row,) = (await ask("collections", "list"))["collections"]
    assert (row["collection_id"], row["state"], row["remote_id"]) == (wanted.collection_id, "ORDERED", "PU-7")
    assert [parcel["parcel_id"] for parcel in row["parcels"]] == [f"{ORDER}/F1/P1"]
    assert (await ask("collections", "list", "--location", "elsewhere"))["collections"] == []
    assert "PU-7" in (await run("collections", "list")).stdout
    assert (await run("collections", "list", "--location", "elsewhere")).stdout == "no collections\n"


async def test_the_page_of_an_order_says_when_the_driver_comes(
    wanted: Collection, record: PostgresRecord, ask: Ask, run: Run
) -> None:
    assert "asked for" in (await run("orders", "show", ORDER)).stdout
    await settle(record, wanted, CollectionState.ORDERED)
    assert "2026-01-05 12:00:00Z to 2026-01-05 14:00:00Z" in " ".join(
        (await run("orders", "show", ORDER)).stdout.split()
    )
    (parcel,) = (await ask("orders", "show", ORDER))["parcels"]
    assert (parcel["collection_id"], parcel["collected_from"]) == (wanted.collection_id, "2026-01-05T12:00:00Z")
    lines = (await ask("orders", "history", ORDER))["history"]
    assert [line["happened"] for line in lines if line["kind"] == "collection"] == ["driver wanted", "ordered"]


async def test_a_refused_driver_is_stuck_until_the_parcels_have_another(
    wanted: Collection, record: PostgresRecord, ask: Ask, run: Run
) -> None:
    await settle(record, wanted, CollectionState.REFUSED, code="no-driver-today")
    (one,) = (await ask("stuck", "--fail", exit_code=3))["collections"]
    assert (one["code"], one["parcels"]) == ("no-driver-today", 1)
    assert one["command"] == f"crossdock collections order {BERLIN} --carrier swift"
    assert "no-driver-today" in (await run("stuck")).stdout
    await settle(record, await plan(record, timedelta(minutes=1)), CollectionState.REFUSED, code="still-none")
    assert [one["code"] for one in (await ask("stuck"))["collections"]] == ["still-none"]
    async with record.begin() as tx:
        await tx.shipments.void(f"{ORDER}/F1/P1", NOW)
    assert (await ask("stuck"))["collections"] == []


@pytest.mark.parametrize(("code", "decision"), [("unknown-read-timeout", " --happened"), ("http-401", "")])
async def test_a_driver_who_cannot_be_ordered_is_stuck(
    wanted: Collection, record: PostgresRecord, ask: Ask, code: str, decision: str
) -> None:
    async with record.begin() as tx:
        await tx.collections.note(wanted.collection_id, code)
    (one,) = (await ask("stuck"))["collections"]
    assert one["command"] == f"crossdock collections retry {wanted.collection_id}{decision}"


async def test_a_wish_that_cannot_be_meant_is_wrong_usage(record: PostgresRecord, ask: Ask) -> None:
    del record
    half = ("collections", "order", BERLIN, "--until", "2026-01-05T14:00:00Z")
    assert (await ask(*half, exit_code=2))["error"]["message"] == "--from and --until belong together"
    lone = ("collections", "retry", "BER/swift/2026-01-05/1", "--remote-id", "PU-7")
    assert (await ask(*lone, exit_code=2))["error"]["message"] == "--remote-id belongs to --happened"
    unknown = ("collections", "retry", "BER/swift/2026-01-05/1")
    assert (await ask(*unknown, exit_code=1))["error"]["code"] == "no-collection"
