"""Waking by cause at scale: who waits for a cause stands in line, and what the cause can serve is known beforehand."""

from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Let waits stand in line, and leftovers be found."""
    _create_line()
    _create_supply()
    op.execute("CREATE INDEX outbox_dead ON outbox (written_at) WHERE dead")
    op.execute("CREATE INDEX inbox_of_nobody ON inbox (finished_at) WHERE state = 'DONE' AND order_id IS NULL")


def _create_line() -> None:
    # The one place that says in which order those who wait for one cause are served.
    op.execute("""
        CREATE FUNCTION urgency(o orders) RETURNS timestamptz LANGUAGE sql STABLE AS $$
            SELECT coalesce(min(coalesce(line.ship_by, o.ship_by)), 'infinity') FROM order_lines line
            WHERE line.order_id = o.order_id
        $$""")
    op.execute("""
        CREATE FUNCTION stand_in_line() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            SELECT urgency(o), CASE o.delivery WHEN 'pickup' THEN coalesce(o.pickup_location, '') ELSE '' END
            INTO STRICT NEW.due, NEW.place FROM orders o WHERE o.order_id = NEW.order_id;
            RETURN NEW;
        END $$""")
    op.execute("CREATE TRIGGER stand_in_line BEFORE INSERT ON waits FOR EACH ROW EXECUTE FUNCTION stand_in_line()")
    op.execute("""
        CREATE FUNCTION change_place() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            UPDATE waits SET due = urgency(NEW) WHERE order_id = NEW.order_id;
            RETURN NULL;
        END $$""")
    op.execute("""
        CREATE TRIGGER change_place AFTER UPDATE ON orders FOR EACH ROW
        WHEN (OLD.ship_by IS DISTINCT FROM NEW.ship_by) EXECUTE FUNCTION change_place()""")


def _create_supply() -> None:
    # Never too low: who is passed over for want of units is not looked at until more come.
    op.execute("""
        CREATE FUNCTION supply_of(wanted text) RETURNS jsonb LANGUAGE sql STABLE AS $$
            SELECT jsonb_object_agg(location, units) || jsonb_build_object('', sum(units))
            FROM (SELECT location, sum(greatest(on_hand - reserved - safety, 0)) AS units FROM inventory_levels
                  WHERE wanted LIKE 'stock:%' AND sku = substr(wanted, 7) GROUP BY location
                  UNION ALL SELECT 'nowhere', 0 WHERE wanted LIKE 'stock:%') levels
        $$""")
    op.execute("""
        CREATE FUNCTION is_servable(supply jsonb, w waits) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
            SELECT supply IS NULL OR CAST(coalesce(supply ->> w.place, '0') AS bigint) >= greatest(w.units, 1)
        $$""")
