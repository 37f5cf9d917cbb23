"""The inbox: what came in, raw and sealed, committed before it is acknowledged or parsed."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal, Protocol

from domain.values import Model

Source = Literal["pull", "hook"]

LONGEST_REST = timedelta(minutes=10)
"""A message that cannot be applied yet is tried again after a quarter of its age, and after so long at the latest."""


class InboxState(StrEnum):
    """NEW until it is DONE, or QUARANTINED with a reason."""

    NEW = "NEW"
    DONE = "DONE"
    QUARANTINED = "QUARANTINED"


class Received(Model):
    """One raw message. `party` is the account that sent it; `subject` the channel order id where it is known."""

    party: str
    source: Source
    subject: str
    body: bytes


class InboxRow(Model):
    """A stored message, opened again.

    Attributes:
        code: why it is set aside, or cannot be applied yet.
        applied: the places of those of its facts that are applied, where it has several.
    """

    inbox_id: int
    party: str
    source: Source
    subject: str
    body: bytes
    state: InboxState
    code: str = ""
    applied: frozenset[int] = frozenset()


class InboxStore(Protocol):
    """Raw messages. One hash of (party, source, body) is stored once: an identical repeat is no news."""

    async def store(self, messages: tuple[Received, ...], now: datetime) -> tuple[int | None, ...]:
        """Store messages, sealed; return the id of each new one and None for each identical repeat."""
        ...

    async def load(self, inbox_id: int, *, lock: bool = False) -> InboxRow:
        """Load and open one; with `lock` FOR UPDATE. Raises NotFound."""
        ...

    async def finish(self, inbox_id: int, order_id: str | None, now: datetime) -> None:
        """Mark as DONE and tie it to its order, with whose key it is erased."""
        ...

    async def note_fact(self, inbox_id: int, place: int) -> bool:
        """Enter that the fact at this place of a message is applied; False when it was entered before."""
        ...

    async def quarantine(self, inbox_id: int, code: str, words: str, now: datetime) -> None:
        """Mark as QUARANTINED with its reason; `words` are sealed like the body."""
        ...

    async def put_off(self, inbox_id: int, code: str, now: datetime) -> None:
        """Leave a NEW message alone for a quarter of its age, LONGEST_REST at most, and say why."""
        ...

    async def unfinished(self, older_than: datetime, limit: int, after: int = 0) -> tuple[int, ...]:
        """Return NEW messages that nobody finished and that are due again, as they came, behind `after`."""
        ...

    async def replay(self, inbox_id: int) -> bool:
        """Make a QUARANTINED message NEW again; False when it is not quarantined."""
        ...

    async def supersede(self, party: str, subject: str, now: datetime) -> int:
        """Mark quarantined messages about this subject as DONE: a later, good one has replaced them."""
        ...
