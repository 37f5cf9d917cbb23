"""Accepting orders, line by line; the buyer is debited afterwards, and only then the goods may leave."""

from __future__ import annotations

from adapters.marketplaces.mirakl import wire
from adapters.marketplaces.mirakl.market import Market, order_path
from adapters.marketplaces.mirakl.progress import GONE
from domain.effect import Absent, Confirmed, Finding, Found, NotYet, Outcome, Rejected, Unknown
from domain.ports.marketplace import AcknowledgeOrder

WAITING = "WAITING_ACCEPTANCE"
_DEBIT = frozenset({"WAITING_DEBIT", "WAITING_DEBIT_PAYMENT"})
_LOOK_AGAIN = 300.0


async def acknowledge(market: Market, write: AcknowledgeOrder) -> Outcome:
    """Decide every line; whether the buyer can be debited shows later."""
    order = await market.fetch(write.channel_order_id)
    finding = find(order, write)
    if not isinstance(finding, Absent):
        return finding.confirmed if isinstance(finding, Found) else _as_outcome(finding, order)
    outcome = await decide(market, order, frozenset(write.refused))
    return Unknown(code="mirakl-debit-queued", trace=order.order_id) if isinstance(outcome, Confirmed) else outcome


async def decide(market: Market, order: wire.Order, refused: frozenset[str]) -> Outcome:
    """Accept all lines but those refused: the marketplace wants to hear of each."""
    ids = [line.order_line_id for line in order.order_lines]
    if not refused <= set(ids):
        return Rejected(code="mirakl-no-such-line")
    told = [{"id": line_id, "accepted": line_id not in refused} for line_id in ids]
    return await market.put("OR21", order_path(order.order_id, "accept"), {"order_lines": told})


def find(order: wire.Order, write: AcknowledgeOrder) -> Found | Absent | NotYet | Rejected:
    """Tell what became of an acceptance by the states of the order and its lines."""
    if order.order_state in {WAITING, "STAGING"}:
        return Absent()
    if order.order_state in _DEBIT:
        return NotYet(retry_after=_LOOK_AGAIN)
    all_refused = len(write.refused) == len(order.order_lines)
    if order.order_state in GONE and not all_refused:
        return Rejected(code="mirakl-order-refused")
    refused = {line.order_line_id for line in order.order_lines if line.order_line_state == "REFUSED"}
    if not set(write.refused) <= refused and not all_refused:
        return Rejected(code="mirakl-lines-accepted")
    return Found(confirmed=Confirmed(remote_id=order.order_id))


def _as_outcome(finding: Finding, order: wire.Order) -> Outcome:
    return finding if isinstance(finding, Rejected) else Unknown(code="mirakl-debit-queued", trace=order.order_id)
