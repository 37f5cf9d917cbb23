"""The audit in memory."""

from __future__ import annotations

from datetime import datetime

from tests.fakes.state import AuditLine, State


class FakeAuditStore:
    """Append-only lines."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def note(self, order_id: str, verb: str, actor: str, reason: str, now: datetime) -> None:
        """Write one line."""
        line = AuditLine(order_id=order_id, verb=verb, actor=actor, reason=reason, at=now)
        self._state.audit[self._state.next("audit")] = line
