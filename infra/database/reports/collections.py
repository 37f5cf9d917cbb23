"""Drivers that do not come, while their parcels wait."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.collection import CollectionState
from domain.values import Model
from infra.database.reports.reading import fetch

# A refusal matters until its parcels have left, were voided, or go with another driver.
_STUCK = text("""
    SELECT c.collection_id, c.location, c.carrier, c.state, c.code, c.planned_at, count(p.parcel_id) AS parcels
    FROM collections c JOIN collection_parcels goes USING (collection_id) JOIN parcels p USING (parcel_id)
    JOIN fulfillment_orders f USING (fulfillment_id)
    WHERE (c.state = 'ORDERING' AND (c.code LIKE 'unknown-%' OR c.planned_at < :silent_before))
       OR (c.state = 'REFUSED' AND p.state = 'LIVE' AND f.stage = 'LABELLED' AND NOT EXISTS (
            SELECT FROM collection_parcels other JOIN collections later USING (collection_id)
            WHERE other.parcel_id = p.parcel_id AND (other.held OR later.planned_at > c.planned_at)))
    GROUP BY c.collection_id ORDER BY c.planned_at, c.collection_id""")


class StuckCollection(Model):
    """A driver who was refused, or of whom nobody can tell; `parcels` is how many wait for them."""

    collection_id: str
    location: str
    carrier: str
    state: CollectionState
    code: str
    planned_at: datetime
    parcels: int

    @property
    def command(self) -> str:
        """What an operator does about it."""
        if self.state is CollectionState.REFUSED:
            return f"crossdock collections order {self.location} --carrier {self.carrier}"
        decision = " --happened" if self.code.startswith("unknown-") else ""
        return f"crossdock collections retry {self.collection_id}{decision}"


async def list_stuck_collections(connection: AsyncConnection, silent_before: datetime) -> list[StuckCollection]:
    """Return drivers that do not come unless somebody acts, oldest first."""
    return await fetch(connection, StuckCollection, _STUCK, silent_before=silent_before)
