"""The inbox as operators list it: what came in, and why it was set aside."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.ports.stores.inbox import InboxState
from domain.values import Model
from infra.database.cipher import Cipher

_COLUMNS = "inbox_id, party, source, subject, state, code, words, order_id, stored_at, finished_at"
_LIST = text(f"""
    SELECT {_COLUMNS} FROM inbox WHERE CAST(:state AS text) IS NULL OR state = :state
    ORDER BY stored_at, inbox_id LIMIT :limit""")  # noqa: S608 - a constant
# Of several about one subject only the newest: when it is taken in, it supersedes the others.
_QUARANTINED = text(f"""
    SELECT {_COLUMNS} FROM inbox i WHERE state = 'QUARANTINED' AND NOT EXISTS (
        SELECT FROM inbox newer WHERE newer.state = 'QUARANTINED' AND newer.party = i.party
          AND newer.subject = i.subject AND i.subject <> '' AND newer.inbox_id > i.inbox_id)
    ORDER BY stored_at, inbox_id""")  # noqa: S608 - a constant
_EARLY = text(f"""
    SELECT {_COLUMNS} FROM inbox WHERE state = 'NEW' AND stored_at < :before
    ORDER BY stored_at, inbox_id""")  # noqa: S608 - a constant
_ONE = text(f"SELECT {_COLUMNS} FROM inbox WHERE inbox_id = :inbox_id")  # noqa: S608 - a constant


class InboxSummary(Model):
    """One message without its body; `reason` says in words why it was set aside."""

    inbox_id: int
    party: str
    source: str
    subject: str
    state: InboxState
    code: str
    reason: str
    order_id: str | None
    stored_at: datetime
    finished_at: datetime | None


async def list_inbox(
    connection: AsyncConnection, cipher: Cipher, state: InboxState | None, limit: int
) -> list[InboxSummary]:
    """Return messages, oldest first; of all states when none is given."""
    rows = await connection.execute(_LIST, {"state": state, "limit": limit})
    return [_opened(cipher, dict(row)) for row in rows.mappings()]


async def list_quarantined(connection: AsyncConnection, cipher: Cipher) -> list[InboxSummary]:
    """Return what is set aside, oldest first: for each subject the newest message."""
    rows = await connection.execute(_QUARANTINED)
    return [_opened(cipher, dict(row)) for row in rows.mappings()]


async def list_early(connection: AsyncConnection, cipher: Cipher, before: datetime) -> list[InboxSummary]:
    """Return what was stored before then and is not applied yet, oldest first; it is tried again by itself."""
    rows = await connection.execute(_EARLY, {"before": before})
    return [_opened(cipher, dict(row)) for row in rows.mappings()]


async def find_message(connection: AsyncConnection, cipher: Cipher, inbox_id: int) -> InboxSummary | None:
    """Return one message; None when there is none."""
    row = (await connection.execute(_ONE, {"inbox_id": inbox_id})).mappings().first()
    return None if row is None else _opened(cipher, dict(row))


def _opened(cipher: Cipher, row: dict[str, object]) -> InboxSummary:
    sealed = row["words"]
    reason = cipher.open_alone(sealed, str(row["inbox_id"]), "words").decode() if isinstance(sealed, bytes) else ""
    return InboxSummary.model_validate(row | {"reason": reason})
