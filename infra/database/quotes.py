"""Quotes in PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime

from psycopg.rows import DictRow
from sqlalchemy import text

from domain.quotes import ASKED, Question, Quote
from infra.database.store import Store

_KNOWN = text("""
    SELECT quotes.* FROM quotes JOIN jsonb_to_recordset(CAST(:questions AS jsonb))
        AS asked(carrier text, origin text, country text, postal_zone text, grams integer)
        USING (carrier, origin, country, postal_zone, grams)
    WHERE holds_until > :now""")
_TAKE = text("""
    INSERT INTO quotes AS kept (carrier, origin, country, postal_zone, grams, currency, code, asked_at, holds_until)
    SELECT carrier, origin, country, postal_zone, grams, '', :code, :now, :until
    FROM jsonb_to_recordset(CAST(:questions AS jsonb))
        AS asked(carrier text, origin text, country text, postal_zone text, grams integer)
    ORDER BY 1, 2, 3, 4, 5
    ON CONFLICT (carrier, origin, country, postal_zone, grams) DO UPDATE
    SET (amount, currency, days, code, asked_at, holds_until)
        = (NULL, '', NULL, EXCLUDED.code, EXCLUDED.asked_at, EXCLUDED.holds_until)
    WHERE kept.holds_until <= :now
    RETURNING carrier, origin, country, postal_zone, grams""")
_KEEP = text("""
    INSERT INTO quotes (
        carrier, origin, country, postal_zone, grams, amount, currency, days, code, asked_at, holds_until)
    SELECT * FROM jsonb_to_recordset(CAST(:quotes AS jsonb)) AS told(
        carrier text, origin text, country text, postal_zone text, grams integer,
        amount bigint, currency text, days integer, code text, asked_at timestamptz, holds_until timestamptz)
    ORDER BY 1, 2, 3, 4, 5
    ON CONFLICT (carrier, origin, country, postal_zone, grams) DO UPDATE
    SET (amount, currency, days, code, asked_at, holds_until) = (
        EXCLUDED.amount, EXCLUDED.currency, EXCLUDED.days, EXCLUDED.code, EXCLUDED.asked_at, EXCLUDED.holds_until)""")


class PostgresQuoteStore(Store):
    """Answers of carriers, each for as long as it holds."""

    async def known(self, questions: Sequence[Question], now: datetime) -> dict[Question, Quote]:
        """Return what holds of these questions."""
        rows = await self._all(_KNOWN, questions=_listed(questions), now=now)
        return {quote.question: quote for quote in map(_quote, rows)}

    async def take(self, questions: Sequence[Question], now: datetime, until: datetime) -> tuple[Question, ...]:
        """Become the one who asks; return what was taken."""
        rows = await self._all(_TAKE, questions=_listed(questions), code=ASKED, now=now, until=until)
        return tuple(Question(**row) for row in rows)

    async def keep(self, quotes: Sequence[Quote]) -> None:
        """Keep answers, in place of earlier ones to the same questions."""
        rows = {
            quote.question: quote.question._asdict() | quote.model_dump(mode="json", exclude={"question"})
            for quote in quotes
        }
        await self._run(_KEEP, quotes=json.dumps(list(rows.values())))


def _listed(questions: Iterable[Question]) -> str:
    return json.dumps([question._asdict() for question in questions])


def _quote(row: DictRow) -> Quote:
    asked = {name: row.pop(name) for name in Question._fields}
    return Quote(question=Question(**asked), **row)
