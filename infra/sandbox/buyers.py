"""The buyers: they read their mail, collect, change their mind, and send things back."""

from __future__ import annotations

from typing import Literal

from pydantic import Field
from starlette.routing import Route

from infra.sandbox import parcels, staff, trade
from infra.sandbox.endpoint import Answer, Call, RefusedRequest, dump, route
from infra.sandbox.hooks import emit
from infra.sandbox.journal import Entry
from infra.sandbox.order import ReturnRequest
from infra.sandbox.records import LineQuantity, Message, Wish
from infra.sandbox.scripts import SCRIPTS
from infra.sandbox.world import World

_STORE_FOR_RETURNS = "STORE-1"


class MailWish(Wish):
    """A message to a buyer. `fields` fill the template; a field named ``pin`` lets the buyer collect."""

    reference: str = Field(min_length=1, max_length=300)
    recipient: str = Field(min_length=3)
    template: str = Field(min_length=1)
    fields: dict[str, str] = Field(default_factory=dict[str, str])


def take_mail(call: Call) -> Answer:
    """Put a message into a mailbox; a reference that is known already is not delivered again."""
    wish, world = call.read(MailWish), call.world
    if wish.reference in world.mails:
        return 200, dump(world.mails[wish.reference])
    if "@" not in wish.recipient:
        raise RefusedRequest(422, "bad-recipient", "not an e-mail address")
    order = next((one for one in world.orders.values() if one.buyer.email == wish.recipient), None)
    mail = Message(
        id=wish.reference, recipient=wish.recipient, order_id=order.id if order else "", template=wish.template,
        fields=wish.fields, at=world.now(),
    )  # fmt: skip
    world.record(
        "mail.received", "crossdock", mail, subject=mail.id, order_id=mail.order_id, reference=mail.id,
        detail=mail.template,
    )  # fmt: skip
    return 201, dump(mail)


def show_mail(call: Call) -> Answer:
    """Answer the messages of a reference, of a buyer's address or of an order."""
    wanted = {
        "id": call.query.get("reference"),
        "recipient": call.query.get("buyer"),
        "order_id": call.query.get("order"),
    }
    asked = {field: value for field, value in wanted.items() if value is not None}
    return 200, {
        "messages": [
            dump(mail)
            for mail in call.world.mails.values()
            if all(getattr(mail, field) == value for field, value in asked.items())
        ]
    }


def notice_order(world: World, entry: Entry) -> None:
    """React to the own order: some change their mind soon."""
    if SCRIPTS[world.orders[entry.subject].script].cancels == "early":
        world.after(2, "buyer.cancel", order=entry.subject)


def notice_mail(world: World, entry: Entry) -> None:
    """React to a PIN: come and collect, unless one never does."""
    mail, order = world.mails[entry.subject], world.orders.get(entry.order_id)
    pin = mail.fields.get("pin", "")
    if not pin or order is None:
        return
    match SCRIPTS[order.script].collects:
        case "right":
            world.after(2, "buyer.collect", order=order.id, pin=pin, right="yes")
        case "wrong_first":
            wrong = "".join(str((int(digit) + 1) % 10) if digit.isdigit() else digit for digit in pin)
            world.after(2, "buyer.collect", order=order.id, pin=wrong, right="no")
            world.after(6, "buyer.collect", order=order.id, pin=pin, right="yes")
        case _:
            return


def notice_scan(world: World, entry: Entry) -> None:
    """React to the parcel's news: cancel late, or return what was delivered."""
    order = world.orders.get(entry.order_id)
    if order is None or entry.detail != "outbound":
        return
    script = SCRIPTS[order.script]
    if entry.status == "accepted" and script.cancels == "late" and order.cancel_request is None:
        world.after(0.5, "buyer.cancel", order=order.id)
    if entry.status == "delivered" and script.returns:
        world.after(2, "buyer.return", order=order.id, course=script.returns)


def notice_label(world: World, entry: Entry) -> None:
    """React to a return label: stick it on and drop the parcel off."""
    if entry.detail == "return":
        world.after(2, "buyer.drop_off", tracking_number=entry.subject)


def ask_to_cancel(world: World, args: dict[str, str]) -> None:
    """Ask the marketplace for the order not to be delivered."""
    order = world.orders[args["order"]]
    if order.cancel_request is None and order.status != "cancelled":
        trade.request_cancel(world, order, args.get("reason", "changed_my_mind"))


def collect(world: World, args: dict[str, str]) -> None:
    """Stand at the counter and tell a PIN."""
    for work in list(world.works.values()):
        if work.order_id == args["order"] and work.status == "ready":
            staff.collect(world, {"work": work.id, "pin": args["pin"], "right": args["right"]})


def give_back(world: World, args: dict[str, str]) -> None:
    """Want to give one unit of the first line back: by a label, or at the counter of a store."""
    order = world.orders[args["order"]]
    if order.returns:
        return
    course: Literal["label", "store"] = "label" if args["course"] == "label" else "store"
    wish = ReturnRequest(
        id=world.new_id("ret"), course=course, lines=[LineQuantity(line_id=order.lines[0].id, quantity=1)],
        reason=args.get("reason", "not_as_described"), requested_at=world.now(),
    )  # fmt: skip
    order.returns.append(wish)
    order.updated_at = world.now()
    world.record(
        "return.requested", "buyer", order, subject=wish.id, order_id=order.id, detail=course,
        units=trade.units_of(order, wish.lines),
    )  # fmt: skip
    emit(
        world, order.account, "return.requested", order_id=order.id, return_request_id=wish.id, course=course,
        location=_STORE_FOR_RETURNS if course == "store" else "", reason=wish.reason,
        lines=[dump(line) for line in wish.lines],
    )  # fmt: skip


def drop_off(world: World, args: dict[str, str]) -> None:
    """Bring the labelled return to the carrier."""
    label = world.labels[args["tracking_number"]]
    if label.status == "bought":
        parcels.accept(world, label)


DEEDS = {
    "buyer.cancel": ask_to_cancel,
    "buyer.collect": collect,
    "buyer.return": give_back,
    "buyer.drop_off": drop_off,
}
REACTIONS = {
    "order.placed": notice_order,
    "mail.received": notice_mail,
    "parcel.scanned": notice_scan,
    "label.bought": notice_label,
}


def routes() -> list[Route]:
    """Return the mailbox."""
    return [
        route("POST", "/mail", "mail.send", take_mail),
        route("GET", "/mail", "mail.find", show_mail),
    ]
