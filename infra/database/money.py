"""The money ledger in PostgreSQL. Each refund changes the order's sum and its entries in the same statement."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from psycopg.rows import DictRow
from sqlalchemy import text

from domain.errors import NotFound
from domain.messages import REFUND_WORKFLOW, refund_workflow_id
from domain.order import ChannelRefund
from domain.ports.stores.money import Refund, RefundState, stands_for
from infra.database.store import Store

_COLUMNS = "refund_id, order_id, number, key, amount, currency, state, reason, quantities, remote_id"
_RESERVE = text(f"""
    WITH known AS (
        SELECT {_COLUMNS} FROM refunds WHERE order_id = :order_id AND key = :key
    ), granted AS (
        UPDATE orders SET refunding = refunding + :amount, last_refund = last_refund + 1
        WHERE order_id = :order_id AND refunding + :amount <= captured AND NOT EXISTS (SELECT FROM known)
        RETURNING order_id, account, currency, tender, last_refund AS number,
                  order_id || '/refund/' || last_refund AS refund_id
    ), reserved AS (
        INSERT INTO refunds (refund_id, order_id, number, key, amount, currency, state, reason, quantities)
        SELECT refund_id, order_id, number, :key, :amount, currency, 'RESERVED', :reason, CAST(:quantities AS jsonb)
        FROM granted RETURNING {_COLUMNS}
    ), booked AS (
        INSERT INTO money_entries (order_id, kind, refund_id, amount, currency, tender)
        SELECT order_id, 'REFUND_RESERVED', refund_id, :amount, currency, tender FROM granted
    ), started AS (
        INSERT INTO outbox (workflow, workflow_id, signal, payload)
        SELECT :workflow, CAST(:prefix AS text) || number, '', CAST(jsonb_build_object(
            'order_id', order_id, 'refund_id', refund_id, 'account', account) AS text)
        FROM granted WHERE NOT starts_with(:key, 'return:')
    )
    SELECT * FROM known UNION ALL SELECT * FROM reserved""")  # noqa: S608 - constants
_LOAD = text(f"SELECT {_COLUMNS} FROM refunds WHERE refund_id = :refund_id")  # noqa: S608 - a constant
_OF_ORDER = text(f"SELECT {_COLUMNS} FROM refunds WHERE order_id = :order_id ORDER BY number")  # noqa: S608 - a constant
_CAPTURE = text("""
    WITH known AS (
        SELECT order_id, captured FROM orders WHERE order_id = :order_id AND captured < :captured FOR UPDATE
    ), summed AS (
        UPDATE orders SET captured = :captured FROM known WHERE orders.order_id = known.order_id
        RETURNING known.order_id, known.captured AS before, currency, tender
    )
    INSERT INTO money_entries (order_id, kind, amount, currency, tender)
    SELECT order_id, 'CAPTURED', :captured - before, currency, tender FROM summed""")
# What a person did by hand leaves our reservation and stands as money given back by hand.
_SETTLE = text("""
    WITH settled AS (
        UPDATE refunds SET state = :state, remote_id = :remote_id, settled_at = :now
        WHERE refund_id = :refund_id AND state = 'RESERVED' RETURNING refund_id, order_id, amount
    ), summed AS (
        UPDATE orders SET refunding = refunding - CASE WHEN :state = 'REJECTED' THEN settled.amount ELSE 0 END
        FROM settled WHERE orders.order_id = settled.order_id
        RETURNING settled.*, orders.currency, orders.tender
    )
    INSERT INTO money_entries (order_id, kind, refund_id, amount, currency, tender, at)
    SELECT order_id, kind, refund_id, amount, currency, tender, :now
    FROM summed JOIN (VALUES ('CONFIRMED', 'REFUND_CONFIRMED'), ('REJECTED', 'REFUND_RELEASED'),
                             ('BY_HAND', 'REFUND_RELEASED'), ('BY_HAND', 'BY_HAND')) entry(state, kind)
         ON entry.state = :state""")
_LOWER = text("""
    WITH lowered AS (
        UPDATE refunds SET amount = amount - :units WHERE refund_id = :refund_id
        RETURNING order_id, refund_id, currency
    )
    INSERT INTO money_entries (order_id, kind, refund_id, amount, currency, tender, at)
    SELECT order_id, entry.kind, refund_id, :units, lowered.currency, tender, :now
    FROM lowered JOIN orders USING (order_id), (VALUES ('REFUND_RELEASED'), ('BY_HAND')) entry(kind)""")
# Locked by a statement of its own, so that the next one sees a refund that was reserved while this one waited.
_LOCK = text("SELECT captured - refunding FROM orders WHERE order_id = :order_id FOR UPDATE")
_IS_KNOWN = text("""
    SELECT EXISTS (SELECT FROM hand_refunds WHERE order_id = :order_id AND channel_refund_id = :channel_refund_id)
        OR EXISTS (SELECT FROM refunds WHERE order_id = :order_id AND remote_id = :channel_refund_id)""")
_IS_ENTERED = text("""
    SELECT EXISTS (SELECT FROM hand_refunds
                   WHERE order_id = :order_id AND channel_refund_id IN (:refund_id, :remote_id))""")
_ENTER = text("""
    WITH entered AS (
        INSERT INTO hand_refunds (order_id, channel_refund_id, amount, beyond, entered_at)
        VALUES (:order_id, :channel_refund_id, :amount, :beyond, :now)
    ), summed AS (
        UPDATE orders SET refunding = refunding + :fresh WHERE order_id = :order_id RETURNING order_id, currency, tender
    )
    INSERT INTO money_entries (order_id, kind, amount, currency, tender, at)
    SELECT order_id, 'BY_HAND', :fresh, currency, tender, :now FROM summed WHERE :fresh > 0""")


class PostgresMoneyStore(Store):
    """Append-only entries, and refunds that never exceed what was captured."""

    async def reserve_refund(
        self, order_id: str, key: str, amount: int, reason: str, quantities: Mapping[str, int]
    ) -> Refund | None:
        """Reserve a refund; None when it would exceed what was captured."""
        await self._lock(order_id)
        row = await self._first(
            _RESERVE,
            order_id=order_id,
            key=key,
            amount=amount,
            reason=reason,
            quantities=json.dumps(dict(quantities)),
            workflow=REFUND_WORKFLOW,
            prefix=refund_workflow_id(order_id, 0).removesuffix("0"),
        )
        return None if row is None else _refund(row)

    async def load_refund(self, refund_id: str) -> Refund:
        """Load one."""
        row = await self._first(_LOAD, refund_id=refund_id)
        if row is None:
            raise NotFound("no-refund", f"no refund {refund_id}")
        return _refund(row)

    async def refunds(self, order_id: str) -> tuple[Refund, ...]:
        """Return all refunds of an order, by number."""
        return tuple(_refund(row) for row in await self._all(_OF_ORDER, order_id=order_id))

    async def settle_refund(self, refund_id: str, state: RefundState, remote_id: str, now: datetime) -> None:
        """End a reserved refund; a repeat changes nothing."""
        bound = {"state": state.value, "remote_id": remote_id, "now": now}
        if not await self._run(_SETTLE, refund_id=refund_id, **bound):
            await self.load_refund(refund_id)

    async def enter_own(self, refund_id: str, amount: int, remote_id: str, now: datetime) -> int:
        """Enter that a refund of ours was made; what exceeds it is kept under its own id."""
        order_id = (await self.load_refund(refund_id)).order_id
        left = await self._lock(order_id)
        refund = await self.load_refund(refund_id)
        if refund.state is RefundState.RESERVED and amount >= refund.amount:
            await self.settle_refund(refund_id, RefundState.CONFIRMED, remote_id, now)
        beyond = amount - stands_for(refund)
        if beyond <= 0 or await self._value(_IS_ENTERED, order_id=order_id, refund_id=refund_id, remote_id=remote_id):
            return 0
        fresh = min(beyond, left)
        named = {"order_id": order_id, "channel_refund_id": refund_id, "now": now}
        await self._run(_ENTER, **named, amount=beyond, beyond=fresh, fresh=fresh)
        return fresh

    async def enter_captured(self, order_id: str, captured: int) -> bool:
        """Enter what the channel has taken by now."""
        return bool(await self._run(_CAPTURE, order_id=order_id, captured=captured))

    async def enter_by_hand(self, order_id: str, refund: ChannelRefund, now: datetime) -> int:
        """Enter a refund that a person made; more than was captured is kept on record, but not counted."""
        left = await self._lock(order_id)
        named = {"order_id": order_id, "channel_refund_id": refund.refund_id, "now": now}
        if refund.reference or await self._value(_IS_KNOWN, order_id=order_id, channel_refund_id=refund.refund_id):
            return 0
        lowered, rest = await self._settle_reserved(order_id, refund, now)
        fresh = min(rest, left)
        await self._run(_ENTER, **named, amount=refund.amount, beyond=lowered + fresh, fresh=fresh)
        return fresh

    async def _lock(self, order_id: str) -> int:
        """Lock the order; return what may still be given back. Raises NotFound."""
        left = await self._value(_LOCK, order_id=order_id)
        if left is None:
            raise NotFound("no-order", f"no order {order_id}")
        return int(left)

    async def _settle_reserved(self, order_id: str, refund: ChannelRefund, now: datetime) -> tuple[int, int]:
        """Settle our reserved refunds with this money; return by how much one was lowered, and what is left."""
        rest = refund.amount
        for reserved in await self.refunds(order_id):
            if reserved.state is not RefundState.RESERVED or not rest:
                continue
            if reserved.amount > rest:
                await self._run(_LOWER, refund_id=reserved.refund_id, units=rest, now=now)
                return rest, 0
            await self.settle_refund(reserved.refund_id, RefundState.BY_HAND, refund.refund_id, now)
            rest -= reserved.amount
        return 0, rest


def _refund(row: DictRow) -> Refund:
    return Refund(**row)
