"""What a line means: aliases, rules and kits, the search for candidates, and who waits for one."""

from alembic import op

revision = "0009"
down_revision = "0008"

# A to Z only, as `domain.listing.fold_case`: what lower() does depends on the database's locale.
FOLD = "translate(code, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz')"


def upgrade() -> None:
    _create_names()
    _create_rewriting()
    _create_kits()
    _create_candidates()
    _create_answers()
    _create_wake()
    _create_similar()


def _create_names() -> None:
    op.execute(f"""
        CREATE FUNCTION fold_case(code text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
        RETURN {FOLD}""")
    op.execute("CREATE INDEX skus_without_case ON skus (fold_case(sku))")
    op.execute("CREATE INDEX skus_by_gtin ON skus (gtin) WHERE gtin IS NOT NULL")
    op.execute("""
        CREATE TABLE aliases (
            alias_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            account     text NOT NULL,
            code        text NOT NULL,
            gtin        text CHECK (gtin ~ '^[0-9]{14}$'),
            sku         text NOT NULL REFERENCES skus,
            units       integer NOT NULL CHECK (units > 0),
            author      text NOT NULL,
            valid_from  timestamptz NOT NULL,
            valid_until timestamptz CHECK (valid_until >= valid_from)
        )""")
    op.execute("CREATE UNIQUE INDEX one_meaning_per_alias ON aliases (code, account) WHERE valid_until IS NULL")
    op.execute("CREATE INDEX aliases_by_gtin ON aliases (gtin) WHERE valid_until IS NULL AND gtin IS NOT NULL")
    op.execute("""
        CREATE TABLE rules (
            rule_id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            account     text NOT NULL,
            position    integer NOT NULL,
            reads       text NOT NULL CHECK (reads IN ('sku', 'listing')),
            prefix      text NOT NULL,
            suffix      text NOT NULL,
            folds_case  boolean NOT NULL,
            author      text NOT NULL,
            valid_from  timestamptz NOT NULL,
            valid_until timestamptz CHECK (valid_until >= valid_from)
        )""")
    op.execute("CREATE UNIQUE INDEX one_rule_per_position ON rules (account, position) WHERE valid_until IS NULL")


def _create_rewriting() -> None:
    op.execute("""
        CREATE FUNCTION rewrite_code(rule rules, listing_id text, channel_sku text) RETURNS text
        LANGUAGE sql IMMUTABLE AS $$
            SELECT CASE WHEN length(code) > length(head) + length(tail)
                             AND starts_with(code, head) AND right(code, length(tail)) = tail
                        THEN substr(code, length(head) + 1, length(code) - length(head) - length(tail)) ELSE '' END
            FROM (SELECT CASE rule.reads WHEN 'sku' THEN channel_sku ELSE listing_id END AS whole) read,
                 LATERAL (SELECT CASE WHEN rule.folds_case THEN fold_case(whole) ELSE whole END AS code,
                                 CASE WHEN rule.folds_case THEN fold_case(rule.prefix) ELSE rule.prefix END AS head,
                                 CASE WHEN rule.folds_case THEN fold_case(rule.suffix) ELSE rule.suffix END AS tail) cut
        $$""")


def _create_kits() -> None:
    op.execute("""
        CREATE TABLE kit_parts (
            kit         text NOT NULL REFERENCES skus,
            sku         text NOT NULL REFERENCES skus,
            units       integer NOT NULL CHECK (units > 0),
            worth       bigint NOT NULL CHECK (worth >= 0),
            author      text NOT NULL,
            declared_at timestamptz NOT NULL,
            PRIMARY KEY (kit, sku),
            CHECK (kit <> sku)
        )""")


def _create_candidates() -> None:
    # Called once a line and never merged into its caller: each look-up stays one by index, however large the tables.
    op.execute("""
        CREATE FUNCTION sku_candidates(seller text, of_listing text, of_sku text, of_gtin text)
        RETURNS TABLE (rung text, sku text, units integer, place integer, retired boolean)
        LANGUAGE plpgsql STABLE ROWS 2 AS $$
        #variable_conflict use_column
        BEGIN
            RETURN QUERY
            SELECT 'listing', s.sku, l.units, 0, s.retired FROM listings l JOIN skus s USING (sku)
            WHERE l.account = seller AND l.listing_id = of_listing AND l.valid_until IS NULL
            UNION ALL
            SELECT 'seller-sku', s.sku, 1, 0, s.retired FROM skus s WHERE s.sku = of_sku
            UNION ALL
            SELECT 'gtin', s.sku, 1, 0, s.retired FROM skus s WHERE s.gtin = of_gtin
            UNION ALL
            SELECT 'alias', s.sku, a.units, (a.account = '')::integer, s.retired FROM aliases a JOIN skus s USING (sku)
            WHERE (a.code = of_sku OR a.gtin = of_gtin) AND a.account IN (seller, '') AND a.valid_until IS NULL;
            RETURN QUERY
            SELECT 'rule', s.sku, 1, r.position, s.retired FROM rules r CROSS JOIN LATERAL (
                SELECT s.sku, s.retired FROM skus s
                WHERE NOT r.folds_case AND s.sku = rewrite_code(r, of_listing, of_sku)
                UNION ALL
                SELECT s.sku, s.retired FROM skus s
                WHERE r.folds_case AND fold_case(s.sku) = rewrite_code(r, of_listing, of_sku)
            ) s
            WHERE r.account = seller AND r.valid_until IS NULL;
        END $$""")


def _create_answers() -> None:
    # OFFSET 0 keeps the look-ups of kits apart, so that they too stay by index; nothing here is worth compiling.
    op.execute("""
        CREATE FUNCTION match_candidates(seller text, lines jsonb) RETURNS text
        LANGUAGE plpgsql STABLE SET jit = off AS $$
        BEGIN
            RETURN (
                WITH RECURSIVE answer AS MATERIALIZED (
                    SELECT line ->> 'line_id' AS line_id, found.*
                    FROM jsonb_array_elements(lines) line
                    CROSS JOIN sku_candidates(
                        seller, line ->> 'listing_id', line ->> 'channel_sku', line ->> 'gtin') found
                ), held AS (
                    SELECT sku FROM answer
                    UNION
                    SELECT k.sku FROM held CROSS JOIN LATERAL (
                        SELECT sku FROM kit_parts WHERE kit = held.sku OFFSET 0) k
                ), part AS MATERIALIZED (
                    SELECT k.* FROM held CROSS JOIN LATERAL (SELECT * FROM kit_parts WHERE kit = held.sku OFFSET 0) k
                )
                SELECT jsonb_build_object(
                    'candidates', (SELECT coalesce(jsonb_agg(to_jsonb(answer)), '[]') FROM answer),
                    'kits', (SELECT coalesce(jsonb_object_agg(kit, parts), '{}')
                             FROM (SELECT kit, jsonb_agg(to_jsonb(part)) AS parts FROM part GROUP BY kit) kits),
                    'retired', (SELECT coalesce(jsonb_agg(s.sku), '[]') FROM held CROSS JOIN LATERAL (
                                    SELECT sku FROM skus WHERE sku = held.sku AND retired OFFSET 0) s),
                    'natures', (SELECT coalesce(jsonb_object_agg(s.sku, s.nature), '{}') FROM held CROSS JOIN LATERAL (
                                    SELECT sku, jsonb_build_object('restrictions', restrictions,
                                                                   'declared', hs_code <> '' AND origin <> '') AS nature
                                    FROM skus WHERE sku = held.sku OFFSET 0) s))
            );
        END $$""")


def _create_wake() -> None:
    op.execute("CREATE INDEX waits_for_skus ON waits (cause, order_id) WHERE cause LIKE 'sku:%'")
    # The gates are locked before anybody is looked for: each statement sees what was committed before it began.
    op.execute("""
        CREATE FUNCTION wake_matched(moment timestamptz) RETURNS integer LANGUAGE plpgsql AS $$
        DECLARE
            woken integer;
        BEGIN
            INSERT INTO causes SELECT ('sku:' || account || ':') COLLATE "C" AS cause FROM channels ORDER BY cause
            ON CONFLICT (cause) DO UPDATE SET cause = EXCLUDED.cause;
            WITH asked AS MATERIALIZED (
                SELECT DISTINCT w.cause, o.account, line.listing_id, line.channel_sku, line.gtin
                FROM waits w JOIN orders o USING (order_id) JOIN order_lines line USING (order_id)
                WHERE w.cause LIKE 'sku:%' AND line.sku IS NULL
                  AND w.cause = 'sku:' || o.account || ':' || line.listing_id
            ), matched AS (
                SELECT DISTINCT cause FROM asked CROSS JOIN LATERAL (
                    SELECT FROM sku_candidates(account, listing_id, channel_sku, gtin) LIMIT 1) found
            ), locked AS (
                INSERT INTO causes SELECT cause FROM matched ORDER BY cause COLLATE "C"
                ON CONFLICT (cause) DO UPDATE SET cause = EXCLUDED.cause RETURNING cause
            )
            INSERT INTO cause_events (cause, cleared_at) SELECT cause, moment FROM locked;
            GET DIAGNOSTICS woken = ROW_COUNT;
            RETURN woken;
        END $$""")


def _create_similar() -> None:
    op.execute("""
        CREATE FUNCTION words_of(written text) RETURNS tsvector LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
        RETURN to_tsvector('pg_catalog.simple', translate(written, '-_./', '    '))""")
    op.execute("CREATE INDEX products_by_words ON products USING gin (words_of(title))")
    op.execute("CREATE INDEX skus_by_words ON skus USING gin (words_of(sku || ' ' || brand))")
    op.execute("CREATE INDEX skus_by_product ON skus (product_id)")
    # A common word stands for few of the SKUs that hold it, and weighs little; all words together weigh most.
    op.execute("""
        CREATE FUNCTION similar_skus(written text, most integer)
        RETURNS TABLE (sku text, title text, brand text, gtin text) LANGUAGE sql STABLE AS $$
            WITH word AS MATERIALIZED (
                SELECT lexeme, plainto_tsquery('pg_catalog.simple', lexeme) AS query FROM unnest(words_of(written))
                ORDER BY length(lexeme) DESC LIMIT 12
            ), phrase AS MATERIALIZED (
                SELECT * FROM word
                UNION ALL SELECT '', plainto_tsquery('pg_catalog.simple', string_agg(lexeme, ' ')) FROM word
            ), hit AS MATERIALIZED (
                SELECT phrase.lexeme, titled.sku FROM phrase CROSS JOIN LATERAL (
                    SELECT s.sku FROM products p JOIN skus s USING (product_id)
                    WHERE words_of(p.title) @@ phrase.query LIMIT 500) titled
                UNION
                SELECT phrase.lexeme, coded.sku FROM phrase CROSS JOIN LATERAL (
                    SELECT s.sku FROM skus s WHERE words_of(s.sku || ' ' || s.brand) @@ phrase.query LIMIT 500) coded
            ), best AS (
                SELECT hit.sku, sum(1.0 / often.hits) AS weight
                FROM hit JOIN (SELECT lexeme, count(*) AS hits FROM hit GROUP BY lexeme) often USING (lexeme)
                GROUP BY hit.sku ORDER BY weight DESC, hit.sku LIMIT most
            )
            SELECT s.sku, p.title, s.brand, coalesce(s.gtin, '')
            FROM best JOIN skus s USING (sku) JOIN products p USING (product_id)
            WHERE NOT s.retired ORDER BY best.weight DESC, s.sku
        $$""")
