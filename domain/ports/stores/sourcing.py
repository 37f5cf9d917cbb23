"""How places, policies and decisions are kept: what planning reads, and what it leaves behind."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from pydantic import Field

from domain.decision import Decision
from domain.location import Location
from domain.snapshot import DEFAULT_POLICY, Doubt
from domain.sourcing import BUILT_IN, PolicyVersion, SourcingPolicy
from domain.values import Model, Moment


class Sources(Model):
    """What is true of all places at one moment.

    Attributes:
        places_version: the number of this state of the locations.
        policy: the one that holds.
        next_policy_at: when the next one begins to hold; None when there is none.
        backlog: fulfillment orders that a location with a daily capacity has still to send.
        doubts: locations that come last for a while.
        carriers: the only carriers that a channel takes, by account; of a channel that is left out: any.
        sells_labels: the accounts of the channels that sell the labels of their orders.
    """

    locations: tuple[Location, ...]
    places_version: int = 0
    policy: SourcingPolicy = DEFAULT_POLICY
    policy_version: int = BUILT_IN
    next_policy_at: Moment | None = None
    backlog: Mapping[str, int] = Field(default_factory=dict[str, int])
    doubts: tuple[Doubt, ...] = ()
    carriers: Mapping[str, tuple[str, ...]] = Field(default_factory=dict[str, tuple[str, ...]])
    sells_labels: frozenset[str] = frozenset()

    def sells(self, account: str) -> str:
        """Return the channel itself, where it sells the labels of its orders; else an empty name."""
        return account if account in self.sells_labels else ""


class SourcingStore(Protocol):
    """Places as planning sees them, versions of the policy, and decisions."""

    async def read(self, now: datetime) -> Sources:
        """Read everything that planning needs of places and policy, in one statement.

        Raises:
            Unavailable: the policy that holds was written past us, and is impossible.
        """
        ...

    async def doubt(self, doubt: Doubt) -> None:
        """Keep that a location comes last for a while, in place of an earlier doubt about the same."""
        ...

    async def add_policy(self, policy: SourcingPolicy, author: str, comment: str, valid_from: datetime) -> int:
        """Add a version; return its number. It holds from its moment on, until a later version does."""
        ...

    async def policies(self) -> tuple[PolicyVersion, ...]:
        """Return all versions that are possible, newest first; the built-in one is not among them."""
        ...

    async def decisions(self, order_id: str = "", limit: int = 1000) -> tuple[Decision, ...]:
        """Return decisions, of one order or of all, newest first."""
        ...
