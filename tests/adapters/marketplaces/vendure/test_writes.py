"""What we tell the shop is there when we look, once, also after an answer got lost or a person was faster."""

from collections.abc import Mapping

import httpx
import pytest

from adapters.http import make_client
from adapters.marketplaces.vendure import MANIFEST
from adapters.marketplaces.vendure.adapter import VendureMarketplace
from adapters.marketplaces.vendure.settings import VendureSettings
from domain.effect import Absent, CannotTell, Confirmed, Found, Rejected, Unknown
from domain.errors import Unauthorized, Unavailable
from domain.ports.marketplace import AcknowledgeOrder, CancelLines, ConfirmPickup, ConfirmShipment, RefundPayment
from infra.vendure.buyer import PlacedOrder, place_order
from infra.vendure.hand import Administrator
from infra.vendure.store import Store
from tests.adapters.marketplaces.vendure.line import LossyLine

pytest_plugins = ["tests.vendure_store"]
pytestmark = [pytest.mark.vendure, pytest.mark.timeout(900)]


@pytest.fixture
async def order(vendure_store: Store) -> PlacedOrder:
    return await place_order(vendure_store, {"MUG-ENA": 3, "TOT-NAT": 2})


def shipment(order: PlacedOrder, quantities: Mapping[str, int], tracking_number: str = "") -> ConfirmShipment:
    return ConfirmShipment(
        channel_order_id=order.id,
        reference=f"tracking:{order.id}:1",
        quantities={order.line_of(sku): quantity for sku, quantity in quantities.items()},
        carrier="Fast Parcels",
        tracking_number=tracking_number or f"TRACK-{order.id}",
    )


def pickup(order: PlacedOrder, *, collected: bool) -> ConfirmPickup:
    quantities = {line.id: 1 for line in order.lines}
    reference = f"pickup:{order.id}:{collected}"
    return ConfirmPickup(channel_order_id=order.id, reference=reference, quantities=quantities, collected=collected)


def cancellation(order: PlacedOrder, quantities: Mapping[str, int], totals: Mapping[str, int]) -> CancelLines:
    return CancelLines(
        channel_order_id=order.id,
        reference=f"cancel:{order.id}:1",
        quantities={order.line_of(sku): quantity for sku, quantity in quantities.items()},
        totals={order.line_of(sku): quantity for sku, quantity in totals.items()},
        reason="out of stock",
    )


def refund(order: PlacedOrder, amount: int, quantities: Mapping[str, int] | None = None) -> RefundPayment:
    return RefundPayment(
        channel_order_id=order.id,
        reference=f"refund:{order.id}:1",
        amount=amount,
        currency="EUR",
        quantities={order.line_of(sku): quantity for sku, quantity in (quantities or {}).items()},
        reason="came back",
    )


class TestShipping:
    async def test_a_shipment_shows_its_tracking_code_and_moves_the_order(
        self, order: PlacedOrder, marketplace: VendureMarketplace, administrator_of_store: Administrator
    ) -> None:
        outcome = await marketplace.confirm_shipment(shipment(order, {"MUG-ENA": 3, "TOT-NAT": 2}, "1Z999"))
        seen = await administrator_of_store.look_at(order.id)
        assert isinstance(outcome, Confirmed)
        assert (outcome.remote_id, outcome.tracking_number) == (seen.fulfillments[0].id, "1Z999")
        assert (seen.state, seen.tracking_codes, seen.fulfillments[0].method) == ("Shipped", ["1Z999"], "Fast Parcels")

    async def test_parcels_of_one_order_are_told_one_by_one(
        self, order: PlacedOrder, marketplace: VendureMarketplace, administrator_of_store: Administrator
    ) -> None:
        await marketplace.confirm_shipment(shipment(order, {"MUG-ENA": 2}, "P1"))
        half = await administrator_of_store.look_at(order.id)
        await marketplace.confirm_shipment(shipment(order, {"MUG-ENA": 1, "TOT-NAT": 2}, "P2"))
        whole = await administrator_of_store.look_at(order.id)
        assert (half.state, whole.state) == ("PartiallyShipped", "Shipped")
        assert sorted(whole.tracking_codes) == ["P1", "P2"]

    async def test_confirming_a_shipment_twice_is_harmless(
        self, order: PlacedOrder, marketplace: VendureMarketplace, administrator_of_store: Administrator
    ) -> None:
        write = shipment(order, {"MUG-ENA": 1})
        assert await marketplace.confirm_shipment(write) == await marketplace.confirm_shipment(write)
        assert len((await administrator_of_store.look_at(order.id)).fulfillments) == 1

    @pytest.mark.parametrize(
        ("lost", "found"), [("addFulfillmentToOrder", Absent), ("transitionFulfillmentToState", Found)]
    )
    async def test_a_lost_answer_is_unknown_and_sending_again_finishes_it_once(
        self,
        order: PlacedOrder,
        marketplace: VendureMarketplace,
        administrator_of_store: Administrator,
        line: LossyLine,
        lost: str,
        found: type,
    ) -> None:
        write = shipment(order, {"MUG-ENA": 1})
        line.lose_answer_to(lost)
        assert isinstance(await marketplace.confirm_shipment(write), Unknown)
        assert isinstance(await marketplace.find(write), found)
        assert isinstance(await marketplace.confirm_shipment(write), Confirmed)
        assert isinstance(await marketplace.find(write), Found)
        (fulfillment,) = (await administrator_of_store.look_at(order.id)).fulfillments
        assert fulfillment.state == "Shipped"

    async def test_what_was_shipped_by_hand_is_not_shipped_again(
        self, order: PlacedOrder, marketplace: VendureMarketplace, administrator_of_store: Administrator
    ) -> None:
        await administrator_of_store.ship(order.id)
        write = shipment(order, {"MUG-ENA": 3})
        outcome = await marketplace.confirm_shipment(write)
        assert outcome == Rejected(code="vendure-items-already-fulfilled", already_done=True)
        assert await marketplace.find(write) == Absent()
        assert len((await administrator_of_store.look_at(order.id)).fulfillments) == 1


class TestPickup:
    async def test_a_collected_pickup_is_delivered_once_and_a_ready_one_is_not_told(
        self, vendure_store: Store, marketplace: VendureMarketplace, administrator_of_store: Administrator
    ) -> None:
        order = await place_order(vendure_store, {"LAN-TIN": 1}, shipping="store-pickup")
        ready, collected = pickup(order, collected=False), pickup(order, collected=True)
        assert isinstance(await marketplace.confirm_pickup(ready), Confirmed)
        assert isinstance(await marketplace.find(ready), Found)
        assert await marketplace.find(collected) == Absent()
        outcomes = [await marketplace.confirm_pickup(collected) for _ in range(2)]
        assert isinstance(await marketplace.find(collected), Found)
        seen = await administrator_of_store.look_at(order.id)
        assert (seen.state, len(seen.fulfillments), outcomes[0]) == ("Delivered", 1, outcomes[1])

    async def test_our_reference_is_read_back_from_a_pickup(
        self, vendure_store: Store, marketplace: VendureMarketplace
    ) -> None:
        order = await place_order(vendure_store, {"LAN-TIN": 1}, shipping="store-pickup")
        write = pickup(order, collected=True)
        await marketplace.confirm_pickup(write)
        (told,) = marketplace.read_order((await marketplace.fetch_order(order.id)).body).shipments
        assert (told.reference, told.tracking_number) == (write.reference, "")


class TestCancelling:
    async def test_units_of_a_line_are_cancelled_and_the_rest_stays(
        self, order: PlacedOrder, marketplace: VendureMarketplace, administrator_of_store: Administrator
    ) -> None:
        outcome = await marketplace.cancel_lines(cancellation(order, {"MUG-ENA": 2}, {"MUG-ENA": 2}))
        seen = await administrator_of_store.look_at(order.id)
        assert isinstance(outcome, Confirmed)
        assert [line.quantity for line in seen.lines] == [1, 2]
        assert (seen.state, seen.refunds) == ("PaymentSettled", [])

    async def test_cancelling_every_line_cancels_the_order(
        self, order: PlacedOrder, marketplace: VendureMarketplace, administrator_of_store: Administrator
    ) -> None:
        everything = {"MUG-ENA": 3, "TOT-NAT": 2}
        await marketplace.cancel_lines(cancellation(order, everything, everything))
        assert (await administrator_of_store.look_at(order.id)).state == "Cancelled"

    async def test_cancelling_twice_is_harmless(
        self, order: PlacedOrder, marketplace: VendureMarketplace, administrator_of_store: Administrator
    ) -> None:
        write = cancellation(order, {"MUG-ENA": 1}, {"MUG-ENA": 1})
        outcomes = [await marketplace.cancel_lines(write) for _ in range(2)]
        assert all(isinstance(outcome, Confirmed) for outcome in outcomes)
        assert (await administrator_of_store.look_at(order.id)).lines[0].quantity == 2

    async def test_a_cancellation_whose_answer_got_lost_is_found(
        self,
        order: PlacedOrder,
        marketplace: VendureMarketplace,
        administrator_of_store: Administrator,
        line: LossyLine,
    ) -> None:
        write = cancellation(order, {"MUG-ENA": 1}, {"MUG-ENA": 1})
        assert await marketplace.find(write) == Absent()
        line.lose_answer_to("cancelOrder")
        assert isinstance(await marketplace.cancel_lines(write), Unknown)
        assert isinstance(await marketplace.find(write), Found)
        assert (await administrator_of_store.look_at(order.id)).lines[0].quantity == 2

    async def test_what_was_cancelled_by_hand_is_not_cancelled_again(
        self, order: PlacedOrder, marketplace: VendureMarketplace, administrator_of_store: Administrator
    ) -> None:
        await administrator_of_store.cancel(order.id, {order.line_of("MUG-ENA"): 1})
        outcome = await marketplace.cancel_lines(cancellation(order, {"MUG-ENA": 1}, {"MUG-ENA": 1}))
        assert outcome == Rejected(code="vendure-already-cancelled", already_done=True)
        assert (await administrator_of_store.look_at(order.id)).lines[0].quantity == 2

    async def test_only_what_a_person_left_is_cancelled(
        self, order: PlacedOrder, marketplace: VendureMarketplace, administrator_of_store: Administrator
    ) -> None:
        await administrator_of_store.cancel(order.id, {order.line_of("MUG-ENA"): 1})
        await marketplace.cancel_lines(cancellation(order, {"MUG-ENA": 3}, {"MUG-ENA": 3}))
        seen = await administrator_of_store.look_at(order.id)
        assert [line.quantity for line in seen.lines] == [0, 2]


class TestRefunding:
    async def test_a_refund_is_settled_and_carries_our_reference(
        self, order: PlacedOrder, marketplace: VendureMarketplace, administrator_of_store: Administrator
    ) -> None:
        write = refund(order, 1290, {"MUG-ENA": 1})
        outcome = await marketplace.refund(write)
        (seen,) = (await administrator_of_store.look_at(order.id)).refunds
        assert outcome == Confirmed(remote_id=seen.id)
        assert (seen.state, seen.total, seen.transaction_id) == ("Settled", 1290, write.reference)
        told = marketplace.read_order((await marketplace.fetch_order(order.id)).body)
        assert [each.reference for each in told.refunds] == [write.reference]
        assert [line.refunded for line in told.lines] == [1, 0]

    async def test_refunding_twice_is_harmless(
        self, order: PlacedOrder, marketplace: VendureMarketplace, administrator_of_store: Administrator
    ) -> None:
        write = refund(order, 500)
        assert await marketplace.refund(write) == await marketplace.refund(write)
        assert (await administrator_of_store.look_at(order.id)).refunded == 500

    @pytest.mark.parametrize(("lost", "found"), [("refundOrder", Absent), ("settleRefund", Found)])
    async def test_a_lost_answer_is_unknown_and_the_money_is_given_once(
        self,
        order: PlacedOrder,
        marketplace: VendureMarketplace,
        administrator_of_store: Administrator,
        line: LossyLine,
        lost: str,
        found: type,
    ) -> None:
        write = refund(order, 500)
        line.lose_answer_to(lost)
        assert isinstance(await marketplace.refund(write), Unknown)
        assert isinstance(await marketplace.find(write), found)
        assert isinstance(await marketplace.refund(write), Confirmed)
        assert isinstance(await marketplace.find(write), Found)
        (seen,) = (await administrator_of_store.look_at(order.id)).refunds
        assert (seen.state, seen.total) == ("Settled", 500)

    async def test_a_refund_above_what_is_left_is_refused_before_it_is_sent(
        self,
        order: PlacedOrder,
        marketplace: VendureMarketplace,
        administrator_of_store: Administrator,
        line: LossyLine,
    ) -> None:
        await administrator_of_store.refund(order.id, order.total_with_tax - 100)
        outcome = await marketplace.refund(refund(order, 101))
        assert outcome == Rejected(code="vendure-refund-above-payment")
        assert line.count("refundOrder") == 0

    async def test_what_was_refunded_by_hand_is_not_refunded_again(
        self, order: PlacedOrder, marketplace: VendureMarketplace, administrator_of_store: Administrator
    ) -> None:
        await administrator_of_store.refund(order.id, order.total_with_tax)
        outcome = await marketplace.refund(refund(order, 500))
        assert outcome == Rejected(code="vendure-refund-above-payment", already_done=True)
        assert (await administrator_of_store.look_at(order.id)).refunded == order.total_with_tax

    async def test_a_refund_in_another_currency_is_refused(
        self, order: PlacedOrder, marketplace: VendureMarketplace
    ) -> None:
        write = refund(order, 500).model_copy(update={"currency": "USD"})
        assert await marketplace.refund(write) == Rejected(code="vendure-other-currency")


class TestAccess:
    async def test_nothing_is_acknowledged_for_the_shop_does_not_ask(
        self, order: PlacedOrder, marketplace: VendureMarketplace
    ) -> None:
        write = AcknowledgeOrder(channel_order_id=order.id, reference="ack")
        assert isinstance(await marketplace.acknowledge(write), Confirmed)
        assert isinstance(await marketplace.find(write), Found)
        assert not marketplace.capability.acknowledges

    async def test_a_forgotten_login_is_renewed_once_and_unseen(
        self, vendure_store: Store, order: PlacedOrder, marketplace: VendureMarketplace, line: LossyLine
    ) -> None:
        await marketplace.fetch_order(order.id)
        line.forget()
        await marketplace.fetch_order(order.id)
        token = line.requests[-1].headers["Authorization"]
        async with httpx.AsyncClient(headers={"Authorization": token}) as http:
            await http.post(vendure_store.admin_api, json={"query": "mutation { logout { success } }"})
        assert isinstance(await marketplace.confirm_shipment(shipment(order, {"MUG-ENA": 1})), Confirmed)
        assert line.count("login(") == 1

    async def test_a_wrong_password_is_unauthorized(
        self, order: PlacedOrder, settings: VendureSettings, line: LossyLine
    ) -> None:
        wrong = settings.model_validate(settings.model_dump() | {"password": "wrong"})
        async with make_client(line) as http:
            with pytest.raises(Unauthorized):
                await MANIFEST.factory(wrong, http).fetch_order(order.id)

    async def test_a_shop_that_is_down_executes_nothing_and_cannot_tell(
        self, order: PlacedOrder, settings: VendureSettings
    ) -> None:
        nowhere = settings.model_validate(settings.model_dump() | {"admin_api": "http://127.0.0.1:1/admin-api"})
        async with make_client() as http:
            marketplace = MANIFEST.factory(nowhere, http)
            with pytest.raises(Unavailable):
                await marketplace.refund(refund(order, 1))
            assert isinstance(await marketplace.find(refund(order, 1)), CannotTell)
