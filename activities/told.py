"""A fact as a message told it: the message is done with its only fact, or once all of several are applied."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.ports.stores import Transaction
from domain.ports.stores.inbox import InboxRow


@dataclass(frozen=True)
class Told:
    """One fact of a stored message.

    Attributes:
        row: the message.
        place: its place among several; None where the message has no other.
    """

    row: InboxRow
    place: int | None = None

    @property
    def party(self) -> str:
        """Who told it."""
        return self.row.party

    @property
    def key(self) -> str:
        """The name under which it is known when it is applied again."""
        number = str(self.row.inbox_id)
        return number if self.place is None else f"{number}.{self.place}"

    @property
    def inbox_id(self) -> int | None:
        """The message that is done with this fact; None while others are left."""
        return self.row.inbox_id if self.place is None else None

    async def end(self, tx: Transaction, order_id: str | None, now: datetime) -> None:
        """Enter that it is applied, in the transaction that applied it."""
        if self.place is None:
            await tx.inbox.finish(self.row.inbox_id, order_id, now)
        else:
            await tx.inbox.note_fact(self.row.inbox_id, self.place)

    async def end_after(self, tx: Transaction, moved: object | None, now: datetime) -> None:
        """Enter it after a move that was given `inbox_id`: one that won has ended the message itself."""
        if moved is None or self.place is not None:
            await self.end(tx, None, now)

    async def is_news(self, tx: Transaction) -> bool:
        """Enter that it is applied before that is done, for what must not be done twice; False when it was."""
        return await tx.inbox.note_fact(self.row.inbox_id, self.place or 0)
