"""All that an adapter to a marketplace promises."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.conformance.channel_deeds import (
    A_WHILE,
    CANCEL,
    CHANNEL_DEEDS,
    CONFIRM,
    CORRECT,
    REFUND,
    cancellation,
    place,
    place_new,
    quantities_of,
    refund,
    shipment,
    shipment_of,
)
from adapters.conformance.listing import ListingPromises
from adapters.conformance.mailbox import MailboxPromises
from adapters.conformance.offering import OfferingPromises
from adapters.conformance.promises import Scene, needs, opened, promise
from adapters.conformance.reading import ReadingPromises, seen
from adapters.conformance.trouble import QuestionPromises
from adapters.conformance.webhooks import WebhookPromises
from adapters.conformance.worlds import CannotHappen, MarketplaceWorld, Placed
from adapters.conformance.writing import WritePromises, bring_about, find, settled
from domain.effect import Absent, Confirmed, EffectKind, Rejected
from domain.ports.marketplace import CorrectTracking, SellsLabels


class MarketplaceConformance(
    ListingPromises,
    ReadingPromises,
    WritePromises,
    OfferingPromises,
    QuestionPromises,
    WebhookPromises,
    MailboxPromises,
):
    """Inherit this beside the adapter's other tests, and give a fixture `world` that returns a `MarketplaceWorld`."""

    deeds = CHANNEL_DEEDS

    async def ask(self, scene: Scene) -> object:
        """List what changed lately, an order at least."""
        if not scene.line.requests:
            await place_new(scene)
        return await scene.adapter.list_orders(scene.world.now - 2 * A_WHILE, None)

    async def leave(self, scene: Scene) -> None:
        """Let the channel leave a hint about an order."""
        await scene.world.leave_letter(await place(scene))

    @promise
    async def test_it_says_whose_account_it_is_and_that_nothing_lacks(self, scene: Scene) -> None:
        access = await scene.adapter.check_access()
        assert access.remote_account, "one account could be connected twice"
        assert access == await scene.adapter.check_access()
        assert access.missing == ()

    @promise
    async def test_each_permission_that_lacks_is_named(self, scene: Scene, world: MarketplaceWorld) -> None:
        if not world.permissions:
            raise CannotHappen("nothing is granted one by one here")
        assert (await scene.adapter.check_access()).missing == ()
        for permission in world.permissions:
            world.withhold(permission)
            async with opened(world) as fresh:
                assert (await fresh.adapter.check_access()).missing == (permission,)

    @promise
    async def test_asking_what_is_allowed_changes_nothing_there(self, scene: Scene) -> None:
        placed = [await place(scene), await place_new(scene)]
        if scene.capability.mailbox:
            await self.leave(scene)
        before = await _shown(scene, placed)
        await scene.adapter.check_access()
        assert await _shown(scene, placed) == before
        if scene.capability.mailbox:
            assert await scene.adapter.fetch_letters(), "looking at a letter took it away"

    @promise
    async def test_it_sells_labels_only_as_a_carrier(self, scene: Scene) -> None:
        needs(scene.capability, "sells_labels")
        assert isinstance(scene.adapter, SellsLabels), "labels are to be bought from it, and it offers none"
        can = scene.adapter.labels.capability
        assert {EffectKind.LABEL} | ({EffectKind.VOID} if can.voids else set()) <= can.dedupe.keys()

    @promise
    async def test_an_order_leaves_in_parts(self, scene: Scene) -> None:
        needs(scene.capability, "confirms", "confirms_lines")
        placed = await place(scene)
        first = placed.lines[0]
        parts = [{first.line_id: 1}, quantities_of(placed) | {first.line_id: first.quantity - 1}]
        for number, part in enumerate(parts):
            write = shipment_of(scene, placed, part, number)
            await bring_about(scene, CONFIRM, write)
            assert not isinstance(await find(scene, write, Confirmed()), Absent), "one part hides the other"
        truth = await scene.world.truth(placed.channel_order_id)
        assert truth.shipped == quantities_of(placed)
        assert set(truth.tracking_numbers) == set(scene.world.tracking_numbers)

    @promise
    async def test_a_parcel_without_a_number_is_known_by_our_reference_and_may_get_one_later(
        self, scene: Scene
    ) -> None:
        needs(scene.capability, "confirms", "confirms_unnumbered")
        placed = await place(scene)
        numbered = shipment_of(scene, placed, quantities_of(placed))
        write = numbered.model_copy(update={"tracking_number": ""})
        confirmed = await bring_about(scene, CONFIRM, write)
        assert not isinstance(await find(scene, write, Confirmed()), Absent), "it would be told again"
        order = await seen(scene, placed)
        assert [one.reference for one in order.shipments] == [write.reference], "it would be taken for a person's"
        assert (await scene.world.truth(placed.channel_order_id)).shipped == quantities_of(placed)
        if scene.capability.corrects_tracking:
            known = {"reference": f"{write.reference}x", "replaces": "", "remote_id": confirmed.remote_id}
            await bring_about(scene, CORRECT, CorrectTracking.model_validate(numbered.model_dump() | known))
            told = (await scene.world.truth(placed.channel_order_id)).tracking_numbers
            assert told == (numbered.tracking_number,)

    @promise
    async def test_one_part_that_left_is_not_taken_for_another(self, scene: Scene) -> None:
        needs(scene.capability, "confirms", "confirms_lines")
        placed = await place(scene)
        line = placed.lines[0].line_id
        sent, other = (shipment_of(scene, placed, {line: 1}, number) for number in (0, 1))
        await bring_about(scene, CONFIRM, sent)
        finding = await find(scene, other, Confirmed())
        assert type(finding).__name__ in {"Absent", "CannotTell"}, f"it was never sent, and there is {finding!r}"

    @promise
    async def test_what_was_cancelled_is_not_cancelled_again_with_what_follows(self, scene: Scene) -> None:
        if scene.capability.cancels != "lines":
            raise CannotHappen("single units cannot be cancelled")
        first = await cancellation(scene)
        await bring_about(scene, CANCEL, first)
        totals = {line: units + 1 for line, units in first.totals.items()}
        more = first.model_copy(update={"reference": f"{first.reference}1", "totals": totals})
        assert isinstance(await find(scene, more, Confirmed()), Absent), "the first is taken for the second"
        await bring_about(scene, CANCEL, more)
        assert (await scene.world.truth(first.channel_order_id)).cancelled == totals

    @promise
    async def test_what_was_shipped_cannot_be_cancelled(self, scene: Scene) -> None:
        if scene.capability.cancels == "nothing":
            raise CannotHappen("nothing can be cancelled")
        sent = await shipment(scene)
        await bring_about(scene, CONFIRM, sent)
        write = (await cancellation(scene)).model_copy(
            update={"channel_order_id": sent.channel_order_id, "quantities": sent.quantities, "totals": sent.quantities}
        )
        outcome = await scene.adapter.cancel_lines(write)
        told = await settled(scene, write, outcome)
        assert isinstance(told, Rejected), f"the goods have left, and there is {told!r}"
        assert not (await scene.world.truth(sent.channel_order_id)).cancelled

    @promise
    async def test_no_more_is_given_back_than_was_paid(self, scene: Scene) -> None:
        needs(scene.capability, "refunds")
        placed = await place(scene)
        write = (await refund(scene)).model_copy(
            update={"channel_order_id": placed.channel_order_id, "amount": placed.total + 1, "quantities": {}}
        )
        outcome = await scene.adapter.refund(write)
        told = await settled(scene, write, outcome)
        assert isinstance(told, Rejected | Absent), f"more than was paid, and there is {told!r}"
        assert (await scene.world.truth(placed.channel_order_id)).refunded == 0

    @promise
    async def test_two_refunds_of_one_amount_are_two(self, scene: Scene) -> None:
        needs(scene.capability, "refunds")
        first = await refund(scene)
        second = first.model_copy(update={"reference": f"{first.reference}1"})
        await bring_about(scene, REFUND, first)
        await bring_about(scene, REFUND, second)
        assert (await scene.world.truth(first.channel_order_id)).refunded == 2 * first.amount

    @promise
    async def test_a_refund_of_ours_is_never_taken_for_one_by_hand(self, scene: Scene) -> None:
        needs(scene.capability, "refunds")
        placed = await place(scene)
        write = (await refund(scene)).model_copy(
            update={"channel_order_id": placed.channel_order_id, "amount": placed.total, "quantities": {}}
        )
        done = await bring_about(scene, REFUND, write)
        shown = (await seen(scene, placed)).refunds
        foreign = [one for one in shown if one.reference != write.reference and one.refund_id != done.remote_id]
        assert not foreign, f"it would be counted twice: {foreign!r}"

    @promise
    async def test_a_write_about_an_order_that_does_not_exist_is_rejected(self, scene: Scene) -> None:
        needs(scene.capability, "confirms")
        write = (await shipment(scene)).model_copy(update={"channel_order_id": scene.world.unknown_order})
        outcome = await scene.adapter.confirm_shipment(write)
        told = await settled(scene, write, outcome)
        assert isinstance(told, Rejected), f"{told!r}"


async def _shown(scene: Scene, placed: Sequence[Placed]) -> object:
    """Return everything at the channel that could have changed."""
    world: MarketplaceWorld = scene.world
    ids = [one.channel_order_id for one in placed]
    orders = [(await world.truth(one), (await scene.adapter.fetch_order(one)).body) for one in ids]
    listings = world.listings if scene.capability.publishes_stock else ()
    return orders, [await world.offered(one) for one in listings]
