"""The one statement that records a new order whole."""

from __future__ import annotations

from sqlalchemy import text

RECORD = text("""
    WITH told AS (
        SELECT * FROM jsonb_to_record(CAST(:told AS jsonb)) AS told(
            channel_order_id text, number text, placed_at timestamptz, updated_at timestamptz, currency text,
            lines jsonb, shipping bigint, discount bigint, tax bigint, total bigint, captured bigint, tender text,
            ownership text, delivery text, pickup_location text, ship_by timestamptz, deliver_by timestamptz,
            holds jsonb, cancel_requested boolean, gift boolean)
    ), recorded AS (
        INSERT INTO orders (
            order_id, account, inbox_id, state, recorded_at, channel_order_id, number, placed_at, currency, shipping,
            discount, tax, total, captured, tender, ownership, delivery, pickup_location, ship_by, deliver_by,
            cancel_requested, priority, at_risk_from, country, postal_zone, address_mark,
            gift)
        SELECT
            :order_id, :account, :inbox_id,
            CASE WHEN :state <> 'OPEN' THEN :state
                 WHEN channel.mode = 'observe' THEN 'OBSERVED'
                 WHEN placed_at < channel.live_from THEN 'EXTERNAL' ELSE 'OPEN' END,
            :now, channel_order_id, number, placed_at, currency, shipping, discount, tax, total, captured, tender,
            ownership, delivery, pickup_location, ship_by, deliver_by,
            cancel_requested, :priority, CAST(:at_risk_from AS timestamptz), :country, :postal_zone, :address_mark,
            coalesce(gift, false)
        FROM told LEFT JOIN channels channel ON channel.account = :account
        ON CONFLICT DO NOTHING
        RETURNING order_id, state, captured, currency, tender
    ), lines AS (
        INSERT INTO order_lines (
            order_id, line_id, position, listing_id, channel_sku, gtin, title, quantity, unit_price, cancelled, by_hand,
            told_cancelled, ship_by, deliver_by, not_before)
        SELECT recorded.order_id, line_id, position, listing_id, line.sku, gtin, title, quantity, unit_price, cancelled,
               least(shipped, quantity - cancelled), cancelled, line.ship_by, line.deliver_by, line.not_before
        FROM recorded, told, ROWS FROM (
            jsonb_to_recordset(told.lines) AS (
                line_id text, listing_id text, sku text, gtin text, title text, quantity integer, unit_price bigint,
                cancelled integer, shipped integer, ship_by timestamptz, deliver_by timestamptz,
                not_before timestamptz)
        ) WITH ORDINALITY AS line(
            line_id, listing_id, sku, gtin, title, quantity, unit_price, cancelled, shipped, ship_by, deliver_by,
            not_before, position)
    ), held AS (
        INSERT INTO holds (order_id, reason, keeps_stock, placed_by, placed_at)
        SELECT recorded.order_id, reason, CAST(CAST(:keeps_stock AS jsonb) ->> reason AS boolean), 'channel',
               told.updated_at
        FROM recorded, told, jsonb_array_elements_text(told.holds) AS reason
        ON CONFLICT (order_id, reason) WHERE released_at IS NULL DO NOTHING
    ), paid AS (
        INSERT INTO money_entries (order_id, kind, amount, currency, tender, at)
        SELECT order_id, 'CAPTURED', captured, currency, tender, :now FROM recorded WHERE captured > 0
    ), kept AS (
        INSERT INTO vault (order_id, wrapped_key, buyer, current_version)
        SELECT order_id, :wrapped_key, :buyer, CASE WHEN CAST(:address AS bytea) IS NULL THEN 0 ELSE 1 END
        FROM recorded
    ), addressed AS (
        INSERT INTO addresses (order_id, version, sealed)
        SELECT order_id, 1, CAST(:address AS bytea) FROM recorded WHERE CAST(:address AS bytea) IS NOT NULL
    ), read AS (
        UPDATE inbox SET state = 'DONE', code = '', finished_at = :now, order_id = recorded.order_id
        FROM recorded WHERE inbox.inbox_id = :inbox_id
    ), started AS (
        INSERT INTO outbox (workflow, workflow_id, signal, payload)
        SELECT :workflow, :workflow_id, '', :payload FROM recorded WHERE recorded.state = 'OPEN'
    )
    SELECT order_id FROM recorded""")
