"""What is promised about reading an order: it is what the channel told, or it is refused; nothing is guessed."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from adapters.conformance import bodies
from adapters.conformance.bad_input import BadInput, Note, is_refused
from adapters.conformance.channel_deeds import A_WHILE, PRICES, place, place_new, quantities_of, wanted
from adapters.conformance.promises import Promises, Scene, needs, promise
from adapters.conformance.worlds import CannotHappen, MarketplaceWorld, Placed
from domain.errors import ContractBroken, CrossdockError, NotFound, Refused
from domain.order import ChannelOrder, Ownership


async def seen(scene: Scene, placed: Placed) -> ChannelOrder:
    """Return an order as the adapter reads it now."""
    order: ChannelOrder = scene.adapter.read_order((await scene.adapter.fetch_order(placed.channel_order_id)).body)
    return order


class ReadingPromises(Promises):
    """A channel's orders in our words."""

    @promise
    async def test_an_order_is_read_as_it_was_placed(self, scene: Scene) -> None:
        placed = await place_new(scene)
        order = await seen(scene, placed)
        assert order.channel_order_id == placed.channel_order_id
        assert order.ownership is Ownership.OURS
        assert order.delivery == "ship"
        assert order.address is not None
        assert (order.holds, order.cancelled, order.cancel_requested) == ((), False, False)
        assert {line.line_id: line.quantity for line in order.lines} == quantities_of(placed)
        assert {line.line_id: line.listing_id for line in order.lines} == {
            line.line_id: line.listing_id for line in placed.lines
        }
        assert all(line.sku in {"", scene.world.listings[line.listing_id]} for line in order.lines)

    @promise
    async def test_money_is_exact_in_every_currency(self, scene: Scene) -> None:
        world: MarketplaceWorld = scene.world
        for currency in world.currencies:
            for price in PRICES:
                goods = [one.model_copy(update={"unit_price": price}) for one in wanted(world, 3, 2)]
                placed = await world.place_order(goods, world.now - A_WHILE, currency)
                order = await seen(scene, placed)
                assert (order.currency, order.total, order.captured) == (currency, placed.total, placed.total)
                assert {line.line_id: line.unit_price for line in order.lines} == {
                    line.line_id: line.unit_price for line in placed.lines
                }

    @promise
    async def test_moments_have_a_zone_and_mean_what_was_told(self, scene: Scene) -> None:
        world: MarketplaceWorld = scene.world
        moment = world.now - A_WHILE
        order = await seen(scene, await world.place_order(wanted(world, 1), moment, world.currencies[0]))
        for told in (order.placed_at, order.updated_at, order.ship_by, order.deliver_by):
            assert told is None or told.utcoffset() is not None
        assert abs(order.placed_at - moment) <= world.tick
        assert abs(order.updated_at - moment) <= world.tick

    @promise
    async def test_a_moment_of_another_zone_is_the_same_moment(self, scene: Scene) -> None:
        placed = await place(scene)
        body = (await scene.adapter.fetch_order(placed.channel_order_id)).body
        order, turned = scene.adapter.read_order(body), body
        for path in scene.world.vital.moments:
            told = bodies.at(json.loads(body), path)
            if not isinstance(told, str) or not told.endswith(("Z", "+00:00")):
                raise CannotHappen("the vendor tells no zones")
            elsewhere = datetime.fromisoformat(told).astimezone(bodies.ELSEWHERE).isoformat()
            turned = turned.replace(json.dumps(told).encode(), json.dumps(elsewhere).encode())
        assert turned != body
        assert scene.adapter.read_order(turned) == order

    @promise
    async def test_an_unknown_status_is_refused_and_not_guessed(self, scene: Scene) -> None:
        placed = await place(scene)
        await scene.world.distort(placed.channel_order_id)
        with pytest.raises(ContractBroken):
            await seen(scene, placed)

    @promise
    async def test_fields_of_an_order_that_nobody_knows_change_nothing(self, scene: Scene) -> None:
        for body in await self._payloads(scene):
            more = json.dumps(bodies.grown(json.loads(body))).encode()
            assert scene.adapter.read_order(more) == scene.adapter.read_order(body)

    @promise
    async def test_a_bad_body_is_refused_and_changes_nothing(self, scene: Scene, record_property: Note) -> None:
        body, *_ = await self._payloads(scene)
        sent, bad_input = len(scene.line.requests), BadInput()
        for words, bad in bodies.bad(body, scene.world.vital):
            bad_input.tried("orders", words, refused=is_refused(scene.adapter.read_order, bad))
        assert len(scene.line.requests) == sent, "reading asked the vendor"
        bad_input.close(record_property)

    @promise
    async def test_no_body_brings_down_who_reads_it(self, scene: Scene) -> None:
        for body in await self._payloads(scene):
            for _, strange in bodies.strange(body):
                if not is_refused(scene.adapter.read_order, strange):
                    assert isinstance(scene.adapter.read_order(strange), ChannelOrder)

    @promise
    async def test_an_order_that_does_not_exist_is_not_found(self, scene: Scene) -> None:
        with pytest.raises((NotFound, Refused)):
            await scene.adapter.fetch_order(scene.world.unknown_order)

    @promise
    async def test_an_order_id_that_leads_elsewhere_leads_nowhere(self, scene: Scene) -> None:
        placed = await place(scene)
        for sly in (f"../orders/{placed.channel_order_id}", "..", "a/b?c=d#e", f"{placed.channel_order_id}/", "%2e%2e"):
            with pytest.raises(CrossdockError):
                scene.adapter.read_order((await scene.adapter.fetch_order(sly)).body)

    @promise
    async def test_what_a_person_shipped_is_seen(self, scene: Scene) -> None:
        placed = await place(scene)
        first = placed.lines[0]
        sent = {first.line_id: 1} if scene.capability.confirms_lines else quantities_of(placed)
        await scene.world.ship_by_hand(placed, sent, scene.world.tracking_numbers[1])
        order = await seen(scene, placed)
        assert {line.line_id: line.shipped for line in order.lines if line.shipped} == sent
        assert [one.tracking_number for one in order.shipments] == [scene.world.tracking_numbers[1]]

    @promise
    async def test_what_a_person_cancelled_is_seen(self, scene: Scene) -> None:
        placed = await place(scene)
        gone = {placed.lines[0].line_id: 1} if scene.capability.cancels == "lines" else quantities_of(placed)
        await scene.world.cancel_by_hand(placed, gone)
        order = await seen(scene, placed)
        cancelled = {line.line_id: line.cancelled for line in order.lines if line.cancelled}
        assert order.cancelled or cancelled == gone

    @promise
    async def test_what_a_person_refunded_is_seen(self, scene: Scene) -> None:
        needs(scene.capability, "refunds")
        placed = await place(scene)
        await scene.world.refund_by_hand(placed, placed.lines[0].unit_price)
        assert (await seen(scene, placed)).refunded == placed.lines[0].unit_price

    async def _payloads(self, scene: Scene) -> list[bytes]:
        placed = await place(scene)
        return [(await scene.adapter.fetch_order(placed.channel_order_id)).body, *scene.world.payloads()]
