"""What every activity is given: the record, the parties, the policy and the clock."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from domain.policy import Policy
from domain.ports.parties import Parties
from domain.ports.stores import Record


@dataclass(frozen=True)
class Context:
    """The world of an activity. `now` returns an aware moment in UTC; `pause` lets seconds go by."""

    record: Record
    parties: Parties
    policy: Policy
    now: Callable[[], datetime]
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep
