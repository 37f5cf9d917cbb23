"""The marketplace as its API shows it to the seller."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime

from pydantic import Field, JsonValue
from starlette.routing import Route

from infra.sandbox import trade
from infra.sandbox.endpoint import Answer, Call, RefusedRequest, dump, found, route
from infra.sandbox.order import Order
from infra.sandbox.records import Offer, Wish

_MOST_ROWS = 100
_MOST_OFFERS = 500


class StockRow(Wish):
    """The quantity to offer; a version that is not greater than the last one is stale."""

    listing_id: str
    quantity: int
    version: int = 0


class StockWish(Wish):
    """Rows of offered quantities; each has an outcome of its own."""

    rows: list[StockRow] = Field(max_length=_MOST_OFFERS)


class ReturnAnswer(Wish):
    """Whether goods may come back."""

    granted: bool
    reason: str = ""


class DenyWish(Wish):
    """Why a request to cancel is not granted."""

    reason: str = ""


def order_of(call: Call) -> Order:
    """Return the order that the path names."""
    order = call.world.orders.get(call.path["order"])
    return found(order if order and order.account == account_of(call) else None, "order")


def account_of(call: Call) -> str:
    """Return the account that the path names."""
    account: str = call.path["account"]
    if account not in call.world.catalog.accounts:
        raise RefusedRequest(404, "not-found", "no such account")
    return account


def list_orders(call: Call) -> Answer:
    """Answer the orders that changed at or after `updated_since`, oldest change first."""
    account, after = account_of(call), _cursor(call.query.get("cursor", ""))
    as_of = call.world.now().isoformat()
    since = _moment(call.query.get("updated_since", ""))
    limit = _limit(call.query.get("limit", ""))
    ordered = sorted(
        (order.updated_at, order.id) for order in call.world.orders.values()
        if order.account == account and order.updated_at >= since and (order.updated_at, order.id) > after
    )  # fmt: skip
    page = ordered[:limit]
    more = _make_cursor(page[-1]) if len(ordered) > limit else None
    orders: list[JsonValue] = [call.world.orders[order_id].public() for _, order_id in page]
    return 200, {"orders": orders, "next_cursor": more, "as_of": as_of}


def acknowledge(call: Call) -> Answer:
    """Note that the seller has the order; a repeat changes nothing."""
    order = order_of(call)
    if order.status == "new":
        order.status = "acknowledged"
        trade.touch(call.world, order, "crossdock")
        call.world.record("order.acknowledged", "crossdock", order, subject=order.id, order_id=order.id)
    return 200, order.public()


def add_shipment(call: Call) -> Answer:
    """Take note of goods sent; a repeated reference is not recognised."""
    return 201, dump(trade.ship(call.world, order_of(call), call.read(trade.ShipmentWish), "crossdock"))


def add_cancellation(call: Call) -> Answer:
    """Cancel open units; a repeated reference is not recognised."""
    return 201, dump(trade.cancel(call.world, order_of(call), call.read(trade.CancelWish), "crossdock"))


def add_refund(call: Call) -> Answer:
    """Give money back; a repeated reference is not recognised."""
    return 201, dump(trade.refund(call.world, order_of(call), call.read(trade.RefundWish), "crossdock"))


def deny_cancel(call: Call) -> Answer:
    """Refuse a buyer's request to cancel."""
    order = order_of(call)
    if order.cancel_request is None or order.cancel_request.status == "granted":
        raise RefusedRequest(409, "nothing-to-deny")
    if order.cancel_request.status == "open":
        order.cancel_request.status = "denied"
        trade.touch(call.world, order, "crossdock")
        reason = call.read(DenyWish).reason
        call.world.record("cancel.denied", "crossdock", order, subject=order.id, order_id=order.id, detail=reason)
    return 200, order.public()


def answer_return(call: Call) -> Answer:
    """Note the answer to a buyer's wish to send goods back; the same answer again changes nothing."""
    order, wish = order_of(call), call.read(ReturnAnswer)
    asked = found(next((one for one in order.returns if one.id == call.path["request"]), None), "return request")
    answer = "granted" if wish.granted else "declined"
    if asked.answer not in {"", answer}:
        raise RefusedRequest(409, "answered-before", f"it was {asked.answer}")
    if not asked.answer:
        answered = asked.model_copy(update={"answer": answer})
        order.returns = [answered if one is asked else one for one in order.returns]
        trade.touch(call.world, order, "crossdock")
        call.world.record(
            f"return.{answer}", "crossdock", order, subject=asked.id, order_id=order.id, detail=wish.reason
        )
    return 200, {"id": asked.id, "status": answer}


def set_pickup(call: Call) -> Answer:
    """Note how far a pickup has come; a repeated reference changes nothing."""
    return 200, dump(trade.pick_up(call.world, order_of(call), call.read(trade.PickupWish), "crossdock"))


def put_stock(call: Call) -> Answer:
    """Set offered quantities, row by row."""
    account = account_of(call)
    return 200, {"rows": [_offer(call, account, row) for row in call.read(StockWish).rows]}


def _offer(call: Call, account: str, row: StockRow) -> JsonValue:
    offer = call.world.offers.get(f"{account}/{row.listing_id}")
    if call.world.catalog.listing(account, row.listing_id) is None:
        outcome = "unknown-listing"
    elif row.quantity < 0:
        outcome = "bad-quantity"
    elif offer and row.version <= offer.version and row.version:
        outcome = "stale"
    else:
        outcome = "ok"
        offer = Offer(id=f"{account}/{row.listing_id}", quantity=row.quantity, version=row.version)
        call.world.record("stock.set", "crossdock", offer, subject=row.listing_id, amount=row.quantity)
    return {"listing_id": row.listing_id, "outcome": outcome, "quantity": offer.quantity if offer else None}


def _moment(text: str) -> datetime:
    try:
        # A plus sign that was not escaped in the query arrives as a blank.
        moment = datetime.fromisoformat(text.replace(" ", "+")) if text else datetime.min.replace(tzinfo=UTC)
    except ValueError as error:
        raise RefusedRequest(422, "bad-moment", text) from error
    if moment.tzinfo is None:
        raise RefusedRequest(422, "bad-moment", "a moment without a time zone")
    return moment


def _limit(text: str) -> int:
    try:
        return max(1, min(int(text or _MOST_ROWS), _MOST_ROWS))
    except ValueError as error:
        raise RefusedRequest(422, "bad-limit", text) from error


def _make_cursor(last: tuple[datetime, str]) -> str:
    return base64.urlsafe_b64encode(f"{last[0].isoformat()}|{last[1]}".encode()).decode()


def _cursor(text: str) -> tuple[datetime, str]:
    try:
        moment, _, order_id = base64.b64decode(text, altchars=b"-_", validate=True).decode().partition("|")
    except (binascii.Error, ValueError) as error:
        raise RefusedRequest(422, "bad-cursor", text) from error
    return _moment(moment), order_id


def _by_reference(call: Call, made: list[JsonValue]) -> Answer:
    reference = call.query.get("reference")
    rows = [row for row in made if isinstance(row, dict) and (reference is None or row["reference"] == reference)]
    return 200, {"rows": [*rows]}


_ORDER = "/marketplace/{account}/orders/{order}"


def routes() -> list[Route]:
    """Return what the seller may ask of the marketplace."""
    return [
        route("GET", "/marketplace/{account}/orders", "marketplace.orders.list", list_orders),
        route("GET", _ORDER, "marketplace.orders.get", lambda call: (200, order_of(call).public())),
        route("POST", _ORDER + "/acknowledge", "marketplace.acknowledge", acknowledge),
        route("POST", _ORDER + "/shipments", "marketplace.shipments.add", add_shipment),
        route("GET", _ORDER + "/shipments", "marketplace.shipments.find",
              lambda call: _by_reference(call, [dump(made) for made in order_of(call).shipments])),
        route("POST", _ORDER + "/cancel", "marketplace.cancel.add", add_cancellation),
        route("GET", _ORDER + "/cancel", "marketplace.cancel.find",
              lambda call: _by_reference(call, [dump(made) for made in order_of(call).cancellations])),
        route("POST", _ORDER + "/refunds", "marketplace.refunds.add", add_refund),
        route("GET", _ORDER + "/refunds", "marketplace.refunds.find",
              lambda call: _by_reference(call, [dump(made) for made in order_of(call).refunds])),
        route("POST", _ORDER + "/deny-cancel", "marketplace.cancel.deny", deny_cancel),
        route("POST", _ORDER + "/returns/{request}/answer", "marketplace.returns.answer", answer_return),
        route("GET", _ORDER + "/returns", "marketplace.returns.list",
              lambda call: (200, {"rows": [dump(made) for made in order_of(call).returns]})),
        route("POST", _ORDER + "/pickup", "marketplace.pickup.set", set_pickup),
        route("GET", _ORDER + "/pickup", "marketplace.pickup.find",
              lambda call: _by_reference(call, [dump(made) for made in order_of(call).pickups])),
        route("PUT", "/marketplace/{account}/stock", "marketplace.stock", put_stock),
    ]  # fmt: skip
