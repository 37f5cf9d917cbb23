"""The money ledger, and returns with what was found in them."""

from typing import get_args

from alembic import op

from domain.ports.stores.money import RefundState
from domain.returns import Disposition, ReturnCourse, ReturnState
from infra.database.migrations.words import one_of

revision = "0005"
down_revision = "0004"

ENTRY_KINDS = ("CAPTURED", "REFUND_RESERVED", "REFUND_CONFIRMED", "REFUND_RELEASED", "BY_HAND")


def upgrade() -> None:
    _create_refunds()
    _create_entries()
    _create_returns()


def _create_refunds() -> None:
    op.execute(f"""
        CREATE TABLE refunds (
            refund_id   text PRIMARY KEY,
            order_id    text NOT NULL REFERENCES orders,
            number      integer NOT NULL,
            key         text NOT NULL,
            amount      bigint NOT NULL CHECK (amount >= 0),
            currency    text NOT NULL CHECK (currency ~ '^[A-Z]{{3}}$'),
            state       text NOT NULL {one_of("state", RefundState)},
            reason      text NOT NULL,
            quantities  jsonb NOT NULL,
            remote_id   text NOT NULL DEFAULT '',
            reserved_at timestamptz NOT NULL DEFAULT now(),
            settled_at  timestamptz,
            UNIQUE (order_id, number),
            UNIQUE (order_id, key)
        )""")
    op.execute("""
        CREATE TABLE hand_refunds (
            order_id          text NOT NULL REFERENCES orders,
            channel_refund_id text NOT NULL,
            amount            bigint NOT NULL CHECK (amount >= 0),
            -- What of it was not the whole of a refund of ours: that part stands in no row of refunds.
            beyond            bigint NOT NULL CHECK (beyond BETWEEN 0 AND amount),
            entered_at        timestamptz NOT NULL,
            PRIMARY KEY (order_id, channel_refund_id)
        )""")


def _create_entries() -> None:
    op.execute(f"""
        CREATE TABLE money_entries (
            entry_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            order_id  text NOT NULL REFERENCES orders,
            kind      text NOT NULL {one_of("kind", ENTRY_KINDS)},
            refund_id text,
            amount    bigint NOT NULL CHECK (amount >= 0),
            currency  text NOT NULL CHECK (currency ~ '^[A-Z]{{3}}$'),
            tender    text NOT NULL,
            at        timestamptz NOT NULL DEFAULT now()
        )""")
    op.execute("CREATE INDEX money_entries_by_order ON money_entries (order_id, kind)")
    op.execute("""
        CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON money_entries
        FOR EACH ROW EXECUTE FUNCTION refuse_change()""")


def _create_returns() -> None:
    op.execute(f"""
        CREATE TABLE returns (
            return_id       text PRIMARY KEY,
            order_id        text NOT NULL REFERENCES orders,
            number          integer NOT NULL,
            key             text NOT NULL UNIQUE,
            course          text NOT NULL {one_of("course", get_args(ReturnCourse))},
            state           text NOT NULL {one_of("state", ReturnState)},
            location        text NOT NULL,
            request_id      text NOT NULL DEFAULT '',
            -- The buyer's own words.
            reason          bytea,
            tracking_number text,
            opened_at       timestamptz NOT NULL,
            state_at        timestamptz NOT NULL,
            UNIQUE (order_id, number)
        )""")
    op.execute("CREATE INDEX returns_by_tracking_number ON returns (tracking_number)")
    op.execute("CREATE INDEX returns_by_state ON returns (state, state_at)")
    op.execute("""
        CREATE TABLE return_lines (
            return_id text NOT NULL REFERENCES returns,
            line_id   text NOT NULL,
            position  integer NOT NULL,
            sku       text NOT NULL,
            quantity  integer NOT NULL CHECK (quantity > 0),
            PRIMARY KEY (return_id, line_id)
        )""")
    op.execute(f"""
        CREATE TABLE return_findings (
            return_id   text NOT NULL,
            line_id     text NOT NULL,
            disposition text NOT NULL {one_of("disposition", Disposition)},
            units       integer NOT NULL CHECK (units > 0),
            PRIMARY KEY (return_id, line_id, disposition),
            FOREIGN KEY (return_id, line_id) REFERENCES return_lines
        )""")
