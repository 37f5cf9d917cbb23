"""`crossdock stock`, on a record of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.fulfillment import Stage
from infra.database.record import PostgresRecord
from tests.builders import ACCOUNT, BERLIN, MUNICH, NOW, TEA, channel_line, channel_order, fulfillment
from tests.stores.scenes import add_part, claims_of, quantities_of, receive, record_order, walk
from tests.workers.cli.conftest import Ask, Run

pytestmark = pytest.mark.stack


@pytest.mark.parametrize("words", [
    ("set", TEA, BERLIN, "-3"),
    ("count", TEA, BERLIN, "-3"),
    ("receive", TEA, BERLIN, "-3"),
    ("receive", TEA, BERLIN, "0"),
    ("receive", TEA, BERLIN, "1000001"),
    ("adjust", TEA, BERLIN, "three", "--reason", "damaged"),
    ("transfer", TEA, BERLIN, MUNICH, "-1"),
    ("safety", TEA, BERLIN, "-1"),
    ("set-aside", TEA, ACCOUNT, "99999999999999999999"),
])  # fmt: skip
async def test_a_number_that_cannot_be_meant_is_refused_by_its_field(
    record: PostgresRecord, ask: Ask, words: tuple[str, ...]
) -> None:
    told = (await ask("stock", *words, exit_code=2))["error"]
    assert told["message"].startswith("UNITS ")
    assert "expected a whole number from" in told["message"]
    async with record.begin() as tx:
        assert await tx.stock.levels([TEA]) == ()


async def test_a_negative_count_says_what_was_probably_meant(record: PostgresRecord, run: Run) -> None:
    del record
    result = await run("stock", "set", TEA, BERLIN, "-3")
    assert "crossdock stock adjust TEA-1 BER -3 --reason damaged" in result.stderr


async def test_a_mistyped_option_is_still_refused(record: PostgresRecord, run: Run) -> None:
    del record
    assert (await run("stock", "set", TEA, BERLIN, "3", "--reasn", "x")).exit_code == 2
    assert (await run("stock", "set", TEA, BERLIN, "-3", "--reasn", "x")).exit_code == 2


async def test_what_is_counted_lies_there(record: PostgresRecord, ask: Ask) -> None:
    for command in ("count", "set"):
        told = await ask("stock", command, TEA, BERLIN, "7", "--request", command)
        assert (told["booked"], told["on_hand"]) == (True, 7)
    assert not (await ask("stock", "count", TEA, BERLIN, "9", "--request", "count"))["booked"]
    assert await quantities_of(record) == (7, 0)


async def test_a_correction_needs_a_reason_of_the_list_that_goes_its_way(record: PostgresRecord, ask: Ask) -> None:
    await receive(record, 10)
    assert (await ask("stock", "adjust", TEA, BERLIN, "-3", "--reason", "damaged", "--note", "wet"))["on_hand"] == 7
    assert (await ask("stock", "adjust", TEA, BERLIN, "2", "--reason", "found"))["on_hand"] == 9
    bored = await ask("stock", "adjust", TEA, BERLIN, "-1", "--reason", "bored", exit_code=2)
    assert "damaged, lost, found" in bored["error"]["message"]
    stolen = await ask("stock", "adjust", TEA, BERLIN, "3", "--reason", "theft", exit_code=1)
    assert stolen["error"]["code"] == "wrong-way"
    rows = (await ask("stock", "movements", TEA))["movements"]
    assert [(row["delta"], row["reason"]) for row in rows[:2]] == [(2, "found"), (-3, "damaged: wet")]


async def test_what_is_reserved_cannot_be_corrected_away(record: PostgresRecord, ask: Ask) -> None:
    await receive(record, 3)
    order_id = await record_order(record, channel_order(channel_line(quantity=3)))
    await add_part(record, fulfillment(order_id, quantities={"1": 3}), reserve=True)
    told = await ask("stock", "adjust", TEA, BERLIN, "-1", "--reason", "lost", exit_code=1)
    assert told["error"]["code"] == "below-reserved"
    assert "the 3 that are reserved; see crossdock stock movements" in told["error"]["message"]


async def test_more_than_can_be_counted_is_refused(record: PostgresRecord, ask: Ask) -> None:
    await receive(record, 2**31 - 5)
    told = await ask("stock", "receive", TEA, BERLIN, "9", exit_code=2)
    assert told["error"]["message"] == "the record cannot hold such a value"


async def test_units_are_carried_from_one_place_to_another(record: PostgresRecord, ask: Ask) -> None:
    await receive(record, 10)
    await ask("stock", "transfer", TEA, BERLIN, MUNICH, "4")
    assert (await quantities_of(record), await quantities_of(record, TEA, MUNICH)) == ((6, 0), (4, 0))
    await ask("stock", "transfer", TEA, BERLIN, BERLIN, "1", exit_code=2)
    assert (await ask("stock", "transfer", TEA, BERLIN, "MOON", "1", exit_code=1))["error"]["code"] == "no-location"


async def test_movements_tell_how_both_quantities_came_to_be(record: PostgresRecord, ask: Ask) -> None:
    await receive(record, 5)
    order_id = await record_order(record, channel_order(channel_line(quantity=2)))
    wanted = fulfillment(order_id, quantities={"1": 2})
    part = await add_part(record, wanted, reserve=True)
    async with record.begin() as tx:
        await tx.stock.free(part)
    async with record.begin() as tx:
        assert await tx.stock.reserve(part, claims_of(wanted))
    async with record.begin() as tx:
        await tx.stock.ship(part, NOW)
    rows = (await ask("stock", "movements", TEA))["movements"]
    told = [(row["kind"], row["delta"], row["held"]) for row in rows if row["kind"] != "receive"]
    assert told == [("ship", -2, -2), ("reserve", 0, 2), ("release", 0, -2), ("reserve", 0, 2)]
    assert len({row["key"] for row in rows}) == 5


async def test_goods_are_announced_and_received_against_their_reference(record: PostgresRecord, ask: Ask) -> None:
    await ask("stock", "incoming", "PO-7", TEA, BERLIN, "40", "--expected", "2026-02-01")
    (row,) = (await ask("stock", "show", TEA))["stock"]
    assert (row["on_hand"], row["incoming"], row["expected_at"]) == (0, 40, "2026-02-01T00:00:00Z")
    await ask("stock", "receive", TEA, BERLIN, "15", "--against", "PO-7")
    (row,) = (await ask("stock", "show", TEA))["stock"]
    assert (row["on_hand"], row["incoming"]) == (15, 25)
    wrong = await ask("stock", "receive", TEA, BERLIN, "1", "--against", "PO-8", exit_code=1)
    assert wrong["error"]["code"] == "no-incoming"
    assert await quantities_of(record) == (15, 0)


async def test_who_waits_for_goods_that_are_announced_is_told_when_they_come(
    record: PostgresRecord, run: Run, ask: Ask
) -> None:
    order_id = await record_order(record)
    async with record.begin() as tx:
        await tx.waits.rewrite(order_id, "", {f"stock:{TEA}": "short"}, NOW)
    await ask("stock", "incoming", "PO-7", TEA, BERLIN, "40", "--expected", "2026-02-01")
    assert "It waits for stock of TEA-1, expected 2026-02-01" in (await run("orders", "show", order_id)).stdout
    assert "stock of TEA-1, expected 2026-02-01" in (await run("stuck")).stdout


async def test_units_are_set_aside_where_most_is_free_or_where_one_says(record: PostgresRecord, ask: Ask) -> None:
    await receive(record, 3)
    await receive(record, 9, place=MUNICH)
    levels = (await ask("stock", "set-aside", TEA, ACCOUNT, "10"))["levels"]
    assert {row["location"]: row["set_aside"] for row in levels} == {MUNICH: 9, BERLIN: 1}
    told = await ask("stock", "set-aside", TEA, ACCOUNT, "2", "--location", BERLIN)
    assert (told["set_aside"], told["available"]) == (2, 1)
    levels = (await ask("stock", "set-aside", TEA, ACCOUNT, "0"))["levels"]
    assert not any(row["set_aside"] for row in levels)
    assert (await ask("stock", "set-aside", TEA, "nobody", "1", exit_code=1))["error"]["code"] == "no-channel"


async def test_terms_of_promising_are_kept(record: PostgresRecord, ask: Ask) -> None:
    await receive(record, 3)
    assert (await ask("stock", "safety", TEA, BERLIN, "1"))["available"] == 2
    await ask("stock", "ceiling", TEA, ACCOUNT, "5")
    async with record.begin() as tx:
        (known,) = await tx.availability.of_channel(ACCOUNT, [TEA], NOW, NOW)
    assert known.to_promise == 7


async def test_units_are_held_for_a_while_and_let_go(record: PostgresRecord, ask: Ask) -> None:
    await receive(record, 3)
    assert (await ask("stock", "hold", TEA, BERLIN, "2", "--for", "30m", "--request", "r1"))["reserved"] == 2
    assert (await ask("stock", "hold", TEA, BERLIN, "2", exit_code=1))["error"]["code"] == "short"
    assert (await ask("stock", "let-go", "soft:r1"))["ended"]
    assert await quantities_of(record) == (3, 0)
    for span in ("30", "2w", "-1m", "25h"):
        await ask("stock", "hold", TEA, BERLIN, "1", f"--for={span}", exit_code=2)
    await ask("stock", "let-go", "shop/1001/F1", exit_code=1)


async def test_the_proof_fails_while_something_is_reserved_for_nobody(record: PostgresRecord, ask: Ask) -> None:
    assert (await ask("stock", "proof"))["reservations"] == []
    await receive(record, 3)
    order_id = await record_order(record)
    part = await add_part(record, fulfillment(order_id), reserve=True)
    await walk(record, part, Stage.CANCELLED)
    (found,) = (await ask("stock", "proof", exit_code=3))["reservations"]
    assert (found["owner"], found["suspicion"]) == (part, "ownerless")
    assert (await ask("stock", "proof", "--release", exit_code=3))["released"] == 1
    assert (await ask("stock", "proof"))["reservations"] == []


async def test_what_a_channel_did_not_take_comes_first(record: PostgresRecord, ask: Ask, run: Run) -> None:
    async with record.begin() as tx:
        versions = await tx.publications.begin(ACCOUNT, {"A": 3, "B": 4}, NOW)
        await tx.publications.settle(ACCOUNT, versions, {"A": "", "B": "unknown-listing"}, NOW)
    rows = (await ask("stock", "published"))["published"]
    assert [(row["listing_id"], row["taken"], row["code"]) for row in rows] == [
        ("B", None, "unknown-listing"),
        ("A", 3, ""),
    ]
    assert "unknown-listing" in (await run("stock", "published", "--failing", "--channel", ACCOUNT)).stdout


async def test_the_local_inventory_is_written_as_advert_platforms_read_it(
    record: PostgresRecord, ask: Ask, tmp_path: Path
) -> None:
    await receive(record, 12)
    await receive(record, 1, place=MUNICH)
    file = tmp_path / "feed.csv"
    assert (await ask("stock", "feed", "--file", str(file)))["rows"] == 2
    assert file.read_bytes().decode().split("\r\n") == [
        "store_code,id,quantity,availability,pickup_method",
        "BER,TEA-1,12,in_stock,buy",
        "MUC,TEA-1,1,limited_availability,buy",
        "",
    ]
    astray = await ask("stock", "feed", "--file", str(tmp_path / "nowhere" / "feed.csv"), exit_code=2)
    assert "there is no folder" in astray["error"]["message"]


async def test_numbers_that_a_location_never_told_are_listed(record: PostgresRecord, ask: Ask) -> None:
    async with record.begin() as tx:
        await tx.shelves.note_sequences(BERLIN, [1, 4], NOW)
    assert await ask("stock", "gaps") == {"gaps": [{"location": BERLIN, "first": 2, "last": 3}]}
