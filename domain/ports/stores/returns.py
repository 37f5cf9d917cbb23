"""How returns are kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from domain.returns import Disposition, Return, ReturnCourse, ReturnLine, ReturnState
from domain.values import Model


class ReturnRequest(Model):
    """A wish to give goods back; `key` is its business key, `request_id` the channel's own id of the wish."""

    order_id: str
    key: str
    course: ReturnCourse
    lines: tuple[ReturnLine, ...]
    location: str
    reason: str = ""
    request_id: str = ""


class ReturnStore(Protocol):
    """Returns and their lines."""

    async def open(self, request: ReturnRequest, now: datetime) -> Return:
        """Open a return in REQUESTED (AUTHORISED for course ``sent-back``) and start its workflow through the outbox.

        A known key returns the stored one.

        Raises:
            Refused: more units than were delivered, collected or sent back, and not yet asked back.
        """
        ...

    async def load(self, return_id: str) -> Return:
        """Load one. Raises NotFound."""
        ...

    async def by_tracking(self, tracking_number: str, *, closed: bool = False) -> Return | None:
        """Return the open return of the goods that travel, or left, under this tracking number.

        With `closed`, the return that has ended whose goods came back under it.
        """
        ...

    async def keep_tracking(self, return_id: str, tracking_number: str) -> None:
        """Keep the tracking number under which goods come back."""
        ...

    async def advance(
        self, return_id: str, to: ReturnState, now: datetime, *, tells: bool = False, inbox_id: int | None = None
    ) -> Return | None:
        """Advance along RETURN_NEXT by one conditional UPDATE; None when it lost. `tells` signals its workflow."""
        ...

    async def inspect(self, return_id: str, found: Mapping[str, Mapping[Disposition, int]]) -> None:
        """Keep what became of the units: line id → disposition → units. Units not named are MISSING."""
        ...

    async def inspected(self, return_id: str) -> Mapping[str, Mapping[Disposition, int]]:
        """Return what `inspect` kept."""
        ...
