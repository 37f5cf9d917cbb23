"""Listing orders by the moment of their last change, in the order in which they were placed."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from pydantic import ValidationError

from adapters.lenient import Loose
from adapters.marketplaces.mirakl.market import Market, raw_order
from adapters.marketplaces.mirakl.wire import Moment
from domain.errors import ContractBroken
from domain.ports.marketplace import OrderPage


class _Changed(Loose):
    last_updated_date: Moment


async def list_orders(market: Market, since: datetime, cursor: str | None) -> OrderPage:
    """Fetch one page of the orders that changed at or after `since`.

    No order leaves the list while it is read, for it only asks for changes after a moment; one that enters it shifts
    others to a later page, where they are listed again. What enters on a page that was read changed after the first
    answer, whose moment is the watermark.
    """
    offset, began = _read_cursor(cursor) if cursor else (0, "")
    query = [
        ("start_update_date", since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")),
        ("sort", "dateCreated"),
        ("order", "asc"),
        ("max", str(market.settings.orders_a_page)),
        ("offset", str(offset)),
    ]
    told, total, answered = await market.list_orders(query)
    began = began or _moment(answered)
    orders = tuple(raw_order(one) for one in told)
    if told and offset + len(told) < total:
        return OrderPage(orders=orders, next_cursor=f"{offset + len(told)} {began}", watermark=None)
    watermark = datetime.fromisoformat(began) if began else _last_change(told)
    return OrderPage(orders=orders, next_cursor=None, watermark=watermark)


def _last_change(told: list[dict[str, object]]) -> datetime | None:
    """Return the latest moment of a page, for marketplaces behind something that tells no moment."""
    moments: list[datetime] = []
    for one in told:
        try:
            moments.append(_Changed.model_validate(one).last_updated_date)
        except ValidationError:
            continue
    return max(moments, default=None)


def _moment(header: str) -> str:
    try:
        return parsedate_to_datetime(header).astimezone(UTC).isoformat() if header else ""
    except ValueError:
        return ""


def _read_cursor(cursor: str) -> tuple[int, str]:
    offset, _, began = cursor.partition(" ")
    try:
        return int(offset), datetime.fromisoformat(began).isoformat() if began else ""
    except ValueError as error:
        raise ContractBroken("mirakl-bad-cursor") from error
