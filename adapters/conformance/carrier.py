"""All that an adapter to a carrier promises."""

from __future__ import annotations

import contextlib
from datetime import timedelta

import pytest

from adapters.conformance import faults
from adapters.conformance.bad_input import BadInput, Note, bad, heard, is_refused, is_unread, spoil
from adapters.conformance.labels import LabelWorld
from adapters.conformance.promises import Scene, needs, promise
from adapters.conformance.trouble import QuestionPromises
from adapters.conformance.webhooks import WebhookPromises
from adapters.conformance.worlds import CannotHappen, CarrierWorld, SoldLabel
from adapters.conformance.writing import Deed, WritePromises, bring_about, settled
from domain.effect import Confirmed, Dedupe, EffectKind, Found, Rejected, Unknown
from domain.errors import NotFound, Refused
from domain.facts import ParcelScanned
from domain.ports.carrier import BuyLabel, InterceptParcel, OrderCollection, ParcelWish, Rate, VoidLabel
from domain.shipment import TrackingEvent, TrackingStatus

_A_DAY = timedelta(days=1)
_SURELY_NO_WORD = "beamed-up"


async def wish(scene: Scene, *, is_return: bool = False) -> BuyLabel:
    """Phrase a label; in two phases with its draft, whose id the engine would have kept by now."""
    world: CarrierWorld | LabelWorld = scene.world
    kind = EffectKind.RETURN_LABEL if is_return else EffectKind.LABEL
    write = BuyLabel(
        reference=scene.new_reference(kind), origin=world.origin, sender=world.sender, destination=world.destination,
        weight_grams=700, is_return=is_return,
    )  # fmt: skip
    if isinstance(world, LabelWorld):
        order_id, quantities = await world.order()
        write = write.model_copy(update={"channel_order_id": order_id, "quantities": quantities})
    declared = scene.capability.dedupe.get(kind)
    if declared is not None and declared.dedupe is Dedupe.TWO_PHASE:
        write = write.model_copy(update={"trace": await scene.adapter.draft_label(write)})
    return write


async def buy(scene: Scene) -> Confirmed:
    """Buy a label."""
    return await bring_about(scene, BUY, await wish(scene))


async def _return_label(scene: Scene) -> BuyLabel:
    return await wish(scene, is_return=True)


async def _void(scene: Scene) -> VoidLabel:
    return _void_of(scene, await buy(scene))


def _void_of(scene: Scene, bought: Confirmed) -> VoidLabel:
    return VoidLabel(
        reference=scene.new_reference(EffectKind.VOID), remote_id=bought.remote_id,
        tracking_number=bought.tracking_number or "",
    )  # fmt: skip


async def _intercept(scene: Scene) -> InterceptParcel:
    write = await _void(scene)
    await scene.world.hand_over(write.tracking_number)
    reference = scene.new_reference(EffectKind.INTERCEPT)
    return InterceptParcel.model_validate({**write.model_dump(), "reference": reference})


async def _collection(scene: Scene) -> OrderCollection:
    bought = await buy(scene)
    world: CarrierWorld = scene.world
    return OrderCollection(
        reference=scene.new_reference(EffectKind.COLLECTION), origin=world.origin, sender=world.sender,
        ready_at=world.now + _A_DAY, closes_at=world.now + 1.3 * _A_DAY, remote_ids=(bought.remote_id,),
    )  # fmt: skip


async def _labels_of(world: CarrierWorld, write: BuyLabel) -> list[SoldLabel]:
    return [label for label in await world.labels() if label.reference == write.reference]


async def _label_of(world: CarrierWorld, write: VoidLabel) -> list[SoldLabel]:
    return [label for label in await world.labels() if label.tracking_number == write.tracking_number]


async def _collections(world: CarrierWorld, write: OrderCollection) -> int:
    return await world.collections(write.remote_ids)


def _bought(labels: list[SoldLabel], write: BuyLabel) -> bool:
    del write
    return len(labels) == 1 and not labels[0].voided


BUY = Deed(
    "buy a label", EffectKind.LABEL, lambda can: EffectKind.LABEL in can.dedupe, wish,
    lambda adapter, write: adapter.buy_label(write), _labels_of, _bought,
)  # fmt: skip
BUY_RETURN = Deed(
    "buy a return label", EffectKind.RETURN_LABEL, lambda can: can.return_labels, _return_label,
    lambda adapter, write: adapter.buy_label(write), _labels_of, _bought,
)  # fmt: skip
VOID = Deed(
    "void a label", EffectKind.VOID, lambda can: can.voids, _void,
    lambda adapter, write: adapter.void_label(write), _label_of, lambda labels, _write: labels[0].voided,
)  # fmt: skip
INTERCEPT = Deed(
    "turn a parcel round", EffectKind.INTERCEPT, lambda can: can.intercepts, _intercept,
    lambda adapter, write: adapter.intercept(write), _label_of, lambda labels, _write: labels[0].intercepted,
)  # fmt: skip
COLLECT = Deed(
    "order a driver", EffectKind.COLLECTION, lambda can: can.collects, _collection,
    lambda adapter, write: adapter.order_collection(write), _collections, lambda orders, _write: orders == 1,
)  # fmt: skip


class CarrierConformance(WritePromises, QuestionPromises, WebhookPromises):
    """Inherit this beside the adapter's other tests, and give a fixture `world` that returns a `CarrierWorld`."""

    deeds = (BUY, BUY_RETURN, VOID, INTERCEPT, COLLECT)

    async def ask(self, scene: Scene) -> object:
        """Track the first parcel there, sending it if there is none."""
        labels: tuple[SoldLabel, ...] = await scene.world.labels()
        if labels:
            return await scene.adapter.track(labels[0].tracking_number)
        number = (await buy(scene)).tracking_number or ""
        await scene.world.scan(number, next(iter(scene.world.words)), scene.world.now)
        return await scene.adapter.track(number)

    @promise
    async def test_a_label_has_a_number_a_price_and_a_paper(self, scene: Scene) -> None:
        bought = await buy(scene)
        (sold,) = await scene.world.labels()
        assert bought.remote_id
        assert bought.tracking_number == sold.tracking_number
        assert bought.cost is not None
        assert (bought.cost.amount, bought.cost.currency) == (sold.cost, sold.currency)
        assert bought.document is not None
        assert bought.document.content
        assert bought.document.media_type != "application/octet-stream", "nobody knows what to print it with"

    @promise
    async def test_a_draft_costs_nothing(self, scene: Scene) -> None:
        if scene.capability.dedupe[EffectKind.LABEL].dedupe is not Dedupe.TWO_PHASE:
            raise CannotHappen("labels are bought in one call")
        write = await wish(scene)
        assert write.trace, "a draft without an id cannot be bought"
        assert await scene.world.labels() == ()

    @promise
    async def test_where_it_does_not_deliver_is_undeliverable(self, scene: Scene) -> None:
        if scene.world.nowhere is None:
            raise CannotHappen("no address is refused")
        write = (await wish(scene)).model_copy(update={"destination": scene.world.nowhere, "trace": ""})
        try:
            trace = await scene.adapter.draft_label(write)
        except (NotFound, Refused):
            trace = ""
        outcome = await scene.adapter.buy_label(write.model_copy(update={"trace": trace}))
        assert isinstance(outcome, Rejected), f"{outcome!r}"
        assert outcome.undeliverable
        assert await scene.world.labels() == ()

    @promise
    async def test_a_label_that_was_voided_is_not_found_as_bought(self, scene: Scene) -> None:
        needs(scene.capability, "voids")
        write = await wish(scene)
        bought = await bring_about(scene, BUY, write)
        await bring_about(scene, VOID, _void_of(scene, bought))
        finding = await scene.adapter.find(write)
        assert not isinstance(finding, Found), "a parcel would leave under it"

    @promise
    async def test_a_parcel_under_way_is_not_voided(self, scene: Scene) -> None:
        needs(scene.capability, "voids")
        write = await _void(scene)
        await scene.world.hand_over(write.tracking_number)
        outcome = await scene.adapter.void_label(write)
        told = await settled(scene, write, outcome)
        assert isinstance(told, Rejected), f"the parcel was handed over, and there is {told!r}"
        assert not (await _label_of(scene.world, write))[0].voided

    @promise
    async def test_every_scan_is_told_in_our_words_and_with_a_zone(self, scene: Scene) -> None:
        number = (await buy(scene)).tracking_number or ""
        moments = [scene.world.now + timedelta(minutes=place) for place in range(len(scene.world.words))]
        for moment, word in zip(moments, scene.world.words, strict=True):
            await scene.world.scan(number, word, moment)
        events: tuple[TrackingEvent, ...] = await scene.adapter.track(number)
        told = {(event.status, event.occurred_at.replace(microsecond=0)) for event in events}
        meant = zip(scene.world.words.values(), moments, strict=True)
        assert {(status, moment.replace(microsecond=0)) for status, moment in meant} <= told
        assert all(event.tracking_number == number for event in events)
        assert all(event.occurred_at.utcoffset() is not None for event in events)

    @promise
    async def test_a_scan_that_nobody_knows_is_unknown_and_hides_no_other(self, scene: Scene) -> None:
        number = (await buy(scene)).tracking_number or ""
        word, meant = next(iter(scene.world.words.items()))
        await scene.world.scan(number, word, scene.world.now)
        await scene.world.scan(number, _SURELY_NO_WORD, scene.world.now + timedelta(minutes=1))
        statuses = [event.status for event in await scene.adapter.track(number)]
        assert {meant, TrackingStatus.UNKNOWN} <= set(statuses)

    @promise
    async def test_a_webhook_tells_the_same_scan_as_tracking_does(self, scene: Scene) -> None:
        needs(scene.capability, "pushes")
        number = (await buy(scene)).tracking_number or ""
        for word in scene.world.words:
            moment = scene.world.now
            await scene.world.scan(number, word, moment)
            body = scene.world.scan_webhook(number, word, moment)
            told = [fact.scan for fact in scene.adapter.read_webhook(body) if isinstance(fact, ParcelScanned)]
            tracked = {_gist(event) for event in await scene.adapter.track(number)}
            assert told, f"{word}: the webhook tells no scan"
            assert {_gist(event) for event in told} <= tracked, "one scan would count as two"

    @promise
    async def test_a_number_that_nobody_gave_out_is_not_found(self, scene: Scene) -> None:
        with pytest.raises((NotFound, Refused)):
            await scene.adapter.track(scene.world.unknown_number)

    @promise
    async def test_a_bad_body_is_refused_and_changes_nothing(self, scene: Scene, record_property: Note) -> None:
        world, bad_input = scene.world, BadInput()
        await self._asked(scene)
        sold = await world.labels()
        await self._track_spoilt(scene, bad_input)
        with contextlib.suppress(CannotHappen):
            for words, body in bad(world.webhook_bodies()[0], world.hooked):
                bad_input.tried("webhooks", words, refused=is_refused(scene.adapter.read_webhook, body))
        assert await world.labels() == sold
        await self._buy_spoilt(scene, bad_input)
        bad_input.close(record_property)

    async def _track_spoilt(self, scene: Scene, bad_input: BadInput) -> None:
        answers = await heard(scene, lambda: self.ask(scene))
        for words, body in bad(answers[-1][1], scene.world.tracked):
            spoil(scene, len(answers) - 1, words, body)
            bad_input.tried("answers", words, refused=await is_unread(self.ask(scene)))
        for fault in faults.SPOILT:
            scene.line.strike(fault, len(answers) - 1, times=1)
            bad_input.tried("answers", fault.words, refused=await is_unread(self.ask(scene)))
        scene.line.heal()

    async def _buy_spoilt(self, scene: Scene, bad_input: BadInput) -> None:
        """Spoil the answer to the purchase: the label is there, and nobody may say how it is or is not."""
        write = await wish(scene)
        answers = await heard(scene, lambda: scene.adapter.buy_label(write))
        at = max(number for number, (method, _) in enumerate(answers) if method == "POST")
        for words, body in bad(answers[at][1], scene.world.bought):
            write = await wish(scene)
            spoil(scene, at, words, body)
            bad_input.tried("purchases", words, refused=isinstance(await scene.adapter.buy_label(write), Unknown))
            scene.line.heal()

    @promise
    async def test_rates_are_exact_and_cost_nothing(self, scene: Scene) -> None:
        world: CarrierWorld = scene.world
        parcel = ParcelWish(origin=world.origin, sender=world.sender, destination=world.destination, weight_grams=700)
        rates: tuple[Rate, ...] = await scene.adapter.rate(parcel)
        assert bool(rates) == scene.capability.rates
        assert {rate.speed for rate in rates} <= {"", *scene.capability.speeds}
        assert all(rate.cost.amount > 0 for rate in rates)
        assert await world.labels() == ()


def _gist(event: TrackingEvent) -> tuple[object, ...]:
    return event.tracking_number, event.status, event.occurred_at
