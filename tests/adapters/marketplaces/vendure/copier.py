"""Paid orders by the hundred: one of each kind is bought in the shop, the others are copies of its rows.

Buying takes the shop a third of a second, a copy next to nothing; to whatever is done to it afterwards it is an order
like any other.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import count

import psycopg
from psycopg import sql

from adapters.conformance.worlds import Placed, PlacedLine, Wanted
from tests.adapters.marketplaces.vendure.till import Paid, Till

_YEARS = timedelta(days=3650)
_COLUMNS = "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND column_name <> 'id'"
_PUT_ASIDE = 'UPDATE "order" SET "orderPlacedAt" = "orderPlacedAt" - %s WHERE id = %s'
_JOIN = 'INSERT INTO order_channels_channel SELECT %s, "channelId" FROM order_channels_channel WHERE "orderId" = %s'
_DATE = """UPDATE "order" SET "orderPlacedAt" = "orderPlacedAt" + %(by)s, "updatedAt" = "orderPlacedAt" + %(by)s
  WHERE id = %(id)s"""
_ALLOCATE = 'UPDATE stock_level SET "stockAllocated" = "stockAllocated" + %s WHERE "productVariantId" = %s'
_COPY = "INSERT INTO {table} ({names}) SELECT {told} FROM {table} WHERE {owner} = {id} RETURNING id"

Cart = tuple[tuple[str, int], ...]


class Copier:
    """Makes orders that were paid for at any moment. The originals lie years back, and nobody touches them."""

    def __init__(self, till: Till, database: psycopg.Connection) -> None:
        self._till, self._database = till, database
        self._originals: dict[tuple[str, Cart], Paid] = {}
        self._numbers = count(1)
        self._columns: dict[str, list[str]] = {}

    async def order(self, wanted: Sequence[Wanted], moment: datetime, shipping: str) -> Placed:
        """Return an order of these goods that was placed, and changed last, at this moment."""
        original = await self._original(wanted, shipping)
        with self._database.transaction():
            order_id, lines = self._copy(original)
            by = moment - (original.order_placed_at - _YEARS)
            self._database.execute(_DATE, {"by": by, "id": order_id})
        placed = [
            PlacedLine(
                listing_id=line.product_variant.id, quantity=line.quantity, unit_price=line.unit_price_with_tax,
                line_id=str(lines[line.id]),
            )
            for line in original.lines
        ]  # fmt: skip
        return Placed(
            channel_order_id=str(order_id), lines=tuple(placed), total=original.total_with_tax,
            currency=original.currency_code,
        )  # fmt: skip

    async def _original(self, wanted: Sequence[Wanted], shipping: str) -> Paid:
        kind = (shipping, tuple((one.listing_id, one.quantity) for one in wanted))
        if kind not in self._originals:
            paid = await self._till.buy(wanted, shipping)
            self._database.execute(_PUT_ASIDE, (_YEARS, paid.id))
            self._originals[kind] = paid
        return self._originals[kind]

    def _copy(self, original: Paid) -> tuple[int, dict[str, int]]:
        """Copy an order with all that belongs to it; return its id, and its lines by those of the original."""
        order_id = self._rows("order", "id", original.id, code=f"{original.code}-{next(self._numbers)}")
        shipping = self._rows("shipping_line", "orderId", original.id, orderId=order_id)
        lines: dict[str, int] = {}
        for line in original.lines:
            lines[line.id] = self._rows("order_line", "id", line.id, orderId=order_id, shippingLineId=shipping)
            self._rows("stock_movement", "orderLineId", line.id, orderLineId=lines[line.id])
            self._database.execute(_ALLOCATE, (line.quantity, line.product_variant.id))
        self._rows("payment", "orderId", original.id, orderId=order_id)
        self._rows("history_entry", "orderId", original.id, orderId=order_id)
        self._database.execute(_JOIN, (order_id, original.id))
        return order_id, lines

    def _rows(self, table: str, owner: str, owner_id: str, **changed: object) -> int:
        """Copy the rows of one owner, changed so; return the id of the last."""
        if table not in self._columns:
            self._columns[table] = [name for (name,) in self._database.execute(_COLUMNS, (table,))]
        names = self._columns[table]
        told = [sql.Literal(changed[name]) if name in changed else sql.Identifier(name) for name in names]
        statement = sql.SQL(_COPY).format(
            table=sql.Identifier(table), names=sql.SQL(", ").join(map(sql.Identifier, names)),
            told=sql.SQL(", ").join(told), owner=sql.Identifier(owner), id=sql.Literal(int(owner_id)),
        )  # fmt: skip
        return max(made for (made,) in self._database.execute(statement))
