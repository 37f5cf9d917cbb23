"""What people do on the marketplace behind Crossdock's back: they order, and they refund, cancel and ship by hand."""

from __future__ import annotations

from random import Random

from pydantic import Field, JsonValue
from starlette.routing import Route

from infra.sandbox import compose, trade
from infra.sandbox.endpoint import Answer, Call, RefusedRequest, route
from infra.sandbox.hooks import emit
from infra.sandbox.journal import Entry
from infra.sandbox.marketplace import account_of, order_of
from infra.sandbox.order import Line, Order, Payment
from infra.sandbox.records import LineQuantity, Wish
from infra.sandbox.scripts import SCRIPTS
from infra.sandbox.world import World


class LineWish(Wish):
    """What to order."""

    listing_id: str
    quantity: int = Field(gt=0)


class OrderWish(Wish):
    """An order to be placed.

    Attributes:
        script: the story it plays.
        seed: for what the script leaves open; by default every order differs.
        lines: instead of what the script would choose.
        overrides: what the marketplace is to say about the order instead of the truth, right or wrong.
    """

    script: str = "ship"
    seed: str = ""
    lines: list[LineWish] = Field(default_factory=list[LineWish])
    overrides: dict[str, JsonValue] = Field(default_factory=dict[str, JsonValue])


class RequestWish(Wish):
    """Why the buyer does not want it any more."""

    reason: str = "changed_my_mind"


def place(world: World, order: Order) -> Order:
    """Put an order on the marketplace."""
    for line in order.lines:
        offer = world.offers.get(f"{order.account}/{line.listing_id}")
        if offer is not None:
            offer.quantity = max(0, offer.quantity - line.quantity)
    world.record(
        "order.placed", "buyer", order, subject=order.id, order_id=order.id, amount=order.captured,
        currency=order.currency, detail=order.script,
        units=trade.units_of(order, [LineQuantity(line_id=one.id, quantity=one.quantity) for one in order.lines]),
    )  # fmt: skip
    emit(world, order.account, "order.changed", order_id=order.id)
    return order


def correct(world: World, order: Order) -> None:
    """Let the marketplace tell the truth about an order from now on."""
    order.overrides = {}
    world.record("order.corrected", "marketplace", order, subject=order.id, order_id=order.id)
    trade.touch(world, order, "marketplace")


def place_order(call: Call) -> Answer:
    """Place one order as asked."""
    wish, account, world = call.read(OrderWish), account_of(call), call.world
    if wish.script not in SCRIPTS:
        raise RefusedRequest(422, "no-such-script", f"there are {', '.join(SCRIPTS)}")
    seed = wish.seed or f"{world.seed}/{len(world.orders)}"
    order = compose.compose(world, account, wish.script, seed)
    if wish.lines:
        lines = [_line(world, account, place, line) for place, line in enumerate(wish.lines, start=1)]
        order = compose.assemble(world, account, wish.script, lines, seed=seed)
    order.overrides |= wish.overrides
    return 201, place(world, order).public()


def by_hand(call: Call) -> Answer:
    """Refund, cancel or ship by hand; the bodies are those of the seller's API."""
    order, world, deed = order_of(call), call.world, call.path["deed"]
    match deed:
        case "refund":
            trade.refund(world, order, call.read(trade.RefundWish), "hand")
        case "cancel":
            trade.cancel(world, order, call.read(trade.CancelWish), "hand")
        case "ship":
            trade.ship(world, order, call.read(trade.ShipmentWish), "hand")
        case "request-cancel":
            trade.request_cancel(world, order, call.read(RequestWish).reason)
        case "correct":
            correct(world, order)
        case _:
            raise RefusedRequest(404, "not-found", f"nobody can {deed} by hand")
    return 200, order.public()


def notice_order(world: World, entry: Entry) -> None:
    """React to a new order as its script wants it."""
    script = SCRIPTS[world.orders[entry.subject].script]
    if script.hold:
        world.after(8, "market.release", order=entry.subject)
    if script.hand and not script.hand_waits:
        _plan_hand(world, entry.subject, script.hand)


def notice_shipment(world: World, entry: Entry) -> None:
    """React to goods that left as the order's script wants it, once the last of them has."""
    order = world.orders[entry.order_id]
    script = SCRIPTS[order.script]
    if script.hand_waits and not any(line.open > 0 for line in order.lines):
        _plan_hand(world, order.id, script.hand)


def _plan_hand(world: World, order: str, deed: str) -> None:
    steps = Random(f"{world.seed}/{order}").choice([1, 3, 6])  # noqa: S311  reproducible, not secret
    world.after(steps, "market.hand", order=order, deed=deed)


def release(world: World, args: dict[str, str]) -> None:
    """End the marketplace's own checks: the payment is there, the review is over."""
    order = world.orders[args["order"]]
    if order.holds and order.status != "cancelled":
        order.holds = []
        order.payments = order.payments or [Payment(tender="bank_transfer", captured=order.total)]
        world.record(
            "order.released", "marketplace", order, subject=order.id, order_id=order.id, amount=order.captured,
            currency=order.currency,
        )  # fmt: skip
        trade.touch(world, order, "marketplace")


def act_by_hand(world: World, args: dict[str, str]) -> None:
    """Let a person at the marketplace do what the script says, unless it is too late for that."""
    order = world.orders[args["order"]]
    everything = [LineQuantity(line_id=line.id, quantity=line.open) for line in order.lines if line.open > 0]
    left = order.captured - order.refunded
    try:
        match args["deed"]:
            case "refund_part" if left:
                trade.refund(world, order, trade.RefundWish(amount=max(1, left // 4), currency=order.currency), "hand")
            case "refund_all" if left:
                trade.refund(world, order, trade.RefundWish(amount=left, currency=order.currency), "hand")
            case "cancel" if everything:
                trade.cancel(world, order, trade.CancelWish(lines=everything, reason="by hand"), "hand")
            case "ship" if everything:
                trade.ship(world, order, trade.ShipmentWish(lines=everything, tracking_number="BY-HAND"), "hand")
            case _:
                return
    except RefusedRequest as refusal:
        world.record("hand.refused", "hand", subject=order.id, order_id=order.id, detail=refusal.code)


def _line(world: World, account: str, place_: int, wish: LineWish) -> Line:
    listing = world.catalog.listing(account, wish.listing_id)
    if listing is None:
        raise RefusedRequest(422, "unknown-listing", wish.listing_id)
    return compose.make_line(place_, listing, wish.quantity)


DEEDS = {"market.release": release, "market.hand": act_by_hand}
REACTIONS = {"order.placed": notice_order, "order.shipped": notice_shipment}


def routes() -> list[Route]:
    """Return what people can do on the marketplace."""
    return [
        route("POST", "/marketplace/{account}/orders", "people.order", place_order),
        route("POST", "/marketplace/{account}/orders/{order}/hand/{deed}", "people.hand", by_hand),
    ]
