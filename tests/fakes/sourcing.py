"""Places, policies and decisions in memory."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from domain.decision import Decision
from domain.fulfillment import HOLDS_RESERVATION
from domain.ports.stores.sourcing import Sources
from domain.snapshot import DEFAULT_POLICY, Doubt
from domain.sourcing import BUILT_IN, PolicyVersion, SourcingPolicy
from tests.fakes.state import State


class FakeSourcingStore:
    """Places as planning sees them, versions of the policy, and decisions."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def read(self, now: datetime) -> Sources:
        """Read everything that planning needs of places and policy."""
        held = next((each for each in await self.policies() if each.valid_from <= now), None)
        parts = Counter(
            part.location
            for part in self._state.fulfillments.values()
            if part.delivery == "ship" and part.stage in HOLDS_RESERVATION
        )
        locations = tuple(location for _, location in sorted(self._state.locations.items()))
        return Sources(
            locations=locations,
            policy=held.policy if held else DEFAULT_POLICY,
            next_policy_at=min(
                (each.valid_from for each in await self.policies() if each.valid_from > now), default=None
            ),
            policy_version=held.version if held else BUILT_IN,
            backlog={place.code: parts[place.code] for place in locations if place.daily_capacity},
            doubts=tuple(doubt for _, doubt in sorted(self._state.doubts.items()) if doubt.until > now),
            carriers={one.account: one.carriers for one in self._state.channels.values() if one.carriers},
            sells_labels=frozenset(one.account for one in self._state.channels.values() if one.sells_labels),
        )

    async def doubt(self, doubt: Doubt) -> None:
        """Keep that a location comes last for a while."""
        key = (doubt.location, doubt.sku)
        before = self._state.doubts.get(key)
        self._state.doubts[key] = doubt if before is None or before.until < doubt.until else before

    async def add_policy(self, policy: SourcingPolicy, author: str, comment: str, valid_from: datetime) -> int:
        """Add a version; return its number."""
        version = self._state.next("policy")
        self._state.policies[version] = PolicyVersion(
            version=version, author=author, comment=comment, valid_from=valid_from, policy=policy
        )
        return version

    async def policies(self) -> tuple[PolicyVersion, ...]:
        """Return all versions, newest first."""
        return tuple(
            sorted(self._state.policies.values(), key=lambda each: (each.valid_from, each.version), reverse=True)
        )

    async def decisions(self, order_id: str = "", limit: int = 1000) -> tuple[Decision, ...]:
        """Return decisions, newest first."""
        found = [each for each in self._state.decisions.values() if order_id in {"", each.order_id}]
        found.sort(key=lambda each: (each.decided_at, each.order_id, each.number), reverse=True)
        return tuple(found[:limit])
