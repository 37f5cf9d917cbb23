"""Matching by hand: the unmapped queue, mappings one by one and by file, aliases, rules and kits."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from infra.database.record import PostgresRecord
from tests.builders import ACCOUNT, MUG, NOW, TEA, channel_line, channel_order
from tests.stores.scenes import open_causes, record_order, start_publishing, wants_sweep
from tests.workers.cli.conftest import Ask, Run

pytestmark = pytest.mark.stack


async def wait_for_sku(
    record: PostgresRecord, number: str, listing_id: str, title: str = "A thing", *, gtin: str = "", quantity: int = 1
) -> None:
    """Record an order whose line waits for a SKU."""
    wanted = channel_line(quantity=quantity, sku="", listing_id=listing_id, title=title, gtin=gtin)
    order_id = await record_order(record, channel_order(wanted, channel_order_id=number), match=False)
    async with record.begin() as tx:
        await tx.waits.rewrite(order_id, "", {f"sku:{ACCOUNT}:{listing_id}": "unmatched"}, NOW)


async def test_the_queue_ranks_what_a_listing_may_mean_and_says_why(record: PostgresRecord, ask: Ask, run: Run) -> None:
    async with record.begin() as tx:
        await tx.catalog.save_sku(TEA, "Green tea 500 g", 500, brand="Acme")
    await wait_for_sku(record, "1", "L-1", "ACME green tea 500g, pack of 6")
    await wait_for_sku(record, "2", "L-1", "ACME green tea 500g, pack of 6", quantity=3)
    await wait_for_sku(record, "3", "L-2", "Garden hose")
    first, second = (await ask("listings", "unmapped"))["unmapped"]
    assert (first["listing_id"], first["orders"], first["units"], second["suggestions"]) == ("L-1", 2, 4, [])
    best = first["suggestions"][0]
    assert (best["sku"], best["units"]) == (TEA, 6)
    assert "the same size" in best["reasons"]
    shown = await run("listings", "unmapped", "--channel", ACCOUNT)
    assert "6 x TEA-1" in shown.stdout
    assert (await ask("listings", "unmapped", "--channel", "other"))["unmapped"] == []


async def test_the_queue_says_what_a_line_is_held_by(record: PostgresRecord, ask: Ask, run: Run) -> None:
    await wait_for_sku(record, "1", "L-1", gtin="4006381333931")
    await wait_for_sku(record, "2", "L-2")
    await ask("listings", "alias", "4006381333931", TEA, "--units", "10")
    await ask("listings", "alias", "04006381333931", MUG)
    await ask("listings", "map", ACCOUNT, "L-2", MUG)
    await ask("skus", "retire", MUG, "--back")
    assert [row["why"] for row in (await ask("listings", "unmapped"))["unmapped"]] == [
        "by alias it may be 1 x MUG-1 or 10 x TEA-1", "",
    ]  # fmt: skip
    await ask("skus", "retire", MUG)
    assert "by listing it is MUG-1, which is retired" in (await run("listings", "unmapped", COLUMNS="300")).stdout


async def test_accepting_the_best_suggestion_clears_its_cause_only(record: PostgresRecord, ask: Ask) -> None:
    async with record.begin() as tx:
        await tx.catalog.save_sku(TEA, "Green tea 500 g", 500)
    await wait_for_sku(record, "1", "L-1", "Green tea 500 g")
    await wait_for_sku(record, "2", "L-2", "Garden hose")
    assert (await ask("listings", "accept", ACCOUNT, "L-1", "--actor", "kim"))["sku"] == TEA
    assert await open_causes(record) == {f"sku:{ACCOUNT}:L-1"}
    assert (await ask("listings", "accept", ACCOUNT, "L-2", exit_code=1))["error"]["code"] == "not-sure"
    assert (await ask("listings", "accept", ACCOUNT, "L-9", exit_code=1))["error"]["code"] == "not-waiting"


async def test_a_listing_that_means_something_is_replaced_only_by_yes(
    record: PostgresRecord, ask: Ask, run: Run
) -> None:
    del record
    await ask("listings", "map", ACCOUNT, "L-1", TEA, "--units", "6")
    refused = await run("listings", "map", ACCOUNT, "L-1", MUG)
    assert refused.exit_code == 1
    assert refused.stderr == (
        "crossdock: listing L-1 means 6 x TEA-1 already, not 1 x MUG-1\n  → repeat with --yes to replace it\n"
    )
    await ask("listings", "map", ACCOUNT, "L-1", MUG, "--yes")
    (listing,) = (await ask("listings", "list"))["listings"]
    assert (listing["sku"], listing["units"]) == (MUG, 1)
    await ask("listings", "unmap", ACCOUNT, "L-1")
    assert (await ask("listings", "list"))["listings"] == []
    assert (await ask("listings", "unmap", ACCOUNT, "L-1", exit_code=1))["error"]["code"] == "no-listing"


@pytest.mark.parametrize("arguments", [(), (ACCOUNT, "L-1"), (ACCOUNT, "", TEA), (ACCOUNT, "L-1", TEA, "--file", "x")])
async def test_a_mapping_without_all_its_parts_is_wrong_usage(
    record: PostgresRecord, run: Run, arguments: tuple[str, ...]
) -> None:
    del record
    assert (await run("listings", "map", *arguments)).exit_code == 2


FILE = f"""account,listing,sku,units
{ACCOUNT},L-1,{TEA},6
{ACCOUNT},L-2,NOPE,
{ACCOUNT},L-1,{MUG},
other,L-3,{TEA},1
{ACCOUNT},L-4,{TEA},0
{ACCOUNT},,{TEA},1
{ACCOUNT},L-5,{MUG},
{ACCOUNT},L-6,{TEA},6
"""


async def test_a_file_maps_its_good_rows_and_says_what_is_wrong_with_the_others(
    record: PostgresRecord, ask: Ask, tmp_path: Path
) -> None:
    await wait_for_sku(record, "1", "L-1")
    await wait_for_sku(record, "2", "L-5")
    path = tmp_path / "mappings.csv"
    path.write_text(FILE)
    told = await ask("listings", "map", "--file", str(path), exit_code=1)
    assert told["mapped"] == 2
    assert [(row["line"], row["why"].partition(":")[0]) for row in told["refused"]] == [
        (2, "listing"), (3, "sku"), (4, "listing"), (5, "account"), (6, "units"), (7, "listing_id"),
    ]  # fmt: skip
    listed = (await ask("listings", "list"))["listings"]
    assert [(row["listing_id"], row["sku"], row["units"]) for row in listed] == [("L-5", MUG, 1), ("L-6", TEA, 6)]
    assert await open_causes(record) == {f"sku:{ACCOUNT}:L-5"}


async def test_all_or_nothing_maps_nothing_for_one_bad_row(record: PostgresRecord, ask: Ask, tmp_path: Path) -> None:
    path = tmp_path / "mappings.csv"
    path.write_text(FILE)
    told = await ask("listings", "map", "--file", str(path), "--all-or-nothing", exit_code=1)
    assert (told["mapped"], len(told["refused"])) == (0, 6)
    assert (await ask("listings", "list"))["listings"] == []
    assert await open_causes(record) == set()


@pytest.mark.parametrize("text", ["", "account,sku\n", "\ufeffaccount;listing;sku\n"])
async def test_a_file_without_its_columns_is_wrong_usage(
    record: PostgresRecord, run: Run, tmp_path: Path, text: str
) -> None:
    del record
    path = tmp_path / "mappings.csv"
    path.write_text(text)
    assert (await run("listings", "map", "--file", str(path))).exit_code == 2
    assert (await run("listings", "map", "--file", str(tmp_path / "none.csv"))).exit_code == 2


async def test_an_alias_wakes_who_waited_for_it_until_it_ends(record: PostgresRecord, ask: Ask) -> None:
    await wait_for_sku(record, "1", "L-1", gtin="4006381333931")
    told = await ask("listings", "alias", "4006381333931", TEA, "--units", "10")
    assert told["woken"] == 1
    assert await open_causes(record) == {f"sku:{ACCOUNT}:L-1"}
    (alias,) = (await ask("listings", "names"))["aliases"]
    assert (alias["account"], alias["code"], alias["units"]) == ("", "4006381333931", 10)
    await ask("listings", "unalias", "4006381333931")
    assert (await ask("listings", "unalias", "4006381333931", exit_code=1))["error"]["code"] == "no-alias"
    assert (await ask("listings", "alias", "X", TEA, "--channel", "none", exit_code=1))["error"]["code"] == "no-channel"


async def test_a_rule_wakes_who_waited_for_it_until_it_ends(record: PostgresRecord, ask: Ask, run: Run) -> None:
    await wait_for_sku(record, "1", "AMZ-tea-1")
    rule = ("listings", "rule", ACCOUNT, "1", "--strip-prefix", "AMZ-", "--fold-case", "--reads", "listing")
    assert (await ask(*rule))["woken"] == 1
    assert "AMZ-" in (await run("listings", "names")).stdout
    await ask("listings", "rule", ACCOUNT, "1", "--end")
    assert (await ask("listings", "rule", ACCOUNT, "1", "--end", exit_code=1))["error"]["code"] == "no-rule"
    assert (await run("listings", "rule", ACCOUNT, "1")).exit_code == 2


ENDING = [
    (("alias", "4006381333931", TEA), ("alias", "4006381333931", MUG, "--channel", ACCOUNT),
     ("listings", "unalias", "4006381333931")),
    (("map", ACCOUNT, "L-1", TEA), ("alias", "4006381333931", MUG), ("listings", "unmap", ACCOUNT, "L-1")),
    (("map", ACCOUNT, "L-1", TEA), ("alias", "4006381333931", MUG), ("skus", "retire", TEA)),
    (("rule", ACCOUNT, "1", "--strip-prefix", "L-", "--reads", "listing"), ("alias", "4006381333931", MUG),
     ("listings", "rule", ACCOUNT, "1", "--end")),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other", "end"), ENDING)
async def test_what_ends_wakes_the_lines_that_something_else_matches_now(
    record: PostgresRecord,
    engine: AsyncEngine,
    ask: Ask,
    one: tuple[str, ...],
    other: tuple[str, ...],
    end: tuple[str, ...],
) -> None:
    await ask("listings", *one)
    await ask("listings", *other)
    await wait_for_sku(record, "1", "L-1", gtin="4006381333931")
    assert await open_causes(record) == set()
    assert (await ask(*end, "--actor", "kim"))["woken"] == 1
    assert await open_causes(record) == {f"sku:{ACCOUNT}:L-1"}
    async with engine.connect() as connection:
        assert (await connection.execute(text("SELECT DISTINCT actor FROM audit"))).scalars().all() == ["kim"]


async def test_a_new_sku_wakes_who_waited_for_it(record: PostgresRecord, ask: Ask) -> None:
    await wait_for_sku(record, "1", "L-1", gtin="4006381333931")
    added = await ask(
        "skus", "add", "PENCIL", "Pencil HB", "--grams", "9", "--gtin", "4006381333931", "--brand", "Acme"
    )
    assert added["woken"] == 1
    pencil = next(row for row in (await ask("skus", "list"))["skus"] if row["sku"] == "PENCIL")
    assert (pencil["brand"], pencil["gtin"], pencil["weight_grams"]) == ("Acme", "04006381333931", 9)
    await ask("skus", "add", "PENCIL", "Pencil 2B")
    pencil = next(row for row in (await ask("skus", "list"))["skus"] if row["sku"] == "PENCIL")
    assert (pencil["title"], pencil["brand"], pencil["weight_grams"]) == ("Pencil 2B", "Acme", 9)
    assert (await ask("skus", "add", "X", "X", "--gtin", "1", exit_code=1))["error"]["code"] == "bad-gtin"


async def test_a_kit_is_declared_and_refused_with_the_reason(record: PostgresRecord, ask: Ask, run: Run) -> None:
    del record
    await ask("skus", "add", "SET", "Tea for four")
    kit = await ask("skus", "kit", "SET", f"{TEA}=1:30", f"{MUG}=4:5")
    assert kit["parts"] == [{"sku": TEA, "units": 1, "worth": 30}, {"sku": MUG, "units": 4, "worth": 5}]
    refused = await ask("skus", "kit", TEA, "SET=1", exit_code=1)
    assert (refused["error"]["code"], "TEA-1 > SET > TEA-1" in refused["error"]["message"]) == ("kit-in-itself", True)
    for part in (MUG, f"{MUG}=0", "=1", f"{MUG}=x"):
        assert (await run("skus", "kit", "SET", part)).exit_code == 2
    row = next(row for row in (await ask("skus", "list"))["skus"] if row["sku"] == "SET")
    assert row["made_of"] == ["4 x MUG-1", "1 x TEA-1"]
    assert (await ask("skus", "kit", "SET"))["parts"] == []


async def test_a_mapping_to_a_retired_sku_is_refused_until_it_is_sold_again(record: PostgresRecord, ask: Ask) -> None:
    del record
    assert (await ask("skus", "retire", TEA))["retired"] is True
    assert (await ask("listings", "map", ACCOUNT, "L-1", TEA, exit_code=1))["error"]["code"] == "retired-sku"
    await ask("skus", "retire", TEA, "--back")
    await ask("listings", "map", ACCOUNT, "L-1", TEA)


@pytest.mark.parametrize("change", [("retire", TEA), ("retire", TEA, "--back"), ("kit", TEA, f"{MUG}=1"), ("kit", TEA)])
async def test_a_sku_that_is_retired_or_becomes_a_kit_is_offered_anew(
    record: PostgresRecord, ask: Ask, change: tuple[str, ...]
) -> None:
    await start_publishing(record)
    await ask("skus", *change)
    assert await wants_sweep(record)
