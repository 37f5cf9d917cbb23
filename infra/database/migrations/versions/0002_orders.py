"""Orders with their lines and holds, and the vault of personal data."""

from alembic import op

from domain.order import HoldReason, OrderState, Ownership
from infra.database.migrations.words import one_of

revision = "0002"
down_revision = "0001"

ORDERS = f"""
CREATE TABLE orders (
    order_id         text PRIMARY KEY,
    account          text NOT NULL,
    channel_order_id text NOT NULL,
    number           text NOT NULL,
    inbox_id         bigint,
    state            text NOT NULL {one_of("state", OrderState)},
    ownership        text NOT NULL {one_of("ownership", Ownership)},
    delivery         text NOT NULL {one_of("delivery", ["ship", "pickup"])},
    pickup_location  text,
    placed_at        timestamptz NOT NULL,
    ship_by          timestamptz,
    deliver_by       timestamptz,
    country          text NOT NULL,
    postal_zone      text NOT NULL,
    gift             boolean NOT NULL DEFAULT false,
    -- Worked out when the order is recorded: how urgent its work is, and from when on it is at risk unplanned.
    priority         smallint CHECK (priority BETWEEN 1 AND 5),
    at_risk_from     timestamptz,
    -- A keyed hash of the address that the channel told last; empty without one, and when it was erased.
    address_mark     text NOT NULL DEFAULT '',
    currency         text NOT NULL CHECK (currency ~ '^[A-Z]{{3}}$'),
    total            bigint NOT NULL CHECK (total >= 0),
    shipping         bigint NOT NULL CHECK (shipping >= 0),
    discount         bigint NOT NULL CHECK (discount >= 0),
    tax              bigint NOT NULL CHECK (tax >= 0),
    captured         bigint NOT NULL CHECK (captured >= 0),
    refunding        bigint NOT NULL DEFAULT 0,
    tender           text NOT NULL,
    acknowledged     boolean NOT NULL DEFAULT false,
    cancel_requested boolean NOT NULL,
    ticket           bigint NOT NULL DEFAULT 0,
    last_number      integer NOT NULL DEFAULT 0,
    last_refund      integer NOT NULL DEFAULT 0,
    last_return      integer NOT NULL DEFAULT 0,
    recorded_at      timestamptz NOT NULL,
    closed_at        timestamptz,
    -- By the database's own clock: the last time anything moved, for those who look for what stands still.
    progress_at      timestamptz NOT NULL DEFAULT now(),
    UNIQUE (account, channel_order_id),
    CHECK (refunding BETWEEN 0 AND captured),
    CHECK (state <> 'OPEN' OR closed_at IS NULL)
)"""


def upgrade() -> None:
    op.execute(ORDERS)
    op.execute("CREATE INDEX orders_by_state ON orders (state, recorded_at)")
    op.execute("CREATE INDEX open_orders_by_ship_by ON orders (ship_by, order_id) WHERE state = 'OPEN'")
    _create_lines()
    _create_vault()


def _create_lines() -> None:
    op.execute("""
        CREATE TABLE order_lines (
            order_id       text NOT NULL REFERENCES orders,
            line_id        text NOT NULL,
            position       integer NOT NULL,
            listing_id     text NOT NULL,
            channel_sku    text NOT NULL,
            gtin           text NOT NULL DEFAULT '',
            sku            text,
            matched_by     text NOT NULL DEFAULT '',
            title          text NOT NULL,
            quantity       integer NOT NULL CHECK (quantity > 0),
            unit_price     bigint NOT NULL CHECK (unit_price >= 0),
            cancelled      integer NOT NULL CHECK (cancelled >= 0),
            by_hand        integer NOT NULL CHECK (by_hand >= 0),
            told_cancelled integer NOT NULL CHECK (told_cancelled BETWEEN 0 AND quantity),
            ship_by        timestamptz,
            deliver_by     timestamptz,
            not_before     timestamptz,
            PRIMARY KEY (order_id, line_id),
            CHECK (cancelled + by_hand <= quantity)
        )""")
    _create_components()
    _create_holds()


def _create_components() -> None:
    # Frozen at the match. A line whose unit is just one unit of its SKU has no row.
    op.execute("""
        CREATE TABLE line_components (
            order_id text NOT NULL,
            line_id  text NOT NULL,
            sku      text NOT NULL,
            units    integer NOT NULL CHECK (units > 0),
            share    bigint NOT NULL CHECK (share >= 0),
            PRIMARY KEY (order_id, line_id, sku),
            FOREIGN KEY (order_id, line_id) REFERENCES order_lines
        )""")
    # What one unit of a line takes off the shelves; nothing as long as nobody knows what the line means.
    op.execute("""
        CREATE VIEW line_goods AS
        SELECT line.order_id, line.line_id, goods.sku, coalesce(made_of.units, 1) AS units
        FROM order_lines line LEFT JOIN line_components made_of USING (order_id, line_id)
        CROSS JOIN LATERAL (SELECT coalesce(made_of.sku, line.sku) AS sku) goods
        WHERE goods.sku IS NOT NULL""")


def _create_holds() -> None:
    op.execute(f"""
        CREATE TABLE holds (
            hold_id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            order_id    text NOT NULL REFERENCES orders,
            reason      text NOT NULL {one_of("reason", HoldReason)},
            keeps_stock boolean NOT NULL,
            placed_by   text NOT NULL,
            placed_at   timestamptz NOT NULL,
            released_by text,
            released_at timestamptz
        )""")
    op.execute("CREATE UNIQUE INDEX one_active_hold ON holds (order_id, reason) WHERE released_at IS NULL")


def _create_vault() -> None:
    op.execute("""
        CREATE TABLE vault (
            order_id        text PRIMARY KEY REFERENCES orders,
            wrapped_key     bytea,
            buyer           bytea,
            current_version integer NOT NULL,
            erased_at       timestamptz,
            CHECK ((wrapped_key IS NULL) = (erased_at IS NOT NULL))
        )""")
    op.execute("""
        CREATE TABLE addresses (
            order_id text NOT NULL REFERENCES vault,
            version  integer NOT NULL CHECK (version > 0),
            sealed   bytea NOT NULL,
            PRIMARY KEY (order_id, version)
        )""")
