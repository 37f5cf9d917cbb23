"""Promises: what is at risk, found in the order in which it came to be so; what was done about it; dates that come."""

from alembic import op

from domain.lateness import UNKEPT, Remedy
from infra.database.migrations.words import listed, one_of

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Add what was done about promises, and the indexes by which they are watched."""
    op.execute(f"""
        CREATE TABLE promise_deeds (
            order_id text NOT NULL REFERENCES orders,
            remedy   text NOT NULL {one_of("remedy", Remedy)},
            subject  text NOT NULL,
            detail   text NOT NULL,
            at       timestamptz NOT NULL,
            told_at  timestamptz,
            PRIMARY KEY (order_id, remedy)
        )""")
    op.execute(f"""
        CREATE INDEX fulfillment_orders_at_risk ON fulfillment_orders (at_risk_from, fulfillment_id)
        WHERE at_risk_from IS NOT NULL AND stage IN ({listed(UNKEPT)})""")
    op.execute("""
        CREATE INDEX open_orders_at_risk ON orders (at_risk_from, order_id)
        WHERE at_risk_from IS NOT NULL AND state = 'OPEN'""")
    op.execute("""CREATE INDEX waits_for_dates ON waits (cause COLLATE "C") WHERE cause LIKE 'date:%'""")
    _follow_hand_over()


def _follow_hand_over() -> None:
    # As much later or sooner as goods leave than expected, so they arrive; see `domain.fulfillment.left`.
    op.execute("""
        CREATE FUNCTION look_ahead() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            NEW.expected_arrival := OLD.expected_arrival + (NEW.stage_at - OLD.expected_hand_over);
            NEW.at_risk_from := CASE WHEN NEW.expected_arrival > NEW.deliver_by THEN NEW.stage_at
                                     ELSE NEW.deliver_by END;
            NEW.expected_hand_over := NEW.stage_at;
            RETURN NEW;
        END $$""")
    op.execute("""
        CREATE TRIGGER goods_left BEFORE UPDATE OF stage ON fulfillment_orders FOR EACH ROW
        WHEN (NEW.stage = 'HANDED_OVER' AND OLD.stage <> 'HANDED_OVER') EXECUTE FUNCTION look_ahead()""")
