"""Locations in detail, policies and recorded decisions."""

from alembic import op

from domain.fulfillment import HOLDS_RESERVATION
from infra.database.migrations.words import listed

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    _keep_places()
    _create_policies()
    _create_decisions()
    _create_reading()


def _keep_places() -> None:
    # From a sequence, so that a number is never given twice, not even after a rollback; the one row makes them wait
    # for each other, so that they are committed in the order of their numbers.
    op.execute("CREATE SEQUENCE place_numbers")
    op.execute("CREATE TABLE places_version (version bigint NOT NULL)")
    op.execute("INSERT INTO places_version VALUES (0)")
    op.execute("""
        CREATE TABLE location_versions (
            version bigint NOT NULL,
            code    text NOT NULL,
            place   jsonb NOT NULL,
            PRIMARY KEY (code, version)
        )""")
    op.execute("""
        CREATE FUNCTION keep_location_version() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE newest bigint;
        BEGIN
            PERFORM FROM places_version FOR UPDATE;
            UPDATE places_version SET version = nextval('place_numbers') RETURNING version INTO newest;
            INSERT INTO location_versions VALUES (newest, NEW.code, to_jsonb(NEW));
            RETURN NULL;
        END $$""")
    op.execute("""
        CREATE TRIGGER new_location AFTER INSERT ON locations
        FOR EACH ROW EXECUTE FUNCTION keep_location_version()""")
    op.execute("""
        CREATE TRIGGER changed_location AFTER UPDATE ON locations
        FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION keep_location_version()""")


def _create_policies() -> None:
    op.execute("""
        CREATE TABLE sourcing_policies (
            version    integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            policy     jsonb NOT NULL,
            author     text NOT NULL,
            comment    text NOT NULL,
            valid_from timestamptz NOT NULL
        )""")
    op.execute("""
        CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON sourcing_policies
        FOR EACH ROW EXECUTE FUNCTION refuse_change()""")
    # Empty SKU: whatever it is asked for.
    op.execute("""
        CREATE TABLE location_doubts (
            location text NOT NULL,
            sku      text NOT NULL,
            until    timestamptz NOT NULL,
            PRIMARY KEY (location, sku)
        )""")


def _create_decisions() -> None:
    op.execute("""
        CREATE TABLE decisions (
            order_id       text NOT NULL REFERENCES orders,
            number         integer NOT NULL,
            decided_at     timestamptz NOT NULL,
            places_version bigint NOT NULL,
            policy_version integer NOT NULL,
            snapshot       bytea NOT NULL,
            plan           bytea NOT NULL,
            PRIMARY KEY (order_id, number)
        )""")
    op.execute("CREATE INDEX decisions_by_time ON decisions (decided_at, order_id)")


def _create_reading() -> None:
    op.execute(f"""
        CREATE INDEX backlog_by_location ON fulfillment_orders (location)
        WHERE delivery = 'ship' AND stage IN ({listed(HOLDS_RESERVATION)})""")
    op.execute("""
        CREATE FUNCTION places_at(wanted bigint) RETURNS jsonb LANGUAGE sql STABLE AS $$
            SELECT coalesce(jsonb_agg(place ORDER BY code), '[]') FROM (
                SELECT DISTINCT ON (code) code, place FROM location_versions WHERE version <= wanted
                ORDER BY code, version DESC) newest
        $$""")
    _create_read_sources()


def _create_read_sources() -> None:
    # What the caller knows already is not sent again: a thousand locations are many.
    op.execute(f"""
        CREATE FUNCTION read_sources(known_places bigint, known_policy integer, moment timestamptz)
        RETURNS text LANGUAGE sql STABLE AS $$
            WITH held AS (
                SELECT max(version) AS version FROM sourcing_policies
                WHERE valid_from = (SELECT max(valid_from) FROM sourcing_policies WHERE valid_from <= moment)
            )
            SELECT jsonb_build_object(
                'places_version', newest.version,
                'policy_version', coalesce(held.version, 0),
                'policy', (SELECT policy FROM sourcing_policies s
                           WHERE s.version = held.version AND s.version <> known_policy),
                'next_policy_at', (SELECT min(valid_from) FROM sourcing_policies WHERE valid_from > moment),
                'locations', CASE WHEN newest.version <> known_places THEN (
                    SELECT coalesce(jsonb_agg(to_jsonb(place) ORDER BY place.code), '[]') FROM locations place) END,
                'doubts', (SELECT coalesce(jsonb_agg(to_jsonb(d) ORDER BY d.location, d.sku), '[]')
                           FROM location_doubts d WHERE d.until > moment),
                'carriers', (SELECT coalesce(jsonb_object_agg(c.account, to_jsonb(c.carriers)), '{{}}')
                             FROM channels c WHERE c.carriers <> '{{}}'),
                'sells_labels', (SELECT coalesce(jsonb_agg(c.account), '[]') FROM channels c WHERE c.sells_labels),
                'backlog', (
                    SELECT coalesce(jsonb_object_agg(place.code, waiting.parts), '{{}}')
                    FROM locations place CROSS JOIN LATERAL (
                        SELECT count(*) AS parts FROM fulfillment_orders f
                        WHERE f.location = place.code AND f.delivery = 'ship'
                          AND f.stage IN ({listed(HOLDS_RESERVATION)})
                    ) waiting
                    WHERE place.daily_capacity IS NOT NULL)
            )
            FROM places_version newest, held
        $$""")
