"""How an order is read whole, and how a fulfillment order advances: both after the order's lock is granted.

In READ COMMITTED a statement that waits for a lock goes on with what it saw before it waited. Inside these functions
every statement looks anew, so that one round trip locks first and then decides on what is true.
"""

from alembic import op

from domain.fulfillment import TERMINAL, Stage
from domain.returns import REFUNDED_DISPOSITIONS
from infra.database.migrations.words import listed

revision = "0007"
down_revision = "0006"

DONE = (Stage.DELIVERED, Stage.COLLECTED, Stage.LOST, Stage.SENT_BACK)


def upgrade() -> None:
    _create_views()
    _create_load()
    _create_advance()
    _create_finish()


def _create_views() -> None:
    op.execute(f"""
        CREATE VIEW kept_lines AS
        SELECT line.*, sent.planned, sent.cancelling, sent.done, sent.lost, sent.refusals, came_back.returned,
               line.quantity - line.cancelled - line.by_hand - sent.planned - sent.done AS open, (
                   SELECT coalesce(jsonb_agg(to_jsonb(made_of) ORDER BY made_of.sku), '[]') FROM line_components made_of
                   WHERE made_of.order_id = line.order_id AND made_of.line_id = line.line_id
               ) AS components
        FROM order_lines line
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(part.quantity) FILTER (WHERE f.stage NOT IN ({listed(TERMINAL)})), 0) AS planned,
                   coalesce(sum(part.cancelling) FILTER (WHERE f.stage NOT IN ({listed(TERMINAL)})), 0) AS cancelling,
                   coalesce(sum(part.quantity) FILTER (WHERE f.stage IN ({listed(DONE)}) AND NOT f.reopened), 0) AS done,
                   coalesce(sum(part.quantity) FILTER (WHERE f.stage = 'LOST' AND NOT f.reopened), 0) AS lost,
                   coalesce(jsonb_object_agg(
                       f.location, jsonb_build_object('until', part.refused_until, 'since', part.refused_since)
                       ORDER BY part.refused_until) FILTER (WHERE part.refused), '{{}}') AS refusals
            FROM fulfillment_lines part JOIN fulfillment_orders f USING (fulfillment_id)
            WHERE part.order_id = line.order_id AND part.line_id = line.line_id
        ) sent
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(found.units), 0) AS returned
            FROM returns r JOIN return_findings found USING (return_id)
            WHERE r.order_id = line.order_id AND found.line_id = line.line_id
              AND found.disposition IN ({listed(REFUNDED_DISPOSITIONS)})
        ) came_back""")
    op.execute("""
        CREATE FUNCTION fulfillment_json(f fulfillment_orders) RETURNS jsonb LANGUAGE sql STABLE AS $$
            SELECT to_jsonb(f) || jsonb_build_object('told_otherwise', EXISTS (
                SELECT FROM parcels p WHERE p.fulfillment_id = f.fulfillment_id AND p.state = 'LIVE'
                  AND p.told_at IS NOT NULL AND p.told_number <> coalesce(p.tracking_number, '')
            ), 'lines', (
                SELECT coalesce(jsonb_agg(to_jsonb(line) || jsonb_build_object('components', (
                    SELECT coalesce(jsonb_agg(to_jsonb(made_of) ORDER BY made_of.sku), '[]') FROM line_components made_of
                    WHERE made_of.order_id = line.order_id AND made_of.line_id = line.line_id
                )) ORDER BY line.position), '[]')
                FROM fulfillment_lines line WHERE line.fulfillment_id = f.fulfillment_id))
        $$""")


def _create_load() -> None:
    op.execute("""
        CREATE FUNCTION load_order(wanted text, locking boolean) RETURNS text LANGUAGE plpgsql AS $$
        BEGIN
            IF locking THEN
                PERFORM FROM orders WHERE order_id = wanted FOR UPDATE;
            END IF;
            RETURN (
                SELECT to_jsonb(o) || jsonb_build_object(
                    'waiting', EXISTS (SELECT FROM waits w WHERE w.order_id = o.order_id AND w.scope = ''),
                    'lines', (SELECT coalesce(jsonb_agg(to_jsonb(line) ORDER BY line.position), '[]')
                              FROM kept_lines line WHERE line.order_id = o.order_id),
                    'holds', (SELECT coalesce(jsonb_agg(to_jsonb(h) ORDER BY h.hold_id), '[]')
                              FROM holds h WHERE h.order_id = o.order_id AND h.released_at IS NULL),
                    'fulfillments', (SELECT coalesce(jsonb_agg(fulfillment_json(f) ORDER BY f.number), '[]')
                                     FROM fulfillment_orders f WHERE f.order_id = o.order_id))
                FROM orders o WHERE o.order_id = wanted);
        END $$""")


def _create_advance() -> None:
    op.execute("""
        CREATE FUNCTION advance_fulfillment(move jsonb, telling jsonb) RETURNS text LANGUAGE plpgsql AS $$
        DECLARE
            wanted   text := move ->> 'fulfillment_id';
            at       timestamptz := move ->> 'at';
            moved    fulfillment_orders;
            newest   bigint;
        BEGIN
            PERFORM FROM orders WHERE order_id = (SELECT order_id FROM fulfillment_orders WHERE fulfillment_id = wanted)
            FOR UPDATE;
            UPDATE fulfillment_orders f SET stage = move ->> 'to', stage_at = at,
                labels_itself = f.labels_itself OR coalesce((move ->> 'labels_itself')::boolean, false)
            WHERE f.fulfillment_id = wanted AND move -> 'before' ? f.stage
              AND NOT ((move ->> 'unless_held')::boolean
                       AND EXISTS (SELECT FROM holds h WHERE h.order_id = f.order_id AND h.released_at IS NULL))
            RETURNING f.* INTO moved;
            IF NOT FOUND THEN
                RETURN NULL;
            END IF;
            DELETE FROM waits WHERE order_id = moved.order_id AND scope = wanted AND cause = move ->> 'clears';
            UPDATE orders SET ticket = ticket + (move ->> 'waits_for' <> '')::integer, progress_at = now()
            WHERE order_id = moved.order_id RETURNING ticket INTO newest;
            IF move ->> 'waits_for' <> '' THEN
                INSERT INTO waits AS w VALUES (moved.order_id, wanted, move ->> 'waits_for', newest, '', at)
                ON CONFLICT (order_id, scope, cause) DO UPDATE SET ticket = EXCLUDED.ticket, code = EXCLUDED.code;
            END IF;
            IF (move ->> 'tells')::boolean THEN
                INSERT INTO outbox (workflow, workflow_id, signal, payload)
                VALUES (telling ->> 'workflow', (telling ->> 'prefix') || moved.order_id, telling ->> 'signal',
                        telling ->> 'payload');
            END IF;
            IF move ->> 'inbox_id' IS NOT NULL THEN
                PERFORM finish_inbox((move ->> 'inbox_id')::bigint, moved.order_id, at);
            END IF;
            RETURN fulfillment_json(moved);
        END $$""")


def _create_finish() -> None:
    op.execute("""
        CREATE FUNCTION finish_inbox(wanted bigint, owner text, moment timestamptz) RETURNS integer LANGUAGE sql AS $$
            -- What is tied to an erased order is erased with it.
            UPDATE inbox SET state = 'DONE', code = '', finished_at = moment, order_id = coalesce(owner, order_id),
                body = CASE WHEN erased.yes THEN NULL ELSE body END, words = CASE WHEN erased.yes THEN NULL ELSE words END
            FROM (SELECT EXISTS (SELECT FROM vault WHERE vault.order_id = owner AND erased_at IS NOT NULL) AS yes) erased
            WHERE inbox_id = wanted
            RETURNING 1
        $$""")
