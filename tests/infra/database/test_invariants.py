"""Each invariant sees the one violation that is planted for it."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from infra.database.invariants import violations
from infra.database.record import PostgresRecord

pytestmark = pytest.mark.stack

PLANTED: dict[str, tuple[str, ...]] = {
    "inv_stock_on_hand_is_sum_of_movements": ("UPDATE inventory_levels SET on_hand = on_hand + 1",),
    "inv_stock_reserved_is_sum_of_reservations": ("UPDATE inventory_levels SET reserved = reserved + 1",),
    "inv_stock_reserved_is_sum_of_movements": ("UPDATE stock_movements SET held = held + 1 WHERE kind = 'reserve'",),
    "inv_stock_moved_where_no_level_is": ("UPDATE stock_movements SET location = 'NOWHERE' WHERE kind = 'receive'",),
    "inv_stock_set_aside_is_sum_of_set_asides": ("UPDATE inventory_levels SET set_aside = 1",),
    "inv_stock_incoming_received_is_sum_of_movements": (
        "INSERT INTO incoming_goods VALUES ('PO-1', 'TEA-1', 'BER', 5, 1, now())",
    ),
    "inv_stock_reserved_for_nobody": (
        "UPDATE reservations SET quantity = 1",
        "UPDATE inventory_levels SET reserved = 1",
    ),
    "inv_stock_reserved_is_what_lines_are_made_of": ("UPDATE fulfillment_orders SET stage = 'READY'",),
    "inv_order_line_shares_are_its_price": (
        "INSERT INTO line_components SELECT order_id, line_id, sku, 1, unit_price - 1 FROM order_lines",
    ),
    "inv_money_refunding_is_sum_of_refunds": ("UPDATE orders SET refunding = refunding + 1",),
    "inv_money_refunds_within_captured": (
        "ALTER TABLE orders DROP CONSTRAINT orders_check",
        "UPDATE orders SET captured = 1",
    ),
    "inv_money_entries_agree_with_refunds": ("DELETE FROM money_entries WHERE kind = 'REFUND_RESERVED'",),
    "inv_parcel_two_live_labels": (
        "DROP INDEX one_due_parcel",
        """INSERT INTO parcels (parcel_id, shipment_id, fulfillment_id, number, carrier, state, planned_at)
           SELECT fulfillment_id || '/P2', shipment_id, fulfillment_id, 2, carrier, state, planned_at FROM parcels""",
    ),
    "inv_parcel_live_but_cancelled": ("UPDATE fulfillment_orders SET stage = 'CANCELLED'",),
    "inv_parcel_handed_over_without_label": ("UPDATE parcels SET state = 'VOIDED', voided_at = told_at",),
    "inv_parcel_told_but_not_live": ("UPDATE parcels SET voided_at = told_at - interval '1 second', state = 'VOIDED'",),
    "inv_order_lines_within_quantity": ("UPDATE fulfillment_lines SET quantity = 3",),
    "inv_order_closed_with_open_lines": ("UPDATE orders SET state = 'DELIVERED'",),
    "inv_order_closed_with_reservations": (
        "UPDATE reservations SET quantity = 1",
        "UPDATE orders SET state = 'DELIVERED'",
    ),
    "inv_order_stands_still": ("UPDATE orders SET progress_at = now() - interval '16 minutes'",),
    "inv_effect_two_requests_for_one_key": (
        """INSERT INTO effects
               (key, base, generation, kind, order_id, adapter, state, token, fresh, request_hash, sent_at)
           SELECT base || '#2', base, 2, kind, order_id, adapter, 'REJECTED', 1, false, 'other', sent_at
           FROM effects""",
    ),
    "inv_effect_confirmed_was_changed": (
        """UPDATE effects SET confirmed = confirmed || '{"tracking_number": "T-2"}'""",
    ),
    "inv_effect_in_doubt_unwatched": (
        """UPDATE effects SET state = 'UNKNOWN', confirmed = NULL, confirmed_digest = NULL,
                              touched_at = now() - interval '11 minutes'""",
    ),
    "inv_effect_of_collection_in_doubt_unwatched": (
        """UPDATE effects SET kind = 'collection', state = 'UNKNOWN', confirmed = NULL, confirmed_digest = NULL,
                              touched_at = now() - interval '11 minutes'""",
    ),
}


async def test_an_order_on_its_way_violates_nothing(shipped: PostgresRecord, engine: AsyncEngine) -> None:
    del shipped
    assert await violations(engine) == []


@pytest.mark.parametrize("view", PLANTED)
async def test_a_planted_violation_is_seen(view: str, shipped: PostgresRecord, careless: AsyncConnection) -> None:
    del shipped
    listed = text(f'SELECT * FROM "{view}"')  # noqa: S608 - a name from the table above
    assert (await careless.execute(listed)).all() == []
    for statement in PLANTED[view]:
        await careless.execute(text(statement))
    assert len((await careless.execute(listed)).all()) == 1


async def test_every_view_has_its_planted_violation(careless: AsyncConnection) -> None:
    names = await careless.scalars(text("SELECT viewname FROM pg_views WHERE starts_with(viewname, 'inv_')"))
    assert set(names) == set(PLANTED)


async def test_a_violation_says_where_and_what(shipped: PostgresRecord, engine: AsyncEngine) -> None:
    del shipped
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE inventory_levels SET set_aside = 1"))
    (found,) = await violations(engine)
    assert found.view == "inv_stock_set_aside_is_sum_of_set_asides"
    assert (found.row["sku"], found.row["set_aside"], found.row["kept"]) == ("TEA-1", 1, 0)
