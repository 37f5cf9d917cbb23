"""Listing orders by the second in which they changed last: page by page, oldest first, nothing lost between pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from pydantic import ValidationError

from adapters.lenient import Loose, Rows
from adapters.marketplaces.woocommerce.mapping import DRAFTS
from adapters.marketplaces.woocommerce.shop import Shop
from adapters.marketplaces.woocommerce.wire import Gmt
from domain.errors import ContractBroken
from domain.ports.marketplace import OrderPage

_SECOND = timedelta(seconds=1)
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


class Place(Loose):
    """Where an order stands in the list."""

    id: int
    date_modified_gmt: Gmt


async def list_orders(shop: Shop, since: datetime, cursor: str | None) -> OrderPage:
    """Fetch one page of the orders that changed at or after `since`.

    A page begins at the second in which the one before ended, without the orders of that second that were listed
    already; so no order that changes in between, or is deleted, shifts another out of sight.
    """
    begin, seen = _read_cursor(cursor) if cursor else (since, frozenset[int]())
    rows = (await shop.read("/orders", Rows, **_query(begin, seen, shop.settings.orders_a_page))).root
    places = [place for row in rows if (place := _place(row))]
    orders = tuple([await shop.complete(row) for row in rows if not _is_draft(row)])
    last = max((place.date_modified_gmt for place in places), default=begin)
    if len(rows) < shop.settings.orders_a_page:
        return OrderPage(orders=orders, next_cursor=None, watermark=last if last > since else None)
    if not places:
        raise ContractBroken("woocommerce-unreadable-page", "no order of a full page tells when it changed")
    now_seen = {place.id for place in places if place.date_modified_gmt == last}
    return OrderPage(
        orders=orders, next_cursor=_cursor(last, now_seen | (seen if last == begin else set())), watermark=None
    )


async def knock(shop: Shop) -> None:
    """Read as little as can be listed; failures as for any read."""
    await shop.read("/orders", Rows, **_query(_LONG_AGO, (), 1))


def _query(begin: datetime, seen: Iterable[int], page: int) -> dict[str, str]:
    """Return the parameters. The shop compares with `>`, and knows no fractions of a second."""
    after = begin.replace(microsecond=0) - _SECOND
    told = {
        "modified_after": after.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
        "dates_are_gmt": "true",
        "orderby": "modified",
        "order": "asc",
        "per_page": str(page),
    }
    return told | ({"exclude": ",".join(map(str, sorted(seen)))} if seen else {})


def _place(row: object) -> Place | None:
    try:
        return Place.model_validate(row)
    except ValidationError:
        return None


def _is_draft(row: Mapping[str, object]) -> bool:
    return str(row.get("status")) in DRAFTS


def _cursor(moment: datetime, seen: Iterable[int]) -> str:
    return f"{moment.isoformat()} {','.join(map(str, sorted(seen)))}"


def _read_cursor(cursor: str) -> tuple[datetime, frozenset[int]]:
    moment, _, seen = cursor.partition(" ")
    try:
        return datetime.fromisoformat(moment).astimezone(UTC), frozenset(map(int, seen.split(",")))
    except ValueError as error:
        raise ContractBroken("woocommerce-bad-cursor") from error
