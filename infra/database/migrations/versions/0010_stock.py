"""What may be promised: set-asides, incoming goods, oversell ceilings, publication; and how a reservation is made."""

from alembic import op

from domain.publication import PublicationState
from infra.database.migrations.words import one_of

revision = "0010"
down_revision = "0009"

VIEWS = {
    "inv_stock_set_aside_is_sum_of_set_asides": """
        SELECT sku, location, set_aside, coalesce(kept.units, 0) AS kept
        FROM inventory_levels level
        LEFT JOIN (SELECT sku, location, sum(units) AS units FROM set_asides GROUP BY sku, location) kept
            USING (sku, location)
        WHERE level.condition = '' AND level.lot = '' AND set_aside <> coalesce(kept.units, 0)""",
    "inv_stock_incoming_received_is_sum_of_movements": """
        SELECT reference, sku, location, received, coalesce(moved.units, 0) AS moved
        FROM incoming_goods
        LEFT JOIN (SELECT against AS reference, sku, location, sum(delta) AS units FROM stock_movements
                   WHERE against <> '' GROUP BY against, sku, location) moved USING (reference, sku, location)
        WHERE received <> coalesce(moved.units, 0)""",
}


def upgrade() -> None:
    """Create what is promised, what was told, and how both are read and reserved."""
    _create_promises()
    _create_publications()
    _create_readings()
    _create_reserve()
    _create_reserve_beside()
    for name, query in VIEWS.items():
        op.execute(f"CREATE VIEW {name} AS {query}")


def _create_promises() -> None:
    op.execute("""
        CREATE TABLE set_asides (
            sku      text NOT NULL,
            location text NOT NULL,
            account  text NOT NULL REFERENCES channels,
            units    integer NOT NULL CHECK (units >= 0),
            PRIMARY KEY (sku, location, account)
        )""")
    op.execute("""
        CREATE TABLE incoming_goods (
            reference   text NOT NULL,
            sku         text NOT NULL REFERENCES skus,
            location    text NOT NULL REFERENCES locations,
            units       integer NOT NULL CHECK (units >= 0),
            received    integer NOT NULL DEFAULT 0 CHECK (received >= 0),
            expected_at timestamptz NOT NULL,
            PRIMARY KEY (reference, sku, location)
        )""")
    op.execute("CREATE INDEX incoming_goods_due ON incoming_goods (sku, expected_at) WHERE received < units")
    op.execute("""
        CREATE TABLE oversell_ceilings (
            sku     text NOT NULL REFERENCES skus,
            account text NOT NULL REFERENCES channels,
            units   integer NOT NULL CHECK (units > 0),
            PRIMARY KEY (sku, account)
        )""")


def _create_publications() -> None:
    op.execute(f"""
        CREATE TABLE publications (
            account      text NOT NULL REFERENCES channels,
            listing_id   text NOT NULL,
            quantity     integer NOT NULL CHECK (quantity >= 0),
            version      bigint NOT NULL,
            state        text NOT NULL {one_of("state", PublicationState)},
            code         text NOT NULL DEFAULT '',
            failures     integer NOT NULL DEFAULT 0,
            sent_at      timestamptz NOT NULL,
            taken        integer,
            taken_at     timestamptz,
            PRIMARY KEY (account, listing_id)
        )""")
    op.execute("CREATE INDEX publications_not_taken ON publications (account, listing_id) WHERE state <> 'TAKEN'")
    op.execute("""
        CREATE TABLE publishing (
            account  text PRIMARY KEY REFERENCES channels,
            since    timestamptz,
            swept_at timestamptz,
            wanted   integer NOT NULL DEFAULT 0,
            swept    integer NOT NULL DEFAULT 0
        )""")
    op.execute("CREATE INDEX listings_by_sku ON listings (sku, account) WHERE valid_until IS NULL")
    op.execute("CREATE INDEX listings_by_change ON listings (account, (greatest(valid_from, valid_until)))")


def _create_readings() -> None:
    op.execute("""
        CREATE FUNCTION account_of(claimant text) RETURNS text LANGUAGE sql STABLE AS $$
            SELECT o.account FROM fulfillment_orders f JOIN orders o USING (order_id) WHERE f.fulfillment_id = claimant
            UNION ALL SELECT account FROM soft_reservations WHERE owner = claimant
        $$""")
    op.execute("""
        CREATE FUNCTION backordered_units(wanted text) RETURNS bigint LANGUAGE sql STABLE AS $$
            SELECT coalesce(sum(line.open * goods.units), 0)
            FROM (SELECT DISTINCT order_id FROM waits WHERE cause = 'stock:' || wanted) waiting
            JOIN line_goods goods USING (order_id) JOIN kept_lines line USING (order_id, line_id)
            WHERE goods.sku = wanted AND line.open > 0
        $$""")
    # Of orders that lack something else than these goods; those that have not paid keep nothing from others.
    op.execute("""
        CREATE FUNCTION pledged_units(wanted text[]) RETURNS TABLE (sku text, units bigint) LANGUAGE sql STABLE AS $$
            WITH needed AS MATERIALIZED (
                SELECT goods.*
                FROM (SELECT DISTINCT order_id FROM waits WHERE scope = '') waiting JOIN line_goods goods USING (order_id)
                WHERE goods.sku = ANY(wanted) AND NOT EXISTS (
                    SELECT FROM waits w WHERE w.order_id = goods.order_id AND w.cause = 'stock:' || goods.sku)
                  AND NOT EXISTS (
                    SELECT FROM holds h WHERE h.order_id = goods.order_id AND h.released_at IS NULL AND NOT h.keeps_stock)
            )
            SELECT needed.sku, CAST(sum(line.open * needed.units) AS bigint)
            FROM needed JOIN kept_lines line USING (order_id, line_id) WHERE line.open > 0 GROUP BY needed.sku
        $$""")


def _create_reserve() -> None:
    # Functions, since every statement in them looks anew after a lock is granted; to its caller each is one.
    op.execute("""
        CREATE FUNCTION reserve_stock(claimant text, skus text[], places text[], wanted integer[]) RETURNS boolean
        LANGUAGE plpgsql AS $$
        DECLARE
            asides integer[];
            taken  integer := 0;
        BEGIN
            FOR n IN 1 .. cardinality(skus) LOOP
                UPDATE inventory_levels SET reserved = reserved + wanted[n]
                WHERE sku = skus[n] AND location = places[n] AND condition = '' AND lot = ''
                  AND set_aside = 0 AND on_hand - reserved - safety >= wanted[n];
                EXIT WHEN NOT FOUND;
                taken := n;
            END LOOP;
            IF taken < cardinality(skus)
               OR EXISTS (SELECT FROM reservations WHERE owner = claimant AND quantity > 0) THEN
                FOR n IN 1 .. taken LOOP
                    UPDATE inventory_levels SET reserved = reserved - wanted[n]
                    WHERE sku = skus[n] AND location = places[n] AND condition = '' AND lot = '';
                END LOOP;
                asides := reserve_beside_set_asides(claimant, skus, places, wanted);
                IF asides IS NULL THEN
                    RETURN EXISTS (SELECT FROM reservations WHERE owner = claimant AND quantity > 0);
                END IF;
            END IF;
            FOR n IN 1 .. cardinality(skus) LOOP
                WITH mine AS (
                    INSERT INTO reservations AS r (owner, sku, location, quantity, set_aside)
                    VALUES (claimant, skus[n], places[n], wanted[n], coalesce(asides[n], 0))
                    ON CONFLICT (owner, sku, location, condition, lot)
                    DO UPDATE SET quantity = EXCLUDED.quantity, set_aside = EXCLUDED.set_aside, moves = r.moves + 1,
                                  reserved_at = now() RETURNING moves)
                INSERT INTO stock_movements (key, kind, sku, location, delta, held, reason, actor, at)
                SELECT concat_ws(':', 'reserve', claimant, skus[n], places[n], moves), 'reserve', skus[n], places[n], 0,
                       wanted[n], 'reserved', 'crossdock', now() FROM mine;
            END LOOP;
            RETURN true;
        END $$""")


def _create_reserve_beside() -> None:
    # What is set aside for the claimant's own channel is used up first; NULL when that is not enough, or it holds some.
    op.execute("""
        CREATE FUNCTION reserve_beside_set_asides(claimant text, skus text[], places text[], wanted integer[])
        RETURNS integer[] LANGUAGE plpgsql AS $$
        DECLARE
            own    text := account_of(claimant);
            asides integer[];
            locked integer;
        BEGIN
            PERFORM FROM unnest(skus, places) AS claim(sku, location) JOIN inventory_levels level USING (sku, location)
            WHERE level.condition = '' AND level.lot = ''
            ORDER BY level.location COLLATE "C", level.sku COLLATE "C" FOR UPDATE OF level;
            GET DIAGNOSTICS locked = ROW_COUNT;
            -- A level that came into being since is not locked, and others may take from it.
            IF locked < cardinality(skus)
               OR EXISTS (SELECT FROM reservations WHERE owner = claimant AND quantity > 0) THEN
                RETURN NULL;
            END IF;
            SELECT array_agg(least(claim.units, coalesce(mine.units, 0)) ORDER BY claim.place) INTO asides
            FROM unnest(skus, places, wanted) WITH ORDINALITY AS claim(sku, location, units, place)
            JOIN inventory_levels level USING (sku, location)
            LEFT JOIN set_asides mine
                ON mine.sku = claim.sku AND mine.location = claim.location AND mine.account = own
            WHERE level.condition = '' AND level.lot = ''
            HAVING count(*) = cardinality(skus)
               AND bool_and(level.on_hand - level.reserved - level.safety - level.set_aside
                            + coalesce(mine.units, 0) >= claim.units);
            UPDATE inventory_levels level
            SET reserved = level.reserved + claim.units, set_aside = level.set_aside - claim.aside
            FROM unnest(skus, places, wanted, asides) AS claim(sku, location, units, aside)
            WHERE level.sku = claim.sku AND level.location = claim.location
              AND level.condition = '' AND level.lot = '' AND asides IS NOT NULL;
            UPDATE set_asides mine SET units = mine.units - claim.aside
            FROM unnest(skus, places, asides) AS claim(sku, location, aside)
            WHERE mine.sku = claim.sku AND mine.location = claim.location AND mine.account = own AND claim.aside > 0;
            RETURN asides;
        END $$""")
