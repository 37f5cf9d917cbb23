"""What all workers share about the other sides: who does not answer, and how fast each may be asked."""

from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Let outages and allowances be known to all workers."""
    _create_outages()
    _create_allowances()
    op.execute("""
        CREATE INDEX waits_for_an_outage ON waits (cause, called_at NULLS FIRST) WHERE starts_with(cause, 'outage:')""")


def _create_outages() -> None:
    op.execute("""
        CREATE TABLE outages (
            party     text PRIMARY KEY,
            failures  integer NOT NULL CHECK (failures > 0),
            failed_at timestamptz NOT NULL,
            opened_at timestamptz,
            probes    integer NOT NULL CHECK (probes >= 0),
            probe_at  timestamptz,
            CHECK ((opened_at IS NULL) = (probe_at IS NULL))
        )""")
    op.execute("""
        CREATE TRIGGER wake_listeners AFTER INSERT OR UPDATE OR DELETE ON outages FOR EACH STATEMENT
        EXECUTE FUNCTION wake_listeners()""")


def _create_allowances() -> None:
    op.execute("""
        CREATE TABLE allowances (
            party      text NOT NULL,
            operation  text NOT NULL,
            -- Below zero: promised to those who wait for their turn.
            units      double precision NOT NULL,
            counted_at timestamptz NOT NULL,
            -- As the party itself told last, in place of what its adapter declares.
            rate       double precision CHECK (rate > 0),
            not_before timestamptz,
            PRIMARY KEY (party, operation)
        )""")
    # One round trip: the row is locked before it is read, and what is taken follows from what was read.
    op.execute("""
        CREATE FUNCTION take_allowance(
            of_party text, of_operation text, declared double precision, burst double precision,
            cost double precision, most double precision, patience double precision, moment timestamptz
        ) RETURNS TABLE (granted double precision, wait double precision) LANGUAGE plpgsql AS $$
        DECLARE
            bucket allowances;
            filled double precision;
        BEGIN
            INSERT INTO allowances (party, operation, units, counted_at)
            VALUES (of_party, of_operation, burst, moment) ON CONFLICT DO NOTHING;
            SELECT * INTO STRICT bucket FROM allowances
            WHERE party = of_party AND operation = of_operation FOR UPDATE;
            declared := coalesce(bucket.rate, declared);
            filled := least(
                burst, bucket.units + declared * greatest(extract(epoch FROM moment - bucket.counted_at), 0));
            wait := greatest((cost - filled) / declared, extract(epoch FROM bucket.not_before - moment), 0);
            granted := CASE WHEN wait = 0 THEN least(filled, greatest(most, cost))
                            WHEN wait <= patience THEN cost ELSE 0 END;
            UPDATE allowances SET units = filled - granted, counted_at = greatest(counted_at, moment)
            WHERE party = of_party AND operation = of_operation;
            RETURN NEXT;
        END $$""")
