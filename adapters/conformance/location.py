"""All that an adapter to a location's system promises."""

from __future__ import annotations

import pytest

from adapters.conformance import faults, sheets
from adapters.conformance.bad_input import BadInput, Note, bad, is_refused
from adapters.conformance.mailbox import MailboxPromises
from adapters.conformance.promises import Scene, needs, promise
from adapters.conformance.trouble import TroublePromises
from adapters.conformance.webhooks import WebhookPromises
from adapters.conformance.worlds import CannotHappen, KnownWork, LocationWorld
from adapters.conformance.writing import Deed, WritePromises, bring_about, settled
from domain.effect import Absent, CannotTell, Confirmed, EffectKind, Found, Rejected
from domain.errors import ContractBroken
from domain.facts import Fact, HandedOver
from domain.ports.location import ExpectReturn, RecallWork, ReleaseWork, WorkGoods, WorkLine

_PART = "shop-eu/1/F1"


def _lines(scene: Scene) -> tuple[WorkLine, ...]:
    first, second, *_ = scene.world.skus
    return (
        WorkLine(line_id="L1", sku=first, title="First", quantity=3),
        WorkLine(line_id="L2", sku=second, title="Second", quantity=1),
    )


async def _release(scene: Scene) -> ReleaseWork:
    number = scene.new_number()
    return ReleaseWork(
        reference=f"release:shop-eu/{number}/F1:1", location=scene.world.location,
        fulfillment_id=f"shop-eu/{number}/F1", delivery="ship", lines=_lines(scene), ship_by=None,
    )  # fmt: skip


async def _recall(scene: Scene) -> RecallWork:
    released = await _release(scene)
    await bring_about(scene, RELEASE, released)
    return recall_of(released)


def recall_of(released: ReleaseWork) -> RecallWork:
    """Phrase the recall of work."""
    reference = f"recall:{released.fulfillment_id}:1"
    return RecallWork(reference=reference, location=released.location, fulfillment_id=released.fulfillment_id)


async def _expectation(scene: Scene) -> ExpectReturn:
    return_id = f"shop-eu/{scene.new_number()}/R1"
    return ExpectReturn(
        reference=f"release:{return_id}:1", location=scene.world.location, return_id=return_id, lines=_lines(scene)
    )


async def _works(world: LocationWorld, write: ReleaseWork | RecallWork) -> tuple[KnownWork, ...]:
    return await world.works(write.fulfillment_id)


async def _expected(world: LocationWorld, write: ExpectReturn) -> int:
    return await world.expected(write.return_id)


def _released(works: tuple[KnownWork, ...], write: ReleaseWork) -> bool:
    units = {own.sku: own.units * line.quantity for line in write.lines for own in line.made_of}
    return len(works) == 1 and not works[0].stopped and works[0].units == units


def _stopped(works: tuple[KnownWork, ...], write: RecallWork) -> bool:
    del write
    return all(work.stopped for work in works)


RELEASE = Deed(
    "release work", EffectKind.RELEASE, lambda can: EffectKind.RELEASE in can.dedupe, _release,
    lambda adapter, write: adapter.release(write), _works, _released,
)  # fmt: skip
RECALL = Deed(
    "recall work", EffectKind.RECALL, lambda can: EffectKind.RECALL in can.dedupe, _recall,
    lambda adapter, write: adapter.recall(write), _works, _stopped,
)  # fmt: skip
EXPECT = Deed(
    "announce a return", EffectKind.RELEASE, lambda can: EffectKind.RELEASE in can.dedupe, _expectation,
    lambda adapter, write: adapter.expect_return(write), _expected, lambda times, _write: times == 1,
)  # fmt: skip


class LocationConformance(WritePromises, TroublePromises, WebhookPromises, MailboxPromises):
    """Inherit this beside the adapter's other tests, and give a fixture `world` that returns a `LocationWorld`."""

    deeds = (RELEASE, RECALL, EXPECT)

    async def ask(self, scene: Scene) -> object:
        """Announce a return, always a new one: a location is told, not asked."""
        write = await _expectation(scene)
        return await scene.adapter.expect_return(write)

    async def leave(self, scene: Scene) -> None:
        """Let the location leave what it reports."""
        await scene.world.leave_letter(scene.world.webhook_bodies()[0])

    @promise
    async def test_a_kit_is_released_as_the_goods_on_the_shelf(self, scene: Scene) -> None:
        first, second, *_ = scene.world.skus
        parts = (WorkGoods(sku=first, units=2), WorkGoods(sku=second, units=1))
        kit = WorkLine(line_id="L1", sku="A-KIT", title="A kit", quantity=3, components=parts)
        write = (await _release(scene)).model_copy(update={"lines": (kit,)})
        await bring_about(scene, RELEASE, write)
        (work,) = await scene.world.works(write.fulfillment_id)
        assert work.units == {first: 6, second: 3}

    @promise
    async def test_work_that_the_location_does_not_know_counts_as_stopped(self, scene: Scene) -> None:
        write = recall_of(await _release(scene))
        outcome = await scene.adapter.recall(write)
        told = await settled(scene, write, outcome)
        assert isinstance(told, Confirmed | Found), f"{told!r}"

    @promise
    async def test_goods_that_left_cannot_be_recalled(self, scene: Scene) -> None:
        released = await _release(scene)
        await bring_about(scene, RELEASE, released)
        await scene.world.hand_over(released.fulfillment_id)
        write = recall_of(released)
        outcome = await scene.adapter.recall(write)
        told = await settled(scene, write, outcome)
        assert isinstance(told, Rejected), f"the goods have left, and there is {told!r}"

    @promise
    async def test_a_bad_report_is_refused_and_changes_nothing(self, scene: Scene, record_property: Note) -> None:
        world, bad_input, sent = scene.world, BadInput(), len(scene.line.requests)
        for report, vital in zip(world.webhook_bodies(), world.reports, strict=True):
            for words, body in bad(report, vital):
                bad_input.tried("reports", words, refused=is_refused(scene.adapter.read_webhook, body))
        assert len(scene.line.requests) == sent, "reading asked the location"
        bad_input.close(record_property)

    @promise
    async def test_bad_letters_are_set_aside_and_the_good_ones_between_them_are_read(self, scene: Scene) -> None:
        needs(scene.capability, "mailbox")
        reports: tuple[bytes, ...] = scene.world.webhook_bodies()
        spoilt = [body for _, body in sheets.bad(reports[-1], scene.world.reports[-1])]
        share = len(spoilt) // len(reports) + 1
        for number, report in enumerate(reports):
            for letter in (*spoilt[number * share : (number + 1) * share], report):
                await scene.world.leave_letter(letter)
        read = await _read_all(scene)
        assert sorted(map(repr, read)) == sorted(
            repr(fact) for report in reports for fact in scene.adapter.read_webhook(report)
        )

    @promise
    async def test_a_place_that_labels_itself_tells_the_number_of_each_parcel(self, scene: Scene) -> None:
        needs(scene.capability, "labels_itself")
        for number, carrier in (("1Z999AA10123456784", "ups"), ("", "")):
            (fact,) = scene.adapter.read_webhook(scene.world.own_label_report(_PART, number, carrier))
            assert isinstance(fact, HandedOver)
            assert (fact.fulfillment_id, fact.tracking_number, fact.carrier) == (_PART, number, carrier)
        for wrong in ("9" * 200, "1Z\x00"):
            with pytest.raises(ContractBroken):
                scene.adapter.read_webhook(scene.world.own_label_report(_PART, wrong, "ups"))

    @promise
    async def test_a_look_up_that_fails_cannot_tell(self, scene: Scene) -> None:
        write = await _release(scene)
        await bring_about(scene, RELEASE, write)
        before = len(scene.line.requests)
        healthy = await scene.adapter.find(write)
        if len(scene.line.requests) == before:
            raise CannotHappen("its look-up asks nobody")
        assert isinstance(healthy, Found | CannotTell)
        for fault in faults.EVERY:
            scene.line.strike(fault)
            finding = await scene.adapter.find(write)
            assert not isinstance(finding, Absent), f"while {fault.words}: it would be released again"


async def _read_all(scene: Scene) -> list[Fact]:
    """Read every letter as the engine does, and set aside what cannot be read."""
    read: list[Fact] = []
    while letters := await scene.adapter.fetch_letters():
        for letter in letters:
            refusal = ""
            try:
                read += scene.adapter.read_webhook(letter.body)
            except ContractBroken as error:
                refusal = f"{error.code}: {error}"
            await scene.adapter.answer_letter(letter, refusal)
    return read
