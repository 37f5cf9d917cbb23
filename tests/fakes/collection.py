"""Collections in memory."""

from __future__ import annotations

from datetime import datetime

from domain.collection import CollectedParcel, Collection, CollectionState, CollectionWish, collection_id
from domain.errors import NotFound
from domain.fulfillment import Stage
from domain.ports.stores.collection import start_of
from domain.shipment import ParcelState
from tests.fakes.outbox import FakeOutboxStore
from tests.fakes.state import State


class FakeCollectionStore:
    """Collections, and which of them each parcel goes with."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def plan(self, wish: CollectionWish, now: datetime) -> Collection | None:
        """Put the parcels that wait into a new collection."""
        if wish.location not in self._state.locations:
            raise NotFound("no-location", f"no location {wish.location}")
        known = [
            one
            for one in self._state.collections.values()
            if (one.location, one.carrier) == (wish.location, wish.carrier)
        ]
        for missed in (one for one in known if not one.is_due(now)):
            self._let_go(missed.collection_id)
        waiting = tuple(
            CollectedParcel(parcel_id=parcel.parcel_id, remote_id=parcel.remote_id)
            for parcel in self._state.parcels.values()
            if parcel.carrier == wish.carrier
            and self._is_there(parcel.parcel_id, wish.location)
            and parcel.parcel_id not in self._state.driven
        )
        if not waiting:
            return None
        planned = collection_id(wish, sum(one.day == wish.day for one in known) + 1)
        self._state.collections[planned] = Collection(
            **wish.model_dump(), collection_id=planned, planned_at=now, parcels=waiting
        )
        self._state.driven.update({parcel.parcel_id: planned for parcel in waiting})
        await self.begin(planned)
        return self._state.collections[planned]

    async def load(self, collection_id: str, *, lock: bool = False) -> Collection:
        """Load one; the fake's one lock is held already."""
        del lock
        if collection_id not in self._state.collections:
            raise NotFound("no-collection", f"there is no collection {collection_id}")
        return self._state.collections[collection_id]

    async def due(self, location: str, carrier: str, now: datetime) -> tuple[Collection, ...]:
        """Return those whose driver may still come."""
        wanted = (location, carrier)
        return tuple(
            one for one in self._state.collections.values() if (one.location, one.carrier) == wanted and one.is_due(now)
        )

    async def newest(self, location: str, limit: int) -> tuple[Collection, ...]:
        """Return the newest ones."""
        found = [one for one in self._state.collections.values() if location in {"", one.location}]
        return tuple(reversed(found))[:limit]

    async def still_waits(self, collection_id: str) -> bool:
        """Tell whether any of its parcels is still there."""
        collection = await self.load(collection_id)
        return any(self._is_there(parcel.parcel_id, collection.location) for parcel in collection.parcels)

    async def note(self, collection_id: str, code: str) -> None:
        """Keep what keeps it from being ordered."""
        await self._change(collection_id, code=code)

    async def settle(
        self, collection_id: str, state: CollectionState, now: datetime, *, code: str = "", remote_id: str = ""
    ) -> None:
        """Keep what the carrier said."""
        del now
        changed = await self._change(collection_id, state=state, code=code, remote_id=remote_id)
        if changed and state is CollectionState.REFUSED:
            self._let_go(collection_id)

    async def begin(self, collection_id: str) -> None:
        """Write the row that starts its workflow."""
        await FakeOutboxStore(self._state).tell(start_of(await self.load(collection_id)))

    async def _change(self, collection_id: str, **columns: object) -> bool:
        before = await self.load(collection_id)
        if before.state is not CollectionState.ORDERING:
            return False
        self._state.collections[collection_id] = before.model_copy(update=columns)
        return True

    def _let_go(self, collection_id: str) -> None:
        for parcel, driver in list(self._state.driven.items()):
            if driver == collection_id:
                del self._state.driven[parcel]

    def _is_there(self, parcel_id: str, location: str) -> bool:
        parcel = self._state.parcels[parcel_id]
        part = self._state.fulfillments[parcel.fulfillment_id]
        return (parcel.state, part.stage, part.location) == (ParcelState.LIVE, Stage.LABELLED, location)
