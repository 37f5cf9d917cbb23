"""The inbox in PostgreSQL: each body under a key of its own, which goes with the order it is tied to."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text

from domain.errors import NotFound
from domain.ports.stores.inbox import LONGEST_REST, InboxRow, Received
from infra.database.store import Store

_STORE = text("""
    INSERT INTO inbox (party, source, subject, fingerprint, body, state, stored_at, due_at)
    SELECT party, source, subject, fingerprint, body, 'NEW', :now, :now
    FROM unnest(CAST(:parties AS text[]), CAST(:sources AS text[]), CAST(:subjects AS text[]),
                CAST(:fingerprints AS bytea[]), CAST(:bodies AS bytea[]))
         WITH ORDINALITY AS message(party, source, subject, fingerprint, body, position)
    ORDER BY position
    ON CONFLICT (fingerprint) DO NOTHING
    RETURNING inbox_id, fingerprint""")
_LOAD = text("""
    SELECT inbox_id, party, source, subject, body, state, code, applied FROM inbox
    WHERE inbox_id = :inbox_id AND body IS NOT NULL""")
_LOAD_LOCKED = text(f"{_LOAD.text} FOR UPDATE")
_FINISH = text("SELECT finish_inbox(:inbox_id, CAST(:order_id AS text), :now)")
_NOTE = text("""
    UPDATE inbox SET applied = array_append(applied, CAST(:place AS integer))
    WHERE inbox_id = :inbox_id AND CAST(:place AS integer) <> ALL(applied)""")
_QUARANTINE = text("""
    UPDATE inbox SET state = 'QUARANTINED', code = :code, words = :words, finished_at = :now
    WHERE inbox_id = :inbox_id""")
_PUT_OFF = text("""
    UPDATE inbox
    SET code = :code, due_at = CAST(:now AS timestamptz) + least((CAST(:now AS timestamptz) - stored_at) / 4, :longest)
    WHERE inbox_id = :inbox_id AND state = 'NEW'""")
_UNFINISHED = text("""
    SELECT inbox_id FROM inbox WHERE state = 'NEW' AND due_at < :older_than AND inbox_id > :after
    ORDER BY inbox_id LIMIT :limit""")
_REPLAY = text("""
    UPDATE inbox SET state = 'NEW', code = '', words = NULL, due_at = stored_at, finished_at = NULL
    WHERE inbox_id = :inbox_id AND state = 'QUARANTINED'""")
# Tied to the order that the later message made, so that they are erased with it.
_SUPERSEDE = text("""
    SELECT count(finish_inbox(i.inbox_id, o.order_id, :now))
    FROM inbox i LEFT JOIN orders o ON o.account = i.party AND o.channel_order_id = i.subject
    WHERE i.party = :party AND i.subject = :subject AND i.state = 'QUARANTINED'""")
_EXISTS = text("SELECT 1 FROM inbox WHERE inbox_id = :inbox_id")


class PostgresInboxStore(Store):
    """Raw messages, sealed; those of hooks notify ``crossdock_inbox`` when their transaction commits."""

    async def store(self, messages: tuple[Received, ...], now: datetime) -> tuple[int | None, ...]:
        """Store messages, in one statement; None for each identical repeat."""
        prints = [self._fingerprint(message) for message in messages]
        rows = await self._all(
            _STORE,
            parties=[message.party for message in messages],
            sources=[message.source for message in messages],
            subjects=[message.subject for message in messages],
            fingerprints=prints,
            bodies=[self._cipher.seal_alone(message.body, message.party, "inbox") for message in messages],
            now=now,
        )
        new = {bytes(row["fingerprint"]): int(row["inbox_id"]) for row in rows}
        return tuple(new.pop(each, None) for each in prints)

    async def load(self, inbox_id: int, *, lock: bool = False) -> InboxRow:
        """Load and open one; an erased one is not found."""
        row = await self._first(_LOAD_LOCKED if lock else _LOAD, inbox_id=inbox_id)
        if row is None:
            raise _no_row(inbox_id)
        body = self._cipher.open_alone(row["body"], row["party"], "inbox")
        return InboxRow.model_validate(dict(row) | {"body": body})

    async def finish(self, inbox_id: int, order_id: str | None, now: datetime) -> None:
        """Mark as DONE and tie it to its order; what belongs to an erased order is erased at once."""
        if await self._value(_FINISH, inbox_id=inbox_id, order_id=order_id, now=now) is None:
            raise _no_row(inbox_id)

    async def note_fact(self, inbox_id: int, place: int) -> bool:
        """Enter that the fact at this place is applied; whoever comes second waits, and learns that it is."""
        if await self._run(_NOTE, inbox_id=inbox_id, place=place):
            return True
        if await self._value(_EXISTS, inbox_id=inbox_id) is None:
            raise _no_row(inbox_id)
        return False

    async def quarantine(self, inbox_id: int, code: str, words: str, now: datetime) -> None:
        """Mark as QUARANTINED with its reason."""
        sealed = self._cipher.seal_alone(words.encode(), str(inbox_id), "words")
        if not await self._run(_QUARANTINE, inbox_id=inbox_id, code=code, words=sealed, now=now):
            raise _no_row(inbox_id)

    async def put_off(self, inbox_id: int, code: str, now: datetime) -> None:
        """Leave a NEW message alone for a while, and say why."""
        await self._run(_PUT_OFF, inbox_id=inbox_id, code=code, now=now, longest=LONGEST_REST)

    async def unfinished(self, older_than: datetime, limit: int, after: int = 0) -> tuple[int, ...]:
        """Return NEW messages that nobody finished and that are due again, as they came, behind `after`."""
        rows = await self._all(_UNFINISHED, older_than=older_than, limit=limit, after=after)
        return tuple(row["inbox_id"] for row in rows)

    async def replay(self, inbox_id: int) -> bool:
        """Make a QUARANTINED message NEW again; False when it is not quarantined."""
        if await self._run(_REPLAY, inbox_id=inbox_id):
            return True
        if await self._value(_EXISTS, inbox_id=inbox_id) is None:
            raise _no_row(inbox_id)
        return False

    async def supersede(self, party: str, subject: str, now: datetime) -> int:
        """Mark quarantined messages about this subject as DONE."""
        return int(await self._value(_SUPERSEDE, party=party, subject=subject, now=now))

    def _fingerprint(self, message: Received) -> bytes:
        return self._cipher.fingerprint(f"{message.party}\0{message.source}\0".encode() + message.body, "inbox")


def _no_row(inbox_id: int) -> NotFound:
    return NotFound("no-inbox-row", f"no inbox row {inbox_id}")
