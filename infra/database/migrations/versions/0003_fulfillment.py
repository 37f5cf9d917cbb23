"""Fulfillment orders and the edges they may take; shipments, parcels and scans."""

from alembic import op

from domain.fulfillment import NEXT, Stage
from domain.shipment import ParcelState, TrackingStatus
from infra.database.migrations.words import one_of

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    _create_fulfillments()
    _create_picked_units()
    _guard_stages()
    _create_parcels()
    _create_numbers()


def _create_fulfillments() -> None:
    op.execute(f"""
        CREATE TABLE fulfillment_orders (
            fulfillment_id text PRIMARY KEY,
            order_id       text NOT NULL REFERENCES orders,
            number         integer NOT NULL,
            location       text NOT NULL,
            delivery       text NOT NULL {one_of("delivery", ["ship", "pickup"])},
            stage          text NOT NULL {one_of("stage", Stage)},
            needs_hand     boolean NOT NULL, labels_itself boolean NOT NULL DEFAULT false,
            carrier        text NOT NULL,
            speed          text NOT NULL DEFAULT '',
            reasons        text[] NOT NULL,
            reopened       boolean NOT NULL DEFAULT false,
            planned_at     timestamptz NOT NULL,
            stage_at       timestamptz NOT NULL,
            ship_by        timestamptz, deliver_by timestamptz, at_risk_from timestamptz,
            expected_hand_over timestamptz, expected_arrival timestamptz,
            UNIQUE (order_id, number),
            UNIQUE (fulfillment_id, order_id),
            CHECK (NOT reopened OR stage = 'LOST')
        )""")
    op.execute("CREATE INDEX fulfillment_orders_by_stage ON fulfillment_orders (stage, stage_at)")
    _create_fulfillment_lines()


def _create_fulfillment_lines() -> None:
    op.execute("""
        CREATE TABLE fulfillment_lines (
            fulfillment_id text NOT NULL,
            order_id       text NOT NULL,
            line_id        text NOT NULL,
            position       integer NOT NULL,
            sku            text NOT NULL,
            quantity       integer NOT NULL CHECK (quantity >= 0),
            cancelling     integer NOT NULL DEFAULT 0 CHECK (cancelling >= 0),
            rejected       integer NOT NULL DEFAULT 0 CHECK (rejected >= 0),
            reject_reason  text NOT NULL DEFAULT '',
            refused        boolean NOT NULL DEFAULT false,
            -- Until when that counts; empty where it is for good. Goods that come there after the other ends it too.
            refused_until  timestamptz,
            refused_since  timestamptz,
            PRIMARY KEY (fulfillment_id, line_id),
            FOREIGN KEY (fulfillment_id, order_id) REFERENCES fulfillment_orders (fulfillment_id, order_id),
            FOREIGN KEY (order_id, line_id) REFERENCES order_lines
        )""")
    op.execute("CREATE INDEX fulfillment_lines_by_line ON fulfillment_lines (order_id, line_id)")


def _create_picked_units() -> None:
    op.execute("""
        CREATE VIEW picked_units AS
        SELECT line.fulfillment_id, line.line_id, line.quantity, coalesce(made_of.sku, line.sku) AS sku,
               coalesce(made_of.units, 1) AS units
        FROM fulfillment_lines line LEFT JOIN line_components made_of USING (order_id, line_id)""")


def _guard_stages() -> None:
    op.execute("CREATE TABLE stage_edges (before text NOT NULL, after text NOT NULL, PRIMARY KEY (before, after))")
    edges = sorted((before.value, after.value) for before, ways in NEXT.items() for after in ways)
    op.execute("INSERT INTO stage_edges VALUES " + ", ".join(f"('{before}', '{after}')" for before, after in edges))
    op.execute("""
        CREATE FUNCTION refuse_unknown_edge() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NOT EXISTS (SELECT FROM stage_edges WHERE before = OLD.stage AND after = NEW.stage) THEN
                RAISE EXCEPTION 'fulfillment order % may not go from % to %', OLD.fulfillment_id, OLD.stage, NEW.stage
                    USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        END $$""")
    op.execute("""
        CREATE TRIGGER known_edges_only BEFORE UPDATE OF stage ON fulfillment_orders FOR EACH ROW
        WHEN (OLD.stage <> NEW.stage) EXECUTE FUNCTION refuse_unknown_edge()""")


def _create_parcels() -> None:
    op.execute("""
        CREATE TABLE shipments (
            shipment_id    text PRIMARY KEY,
            fulfillment_id text NOT NULL UNIQUE REFERENCES fulfillment_orders,
            planned_at     timestamptz NOT NULL
        )""")
    op.execute(f"""
        CREATE TABLE parcels (
            parcel_id       text PRIMARY KEY,
            shipment_id     text NOT NULL REFERENCES shipments,
            fulfillment_id  text NOT NULL REFERENCES fulfillment_orders,
            number          integer NOT NULL,
            carrier         text NOT NULL,
            state           text NOT NULL {one_of("state", ParcelState)},
            tracking_number text,
            remote_id       text NOT NULL DEFAULT '',
            cost_amount     bigint CHECK (cost_amount >= 0),
            cost_currency   text CHECK (cost_currency ~ '^[A-Z]{{3}}$'),
            document        bytea,
            planned_at      timestamptz NOT NULL,
            labelled_at     timestamptz,
            voided_at       timestamptz,
            told_at         timestamptz,
            told_number     text NOT NULL DEFAULT '',
            tellings        integer NOT NULL DEFAULT 0,
            UNIQUE (fulfillment_id, number),
            CHECK ((cost_amount IS NULL) = (cost_currency IS NULL))
        )""")
    op.execute("CREATE UNIQUE INDEX one_due_parcel ON parcels (fulfillment_id) WHERE state <> 'VOIDED'")
    op.execute("CREATE INDEX parcels_by_tracking_number ON parcels (tracking_number)")


def _create_numbers() -> None:
    op.execute("""
        CREATE TABLE former_numbers (
            former_id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            parcel_id       text NOT NULL REFERENCES parcels,
            tracking_number text NOT NULL,
            replaced_at     timestamptz NOT NULL
        )""")
    op.execute("CREATE INDEX former_numbers_by_parcel ON former_numbers (parcel_id)")
    op.execute("CREATE INDEX former_numbers_by_number ON former_numbers (tracking_number)")
    op.execute(f"""
        CREATE TABLE tracking_events (
            event_id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            tracking_number text NOT NULL,
            status          text NOT NULL {one_of("status", TrackingStatus)},
            occurred_at     timestamptz NOT NULL,
            received_at     timestamptz NOT NULL,
            UNIQUE (tracking_number, status, occurred_at)
        )""")
