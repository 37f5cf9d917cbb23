"""What channels were told that they may sell, in PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from psycopg.rows import DictRow
from sqlalchemy import text

from domain.ports.stores.publication import ListingOffer, Progress
from domain.publication import Publication
from infra.database.store import Store

# A transaction that began before `until` may commit after it was read: each run looks back so far.
_OVERLAP = "interval '1 minute'"

_PROGRESS = text(f"""
    INSERT INTO publishing AS p (account) VALUES (:account) ON CONFLICT (account) DO UPDATE SET account = p.account
    RETURNING coalesce(CAST(since AS text), '') AS since, CAST(now() - {_OVERLAP} AS text) AS until, swept_at, wanted,
              swept""")  # noqa: S608 - our own words
_ADVANCE = text("""
    UPDATE publishing SET since = CAST(:until AS timestamptz), swept_at = :swept_at, swept = :swept
    WHERE account = :account""")
WANT_SWEEP = text("UPDATE publishing SET wanted = wanted + 1")
_LOCK = text("SELECT FROM publishing WHERE account = :account FOR UPDATE")
_COLUMNS = """
    listing_id, CASE WHEN s.retired THEN '' ELSE coalesce(l.sku, '') END AS sku, coalesce(l.units, 1) AS units,
    p.quantity, p.version, p.state, p.sent_at, p.code, p.failures, p.taken, p.taken_at"""
_MEANT = "(SELECT * FROM listings WHERE account = :account AND valid_until IS NULL) l"
_TOLD = "(SELECT * FROM publications WHERE account = :account) p"
_ALL = text(f"""
    SELECT {_COLUMNS} FROM {_MEANT} FULL JOIN {_TOLD} USING (listing_id) LEFT JOIN skus s USING (sku)
    WHERE listing_id > :after AND (l.sku IS NOT NULL OR p.quantity > 0 OR p.state <> 'TAKEN')
    ORDER BY listing_id LIMIT :limit""")  # noqa: S608 - our own words
# An order that begins to wait moves nothing, and its goods are not for others.
_CHANGED = text(f"""
    WITH RECURSIVE touched AS (
        (SELECT sku FROM stock_movements WHERE booked_at > CAST(:since AS timestamptz)
         UNION SELECT sku FROM waits JOIN orders USING (order_id) JOIN line_goods USING (order_id)
         WHERE waits.scope = '' AND orders.progress_at > CAST(:since AS timestamptz))
        UNION SELECT kit FROM kit_parts JOIN touched USING (sku)
    ), wanted AS (
        SELECT listing_id FROM listings JOIN touched USING (sku) WHERE account = :account AND valid_until IS NULL
        UNION SELECT listing_id FROM listings
        WHERE account = :account AND greatest(valid_from, valid_until) > CAST(:since AS timestamptz)
        UNION SELECT listing_id FROM publications WHERE account = :account AND state <> 'TAKEN'
    )
    SELECT {_COLUMNS} FROM wanted LEFT JOIN {_MEANT} USING (listing_id) LEFT JOIN {_TOLD} USING (listing_id)
    LEFT JOIN skus s USING (sku)
    WHERE listing_id > :after AND (l.sku IS NOT NULL OR p.quantity > 0 OR p.state <> 'TAKEN')
    ORDER BY listing_id LIMIT :limit""")  # noqa: S608 - our own words
# The clock is in the version, so that a record restored from a backup goes on above what channels have seen.
_BEGIN = text("""
    INSERT INTO publications AS p (account, listing_id, quantity, version, state, sent_at)
    SELECT :account, key, CAST(value AS integer), CAST(extract(epoch FROM CAST(:now AS timestamptz)) * 1000 AS bigint),
           'SENDING', :now
    FROM jsonb_each_text(CAST(:quantities AS jsonb)) ORDER BY key
    ON CONFLICT (account, listing_id) DO UPDATE
    SET quantity = EXCLUDED.quantity, version = greatest(p.version + 1, EXCLUDED.version), state = EXCLUDED.state,
        sent_at = EXCLUDED.sent_at
    RETURNING listing_id, version""")
_SETTLE = text("""
    UPDATE publications p
    SET state = CASE WHEN told.code = '' THEN 'TAKEN' ELSE 'FAILED' END, code = told.code,
        failures = CASE WHEN told.code = '' THEN 0 ELSE p.failures + 1 END,
        taken = CASE WHEN told.code = '' THEN p.quantity ELSE p.taken END,
        taken_at = CASE WHEN told.code = '' THEN :now ELSE p.taken_at END
    FROM jsonb_to_recordset(CAST(:told AS jsonb)) AS told(listing_id text, version bigint, code text)
    WHERE p.account = :account AND p.listing_id = told.listing_id AND p.version = told.version""")


class PostgresPublicationStore(Store):
    """What channels were told, by account and listing."""

    async def progress(self, account: str) -> Progress:
        """Return how far an account is published."""
        row = await self._first(_PROGRESS, account=account)
        return Progress.model_validate(dict(row or {}))

    async def advance(self, account: str, progress: Progress) -> None:
        """Keep how far an account is published."""
        await self._run(_ADVANCE, account=account, **progress.model_dump(include={"until", "swept_at", "swept"}))

    async def want_sweep(self) -> None:
        """Let the next run of every account look at all its listings."""
        await self._run(WANT_SWEEP)

    async def offers(self, account: str, since: str | None, after: str, limit: int) -> tuple[ListingOffer, ...]:
        """Return a page of listings, under the lock of the account's pages."""
        await self._run(_LOCK, account=account)
        page = {"account": account, "after": after, "limit": limit}
        rows = await (self._all(_ALL, **page) if since is None else self._all(_CHANGED, **page, since=since))
        return _offers(account, rows)

    async def begin(self, account: str, quantities: Mapping[str, int], now: datetime) -> dict[str, int]:
        """Note that these quantities are being told."""
        rows = await self._all(_BEGIN, account=account, quantities=json.dumps(dict(quantities)), now=now)
        return {row["listing_id"]: row["version"] for row in rows}

    async def settle(self, account: str, versions: Mapping[str, int], codes: Mapping[str, str], now: datetime) -> None:
        """Note what became of them, unless a greater version was begun since."""
        told = [
            {"listing_id": listing_id, "version": version, "code": codes.get(listing_id, "no-outcome")}
            for listing_id, version in versions.items()
        ]
        await self._run(_SETTLE, account=account, told=json.dumps(told), now=now)


def _offers(account: str, rows: Sequence[DictRow]) -> tuple[ListingOffer, ...]:
    return tuple(
        ListingOffer(
            listing_id=row["listing_id"],
            sku=row["sku"],
            units=row["units"],
            told=None if row["version"] is None else Publication.model_validate({**row, "account": account}),
        )
        for row in rows
    )
