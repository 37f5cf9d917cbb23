"""What must always hold: each view lists its violations, and is empty at rest."""

from alembic import op

from domain.fulfillment import GONE, HOLDS_RESERVATION, Stage
from domain.order import NOT_OURS
from infra.database.migrations.words import listed

revision = "0008"
down_revision = "0007"

GIVEN_UP = (Stage.CANCELLED, Stage.REPLANNED)

VIEWS = {
    "inv_stock_on_hand_is_sum_of_movements": """
        SELECT sku, location, condition, lot, on_hand, coalesce(moved.units, 0) AS moved
        FROM inventory_levels
        LEFT JOIN (SELECT sku, location, condition, lot, sum(delta) AS units FROM stock_movements
                   GROUP BY sku, location, condition, lot) moved USING (sku, location, condition, lot)
        WHERE on_hand <> coalesce(moved.units, 0)""",
    "inv_stock_reserved_is_sum_of_movements": """
        SELECT sku, location, condition, lot, reserved, coalesce(moved.units, 0) AS moved
        FROM inventory_levels
        LEFT JOIN (SELECT sku, location, condition, lot, sum(held) AS units FROM stock_movements
                   GROUP BY sku, location, condition, lot) moved USING (sku, location, condition, lot)
        WHERE reserved <> coalesce(moved.units, 0)""",
    "inv_stock_moved_where_no_level_is": """
        SELECT m.key, m.sku, m.location, m.delta, m.held FROM stock_movements m
        LEFT JOIN inventory_levels level USING (sku, location, condition, lot) WHERE level.sku IS NULL""",
    "inv_stock_reserved_is_sum_of_reservations": """
        SELECT sku, location, condition, lot, reserved, coalesce(held.units, 0) AS held
        FROM inventory_levels
        LEFT JOIN (SELECT sku, location, condition, lot, sum(quantity) AS units FROM reservations
                   GROUP BY sku, location, condition, lot) held USING (sku, location, condition, lot)
        WHERE reserved <> coalesce(held.units, 0)""",
    "inv_stock_reserved_for_nobody": f"""
        SELECT r.owner, r.sku, r.location, r.quantity, f.stage
        FROM reservations r LEFT JOIN fulfillment_orders f ON f.fulfillment_id = r.owner
        WHERE r.quantity > 0 AND coalesce(f.stage, '') NOT IN ({listed(HOLDS_RESERVATION)})
          AND NOT EXISTS (SELECT FROM soft_reservations s WHERE s.owner = r.owner)""",
    "inv_stock_reserved_is_what_lines_are_made_of": f"""
        SELECT fulfillment_id, sku, wanted.units AS wanted, held.units AS held
        FROM (SELECT picked.fulfillment_id, picked.sku, sum(picked.units * picked.quantity) AS units
              FROM picked_units picked JOIN fulfillment_orders f USING (fulfillment_id)
              WHERE f.stage IN ({listed(HOLDS_RESERVATION)}) GROUP BY picked.fulfillment_id, picked.sku) wanted
        FULL JOIN (SELECT r.owner AS fulfillment_id, r.sku, sum(r.quantity) AS units
                   FROM reservations r JOIN fulfillment_orders f ON f.fulfillment_id = r.owner
                   WHERE f.stage IN ({listed(HOLDS_RESERVATION)}) GROUP BY r.owner, r.sku) held
            USING (fulfillment_id, sku)
        WHERE coalesce(wanted.units, 0) <> coalesce(held.units, 0)""",
    "inv_order_line_shares_are_its_price": """
        SELECT line.order_id, line.line_id, line.unit_price, shared.amount
        FROM order_lines line
        JOIN (SELECT order_id, line_id, sum(share) AS amount FROM line_components GROUP BY order_id, line_id) shared
            USING (order_id, line_id)
        WHERE shared.amount <> line.unit_price""",
    "inv_money_refunding_is_sum_of_refunds": """
        SELECT o.order_id, o.refunding, given.amount AS given
        FROM orders o CROSS JOIN LATERAL (
            SELECT (SELECT coalesce(sum(amount), 0) FROM refunds r WHERE r.order_id = o.order_id AND r.state <> 'REJECTED')
                 + (SELECT coalesce(sum(beyond), 0) FROM hand_refunds h WHERE h.order_id = o.order_id) AS amount) given
        WHERE o.refunding <> given.amount""",
    "inv_money_refunds_within_captured": """
        SELECT o.order_id, o.captured, o.refunding, taken.amount AS entered
        FROM orders o CROSS JOIN LATERAL (
            SELECT coalesce(sum(amount), 0) AS amount FROM money_entries e
            WHERE e.order_id = o.order_id AND e.kind = 'CAPTURED') taken
        WHERE o.refunding > o.captured OR o.captured <> taken.amount""",
    "inv_money_entries_agree_with_refunds": """
        SELECT o.order_id, entered.*, kept.*
        FROM orders o
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(amount) FILTER (WHERE kind = 'REFUND_RESERVED'), 0)
                 - coalesce(sum(amount) FILTER (WHERE kind IN ('REFUND_CONFIRMED', 'REFUND_RELEASED')), 0)
                       AS entered_reserved,
                   coalesce(sum(amount) FILTER (WHERE kind = 'REFUND_CONFIRMED'), 0) AS entered_confirmed,
                   coalesce(sum(amount) FILTER (WHERE kind = 'BY_HAND'), 0) AS entered_by_hand
            FROM money_entries e WHERE e.order_id = o.order_id) entered
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(amount) FILTER (WHERE state = 'RESERVED'), 0) AS kept_reserved,
                   coalesce(sum(amount) FILTER (WHERE state = 'CONFIRMED'), 0) AS kept_confirmed,
                   coalesce(sum(amount) FILTER (WHERE state = 'BY_HAND'), 0)
                 + (SELECT coalesce(sum(beyond), 0) FROM hand_refunds h WHERE h.order_id = o.order_id) AS kept_by_hand
            FROM refunds r WHERE r.order_id = o.order_id) kept
        WHERE (entered_reserved, entered_confirmed, entered_by_hand) <> (kept_reserved, kept_confirmed, kept_by_hand)""",
    "inv_parcel_two_live_labels": """
        SELECT fulfillment_id, count(*) AS live, array_agg(parcel_id ORDER BY number) AS parcels
        FROM parcels WHERE state = 'LIVE' GROUP BY fulfillment_id HAVING count(*) > 1""",
    "inv_parcel_live_but_cancelled": f"""
        SELECT f.fulfillment_id, f.stage, p.parcel_id
        FROM fulfillment_orders f JOIN parcels p USING (fulfillment_id)
        WHERE p.state = 'LIVE' AND f.stage IN ({listed(GIVEN_UP)})""",
    "inv_parcel_handed_over_without_label": f"""
        SELECT f.fulfillment_id, f.stage FROM fulfillment_orders f
        WHERE f.delivery = 'ship' AND f.stage IN ({listed(GONE)})
          AND NOT EXISTS (SELECT FROM parcels p WHERE p.fulfillment_id = f.fulfillment_id AND p.state = 'LIVE')""",
    "inv_parcel_told_but_not_live": """
        SELECT parcel_id, state, told_at, labelled_at, voided_at FROM parcels
        WHERE told_at IS NOT NULL AND (state = 'PLANNED' OR labelled_at IS NULL OR told_at > voided_at)""",
    "inv_order_lines_within_quantity": """
        SELECT order_id, line_id, quantity, cancelled, by_hand, planned, cancelling, done, told_cancelled
        FROM kept_lines
        WHERE cancelled + by_hand + done + greatest(planned - cancelling, 0) > quantity OR told_cancelled > quantity""",
    "inv_order_closed_with_open_lines": f"""
        SELECT o.order_id, o.state, line.line_id, line.open, line.planned
        FROM orders o JOIN kept_lines line USING (order_id)
        WHERE o.state NOT IN ('OPEN', {listed(NOT_OURS)}) AND (line.open > 0 OR line.planned > 0)""",
    "inv_order_closed_with_reservations": """
        SELECT o.order_id, o.state, r.owner, r.sku, r.quantity
        FROM orders o JOIN fulfillment_orders f USING (order_id) JOIN reservations r ON r.owner = f.fulfillment_id
        WHERE o.state <> 'OPEN' AND r.quantity > 0""",
    "inv_order_stands_still": """
        SELECT o.order_id, o.progress_at FROM orders o
        WHERE o.state = 'OPEN' AND o.progress_at < now() - interval '15 minutes'
          AND NOT EXISTS (SELECT FROM waits w WHERE w.order_id = o.order_id)""",
    "inv_effect_two_requests_for_one_key": """
        SELECT base, array_agg(key ORDER BY generation) AS keys
        FROM effects WHERE NOT superseded GROUP BY base
        HAVING count(*) > 1""",
    "inv_effect_confirmed_was_changed": """
        SELECT key, state, confirmed_digest FROM effects
        WHERE (confirmed_digest IS NOT NULL) <> (state = 'CONFIRMED') OR confirmed_digest <> md5(confirmed::text)""",
    "inv_effect_in_doubt_unwatched": """
        SELECT key, state, order_id, touched_at FROM effects e
        WHERE state IN ('SENDING', 'UNKNOWN') AND NOT superseded AND kind NOT IN ('collection', 'message')
          AND touched_at < now() - interval '10 minutes'
          AND NOT EXISTS (SELECT FROM waits w WHERE w.order_id = e.order_id
                          AND w.cause IN ('effect:' || e.key, 'adapter:' || e.adapter, 'outage:' || e.adapter))""",
}


def upgrade() -> None:
    for name, query in VIEWS.items():
        op.execute(f"CREATE VIEW {name} AS {query}")
