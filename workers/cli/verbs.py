"""The operators' verbs: `retry`, `reroute`, `cancel`, `hold`, `release`, `correct-tracking`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workers.cli import command
from workers.cli.errors import checking_input, misused
from workers.cli.options import (
    NO_REASON,
    Actor,
    AsJson,
    OrderName,
    Reason,
    Request,
    read_choice,
    read_pair,
    read_units,
)

if TYPE_CHECKING:
    from domain.messages import Verb

app = typer.Typer()

Effect = Annotated[str, typer.Option("--effect", metavar="KEY", help="Settle this effect, whose outcome is unknown.")]
Happened = Annotated[
    bool | None, typer.Option("--happened/--not-happened", help="Whether the effect was done. Needs --effect.")
]
RemoteId = Annotated[str, typer.Option("--remote-id", help="The other side's id of the effect that was done.")]
Tracking = Annotated[str, typer.Option("--tracking-number", help="The tracking number, when it was a label.")]
Sku = Annotated[str, typer.Option("--sku", metavar="LISTING=SKU", help="Say which SKU a listing means.")]
AddressFile = Annotated[
    Path | None, typer.Option("--address", metavar="FILE", help="Use the address in this JSON file (- is stdin).")
]
To = Annotated[str, typer.Option("--to", metavar="LOCATION", help="Where to plan it; by default where the rules say.")]
Part = Annotated[
    str, typer.Argument(metavar="[FULFILLMENT]", help="Such as F1; may be left out when only one is under way.")
]
Number = Annotated[str, typer.Argument(metavar="NUMBER", help="The tracking number that stands on the parcel.")]
CarrierName = Annotated[str, typer.Option("--carrier", help="Who carries it, where that is another one.")]
IsTold = Annotated[bool, typer.Option("--told", help="The channel shows it already: somebody entered it there.")]
Lines = Annotated[
    list[str] | None,
    typer.Option(
        "--line", metavar="LINE=UNITS", help="Until this many units of the line are cancelled in all; repeatable."
    ),
]
HoldKind = Annotated[str, typer.Option("--reason-kind", help="operator, fraud, address or payment.")]
Hold = Annotated[str, typer.Option("--hold", help="Which hold: operator, fraud, address, payment, refunded and so on.")]


@command.add(app, "retry", "crossdock retry sandbox-eu/1001 --reason 'carrier is back'")
async def retry(
    order: OrderName,
    *,
    effect: Effect = "",
    happened: Happened = None,
    remote_id: RemoteId = "",
    tracking_number: Tracking = "",
    sku: Sku = "",
    address: AddressFile = None,
    actor: Actor,
    reason: Reason = NO_REASON,
    request: Request,
    as_json: AsJson = False,
) -> None:
    """Let an order, its returns and refunds try again what they wait for, or bring what they wait for.

    --sku names the SKU of a listing, --address brings another address, --effect settles a call to another side whose
    outcome nobody could look up: look there first, then say --happened or --not-happened.
    """
    from domain import messages
    from workers.cli import verb_sending as sending

    if sum(map(bool, (effect, sku, address))) > 1:
        raise misused("--effect, --sku and --address exclude each other")
    if bool(effect) is (happened is None):
        raise misused("--effect and --happened or --not-happened belong together")
    errand = sending.Errand(order, request, as_json)
    who = {"actor": actor, "reason": reason}
    if sku:
        listing_id, meant = read_pair(sku, "--sku")
        with checking_input():
            resolve = messages.ResolveSku(**who, listing_id=listing_id, sku=meant)
        await sending.send_to_order(errand, messages.RESOLVE_SKU, resolve)
    elif address:
        await sending.send_address(errand, sending.read_address(address), actor, reason)
    else:
        decision = {"effect": effect, "happened": happened, "remote_id": remote_id, "tracking_number": tracking_number}
        with checking_input():
            verb = messages.Retry.model_validate(who | decision)
        await sending.send_retry(errand, verb)


@command.add(app, "reroute", "crossdock reroute sandbox-eu/1001 F1 --to STORE-2")
async def reroute(
    order: OrderName,
    *,
    fulfillment: Part = "",
    to: To = "",
    actor: Actor,
    reason: Reason = NO_REASON,
    request: Request,
    as_json: AsJson = False,
) -> None:
    """Take a fulfillment order away from its location and plan its units again."""
    from domain.messages import REROUTE, Reroute
    from workers.cli import verb_sending as sending

    errand = sending.Errand(order, request, as_json)
    part = await sending.find_fulfillment(order, fulfillment)
    with checking_input():
        verb = Reroute(actor=actor, reason=reason, fulfillment_id=part, to=to)
    await sending.send_to_order(errand, REROUTE, verb)


@command.add(app, "cancel", "crossdock cancel sandbox-eu/1001 --line 1=2 --reason 'buyer wrote'")
async def cancel(
    order: OrderName,
    *,
    line: Lines = None,
    actor: Actor,
    reason: Reason = NO_REASON,
    request: Request,
    as_json: AsJson = False,
) -> None:
    """Cancel an order, or units of its lines: what still can be; what has left is asked back."""
    from domain.messages import CANCEL, Cancel

    with checking_input():
        verb = Cancel(actor=actor, reason=reason, quantities=read_units(line))
    await _send(order, request, as_json, CANCEL, verb)


@command.add(app, "hold", "crossdock hold sandbox-eu/1001 --reason-kind fraud --reason 'looks odd'")
async def hold(
    order: OrderName,
    *,
    reason_kind: HoldKind = "operator",
    actor: Actor,
    reason: Reason = NO_REASON,
    request: Request,
    as_json: AsJson = False,
) -> None:
    """Stop an order before its next step."""
    from domain.messages import PLACE_HOLD, PlaceHold
    from domain.order import HoldReason

    kind = read_choice(HoldReason, reason_kind, "--reason-kind")
    with checking_input():
        verb = PlaceHold(actor=actor, reason=reason, hold=kind)
    await _send(order, request, as_json, PLACE_HOLD, verb)


@command.add(app, "release", "crossdock release sandbox-eu/1001 --hold fraud --reason 'buyer called'")
async def release(
    order: OrderName,
    *,
    hold: Hold,
    actor: Actor,
    reason: Reason = NO_REASON,
    request: Request,
    as_json: AsJson = False,
) -> None:
    """End a hold; the order goes on at once."""
    from domain.messages import RELEASE_HOLD, ReleaseHold
    from domain.order import HoldReason

    kind = read_choice(HoldReason, hold, "--hold")
    with checking_input():
        verb = ReleaseHold(actor=actor, reason=reason, hold=kind)
    await _send(order, request, as_json, RELEASE_HOLD, verb)


@command.add(app, "correct-tracking", "crossdock correct-tracking sandbox-eu/1001 1Z999AA10123456784 F1 --carrier ups")
async def correct_tracking(
    order: OrderName,
    number: Number,
    *,
    fulfillment: Part = "",
    carrier: CarrierName = "",
    told: IsTold = False,
    actor: Actor,
    reason: Reason = NO_REASON,
    request: Request,
    as_json: AsJson = False,
) -> None:
    """Say which number a parcel travels under, where there is none or a wrong one; the channel hears of it once.

    Where a channel cannot be told of a correction, enter it there and repeat the command with --told.
    """
    from domain.messages import AMEND_TRACKING, AmendTracking
    from workers.cli import verb_sending as sending

    part = await sending.find_fulfillment(order, fulfillment)
    with checking_input():
        verb = AmendTracking(
            actor=actor, reason=reason, fulfillment_id=part, tracking_number=number, carrier=carrier, told=told
        )
    await _send(order, request, as_json, AMEND_TRACKING, verb)


async def _send(order: str, request: str, as_json: bool, name: str, verb: Verb) -> None:
    from workers.cli import verb_sending as sending

    await sending.send_to_order(sending.Errand(order, request, as_json), name, verb)
