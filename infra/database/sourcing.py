"""Places, policies and decisions in PostgreSQL. What a process has read of places and policy it does not read again."""

from __future__ import annotations

import json
import logging
import zlib
from contextlib import suppress
from datetime import datetime
from typing import Any

from psycopg.rows import DictRow
from sqlalchemy import text

from domain.decision import Decision
from domain.errors import Refused, Unavailable
from domain.location import Location
from domain.ports.stores.sourcing import Sources
from domain.snapshot import DEFAULT_POLICY, Doubt, Snapshot
from domain.sourcing import BUILT_IN, PolicyVersion, SourcingPolicy, read_sourcing
from infra.database.cipher import Cipher
from infra.database.store import Connection, Store

_log = logging.getLogger(__name__)

_LOAD = "crossdock policies load FILE"
_READ = text("SELECT read_sources(:known_places, :known_policy, :now)")
_DOUBT = text("""
    INSERT INTO location_doubts (location, sku, until) VALUES (:location, :sku, :until)
    ON CONFLICT (location, sku) DO UPDATE SET until = greatest(location_doubts.until, EXCLUDED.until)""")
_ADD_POLICY = text("""
    INSERT INTO sourcing_policies (policy, author, comment, valid_from)
    VALUES (CAST(:policy AS jsonb), :author, :comment, :valid_from) RETURNING version""")
_POLICIES = text("""
    SELECT version, CAST(policy AS text) AS policy, author, comment, valid_from
    FROM sourcing_policies ORDER BY valid_from DESC, version DESC""")
_DECISIONS, _DECISIONS_OF_ORDER = (
    text(f"""
    SELECT order_id, number, decided_at, places_version, policy_version, snapshot, plan FROM decisions
    WHERE {which} ORDER BY decided_at DESC, order_id DESC, number DESC LIMIT :limit""")  # noqa: S608 - our own words
    for which in ("true", "order_id = :order_id")
)
_PLACES = text("""
    SELECT version, CAST(places_at(version) AS text) AS places
    FROM unnest(CAST(:versions AS bigint[])) AS version""")

_KEPT_APART = {"locations", "policy"}
"""What many snapshots share is kept once, by its version."""


class Memory:
    """What one process has read of places and policy, by version. A version never means anything else."""

    def __init__(self) -> None:
        self.places: tuple[int, tuple[Location, ...]] = (-1, ())
        self.policy: tuple[int, SourcingPolicy] = (BUILT_IN, DEFAULT_POLICY)
        self._unusable = BUILT_IN

    def usable(self, version: int, told: dict[str, Any]) -> SourcingPolicy:
        """Read a version that was perhaps written past the command, by SQL.

        Raises:
            Unavailable: it is impossible; planning waits for a later version, and then goes on by itself.
        """
        try:
            return read_sourcing(told)
        except Refused as refusal:
            words = f"version {version} of the sourcing policy is impossible: {refusal}; load another: {_LOAD}"
            if version != self._unusable:
                _log.error("no order can be planned: %s", words)
            self._unusable = version
            raise Unavailable("bad-policy", words) from None


class PostgresSourcingStore(Store):
    """Places as planning sees them, versions of the policy, and decisions."""

    def __init__(self, connection: Connection, cipher: Cipher, memory: Memory) -> None:
        super().__init__(connection, cipher)
        self._memory = memory

    async def read(self, now: datetime) -> Sources:
        """Read what is not known yet of places and policy, and what changes all the time."""
        memory = self._memory
        places, policy = memory.places, memory.policy
        told = json.loads(await self._value(_READ, known_places=places[0], known_policy=policy[0], now=now))
        if told["locations"] is not None:
            places = memory.places = (told["places_version"], _locations(told["locations"]))
        if told["policy_version"] == BUILT_IN:
            policy = memory.policy = (BUILT_IN, DEFAULT_POLICY)
        elif told["policy"] is not None:
            policy = memory.policy = (told["policy_version"], memory.usable(told["policy_version"], told["policy"]))
        doubts = tuple(Doubt.model_validate(row) for row in told["doubts"])
        return Sources.model_construct(
            locations=places[1], places_version=places[0], policy=policy[1], policy_version=policy[0],
            backlog=told["backlog"], doubts=doubts,
            carriers={account: tuple(names) for account, names in told["carriers"].items()},
            sells_labels=frozenset(told["sells_labels"]),
            next_policy_at=datetime.fromisoformat(begins) if (begins := told["next_policy_at"]) else None,
        )  # fmt: skip

    async def doubt(self, doubt: Doubt) -> None:
        """Keep that a location comes last for a while; an earlier doubt never ends sooner for it."""
        await self._run(_DOUBT, **doubt.model_dump())

    async def add_policy(self, policy: SourcingPolicy, author: str, comment: str, valid_from: datetime) -> int:
        """Add a version; return its number."""
        bound = {"policy": policy.model_dump_json(), "author": author, "comment": comment, "valid_from": valid_from}
        return int(await self._value(_ADD_POLICY, **bound))

    async def policies(self) -> tuple[PolicyVersion, ...]:
        """Return all versions that ever could hold, newest first."""
        found: list[PolicyVersion] = []
        for row in await self._all(_POLICIES):
            with suppress(Refused):
                policy = read_sourcing(json.loads(row["policy"]))
                found.append(PolicyVersion.model_validate(dict(row) | {"policy": policy}))
        return tuple(found)

    async def decisions(self, order_id: str = "", limit: int = 1000) -> tuple[Decision, ...]:
        """Return decisions, newest first, with the places and the policy of their time."""
        wanted = {"order_id": order_id} if order_id else {}
        rows = await self._all(_DECISIONS_OF_ORDER if order_id else _DECISIONS, **wanted, limit=limit)
        versions = sorted({row["places_version"] for row in rows})
        found = await self._all(_PLACES, versions=versions)
        places = {row["version"]: _locations(json.loads(row["places"])) for row in found}
        policies = {each.version: each.policy for each in await self.policies()} | {BUILT_IN: DEFAULT_POLICY}
        return tuple(opened(row, places, policies) for row in rows)


def packed(decision: Decision) -> tuple[bytes, bytes]:
    """Return a decision's snapshot, without what is kept apart, and its plan, both compressed."""
    snapshot = decision.snapshot.model_dump_json(exclude=_KEPT_APART)
    return zlib.compress(snapshot.encode()), zlib.compress(decision.plan.model_dump_json().encode())


def opened(row: DictRow, places: dict[int, tuple[Location, ...]], policies: dict[int, SourcingPolicy]) -> Decision:
    """Return a kept decision with the places and the policy of its time."""
    # The same places and policy stay the same objects, by which ground that was laid for them is known again.
    apart = {"locations": places[row["places_version"]], "policy": policies[row["policy_version"]]}
    kept = json.loads(zlib.decompress(row["snapshot"]))
    snapshot = Snapshot.model_validate(kept | {"locations": ()}).model_copy(update=apart)
    return Decision.model_validate(row | {"snapshot": snapshot, "plan": json.loads(zlib.decompress(row["plan"]))})


def _locations(rows: list[dict[str, Any]]) -> tuple[Location, ...]:
    return tuple(Location.model_validate(row) for row in rows)
