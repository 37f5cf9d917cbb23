"""A yard: a location where labelled parcels wait, and a carrier whose next answers a test decides."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from activities.collection import CollectionActivities, Planned, plan_collection
from activities.context import Context
from adapters.carriers.sandbox.adapter import CAPABILITIES
from adapters.unable import UnableCarrier
from domain.collection import Collection, CollectionState
from domain.effect import Absent, CannotTell, Confirmed, Dedupe, EffectKind, Finding, Found, Outcome, Rejected, Unknown
from domain.errors import NotFound, Unavailable
from domain.messages import CollectionStart, Retry, Verb
from domain.policy import Policy
from domain.ports.carrier import CarrierCapability, OrderCollection
from domain.ports.parties import Parties
from domain.ports.stores import Record
from tests.activities.mortal import Died
from tests.builders import BERLIN, NOW
from tests.stores.test_collection import label

WHO = Verb(actor="ada", reason="the shelf is full")
SWIFT = CAPABILITIES["sandbox-swift"]


@dataclass
class Depot(UnableCarrier):
    """The carrier's side: drivers by reference, and how the next requests go."""

    capability: CarrierCapability = SWIFT
    drivers: list[str] = field(default_factory=list[str])
    asked: list[OrderCollection] = field(default_factory=list[OrderCollection])
    goes: list[str] = field(default_factory=list[str])

    def carrier(self, name: str) -> Depot:
        if name not in {"swift", "blind"}:
            raise NotFound("no-carrier", f"no carrier {name}")
        return self

    async def order_collection(self, write: OrderCollection) -> Outcome:
        self.asked.append(write)
        how = self.goes.pop(0) if self.goes else "well"
        if how == "away":
            raise Unavailable("http-503")
        if how == "no":
            return Rejected(code="no-driver-today")
        self.drivers.append(write.reference)
        if how == "dies":
            raise Died
        return Unknown(code="read-timeout") if how == "lost" else Confirmed(remote_id=f"DR-{len(self.drivers)}")

    async def find(self, write: object) -> Finding:
        assert isinstance(write, OrderCollection)
        if self.capability.dedupe[EffectKind.COLLECTION].dedupe is Dedupe.NONE:
            return CannotTell(code="no-lookup")
        if write.reference not in self.drivers:
            return Absent()
        return Found(confirmed=Confirmed(remote_id=f"DR-{self.drivers.index(write.reference) + 1}"))


@dataclass
class Yard:
    """A location whose carrier is asked for drivers."""

    record: Record
    depot: Depot = field(default_factory=Depot)
    now: datetime = NOW

    def context(self, record: Record | None = None) -> Context:
        return Context(record or self.record, cast("Parties", self.depot), Policy(), lambda: self.now)

    async def plan(self, record: Record | None = None, *, place: str = BERLIN, carrier: str = "swift") -> Planned:
        return await plan_collection(self.context(record), place, carrier, None, WHO)

    async def planned(self) -> Collection:
        await label(self.record, "1")
        return (await self.plan()).collections[0]

    async def order(self, collection: Collection, record: Record | None = None) -> CollectionState:
        start = CollectionStart(collection_id=collection.collection_id, carrier=collection.carrier)
        return await CollectionActivities(self.context(record)).order_driver(start)

    async def retry(self, collection: Collection, **verb: object) -> bool:
        start = CollectionStart(collection_id=collection.collection_id, carrier=collection.carrier)
        wish = Retry.model_validate(WHO.model_dump() | verb)
        return (await CollectionActivities(self.context()).retry(start, wish)).done

    async def load(self, collection: Collection) -> Collection:
        async with self.record.begin() as tx:
            return await tx.collections.load(collection.collection_id)
