"""Collections in PostgreSQL."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import TextClause, text

from domain.collection import Collection, CollectionState, CollectionWish, collection_id
from domain.errors import NotFound
from domain.ports.stores.collection import start_of
from infra.database.outbox import PostgresOutboxStore
from infra.database.store import Store

_COLLECTION = """
    SELECT c.collection_id, c.location, c.carrier, c.day, c.ready_at, c.closes_at, c.state, c.code, c.remote_id,
           c.planned_at, (
        SELECT coalesce(jsonb_agg(jsonb_build_object('parcel_id', p.parcel_id, 'remote_id', p.remote_id)
                                  ORDER BY p.parcel_id), '[]')
        FROM collection_parcels p WHERE p.collection_id = c.collection_id) AS parcels
    FROM collections c"""
# Beside foreign keys, which only share the row: whoever plans for the same place waits, and then sees what was planned.
_LOCK = text("SELECT code FROM locations WHERE code = :location FOR NO KEY UPDATE")
_LET_GO_MISSED = text("""
    UPDATE collection_parcels held SET held = false FROM collections c
    WHERE held.collection_id = c.collection_id AND held.held AND c.location = :location AND c.carrier = :carrier
      AND c.state = 'ORDERED' AND c.closes_at <= :now""")
_WAITING = text("""
    SELECT p.parcel_id, p.remote_id FROM fulfillment_orders f JOIN parcels p USING (fulfillment_id)
    WHERE f.location = :location AND f.stage = 'LABELLED' AND p.state = 'LIVE' AND p.carrier = :carrier
      AND NOT EXISTS (SELECT FROM collection_parcels c WHERE c.parcel_id = p.parcel_id AND c.held)
    ORDER BY p.parcel_id""")
_NUMBER = text("""
    SELECT count(*) + 1 FROM collections WHERE location = :location AND carrier = :carrier AND day = :day""")
_ADD = text("""
    WITH added AS (
        INSERT INTO collections (collection_id, location, carrier, day, number, ready_at, closes_at, state, planned_at)
        VALUES (:collection_id, :location, :carrier, :day, :number, :ready_at, :closes_at, 'ORDERING', :now)
    )
    INSERT INTO collection_parcels (collection_id, parcel_id, remote_id)
    SELECT :collection_id, parcel_id, remote_id
    FROM unnest(CAST(:parcel_ids AS text[]), CAST(:remote_ids AS text[])) AS goes(parcel_id, remote_id)""")
_LOAD = text(f"{_COLLECTION} WHERE c.collection_id = :collection_id")
_LOAD_LOCKED = text(f"{_LOAD.text} FOR UPDATE OF c")
_DUE = text(f"""{_COLLECTION}
    WHERE c.location = :location AND c.carrier = :carrier
      AND (c.state = 'ORDERING' OR (c.state = 'ORDERED' AND c.closes_at > :now))
    ORDER BY c.planned_at, c.collection_id""")
_NEWEST = text(f"""{_COLLECTION}
    WHERE :location = '' OR c.location = :location ORDER BY c.planned_at DESC, c.collection_id DESC LIMIT :limit""")
_STILL_WAITS = text("""
    SELECT 1 FROM collection_parcels c JOIN parcels p USING (parcel_id) JOIN fulfillment_orders f USING (fulfillment_id)
    WHERE c.collection_id = :collection_id AND p.state = 'LIVE' AND f.stage = 'LABELLED' LIMIT 1""")
_NOTE = text("UPDATE collections SET code = :code WHERE collection_id = :collection_id AND state = 'ORDERING'")
_SETTLE = text("""
    WITH settled AS (
        UPDATE collections SET state = :state, code = :code, remote_id = :remote_id, settled_at = :now
        WHERE collection_id = :collection_id AND state = 'ORDERING' RETURNING collection_id
    )
    UPDATE collection_parcels p SET held = false FROM settled
    WHERE p.collection_id = settled.collection_id AND :state = 'REFUSED'""")


class PostgresCollectionStore(Store):
    """Collections, and the parcels in them."""

    async def plan(self, wish: CollectionWish, now: datetime) -> Collection | None:
        """Put the parcels that wait into a new collection, with the outbox row that starts its workflow."""
        place = {"location": wish.location, "carrier": wish.carrier}
        if await self._first(_LOCK, location=wish.location) is None:
            raise NotFound("no-location", f"no location {wish.location}")
        await self._run(_LET_GO_MISSED, **place, now=now)
        waiting = await self._all(_WAITING, **place)
        if not waiting:
            return None
        number = int(await self._value(_NUMBER, **place, day=wish.day))
        planned = collection_id(wish, number)
        await self._run(
            _ADD, **wish.model_dump(), collection_id=planned, number=number, now=now,
            parcel_ids=[row["parcel_id"] for row in waiting], remote_ids=[row["remote_id"] for row in waiting],
        )  # fmt: skip
        await self.begin(planned)
        return await self.load(planned)

    async def load(self, collection_id: str, *, lock: bool = False) -> Collection:
        """Load one."""
        row = await self._first(_LOAD_LOCKED if lock else _LOAD, collection_id=collection_id)
        if row is None:
            raise NotFound("no-collection", f"there is no collection {collection_id}")
        return Collection.model_validate(dict(row))

    async def due(self, location: str, carrier: str, now: datetime) -> tuple[Collection, ...]:
        """Return those whose driver may still come, oldest first."""
        return await self._list(_DUE, location=location, carrier=carrier, now=now)

    async def newest(self, location: str, limit: int) -> tuple[Collection, ...]:
        """Return the newest ones."""
        return await self._list(_NEWEST, location=location, limit=limit)

    async def still_waits(self, collection_id: str) -> bool:
        """Tell whether any of its parcels is still there."""
        return await self._first(_STILL_WAITS, collection_id=collection_id) is not None

    async def note(self, collection_id: str, code: str) -> None:
        """Keep what keeps it from being ordered."""
        if not await self._run(_NOTE, collection_id=collection_id, code=code):
            await self.load(collection_id)

    async def settle(
        self, collection_id: str, state: CollectionState, now: datetime, *, code: str = "", remote_id: str = ""
    ) -> None:
        """Keep what the carrier said; the parcels of a refused one are let go."""
        await self.load(collection_id)
        await self._run(
            _SETTLE, collection_id=collection_id, state=state.value, code=code, remote_id=remote_id, now=now
        )

    async def begin(self, collection_id: str) -> None:
        """Write the row that starts its workflow."""
        collection = await self.load(collection_id)
        await PostgresOutboxStore(self._connection, self._cipher).tell(start_of(collection))

    async def _list(self, statement: TextClause, **bound: object) -> tuple[Collection, ...]:
        return tuple(Collection.model_validate(dict(row)) for row in await self._all(statement, **bound))
