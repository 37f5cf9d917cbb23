"""All kinds of writes to a channel, each with what it is to change there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from adapters.conformance.promises import Scene
from adapters.conformance.worlds import MarketplaceWorld, Placed, Truth, Wanted
from adapters.conformance.writing import Deed, bring_about
from domain.effect import EffectKind
from domain.ports.marketplace import (
    AcknowledgeOrder,
    AnswerReturn,
    CancelLines,
    ConfirmPickup,
    ConfirmShipment,
    CorrectTracking,
    RefundPayment,
    Write,
)

A_WHILE = timedelta(hours=1)
"""How old the orders of a scene are."""

PRICES = (29, 1999, 435)
"""Prices that floating point numbers cannot hold once they are divided by a hundred."""


def wanted(world: MarketplaceWorld, *quantities: int) -> Sequence[Wanted]:
    """Return so many units of one listing after the other."""
    rows = zip(world.listings, quantities, PRICES, strict=False)
    return [Wanted(listing_id=listing, quantity=units, unit_price=price) for listing, units, price in rows]


async def place_new(scene: Scene, *quantities: int) -> Placed:
    """Let a buyer place an order a while ago; without quantities of three units of one listing and two of another."""
    world: MarketplaceWorld = scene.world
    return await world.place_order(wanted(world, *(quantities or (3, 2))), world.now - A_WHILE, world.currencies[0])


async def place(scene: Scene, *quantities: int) -> Placed:
    """Let a buyer place an order, and accept it where the channel wants that."""
    placed = await place_new(scene, *quantities)
    if scene.capability.acknowledges:
        reference = scene.new_reference(EffectKind.ACKNOWLEDGE)
        await bring_about(
            scene, ACKNOWLEDGE, AcknowledgeOrder(channel_order_id=placed.channel_order_id, reference=reference)
        )
        await scene.world.finish_jobs()
    return placed


def quantities_of(placed: Placed) -> dict[str, int]:
    """Return all units of an order by line."""
    return {line.line_id: line.quantity for line in placed.lines}


async def shipment(scene: Scene) -> ConfirmShipment:
    """Phrase a shipment of a whole new order."""
    placed = await place(scene)
    return shipment_of(scene, placed, quantities_of(placed))


def shipment_of(scene: Scene, placed: Placed, quantities: dict[str, int], number: int = 0) -> ConfirmShipment:
    """Phrase a shipment of some units, with one of the carrier's tracking numbers."""
    return ConfirmShipment(
        channel_order_id=placed.channel_order_id,
        reference=scene.new_reference(EffectKind.TRACKING),
        quantities=quantities,
        carrier=scene.world.carrier,
        tracking_number=scene.world.tracking_numbers[number],
    )


async def cancellation(scene: Scene) -> CancelLines:
    """Phrase a cancellation: of one unit where single units can be cancelled, else of the whole order."""
    placed = await place(scene)
    some = {placed.lines[0].line_id: 1} if scene.capability.cancels == "lines" else quantities_of(placed)
    return CancelLines(
        channel_order_id=placed.channel_order_id, reference=scene.new_reference(EffectKind.CANCEL), quantities=some,
        totals=some, reason="out of stock",
    )  # fmt: skip


async def refund(scene: Scene) -> RefundPayment:
    """Phrase a refund of the price of one unit."""
    placed = await place(scene)
    first = placed.lines[0]
    return RefundPayment(
        channel_order_id=placed.channel_order_id, reference=scene.new_reference(EffectKind.REFUND),
        amount=first.unit_price, currency=placed.currency, quantities={first.line_id: 1}, reason="came back",
    )  # fmt: skip


async def _acknowledgement(scene: Scene) -> AcknowledgeOrder:
    placed = await place_new(scene)
    reference = scene.new_reference(EffectKind.ACKNOWLEDGE)
    return AcknowledgeOrder(channel_order_id=placed.channel_order_id, reference=reference)


async def _partial_acknowledgement(scene: Scene) -> AcknowledgeOrder:
    placed = await place_new(scene)
    return AcknowledgeOrder(
        channel_order_id=placed.channel_order_id, reference=scene.new_reference(EffectKind.ACKNOWLEDGE),
        refused=(placed.lines[-1].line_id,),
    )  # fmt: skip


async def _correction(scene: Scene) -> CorrectTracking:
    sent = await shipment(scene)
    confirmed = await bring_about(scene, CONFIRM, sent)
    changed = {
        "reference": scene.new_reference(EffectKind.CORRECTION),
        "tracking_number": scene.world.tracking_numbers[1],
        "replaces": sent.tracking_number,
        "remote_id": confirmed.remote_id,
    }
    return CorrectTracking.model_validate(sent.model_dump() | changed)


async def _pickup(scene: Scene) -> ConfirmPickup:
    world: MarketplaceWorld = scene.world
    placed = await world.place_pickup(wanted(world, 1), world.now - A_WHILE)
    return ConfirmPickup(
        channel_order_id=placed.channel_order_id, reference=scene.new_reference(EffectKind.PICKUP),
        quantities=quantities_of(placed), collected=True,
    )  # fmt: skip


async def _answer(scene: Scene) -> AnswerReturn:
    placed = await place(scene)
    await bring_about(scene, CONFIRM, shipment_of(scene, placed, quantities_of(placed)))
    return AnswerReturn(
        channel_order_id=placed.channel_order_id, reference=scene.new_reference(EffectKind.RETURN_ANSWER),
        request_id=await scene.world.ask_return(placed), granted=True,
    )  # fmt: skip


async def _truth(world: MarketplaceWorld, write: Write) -> Truth:
    return await world.truth(write.channel_order_id)


def _acknowledged(truth: Truth, write: AcknowledgeOrder) -> bool:
    return truth.acknowledged and truth.refused == frozenset(write.refused)


def _shipped(truth: Truth, write: ConfirmShipment) -> bool:
    return truth.shipped == write.quantities and truth.tracking_numbers == (write.tracking_number,)


def _cancelled(truth: Truth, write: CancelLines) -> bool:
    return truth.cancelled == write.totals


def _answered(truth: Truth, write: AnswerReturn) -> bool:
    return truth.returns == {write.request_id: write.granted}


ACKNOWLEDGE = Deed(
    "acknowledge an order", EffectKind.ACKNOWLEDGE, lambda can: can.acknowledges, _acknowledgement,
    lambda adapter, write: adapter.acknowledge(write), _truth, _acknowledged,
)  # fmt: skip
REFUSE_LINES = Deed(
    "refuse a line", EffectKind.ACKNOWLEDGE, lambda can: can.acknowledges and can.refuses_lines,
    _partial_acknowledgement, lambda adapter, write: adapter.acknowledge(write), _truth, _acknowledged,
)  # fmt: skip
CONFIRM = Deed(
    "confirm a shipment", EffectKind.TRACKING, lambda can: can.confirms, shipment,
    lambda adapter, write: adapter.confirm_shipment(write), _truth, _shipped,
)  # fmt: skip
CORRECT = Deed(
    "correct a tracking number", EffectKind.CORRECTION, lambda can: can.corrects_tracking, _correction,
    lambda adapter, write: adapter.correct_tracking(write), _truth, _shipped,
)  # fmt: skip
COLLECT = Deed(
    "confirm that a pickup was collected", EffectKind.PICKUP, lambda can: can.confirms_pickup, _pickup,
    lambda adapter, write: adapter.confirm_pickup(write), _truth, lambda truth, _write: truth.pickup == "collected",
)  # fmt: skip
CANCEL = Deed(
    "cancel units", EffectKind.CANCEL, lambda can: can.cancels != "nothing", cancellation,
    lambda adapter, write: adapter.cancel_lines(write), _truth, _cancelled,
)  # fmt: skip
REFUND = Deed(
    "give money back", EffectKind.REFUND, lambda can: can.refunds, refund,
    lambda adapter, write: adapter.refund(write), _truth, lambda truth, write: truth.refunded == write.amount,
)  # fmt: skip
ANSWER = Deed(
    "answer a return", EffectKind.RETURN_ANSWER, lambda can: can.answers_returns, _answer,
    lambda adapter, write: adapter.answer_return(write), _truth, _answered,
)  # fmt: skip
CHANNEL_DEEDS = (ACKNOWLEDGE, REFUSE_LINES, CONFIRM, CORRECT, COLLECT, CANCEL, REFUND, ANSWER)
