"""`crossdock import` on a record of its own."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from infra.database.record import PostgresRecord
from tests.builders import ACCOUNT, BERLIN, MUG, TEA
from tests.stores.scenes import quantities_of
from tests.workers.cli.conftest import Ask, Run
from workers.cli.app import app

HEADER = "sku,location,on_hand\n"
MANY, BAD = 20_000, 15_555


def write(folder: Path, content: str, name: str = "stock.csv") -> str:
    file = folder / name
    file.write_text(content)
    return str(file)


def read(file: str) -> str:
    return Path(file).read_text()


async def test_stock_is_imported_from_a_file(record: PostgresRecord, ask: Ask, tmp_path: Path) -> None:
    file = write(tmp_path, f"{HEADER}{TEA},{BERLIN},4\n{MUG},{BERLIN},5\n")
    done = await ask("import", "stock", file)
    assert (done["written"], done["refused"], done["problems"]) == (2, 0, [])
    assert await quantities_of(record) == (4, 0)
    again = await ask("import", "stock", file)
    assert (again["written"], again["unchanged"]) == (0, 2)


async def test_refused_rows_are_told_written_and_importable_once_corrected(
    record: PostgresRecord, run: Run, tmp_path: Path
) -> None:
    file, errors = write(tmp_path, f"{HEADER}{TEA},{BERLIN},4\n{MUG},{BERLIN},-5\n"), tmp_path / "refused.csv"
    result = await run("import", "stock", file, "--errors", str(errors))
    assert result.exit_code == 1
    assert "row 3, on_hand: '-5' is less than 0; give 0 or more" in result.stdout
    errors.write_text(errors.read_text().replace("-5", "5", 1))
    assert (await run("import", "stock", str(errors))).exit_code == 0
    assert await quantities_of(record, MUG) == (5, 0)


async def test_bytes_that_are_no_text_go_back_as_they_came(record: PostgresRecord, run: Run, tmp_path: Path) -> None:
    del record
    file, errors = tmp_path / "skus.csv", tmp_path / "refused.csv"
    file.write_bytes("sku,title\nA,Thé\nB,Tea\n".encode("latin-1"))
    result = await run("import", "skus", str(file), "--errors", str(errors))
    assert (result.exit_code, "row 2, title: it holds bytes that are not UTF-8" in result.stdout) == (1, True)
    assert errors.read_bytes().splitlines()[1].startswith("A,Thé,".encode("latin-1"))
    assert (await run("import", "skus", str(errors), "--encoding", "latin-1")).exit_code == 0


async def test_a_field_that_holds_what_no_database_takes_is_refused(
    record: PostgresRecord, run: Run, tmp_path: Path
) -> None:
    del record
    file = write(tmp_path, '{"sku": "A", "a\\u0000b": 1}\n', "skus.jsonl")
    result = await run("import", "skus", file)
    assert (result.exit_code, "there is no such field" in result.stdout) == (1, True)


async def test_a_dry_run_imports_nothing(record: PostgresRecord, run: Run, tmp_path: Path) -> None:
    result = await run("import", "stock", write(tmp_path, f"{HEADER}{TEA},{BERLIN},4\n"), "--dry-run")
    assert (result.exit_code, "nothing was imported" in result.stdout) == (0, True)
    async with record.begin() as tx:
        assert await tx.stock.levels([TEA]) == ()


async def test_all_or_nothing_imports_nothing_when_one_row_is_wrong(
    record: PostgresRecord, ask: Ask, tmp_path: Path
) -> None:
    file = write(tmp_path, f"{HEADER}{TEA},{BERLIN},4\nNOTHING,{BERLIN},5\n")
    done = await ask("import", "stock", file, "--all-or-nothing", exit_code=1)
    assert (done["written"], done["refused"], done["problems"][0]["wrong"]) == (0, 1, "there is no SKU NOTHING")
    async with record.begin() as tx:
        assert await tx.stock.levels([TEA]) == ()


@pytest.mark.parametrize("whole", [True, False])
async def test_one_bad_row_in_twenty_thousand_is_named_and_nothing_is_half_done(
    record: PostgresRecord, ask: Ask, tmp_path: Path, *, whole: bool
) -> None:
    known = [f"S-{number}" for number in range(MANY)]
    await ask("import", "skus", write(tmp_path, "\n".join(["sku", *known, ""]), "skus.csv"))
    rows = [f"{sku},{BERLIN},1" for sku in known]
    rows[BAD - 2] = f"{known[BAD - 2]},{BERLIN},many"
    asked = ["--all-or-nothing"] if whole else []
    done = await ask("import", "stock", write(tmp_path, HEADER + "\n".join([*rows, ""])), *asked, exit_code=1)
    assert [(told["row"], told["field"]) for told in done["problems"]] == [(BAD, "on_hand")]
    async with record.begin() as tx:
        levels = await tx.stock.levels(known)
    written = 0 if whole else MANY - 1
    assert (done["refused"], done["written"], sum(level.on_hand for level in levels)) == (1, written, written)


async def test_a_terminal_is_shown_how_far_it_is_and_a_pipe_is_not(
    record: PostgresRecord, run: Run, tmp_path: Path
) -> None:
    del record
    file = write(tmp_path, f"{HEADER}{TEA},{BERLIN},4\n{MUG},{BERLIN},5\n")
    shown = await run("import", "stock", file, FORCE_COLOR="1", TERM="xterm")
    assert ("importing" in shown.stderr, "2 rows" in shown.stderr) == (True, True)
    assert (await run("import", "stock", file)).stderr == ""


async def test_the_same_count_under_another_name_is_a_new_count(
    record: PostgresRecord, ask: Ask, tmp_path: Path
) -> None:
    del record
    file = write(tmp_path, f"{HEADER}{TEA},{BERLIN},4\n")
    for name, written in (("monday", 1), ("monday", 0), ("tuesday", 1)):
        assert (await ask("import", "stock", file, "--request", name))["written"] == written


async def test_a_table_is_read_from_standard_input(record: PostgresRecord, env: dict[str, str]) -> None:
    rows = '{"account": "%s", "listing_id": "L1", "sku": "%s", "units": 6}\n' % (ACCOUNT, TEA)  # noqa: UP031 - of braces
    result = await asyncio.to_thread(
        CliRunner().invoke, app, ["import", "listings", "-", "--json"], input=rows, env=env
    )
    assert (result.exit_code, json.loads(result.stdout)["written"]) == (0, 1)
    async with record.begin() as tx:
        assert (await tx.listings.mappings(ACCOUNT, ["L1"]))["L1"].units == 6


async def test_skus_and_locations_are_imported(record: PostgresRecord, ask: Ask, tmp_path: Path) -> None:
    skus = write(tmp_path, "sku;title;restrictions;hs_code;origin\nGIN;A gin;age-18;220850;GB\n", "skus.csv")
    places = write(tmp_path, "code,name,country,time_zone,handles\nVIE,Wien,AT,Europe/Vienna,age-18\n", "places.csv")
    assert (await ask("import", "skus", skus))["written"] == 1
    assert (await ask("import", "locations", places))["written"] == 1
    async with record.begin() as tx:
        natures = await tx.catalog.natures(["GIN"])
        (place,) = [place for place in await tx.catalog.locations() if place.code == "VIE"]
    assert natures["GIN"].restrictions == place.handles != frozenset()
    gin = next(row for row in (await ask("skus", "list"))["skus"] if row["sku"] == "GIN")
    assert (gin["restrictions"], gin["hs_code"], gin["origin"]) == (["age-18"], "220850", "GB")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("sku,location,onhand\n", "did you mean 'on_hand'"),
        ("sku,location\n", "'on_hand' is missing"),
        ("sku,location,on_hand,lot\n", "lot"),
        ("", "no header"),
    ],
)
async def test_a_file_that_is_no_such_table_is_told_plainly(
    record: PostgresRecord, run: Run, tmp_path: Path, content: str, words: str
) -> None:
    del record
    result = await run("import", "stock", write(tmp_path, content))
    assert (result.exit_code, words in result.stderr) == (1, True)


async def test_a_location_without_a_time_zone_is_refused(record: PostgresRecord, run: Run, tmp_path: Path) -> None:
    del record
    file = write(tmp_path, "code,name,country,time_zone\nVIE,Wien,AT,\nGRZ,Graz,AT,Mars/Base\n")
    result = await run("import", "locations", file)
    assert result.exit_code == 1
    assert "row 2, time_zone: it is empty; fill it in" in result.stdout
    assert "row 3, time_zone: 'Mars/Base' is no time zone" in result.stdout


async def test_a_file_of_refused_rows_that_cannot_be_written_is_told_before_anything_is_imported(
    record: PostgresRecord, run: Run, tmp_path: Path
) -> None:
    file = write(tmp_path, f"{HEADER}{TEA},{BERLIN},4\n{MUG},{BERLIN},x\n")
    result = await run("import", "stock", file, "--errors", str(tmp_path / "nowhere" / "refused.csv"))
    assert (result.exit_code, "--errors" in result.stderr) == (2, True)
    async with record.begin() as tx:
        assert await tx.stock.levels([TEA]) == ()


async def test_no_file_of_refused_rows_is_left_where_none_was_refused(
    record: PostgresRecord, run: Run, tmp_path: Path
) -> None:
    del record
    errors = tmp_path / "refused.csv"
    result = await run("import", "stock", write(tmp_path, f"{HEADER}{TEA},{BERLIN},4\n"), "--errors", str(errors))
    assert (result.exit_code, errors.exists()) == (0, False)


async def test_the_file_of_refused_rows_does_not_replace_the_file_itself(
    record: PostgresRecord, run: Run, tmp_path: Path
) -> None:
    del record
    file = write(tmp_path, f"{HEADER}{TEA},{BERLIN},x\n")
    result = await run("import", "stock", file, "--errors", file)
    assert (result.exit_code, read(file)) == (2, f"{HEADER}{TEA},{BERLIN},x\n")
