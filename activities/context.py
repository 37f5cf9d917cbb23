"""What every activity is given: the record, the parties, the policy and the clock."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from temporalio import activity

from domain.policy import Policy
from domain.ports.parties import Parties
from domain.ports.stores import Record


def beat(done: object) -> None:
    """Tell Temporal that a long step is alive, and how far it has come; outside of an activity nobody listens."""
    if activity.in_activity():
        activity.heartbeat(done)


@dataclass(frozen=True)
class Context:
    """The world of an activity. `now` returns an aware moment in UTC; `pause` lets seconds go by."""

    record: Record
    parties: Parties
    policy: Policy
    now: Callable[[], datetime]
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep
