"""Which roles the key's user has: each is asked for by what needs it, about an order that nobody can have."""

from __future__ import annotations

from collections.abc import Awaitable, Iterator

from adapters.access import PERMISSION, lacks
from adapters.http import Raw
from adapters.marketplaces.mirakl import wire
from adapters.marketplaces.mirakl.market import Market, order_path
from domain.errors import Unauthorized
from domain.ports.marketplace import Access

NOBODY = "crossdock-access-check"
"""The id of no order, line, shipment or import: what is written about it changes nothing."""

_TRACKING = {"tracking_number": NOBODY}
_Question = tuple[str, Awaitable[object]]
"""A role, as the contract names it, and what is asked to see whether it lacks; an administrator holds them all."""


async def check_access(market: Market) -> Access:
    """Ask which shop the key is for, and for each role.

    Raises:
        Unauthorized: the marketplace does not know the key.
    """
    account, missing = "", list[str]()
    try:
        shop = await market.read("A01", "/api/account", wire.Account)
        account = f"{str(market.settings.base_url).rstrip('/')}#{shop.shop_id}"
    except Unauthorized as error:
        if error.code != PERMISSION:
            raise
        missing.append("ROLE_PARTNER_SHOP_READ")
    missing += [role for role, asked in _questions(market) if await lacks(asked)]
    return Access(remote_account=account, missing=tuple(missing))


def _questions(market: Market) -> Iterator[_Question]:
    settings = market.settings
    yield "ROLE_PARTNER_ORDER_READ", market.read("OR11-one", "/api/orders", Raw, [("order_ids", NOBODY)])
    decided = {"order_lines": [{"id": NOBODY, "accepted": False}]}
    yield "ROLE_PARTNER_ORDER_ACCEPT", market.put("OR21", order_path(NOBODY, "accept"), decided)
    yield from _shipments(market) if settings.multi_shipment else _orders(market)
    given = {"order_line_id": NOBODY, "quantity": 1, "amount": 0, "shipping_amount": 0}
    cancelled = {"cancelations": [{**given, "reason_code": settings.cancel_reason}]}
    yield "ROLE_PARTNER_ORDER_CANCEL", market.put("OR30", "/api/orders/cancel", cancelled)
    refunded = {"refunds": [{**given, "reason_code": settings.refund_reason}]}
    yield "ROLE_PARTNER_ORDER_REFUND", market.put("OR28", "/api/orders/refund", refunded)
    # The role that lets a file be followed lets it be sent.
    status = f"/api/offers/stock/imports/{NOBODY}/status"
    yield "ROLE_PARTNER_OFFER_STOCK_WRITE", market.read("STO02", status, Raw)


def _orders(market: Market) -> Iterator[_Question]:
    yield "ROLE_PARTNER_ORDER_SHIP", market.put("OR24", order_path(NOBODY, "ship"))
    yield "ROLE_PARTNER_ORDER_TRACKING_WRITE", market.put("OR23", order_path(NOBODY, "tracking"), _TRACKING)


def _shipments(market: Market) -> Iterator[_Question]:
    lines = [{"order_line_id": NOBODY, "quantity": 1}]
    sent = {"shipments": [{"order_id": NOBODY, "shipment_lines": lines, "tracking": _TRACKING}]}
    yield "ROLE_PARTNER_ORDER_SHIP", market.write("ST01", "POST", "/api/shipments", Raw, json=sent)
    corrected = {"shipments": [{"id": NOBODY, "tracking": _TRACKING}]}
    tracking = market.write("ST23", "POST", "/api/shipments/tracking", Raw, json=corrected)
    yield "ROLE_PARTNER_ORDER_TRACKING_WRITE", tracking
