"""The inbox in memory."""

from __future__ import annotations

import hashlib
from datetime import datetime

from domain.errors import NotFound
from domain.ports.stores.inbox import LONGEST_REST, InboxRow, InboxState, Received
from tests.fakes.state import State, StoredMessage


class FakeInboxStore:
    """Raw messages, not sealed: nobody looks into this memory."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def store(self, messages: tuple[Received, ...], now: datetime) -> tuple[int | None, ...]:
        """Store messages; None for each identical repeat."""
        return tuple(self._store(message, now) for message in messages)

    async def load(self, inbox_id: int, *, lock: bool = False) -> InboxRow:
        """Load one; the fake's one lock is held already."""
        del lock
        return self._message(inbox_id).row

    async def finish(self, inbox_id: int, order_id: str | None, now: datetime) -> None:
        """Mark as DONE and tie it to its order; what belongs to an erased order is erased at once."""
        del now
        self._change(inbox_id, InboxState.DONE)
        message = self._message(inbox_id)
        self._state.inbox[inbox_id] = message.model_copy(update={"order_id": order_id or message.order_id})
        if order_id and self._state.is_erased(order_id):
            del self._state.inbox[inbox_id]

    async def note_fact(self, inbox_id: int, place: int) -> bool:
        """Enter that the fact at this place is applied; False when it was entered before."""
        message = self._message(inbox_id)
        row = message.row.model_copy(update={"applied": message.row.applied | {place}})
        self._state.inbox[inbox_id] = message.model_copy(update={"row": row})
        return place not in message.row.applied

    async def quarantine(self, inbox_id: int, code: str, words: str, now: datetime) -> None:
        """Mark as QUARANTINED; words and time are not read back."""
        del words, now
        self._change(inbox_id, InboxState.QUARANTINED, code)

    async def put_off(self, inbox_id: int, code: str, now: datetime) -> None:
        """Leave a NEW message alone for a while, and say why."""
        message = self._state.inbox.get(inbox_id)
        if message is None or message.row.state is not InboxState.NEW:
            return
        self._change(inbox_id, InboxState.NEW, code)
        self._rest(inbox_id, now + min((now - message.stored_at) / 4, LONGEST_REST))

    async def unfinished(self, older_than: datetime, limit: int, after: int = 0) -> tuple[int, ...]:
        """Return NEW messages that nobody finished and that are due again, as they came, behind `after`."""
        found = sorted(
            inbox_id
            for inbox_id, message in self._state.inbox.items()
            if message.row.state is InboxState.NEW and message.due_at < older_than and inbox_id > after
        )
        return tuple(found[:limit])

    async def replay(self, inbox_id: int) -> bool:
        """Make a QUARANTINED message NEW again."""
        if self._message(inbox_id).row.state is not InboxState.QUARANTINED:
            return False
        self._change(inbox_id, InboxState.NEW)
        self._rest(inbox_id, self._message(inbox_id).stored_at)
        return True

    async def supersede(self, party: str, subject: str, now: datetime) -> int:
        """Mark quarantined messages about this subject as DONE."""
        del now
        replaced = [
            inbox_id
            for inbox_id, message in self._state.inbox.items()
            if (message.row.party, message.row.subject) == (party, subject)
            and message.row.state is InboxState.QUARANTINED
        ]
        for inbox_id in replaced:
            self._change(inbox_id, InboxState.DONE)
        return len(replaced)

    def _store(self, message: Received, now: datetime) -> int | None:
        digest = hashlib.sha256(f"{message.party}\0{message.source}\0".encode() + message.body).hexdigest()
        if digest in self._state.inbox_hashes:
            return None
        number = self._state.next("inbox")
        row = InboxRow(inbox_id=number, state=InboxState.NEW, **message.model_dump())
        self._state.inbox[number] = StoredMessage(row=row, stored_at=now, due_at=now)
        self._state.inbox_hashes[digest] = number
        return number

    def _message(self, inbox_id: int) -> StoredMessage:
        if inbox_id not in self._state.inbox:
            raise NotFound("no-inbox-row", f"no inbox row {inbox_id}")
        return self._state.inbox[inbox_id]

    def _change(self, inbox_id: int, state: InboxState, code: str = "") -> None:
        message = self._message(inbox_id)
        row = message.row.model_copy(update={"state": state, "code": code})
        self._state.inbox[inbox_id] = message.model_copy(update={"row": row})

    def _rest(self, inbox_id: int, until: datetime) -> None:
        self._state.inbox[inbox_id] = self._message(inbox_id).model_copy(update={"due_at": until})
