"""The audit: who did what, when and why."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class AuditStore(Protocol):
    """Append-only."""

    async def note(self, order_id: str, verb: str, actor: str, reason: str, now: datetime) -> None:
        """Write one line, in the transaction of the change. No personal data of buyers."""
        ...
