"""The life of one order as the record remembers it: a timeline merged from everything that has a moment."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.values import Model
from infra.database.reports.reading import fetch

# Each part yields: at, kind, subject, happened, detail. What happens at one moment is told in this order.
_PARTS = (
    "SELECT placed_at, 'order', order_id, 'placed on the channel', '' FROM orders WHERE order_id = :order_id",
    "SELECT stored_at, 'message', party, 'received by ' || source, lower(state) FROM inbox WHERE order_id = :order_id",
    "SELECT recorded_at, 'order', order_id, 'recorded', ownership FROM orders WHERE order_id = :order_id",
    "SELECT at, 'operator', actor, verb, reason FROM audit WHERE order_id = :order_id",
    "SELECT placed_at, 'hold', reason, 'placed', placed_by FROM holds WHERE order_id = :order_id",
    "SELECT released_at, 'hold', reason, 'released', released_by FROM holds WHERE order_id = :order_id",
    """SELECT planned_at, 'fulfillment', fulfillment_id, 'planned at ' || location, array_to_string(reasons, '; ')
       FROM fulfillment_orders WHERE order_id = :order_id""",
    """SELECT sent_at, 'effect', key, 'sent to ' || adapter, CASE WHEN superseded THEN 'superseded' ELSE '' END
       FROM effects WHERE order_id = :order_id""",
    "SELECT settled_at, 'effect', key, lower(state), code FROM effects WHERE order_id = :order_id",
    """SELECT labelled_at, 'parcel', parcel_id,
              CASE WHEN f.labels_itself THEN 'labelled by its place for ' ELSE 'label bought from ' END || p.carrier,
              coalesce(tracking_number, '')
       FROM parcels p JOIN fulfillment_orders f USING (fulfillment_id) WHERE f.order_id = :order_id""",
    """SELECT told_at, 'parcel', parcel_id, 'tracking told to the channel', told_number
       FROM parcels p JOIN fulfillment_orders f USING (fulfillment_id) WHERE f.order_id = :order_id""",
    """SELECT c.planned_at, 'collection', c.collection_id, 'driver wanted', p.parcel_id
       FROM collections c JOIN collection_parcels USING (collection_id) JOIN parcels p USING (parcel_id)
       JOIN fulfillment_orders f USING (fulfillment_id) WHERE f.order_id = :order_id""",
    """SELECT c.settled_at, 'collection', c.collection_id, lower(c.state), c.code
       FROM collections c JOIN collection_parcels USING (collection_id) JOIN parcels p USING (parcel_id)
       JOIN fulfillment_orders f USING (fulfillment_id) WHERE f.order_id = :order_id""",
    """SELECT replaced_at, 'parcel', parcel_id, 'number corrected', old.tracking_number
       FROM former_numbers old JOIN parcels p USING (parcel_id) JOIN fulfillment_orders f USING (fulfillment_id)
       WHERE f.order_id = :order_id""",
    """SELECT voided_at, 'parcel', parcel_id, 'label voided', coalesce(tracking_number, '')
       FROM parcels p JOIN fulfillment_orders f USING (fulfillment_id) WHERE f.order_id = :order_id""",
    """SELECT occurred_at, 'scan', tracking_number, status, '' FROM tracking_events WHERE tracking_number IN (
           SELECT p.tracking_number FROM parcels p JOIN fulfillment_orders f USING (fulfillment_id)
           WHERE f.order_id = :order_id
           UNION SELECT r.tracking_number FROM returns r WHERE r.order_id = :order_id)""",
    """SELECT stage_at, 'fulfillment', fulfillment_id, lower(stage), location
       FROM fulfillment_orders WHERE order_id = :order_id AND stage <> 'PLANNED'""",
    "SELECT since, 'wait', scope, 'waits for ' || cause, code FROM waits WHERE order_id = :order_id",
    "SELECT opened_at, 'return', return_id, 'opened', course FROM returns WHERE order_id = :order_id",
    """SELECT state_at, 'return', return_id, lower(state), location
       FROM returns WHERE order_id = :order_id AND state <> 'REQUESTED'""",
    """SELECT reserved_at, 'refund', refund_id, 'reserved', concat_ws(' ', amount, currency, reason)
       FROM refunds WHERE order_id = :order_id""",
    "SELECT settled_at, 'refund', refund_id, lower(state), '' FROM refunds WHERE order_id = :order_id",
    """SELECT entered_at, 'refund', channel_refund_id, 'made on the channel by hand', CAST(amount AS text)
       FROM hand_refunds WHERE order_id = :order_id""",
    "SELECT closed_at, 'order', order_id, 'closed as ' || lower(state), '' FROM orders WHERE order_id = :order_id",
)
_NUMBERED = " UNION ALL ".join(f"SELECT {rank}, part.* FROM ({part}) part" for rank, part in enumerate(_PARTS))  # noqa: S608 - constants
_HISTORY = text(f"""
    SELECT at, kind, subject, happened, detail FROM ({_NUMBERED}) AS life(rank, at, kind, subject, happened, detail)
    WHERE at IS NOT NULL ORDER BY at, rank, subject""")  # noqa: S608 - constants


class Happening(Model):
    """One thing that happened to an order. Of a fulfillment order and a return the latest state is kept, not each."""

    at: datetime
    kind: str
    subject: str
    happened: str
    detail: str


async def read_history(connection: AsyncConnection, order_id: str) -> list[Happening]:
    """Return the timeline of an order, oldest first."""
    return await fetch(connection, Happening, _HISTORY, order_id=order_id)
