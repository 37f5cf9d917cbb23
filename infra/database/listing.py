"""What lines mean, in PostgreSQL: listings, aliases, rules, the search for candidates, and who waits for one."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import text

from domain.errors import NotFound, Refused
from domain.gtin import find_gtin
from domain.listing import Alias, Listing, Rule, check_claims
from domain.ports.stores.listing import Answers, WantedLine
from domain.suggestion import KnownSku
from infra.database.kit import PostgresKitStore
from infra.database.store import Store

_ANSWERS = text("SELECT match_candidates(:account, CAST(:lines AS jsonb))")
_MAPPINGS = text("""
    SELECT listing_id, sku, units FROM listings
    WHERE account = :account AND listing_id = ANY(CAST(:listing_ids AS text[])) AND valid_until IS NULL""")
# The causes are locked first, as whoever clears one must; then who waits is seen, and there are events of theirs only.
_LOCK = text("""
    INSERT INTO causes
    SELECT DISTINCT 'sku:' || CAST(:account AS text) || ':' || listing_id COLLATE "C" AS cause
    FROM unnest(CAST(:listing_ids AS text[])) AS told(listing_id) ORDER BY cause
    ON CONFLICT (cause) DO UPDATE SET cause = EXCLUDED.cause""")
_CLEAR = text("""
    INSERT INTO cause_events (cause, cleared_at)
    SELECT DISTINCT cause, CAST(:now AS timestamptz)
    FROM unnest(CAST(:listing_ids AS text[])) AS told(listing_id)
    JOIN waits ON cause = 'sku:' || CAST(:account AS text) || ':' || listing_id""")
_END = text("""
    UPDATE listings SET valid_until = greatest(:now, valid_from)
    WHERE account = :account AND listing_id = ANY(CAST(:listing_ids AS text[])) AND valid_until IS NULL""")
_SAVE = text("""
    INSERT INTO listings (account, listing_id, sku, units, author, valid_from)
    SELECT :account, listing_id, sku, units, :author, :now
    FROM jsonb_to_recordset(CAST(:listings AS jsonb)) AS told(listing_id text, sku text, units integer)""")
_ALIASES = text("""
    SELECT account, code, sku, units FROM aliases
    WHERE valid_until IS NULL AND (CAST(:account AS text) IS NULL OR account = :account) ORDER BY account, code""")
_END_ALIAS = text("""
    UPDATE aliases SET valid_until = greatest(:now, valid_from)
    WHERE account = :account AND code = :code AND valid_until IS NULL""")
_SAVE_ALIAS = text("""
    INSERT INTO aliases (account, code, gtin, sku, units, author, valid_from)
    VALUES (:account, :code, nullif(:gtin, ''), :sku, :units, :author, :now)""")
_RULES = text("""
    SELECT account, position, reads, prefix, suffix, folds_case FROM rules
    WHERE valid_until IS NULL AND (CAST(:account AS text) IS NULL OR account = :account)
    ORDER BY account, position""")
_END_RULE = text("""
    UPDATE rules SET valid_until = greatest(:now, valid_from)
    WHERE account = :account AND position = :position AND valid_until IS NULL""")
_SAVE_RULE = text("""
    INSERT INTO rules (account, position, reads, prefix, suffix, folds_case, author, valid_from)
    VALUES (:account, :position, :reads, :prefix, :suffix, :folds_case, :author, :now)""")
_WAKE = text("SELECT wake_matched(:now)")
_SIMILAR = text("SELECT * FROM similar_skus(:words, :most)")


class PostgresListingStore(Store):
    """What lines mean."""

    async def answers(self, account: str, lines: Iterable[WantedLine]) -> Answers:
        """Return every candidate of these lines on every rung, in one statement."""
        wanted = json.dumps([line.model_dump() for line in lines])
        return Answers.model_validate_json(await self._value(_ANSWERS, account=account, lines=wanted))

    async def mappings(self, account: str, listing_ids: Iterable[str]) -> dict[str, Listing]:
        """Return what these listings mean now."""
        rows = await self._all(_MAPPINGS, account=account, listing_ids=list(listing_ids))
        return {row["listing_id"]: Listing(**row) for row in rows}

    async def save(self, account: str, listings: Iterable[Listing], author: str, now: datetime) -> None:
        """Map listings, in place of what they meant, and clear their causes; five statements, however many."""
        told = list(listings)
        check_claims(told, {})
        await self._require_sold({listing.sku for listing in told})
        of_account = {"account": account, "listing_ids": [listing.listing_id for listing in told], "now": now}
        await self._run(_LOCK, **of_account)
        await self._run(_END, **of_account)
        rows = json.dumps([listing.model_dump() for listing in told])
        await self._run(_SAVE, account=account, listings=rows, author=author, now=now)
        await self._run(_CLEAR, **of_account)

    async def end(self, account: str, listing_id: str, now: datetime) -> bool:
        """End what a listing means; False when it means nothing."""
        return await self._run(_END, account=account, listing_ids=[listing_id], now=now) > 0

    async def aliases(self, account: str | None = None) -> tuple[Alias, ...]:
        """Return the aliases of one account, or all there are."""
        return tuple(Alias(**row) for row in await self._all(_ALIASES, account=account))

    async def save_alias(self, alias: Alias, author: str, now: datetime) -> None:
        """Name a SKU, in place of what the name meant."""
        await self._require_sold({alias.sku})
        await self.end_alias(alias.account, alias.code, now)
        await self._run(_SAVE_ALIAS, **alias.model_dump(), gtin=find_gtin(alias.code), author=author, now=now)

    async def end_alias(self, account: str, code: str, now: datetime) -> bool:
        """End an alias; False when there is none."""
        return await self._run(_END_ALIAS, account=account, code=code, now=now) > 0

    async def rules(self, account: str | None = None) -> tuple[Rule, ...]:
        """Return the rules of an account, or all, in their order."""
        return tuple(Rule(**row) for row in await self._all(_RULES, account=account))

    async def save_rule(self, rule: Rule, author: str, now: datetime) -> None:
        """Add a rule, in place of the one at its position."""
        await self.end_rule(rule.account, rule.position, now)
        await self._run(_SAVE_RULE, **rule.model_dump(), author=author, now=now)

    async def end_rule(self, account: str, position: int, now: datetime) -> bool:
        """End a rule; False when there is none."""
        return await self._run(_END_RULE, account=account, position=position, now=now) > 0

    async def wake(self, now: datetime) -> int:
        """Clear the causes of all lines that wait for a SKU and have a candidate now; return how many causes."""
        return int(await self._value(_WAKE, now=now))

    async def similar(self, words: str, limit: int) -> tuple[KnownSku, ...]:
        """Return SKUs that share words with a text, rare words first."""
        return tuple(KnownSku(**row) for row in await self._all(_SIMILAR, words=words, most=limit))

    async def _require_sold(self, skus: set[str]) -> None:
        known = await PostgresKitStore(self._connection, self._cipher).retired(skus)
        for sku in sorted(skus):
            require_sold(sku, known.get(sku))


def require_sold(sku: str, retired: bool | None) -> None:  # noqa: FBT001 - what is known of the SKU, or None
    """Raise NotFound for a SKU that does not exist, and Refused for one that is retired."""
    if retired is None:
        raise NotFound("no-sku", f"no SKU {sku}")
    if retired:
        raise Refused("retired-sku", f"{sku} is retired and cannot be sold any more")
