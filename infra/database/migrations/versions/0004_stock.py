"""The stock ledger: levels, reservations and append-only movements."""

from alembic import op

from domain.inventory import MovementKind
from infra.database.migrations.words import one_of

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    _create_levels()
    _create_movements()


def _create_levels() -> None:
    op.execute("""
        CREATE TABLE inventory_levels (
            sku       text NOT NULL,
            location  text NOT NULL,
            condition text NOT NULL DEFAULT '',
            lot       text NOT NULL DEFAULT '',
            on_hand   integer NOT NULL DEFAULT 0,
            reserved  integer NOT NULL DEFAULT 0 CHECK (reserved >= 0),
            safety    integer NOT NULL DEFAULT 0 CHECK (safety >= 0),
            PRIMARY KEY (sku, location, condition, lot),
            CHECK (reserved <= on_hand)
        )""")
    op.execute("""
        CREATE TABLE reservations (
            fulfillment_id text NOT NULL REFERENCES fulfillment_orders DEFERRABLE INITIALLY DEFERRED,
            sku            text NOT NULL,
            location       text NOT NULL,
            condition      text NOT NULL DEFAULT '',
            lot            text NOT NULL DEFAULT '',
            quantity       integer NOT NULL CHECK (quantity >= 0),
            PRIMARY KEY (fulfillment_id, sku, location, condition, lot),
            FOREIGN KEY (sku, location, condition, lot) REFERENCES inventory_levels
        )""")
    op.execute("""
        CREATE INDEX open_reservations_by_level ON reservations (sku, location, condition, lot) WHERE quantity > 0""")


def _create_movements() -> None:
    op.execute(f"""
        CREATE TABLE stock_movements (
            key       text PRIMARY KEY,
            kind      text NOT NULL {one_of("kind", MovementKind)},
            sku       text NOT NULL,
            location  text NOT NULL,
            condition text NOT NULL DEFAULT '',
            lot       text NOT NULL DEFAULT '',
            delta     integer NOT NULL,
            reason    text NOT NULL,
            actor     text NOT NULL,
            at        timestamptz NOT NULL,
            FOREIGN KEY (sku, location, condition, lot) REFERENCES inventory_levels
        )""")
    op.execute("CREATE INDEX movements_by_level ON stock_movements (sku, location, condition, lot, at)")
    op.execute("""
        CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '% is never changed by %', TG_TABLE_NAME, TG_OP USING ERRCODE = 'check_violation';
        END $$""")
    op.execute("""
        CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON stock_movements
        FOR EACH ROW EXECUTE FUNCTION refuse_change()""")
