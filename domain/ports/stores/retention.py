"""How what nobody needs any more is forgotten, a bounded number of rows at a time."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class RetentionStore(Protocol):
    """Forgets leftovers; each method returns how many it forgot, at most `limit`, and skips what others hold."""

    async def forget_dead_tellings(self, before: datetime, limit: int) -> int:
        """Forget tellings written before a moment whose workflow did not exist."""
        ...

    async def forget_messages_of_nobody(self, before: datetime, limit: int) -> int:
        """Forget messages finished before a moment that belong to no order; what is in quarantine stays."""
        ...

    async def forget_quotes(self, before: datetime, limit: int) -> int:
        """Forget what carriers quoted and held until before a moment."""
        ...

    async def forget_causes(self, limit: int) -> int:
        """Forget causes that nobody waits for and no open event names; whoever needs one again makes it anew."""
        ...
