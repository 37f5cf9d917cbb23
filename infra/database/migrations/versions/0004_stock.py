"""The stock ledger: levels, reservations and append-only movements."""

from alembic import op

from domain.inventory import MovementKind
from infra.database.migrations.words import listed

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    _create_levels()
    _create_movements()
    _create_sequences()


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
            set_aside integer NOT NULL DEFAULT 0 CHECK (set_aside >= 0),
            -- When what lies there was last counted: what moved until then is in the count.
            counted_at timestamptz,
            PRIMARY KEY (sku, location, condition, lot),
            CHECK (reserved <= on_hand)
        )""")
    # No foreign key to the owner: fulfillment orders and soft reservations own alike, a look-up for each reservation
    # costs as much as the reservation itself, and `inv_stock_reserved_for_nobody` sees what it would have refused.
    op.execute("""
        CREATE TABLE reservations (
            owner       text NOT NULL,
            sku         text NOT NULL,
            location    text NOT NULL,
            condition   text NOT NULL DEFAULT '',
            lot         text NOT NULL DEFAULT '',
            quantity    integer NOT NULL,
            set_aside   integer NOT NULL DEFAULT 0 CHECK (set_aside BETWEEN 0 AND quantity),
            moves       integer NOT NULL DEFAULT 1,
            reserved_at timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (owner, sku, location, condition, lot)
        )""")
    op.execute("""
        CREATE TABLE soft_reservations (
            owner   text PRIMARY KEY CHECK (owner LIKE 'soft:%'),
            account text NOT NULL,
            until   timestamptz NOT NULL,
            actor   text NOT NULL,
            reason  text NOT NULL
        )""")
    op.execute("CREATE INDEX soft_reservations_by_end ON soft_reservations (until)")


def _create_movements() -> None:
    # A function, since the server reads the text of a CHECK again for every statement, which takes as long as a row.
    op.execute(f"""
        CREATE FUNCTION movement_adds_up(kind text, delta integer, held integer) RETURNS boolean
        LANGUAGE plpgsql IMMUTABLE AS $$
        BEGIN
            RETURN CASE kind WHEN 'reserve' THEN delta = 0 AND held > 0 WHEN 'release' THEN delta = 0 AND held < 0
                             WHEN 'ship' THEN delta < 0 AND held = delta
                             ELSE held = 0 AND kind IN ({listed(MovementKind)}) END;
        END $$""")
    op.execute("""
        CREATE TABLE stock_movements (
            key       text PRIMARY KEY,
            kind      text NOT NULL,
            sku       text NOT NULL,
            location  text NOT NULL,
            condition text NOT NULL DEFAULT '',
            lot       text NOT NULL DEFAULT '',
            delta     integer NOT NULL,
            held      integer NOT NULL DEFAULT 0,
            reason    text NOT NULL,
            actor     text NOT NULL,
            against   text NOT NULL DEFAULT '',
            at        timestamptz NOT NULL,
            -- By the database's own clock, for those who look for what has changed.
            booked_at timestamptz NOT NULL DEFAULT now(),
            CHECK (movement_adds_up(kind, delta, held))
        )""")
    op.execute("CREATE INDEX movements_by_sku ON stock_movements (sku, booked_at)")
    # Rows come in the order of their time, so that a page's bounds are index enough, and cost nothing to keep.
    op.execute("CREATE INDEX movements_by_time ON stock_movements USING brin (booked_at) WITH (pages_per_range = 4)")
    op.execute("""
        CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '% is never changed by %', TG_TABLE_NAME, TG_OP USING ERRCODE = 'check_violation';
        END $$""")
    op.execute("""
        CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON stock_movements
        FOR EACH ROW EXECUTE FUNCTION refuse_change()""")


def _create_sequences() -> None:
    op.execute("""
        CREATE TABLE shelf_sequences (
            location text NOT NULL,
            sequence bigint NOT NULL CHECK (sequence > 0),
            told_at  timestamptz NOT NULL,
            PRIMARY KEY (location, sequence)
        )""")
