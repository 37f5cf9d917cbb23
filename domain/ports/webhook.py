"""What comes in from the other side: verified over its raw bytes first, read afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from domain.facts import Fact


class WebhookReader(Protocol):
    """Knows one party's signature and messages. Neither method does I/O."""

    def verify_webhook(self, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
        """Tell whether the signature over the raw body is genuine and fresh. Header names are lower case."""
        ...

    def read_webhook(self, body: bytes) -> tuple[Fact, ...]:
        """Read the facts of a verified body; a message that means nothing to us yields none.

        Raises:
            ContractBroken: the body is not what the party promised.
        """
        ...
