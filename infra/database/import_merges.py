"""How a stretch of staged rows becomes part of the record: statements over sets, never row by row."""

from __future__ import annotations

from sqlalchemy import text

from domain.imports import ImportKind

# The tables grow under an import: a plan made while they were empty would read them whole for each row.
MEASURE = {
    ImportKind.SKUS: text("ANALYZE skus, products"),
    ImportKind.LISTINGS: text("ANALYZE listings"),
    ImportKind.LOCATIONS: text("ANALYZE locations"),
    ImportKind.STOCK: text("ANALYZE inventory_levels, stock_movements"),
}
PLAN_ANEW = text("SET LOCAL plan_cache_mode = force_custom_plan")
# A planner that takes pages for far apart would rather read a million rows than look up the few of a stretch.
LOOK_UP = text(
    "SELECT set_config('plan_cache_mode', 'force_custom_plan', true), set_config('random_page_cost', '1.1', true)"
)

MERGE_SKUS = text("""
    WITH batch AS MATERIALIZED (
        SELECT s.*, old.product_id AS known,
               coalesce(s.weight_grams, old.weight_grams, 0) AS new_weight,
               coalesce(s.brand, old.brand, '') AS new_brand,
               nullif(coalesce(s.gtin, old.gtin, ''), '') AS new_gtin,
               coalesce(s.retired, old.retired, false) AS new_retired,
               coalesce(s.restrictions, old.restrictions, '{}') AS new_restrictions,
               coalesce(s.hs_code, old.hs_code, '') AS new_hs_code, coalesce(s.origin, old.origin, '') AS new_origin
        FROM import_skus s LEFT JOIN skus old USING (sku)
        WHERE s.import_id = :import_id AND s.row > :after AND s.row <= :upto AND (s.components IS NOT NULL) = :kits
    ), titled AS (
        INSERT INTO products (product_id, title)
        SELECT coalesce(known, sku), max(coalesce(title, sku)) FROM batch WHERE known IS NULL OR title IS NOT NULL
        GROUP BY 1 ORDER BY 1
        ON CONFLICT (product_id) DO UPDATE SET title = EXCLUDED.title WHERE products.title <> EXCLUDED.title
        RETURNING product_id
    ), saved AS (
        INSERT INTO skus AS now (sku, product_id, weight_grams, brand, gtin, retired, restrictions, hs_code, origin)
        SELECT sku, coalesce(known, sku), new_weight, new_brand, new_gtin, new_retired, new_restrictions, new_hs_code,
               new_origin
        FROM batch ORDER BY sku
        ON CONFLICT (sku) DO UPDATE
        SET (weight_grams, brand, gtin, retired, restrictions, hs_code, origin) = (
            EXCLUDED.weight_grams, EXCLUDED.brand, EXCLUDED.gtin, EXCLUDED.retired, EXCLUDED.restrictions,
            EXCLUDED.hs_code, EXCLUDED.origin)
        WHERE (now.weight_grams, now.brand, now.gtin, now.retired, now.restrictions, now.hs_code, now.origin)
            IS DISTINCT FROM (EXCLUDED.weight_grams, EXCLUDED.brand, EXCLUDED.gtin, EXCLUDED.retired,
                              EXCLUDED.restrictions, EXCLUDED.hs_code, EXCLUDED.origin)
        RETURNING now.sku
    ), written AS (
        SELECT sku FROM saved UNION SELECT sku FROM batch JOIN titled ON product_id = coalesce(known, sku)
    ), marked AS (
        UPDATE import_skus s SET written = true FROM written
        WHERE s.import_id = :import_id AND s.row > :after AND s.row <= :upto AND s.sku = written.sku
          AND s.components IS NOT NULL
    )
    SELECT count(*) FROM written""")

END_LISTINGS = text("""
    UPDATE listings l SET valid_until = greatest(:now, l.valid_from)
    FROM import_listings s
    WHERE s.import_id = :import_id AND s.row > :after AND s.row <= :upto AND l.valid_until IS NULL
      AND (l.account, l.listing_id) = (s.account, s.listing_id)
      AND (l.sku, l.units) <> (s.sku, coalesce(s.units, CASE l.sku WHEN s.sku THEN l.units ELSE 1 END))""")
MERGE_LISTINGS = text("""
    WITH saved AS (
        INSERT INTO listings (account, listing_id, sku, units, author, valid_from)
        SELECT s.account, s.listing_id, s.sku, coalesce(s.units, 1), :actor, :now FROM import_listings s
        WHERE s.import_id = :import_id AND s.row > :after AND s.row <= :upto
          AND NOT EXISTS (SELECT FROM listings l
                          WHERE (l.account, l.listing_id) = (s.account, s.listing_id) AND l.valid_until IS NULL)
        ORDER BY s.row
        RETURNING 'sku:' || account || ':' || listing_id AS cause
    ), cleared AS (
        INSERT INTO cause_events (cause, cleared_at)
        SELECT DISTINCT cause, CAST(:now AS timestamptz) FROM saved JOIN waits USING (cause)
    )
    SELECT count(*) FROM saved""")

# Not by its row: refused rows are corrected and imported in a file of their own, perhaps under the same name.
BOOKED_AS = "concat_ws(':', 'import', CAST(:name AS text), s.location, length(s.location), s.sku)"
LOCK_LEVELS = text("""
    SELECT count(*) FROM (
        SELECT FROM inventory_levels level JOIN import_stock s USING (sku, location)
        WHERE s.import_id = :import_id AND s.row > :after AND s.row <= :upto AND level.condition = '' AND level.lot = ''
        ORDER BY location COLLATE "C", sku COLLATE "C" FOR UPDATE OF level) locked""")
MERGE_STOCK = text(f"""
    WITH counted AS MATERIALIZED (
        SELECT s.sku, s.location, s.on_hand, s.safety, level.on_hand AS before,
               {BOOKED_AS} AS key
        FROM import_stock s
        LEFT JOIN inventory_levels level
            ON level.sku = s.sku AND level.location = s.location AND level.condition = '' AND level.lot = ''
        WHERE s.import_id = :import_id AND s.row > :after AND s.row <= :upto
          AND NOT EXISTS (SELECT FROM stock_movements WHERE key = {BOOKED_AS})
    ), made AS (
        INSERT INTO inventory_levels (sku, location, on_hand, safety, counted_at)
        SELECT sku, location, on_hand, coalesce(safety, 0), CAST(:now AS timestamptz) FROM counted WHERE before IS NULL
    ), changed AS (
        UPDATE inventory_levels level
        SET on_hand = counted.on_hand, safety = coalesce(counted.safety, level.safety),
            counted_at = greatest(level.counted_at, CAST(:now AS timestamptz)) FROM counted
        WHERE level.sku = counted.sku AND level.location = counted.location AND level.condition = '' AND level.lot = ''
          AND counted.before IS NOT NULL
    ), cleared AS (
        INSERT INTO cause_events (cause, cleared_at)
        SELECT cause, :now FROM causes
        WHERE cause IN (SELECT 'stock:' || sku FROM counted WHERE on_hand > coalesce(before, 0) OR safety IS NOT NULL)
          AND EXISTS (SELECT FROM waits WHERE waits.cause = causes.cause)
    )
    INSERT INTO stock_movements (key, kind, sku, location, delta, reason, actor, at)
    SELECT key, 'count', sku, location, on_hand - coalesce(before, 0), 'imported', :actor, :now FROM counted""")  # noqa: S608 - of a constant
