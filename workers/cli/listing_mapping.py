"""What lines mean, as the command line changes it: one by one, by the best suggestion, or by a file of mappings."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from domain.errors import CrossdockError
from domain.kit import mean
from domain.listing import Listing, Unmatched, check_claims, choose
from domain.ports.stores import Transaction
from domain.ports.stores.listing import WantedLine
from domain.suggestion import Offer, Suggestion, is_sure, rank
from domain.values import Model
from infra.database.reports.reading import reading
from infra.database.reports.unmapped import UnmappedListing, list_unmapped
from workers.cli.errors import Problem, misused
from workers.cli.parts import opened_house

CANDIDATES = 50
MOST_ROWS = 100_000
_COLUMNS = ("account", "listing", "sku", "units")


class UnmappedRow(Model):
    """One listing of the unmapped queue, why nobody can say what it means, and what it may mean."""

    listing: UnmappedListing
    why: str
    suggestions: tuple[Suggestion, ...]


class RefusedRow(Model):
    """A row of a file that was not mapped, and why; `line` counts from 1, the header included."""

    line: int
    why: str


class _MappingRow(Model):
    line: int
    account: str
    listing: Listing


async def list_queue(account: str | None, limit: int, listing_id: str | None = None) -> list[UnmappedRow]:
    """Return the unmapped queue with its suggestions."""
    async with opened_house() as house:
        async with reading(house.engine) as connection:
            waiting = await list_unmapped(connection, account, listing_id, limit)
        async with house.context.record.begin() as tx:
            return [
                UnmappedRow(listing=row, why=await _explain(tx, row), suggestions=await _suggest(tx, row))
                for row in waiting
            ]


async def find_best(account: str, listing_id: str) -> Suggestion:
    """Return the suggestion that may be accepted without naming it.

    Raises:
        Problem: nothing waits for this listing, or no SKU is a clear winner.
    """
    rows = await list_queue(account, 1, listing_id)
    if not rows:
        raise Problem(f"no order waits for listing {listing_id} of {account}", code="not-waiting",
                      remedy="crossdock listings unmapped")  # fmt: skip
    best = rows[0].suggestions[:1]
    if not is_sure(rows[0].suggestions):
        words = f"the best guess is {best[0].sku}, score {best[0].score}" if best else "nothing is like it"
        raise Problem(f"nobody can be sure what listing {listing_id} means: {words}", code="not-sure",
                      remedy=f"crossdock listings map {account} {listing_id} SKU")  # fmt: skip
    return best[0]


async def map_one(account: str, listing: Listing, actor: str, *, replace: bool) -> None:
    """Say what a listing means; orders that waited for it go on at once.

    Raises:
        Problem: it means something else already, and that is not to be replaced.
    """
    async with opened_house() as house, house.context.record.begin() as tx:
        await tx.catalog.channel(account)
        meant = {} if replace else await tx.listings.mappings(account, [listing.listing_id])
        try:
            check_claims([listing], meant)
        except CrossdockError as error:
            raise Problem(str(error), code=error.code, remedy="repeat with --yes to replace it") from None
        await tx.listings.save(account, [listing], actor, house.context.now())


async def map_file(path: Path, actor: str, *, replace: bool, whole: bool) -> tuple[int, list[RefusedRow]]:
    """Map the listings of a CSV file in one transaction; return how many, and the rows that were refused.

    With `whole` one refused row refuses all.
    """
    rows, refused = _read(path)
    async with opened_house() as house, house.context.record.begin() as tx:
        good, bad = await _check(tx, rows, replace=replace)
        refused = sorted([*refused, *bad], key=lambda row: row.line)
        if refused and whole:
            return 0, refused
        for account in sorted({row.account for row in good}):
            mine = [row.listing for row in good if row.account == account]
            await tx.listings.save(account, mine, actor, house.context.now())
    return len(good), refused


async def _explain(tx: Transaction, row: UnmappedListing) -> str:
    """Say what stands between a listing and its SKU now; nothing once its lines are about to go on."""
    line = WantedLine(line_id="", listing_id=row.listing_id, channel_sku=row.channel_sku, gtin=row.gtin)
    answers = await tx.listings.answers(row.account, [line])
    found = choose(answers.candidates)
    if not isinstance(found, Unmatched):
        found = mean(found, answers.kits, answers.retired, price=0)
    return found.why if isinstance(found, Unmatched) else ""


async def _suggest(tx: Transaction, row: UnmappedListing) -> tuple[Suggestion, ...]:
    words = f"{row.title} {row.channel_sku} {row.listing_id}"
    return rank(
        Offer(title=row.title, channel_sku=row.channel_sku or row.listing_id, gtin=row.gtin),
        await tx.listings.similar(words, CANDIDATES),
    )


def _read(path: Path) -> tuple[list[_MappingRow], list[RefusedRow]]:
    rows: list[_MappingRow] = []
    refused: list[RefusedRow] = []
    for line, told in _lines(path):
        fields = {"listing_id": told["listing"], "sku": told["sku"], "units": told.get("units") or 1}
        try:
            rows.append(_MappingRow(line=line, account=told["account"], listing=Listing.model_validate(fields)))
        except ValidationError as error:
            first = error.errors()[0]
            refused.append(RefusedRow(line=line, why=f"{first['loc'][0]}: {first['msg']}"))
    return rows, refused


def _lines(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, restval="")
            missing = set(_COLUMNS[:3]) - set(reader.fieldnames or ())
            if missing:
                raise misused(f"{path}: the first row has to name {', '.join(_COLUMNS[:3])} (and perhaps units); "
                              f"{', '.join(sorted(missing))} is missing")  # fmt: skip
            for number, told in enumerate(reader, start=1):
                if number > MOST_ROWS:
                    raise misused(f"{path}: more than {MOST_ROWS} rows", "crossdock import listings reads larger files")
                yield reader.line_num, {name: (told.get(name) or "").strip() for name in _COLUMNS}
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise misused(f"{path}: cannot be read as CSV in UTF-8 ({error})") from None


async def _check(
    tx: Transaction, rows: list[_MappingRow], *, replace: bool
) -> tuple[list[_MappingRow], list[RefusedRow]]:
    """Look at each row by itself, so that each says what is wrong with it."""
    channels = {channel.account for channel in await tx.catalog.channels()}
    retired = await tx.kits.retired({row.listing.sku for row in rows})
    taken: dict[tuple[str, str], Listing] = {}
    for account in {row.account for row in rows} if not replace else ():
        meant = await tx.listings.mappings(account, {row.listing.listing_id for row in rows if row.account == account})
        taken |= {(account, listing_id): listing for listing_id, listing in meant.items()}
    good: list[_MappingRow] = []
    refused: list[RefusedRow] = []
    named = Counter((row.account, row.listing.listing_id) for row in rows)
    for row in rows:
        key = (row.account, row.listing.listing_id)
        why = _objection(row, channels, retired, taken.get(key), twice=named[key] > 1)
        if why:
            refused.append(RefusedRow(line=row.line, why=why))
        else:
            good.append(row)
    return good, refused


def _objection(
    row: _MappingRow, channels: set[str], retired: dict[str, bool], meant: Listing | None, *, twice: bool
) -> str:
    listing = row.listing
    if row.account not in channels:
        return f"account: no channel {row.account}"
    if listing.sku not in retired:
        return f"sku: no SKU {listing.sku}"
    if retired[listing.sku]:
        return f"sku: {listing.sku} is retired and cannot be sold any more"
    if twice:
        return f"listing: {listing.listing_id} stands in another row as well: keep one of them"
    if meant is not None and meant != listing:
        return f"listing: {listing.listing_id} means another SKU already; --yes replaces it"
    return ""
