"""How collections are kept: which driver comes where, and for which parcels."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from domain.collection import Collection, CollectionState, CollectionWish
from domain.messages import COLLECTION_WORKFLOW, CollectionStart, collection_workflow_id
from domain.ports.stores.outbox import Telling


def start_of(collection: Collection) -> Telling:
    """Return what Temporal is told so that the driver is ordered."""
    start = CollectionStart(collection_id=collection.collection_id, carrier=collection.carrier)
    return Telling(
        workflow=COLLECTION_WORKFLOW,
        workflow_id=collection_workflow_id(collection.collection_id),
        signal="",
        payload=start.model_dump_json(),
    )


class CollectionStore(Protocol):
    """Collections. A parcel is in one at a time; who was missed by a driver, or whose was refused, may have another."""

    async def plan(self, wish: CollectionWish, now: datetime) -> Collection | None:
        """Put the labelled parcels of a carrier that wait at a location into a new collection; None when none waits.

        With the outbox row that starts its workflow. Whoever plans for the same location at the same time comes after.
        """
        ...

    async def load(self, collection_id: str, *, lock: bool = False) -> Collection:
        """Load one; with `lock` FOR UPDATE. Raises NotFound."""
        ...

    async def due(self, location: str, carrier: str, now: datetime) -> tuple[Collection, ...]:
        """Return those of a carrier whose driver may still come to a location, oldest first."""
        ...

    async def newest(self, location: str, limit: int) -> tuple[Collection, ...]:
        """Return the newest ones, of all locations where none is named."""
        ...

    async def still_waits(self, collection_id: str) -> bool:
        """Tell whether any of its parcels is still there with a live label."""
        ...

    async def note(self, collection_id: str, code: str) -> None:
        """Keep what keeps an ORDERING one from being ordered."""
        ...

    async def settle(
        self, collection_id: str, state: CollectionState, now: datetime, *, code: str = "", remote_id: str = ""
    ) -> None:
        """Make an ORDERING one ORDERED, or REFUSED: then its parcels may go into another one."""
        ...

    async def begin(self, collection_id: str) -> None:
        """Write the row that starts its workflow, as planning it did. Raises NotFound."""
        ...
