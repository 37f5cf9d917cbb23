"""Shipments, parcels, labels and scans in PostgreSQL."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import TextClause, text

from domain.effect import Confirmed
from domain.errors import NotFound
from domain.fulfillment import TERMINAL, Fulfillment
from domain.shipment import Parcel, TrackingEvent, shipment_id
from infra.database.store import Store

_COLUMNS = """p.parcel_id, p.fulfillment_id, p.carrier, p.state, p.tracking_number, p.remote_id,
    p.told_at IS NOT NULL AS tracking_told, p.told_number, p.tellings,
    ARRAY(
        SELECT old.tracking_number FROM former_numbers old WHERE old.parcel_id = p.parcel_id ORDER BY former_id
    ) AS former"""
# One parcel at most is not voided: the index that says so is also what finds it.
_PLAN = text(f"""
    WITH sending AS (
        INSERT INTO shipments (shipment_id, fulfillment_id, planned_at)
        SELECT :shipment_id, fulfillment_id, :now FROM fulfillment_orders WHERE fulfillment_id = :fulfillment_id
        ON CONFLICT DO NOTHING
    )
    INSERT INTO parcels AS p (parcel_id, shipment_id, fulfillment_id, number, carrier, state, planned_at)
    SELECT f.fulfillment_id || '/P' || next.number, :shipment_id, f.fulfillment_id, next.number, :carrier,
           'PLANNED', :now
    FROM fulfillment_orders f, (
        SELECT count(*) + 1 AS number FROM parcels WHERE fulfillment_id = :fulfillment_id
    ) next
    WHERE f.fulfillment_id = :fulfillment_id
    ON CONFLICT (fulfillment_id) WHERE state <> 'VOIDED' DO UPDATE SET carrier = p.carrier
    RETURNING {_COLUMNS}""")  # noqa: S608 - a constant
_PARCELS = text(f"""
    SELECT {_COLUMNS} FROM parcels p WHERE fulfillment_id = :fulfillment_id ORDER BY number""")  # noqa: S608 - a constant
_KEEP_LABEL = text("""
    UPDATE parcels SET state = 'LIVE', tracking_number = :tracking_number, remote_id = :remote_id,
        cost_amount = :cost_amount, cost_currency = :cost_currency, labelled_at = coalesce(labelled_at, :now),
        document = CASE WHEN EXISTS (
            SELECT FROM fulfillment_orders f JOIN vault v USING (order_id)
            WHERE f.fulfillment_id = parcels.fulfillment_id AND v.erased_at IS NOT NULL
        ) THEN NULL ELSE coalesce(CAST(:document AS bytea), document) END
    WHERE parcel_id = :parcel_id""")
_DOCUMENT = text("SELECT document FROM parcels WHERE parcel_id = :parcel_id")
_VOID = text("""
    UPDATE parcels SET state = 'VOIDED', voided_at = coalesce(voided_at, :now) WHERE parcel_id = :parcel_id""")
_TELL = text("""
    UPDATE parcels SET told_at = coalesce(told_at, :now), told_number = :number, tellings = tellings + 1
    WHERE parcel_id = :parcel_id RETURNING told_number <> coalesce(tracking_number, '')""")
_CORRECT = text("""
    WITH old AS (
        INSERT INTO former_numbers (parcel_id, tracking_number, replaced_at)
        SELECT parcel_id, coalesce(tracking_number, ''), :now FROM parcels
        WHERE parcel_id = :parcel_id AND coalesce(tracking_number, '') <> :number
    )
    UPDATE parcels SET tracking_number = :number, carrier = :carrier WHERE parcel_id = :parcel_id""")
_TRAVELS_UNDER = text("""
    SELECT f.fulfillment_id FROM parcels p JOIN fulfillment_orders f USING (fulfillment_id)
    WHERE p.tracking_number = :number AND p.state = 'LIVE'
      AND (f.stage <> ALL(CAST(:ended AS text[])) OR f.stage_at >= :since)""")
# Kept also when the parcel is not known yet: a carrier may scan before an uncertain label was looked up.
_SCAN = text("""
    WITH kept AS (
        INSERT INTO tracking_events (tracking_number, status, occurred_at, received_at)
        VALUES (:tracking_number, :status, :occurred_at, :now)
        ON CONFLICT (tracking_number, status, occurred_at) DO NOTHING
    )
    SELECT CAST(fulfillment_json(f) AS text)
    FROM parcels p JOIN fulfillment_orders f USING (fulfillment_id)
    WHERE p.parcel_id IN (
        SELECT parcel_id FROM parcels WHERE tracking_number = :tracking_number
        UNION ALL SELECT parcel_id FROM former_numbers
                  WHERE tracking_number = :tracking_number AND replaced_at > :occurred_at)
    ORDER BY p.tracking_number = :tracking_number DESC, p.state = 'LIVE' DESC, p.planned_at DESC LIMIT 1""")
_LATEST = text("""
    SELECT e.tracking_number, e.status, e.occurred_at
    FROM parcels p JOIN tracking_events e USING (tracking_number)
    WHERE p.fulfillment_id = :fulfillment_id AND p.state = 'LIVE'
    ORDER BY e.occurred_at DESC, e.event_id DESC LIMIT 1""")


class PostgresShipmentStore(Store):
    """Shipments, parcels, labels (sealed) and scans."""

    async def plan_parcel(self, fulfillment_id: str, carrier: str, now: datetime) -> Parcel:
        """Return the parcel that is planned or live, or plan the next one, in one statement."""
        shipment = shipment_id(fulfillment_id)
        row = await self._first(_PLAN, fulfillment_id=fulfillment_id, shipment_id=shipment, carrier=carrier, now=now)
        if row is None:
            raise NotFound("no-fulfillment", f"no fulfillment order {fulfillment_id}")
        return Parcel(**row)

    async def parcels(self, fulfillment_id: str) -> tuple[Parcel, ...]:
        """Return all its parcels, oldest first."""
        return tuple(Parcel(**row) for row in await self._all(_PARCELS, fulfillment_id=fulfillment_id))

    async def keep_label(self, parcel_id: str, label: Confirmed, now: datetime) -> None:
        """Make a parcel LIVE, in one statement. The truth is kept also when it had been voided: the label is paid."""
        paper = label.document and self._cipher.seal_alone(label.document.content, parcel_id, "label")
        await self._change(
            _KEEP_LABEL,
            parcel_id,
            tracking_number=label.tracking_number,
            remote_id=label.remote_id,
            cost_amount=label.cost and label.cost.amount,
            cost_currency=label.cost and label.cost.currency,
            document=paper,
            now=now,
        )

    async def label_document(self, parcel_id: str) -> bytes | None:
        """Return the label as it was received, or None."""
        sealed = await self._value(_DOCUMENT, parcel_id=parcel_id)
        return None if sealed is None else self._cipher.open_alone(sealed, parcel_id, "label")

    async def void(self, parcel_id: str, now: datetime) -> None:
        """Make a parcel VOIDED."""
        await self._change(_VOID, parcel_id, now=now)

    async def tell_tracking(self, parcel_id: str, number: str, now: datetime) -> bool:
        """Keep that the channel knows this parcel by a number, in one statement."""
        corrected = await self._value(_TELL, parcel_id=parcel_id, number=number, now=now)
        if corrected is None:
            raise NotFound("no-parcel", f"no parcel {parcel_id}")
        return bool(corrected)

    async def correct(self, parcel_id: str, number: str, carrier: str, now: datetime) -> None:
        """Let a parcel travel under another number, in one statement."""
        await self._change(_CORRECT, parcel_id, number=number, carrier=carrier, now=now)

    async def travels_under(self, number: str, since: datetime) -> frozenset[str]:
        """Return the fulfillment orders of live parcels with this number."""
        ended = sorted(stage.value for stage in TERMINAL)
        rows = await self._all(_TRAVELS_UNDER, number=number, since=since, ended=ended)
        return frozenset(row["fulfillment_id"] for row in rows)

    async def scan(self, event: TrackingEvent, now: datetime) -> Fulfillment | None:
        """Keep a scan once, in one statement; None when the parcel is not ours."""
        found = await self._value(_SCAN, **event.model_dump(), now=now)
        return None if found is None else Fulfillment.model_validate_json(found)

    async def latest(self, fulfillment_id: str) -> TrackingEvent | None:
        """Return the latest scan of its live parcel by the carrier's time."""
        row = await self._first(_LATEST, fulfillment_id=fulfillment_id)
        return None if row is None else TrackingEvent(**row)

    async def _change(self, statement: TextClause, parcel_id: str, **bound: object) -> None:
        if not await self._run(statement, parcel_id=parcel_id, **bound):
            raise NotFound("no-parcel", f"no parcel {parcel_id}")
