"""The forgetting of leftovers, in memory."""

from __future__ import annotations

from datetime import datetime

from domain.ports.stores.inbox import InboxState
from tests.fakes.state import State


class FakeRetentionStore:
    """Forgets rows, a bounded number at a time."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def forget_dead_tellings(self, before: datetime, limit: int) -> int:
        """Forget tellings whose workflow did not exist; the fake's were all written long ago."""
        del before
        gone = list(self._state.dead)[:limit]
        for number in gone:
            del self._state.dead[number]
        return len(gone)

    async def forget_messages_of_nobody(self, before: datetime, limit: int) -> int:
        """Forget finished messages that belong to no order; the fake keeps only when they came."""
        gone = [
            number for number, stored in self._state.inbox.items()
            if stored.row.state is InboxState.DONE and stored.order_id is None and stored.stored_at < before
        ][:limit]  # fmt: skip
        for number in gone:
            del self._state.inbox[number]
        self._state.inbox_hashes = {
            fingerprint: number for fingerprint, number in self._state.inbox_hashes.items() if number not in gone
        }
        return len(gone)

    async def forget_quotes(self, before: datetime, limit: int) -> int:
        """Forget what carriers quoted and holds no longer."""
        gone = [question for question, quote in self._state.quotes.items() if quote.holds_until < before][:limit]
        for question in gone:
            del self._state.quotes[question]
        return len(gone)

    async def forget_causes(self, limit: int) -> int:
        """Forget nothing: the fake keeps no rows for causes."""
        del limit
        return 0
