"""What is promised about pulling: no order is lost, whatever happens while its page is read."""

from __future__ import annotations

from datetime import datetime, timedelta

from adapters.conformance.channel_deeds import A_WHILE, place, wanted
from adapters.conformance.promises import Promises, Scene, promise
from adapters.conformance.worlds import CannotHappen, MarketplaceWorld
from domain.ports.marketplace import OrderPage, RawOrder

_MOST_PAGES = 50


async def pages(scene: Scene, since: datetime) -> list[OrderPage]:
    """Read the list to its end."""
    read: list[OrderPage] = []
    cursor: str | None = None
    while not read or cursor is not None:
        assert len(read) < _MOST_PAGES, "the list has no end"
        page: OrderPage = await scene.adapter.list_orders(since, cursor)
        read.append(page)
        cursor = page.next_cursor
    return read


async def pulled(scene: Scene, since: datetime) -> list[str]:
    """Return the ids of all orders listed, as often as they are."""
    return [raw.channel_order_id for page in await pages(scene, since) for raw in page.orders]


async def fill(scene: Scene, several: int, apart: timedelta) -> list[str]:
    """Let so many orders be placed a while ago, one so long after the other; return their ids."""
    world: MarketplaceWorld = scene.world
    first = world.now - A_WHILE
    placed = [
        await world.place_order(wanted(world, 1), first + number * apart, world.currencies[0])
        for number in range(several)
    ]
    return [one.channel_order_id for one in placed]


class ListingPromises(Promises):
    """A channel's list of changed orders."""

    @promise
    async def test_every_page_is_read_and_every_order_once(self, scene: Scene) -> None:
        placed = await fill(scene, 2 * scene.world.page_size + 1, timedelta(seconds=2))
        assert await pulled(scene, _since(scene)) == placed

    @promise
    async def test_an_empty_list_has_an_end(self, scene: Scene) -> None:
        assert await pulled(scene, _since(scene)) == []

    @promise
    async def test_a_list_that_fills_its_pages_exactly_has_an_end(self, scene: Scene) -> None:
        placed = await fill(scene, 2 * scene.world.page_size, timedelta(seconds=2))
        assert await pulled(scene, _since(scene)) == placed

    @promise
    async def test_a_tie_at_the_border_of_a_page_loses_nothing(self, scene: Scene) -> None:
        placed = await fill(scene, 2 * scene.world.page_size + 1, timedelta())
        assert set(await pulled(scene, _since(scene))) == set(placed)

    @promise
    async def test_an_order_that_changes_while_pages_are_read_hides_no_other(self, scene: Scene) -> None:
        world: MarketplaceWorld = scene.world
        placed = await fill(scene, 3 * world.page_size, timedelta(seconds=2))
        page: OrderPage = await scene.adapter.list_orders(_since(scene), None)
        seen = [raw.channel_order_id for raw in page.orders]
        while page.next_cursor is not None:
            await world.touch(placed[len(set(seen)) - 1], world.now)
            page = await scene.adapter.list_orders(_since(scene), page.next_cursor)
            seen += [raw.channel_order_id for raw in page.orders]
            assert len(seen) < _MOST_PAGES * world.page_size, "the list has no end"
        assert set(seen) == set(placed)

    @promise
    async def test_the_watermark_comes_with_the_last_page_and_has_a_zone(self, scene: Scene) -> None:
        await fill(scene, scene.world.page_size + 1, timedelta(seconds=2))
        *before, last = await pages(scene, _since(scene))
        assert before, "the orders of two pages came on one"
        assert all(page.watermark is None for page in before), "a watermark before the end skips what is not read yet"
        assert last.watermark is not None
        assert last.watermark.utcoffset() is not None

    @promise
    async def test_a_pull_that_broke_off_goes_on_from_what_it_had_reached(self, scene: Scene) -> None:
        placed = await fill(scene, 2 * scene.world.page_size + 1, timedelta(seconds=2))
        seen: set[str] = set()
        for page in await pages(scene, _since(scene)):
            seen |= {raw.channel_order_id for raw in page.orders}
            if page.reached is not None:
                rest = await pulled(scene, page.reached - scene.capability.pull.overlap)
                assert seen | set(rest) == set(placed), "it had not reached as far as it said"

    @promise
    async def test_an_order_at_the_border_of_two_pulls_is_not_lost(self, scene: Scene) -> None:
        world: MarketplaceWorld = scene.world
        rule = scene.capability.pull
        moment = world.now - A_WHILE
        placed = (await world.place_order(wanted(world, 1), moment, world.currencies[0])).channel_order_id
        assert await pulled(scene, moment - rule.overlap) == [placed]
        if not rule.includes_since:
            assert rule.overlap > timedelta(), "an order of exactly the watermark's moment would never be listed"
            return
        assert await pulled(scene, moment) == [placed], "it claims to list what is exactly of that moment"

    @promise
    async def test_a_row_that_shows_late_comes_with_the_next_pull(self, scene: Scene) -> None:
        world: MarketplaceWorld = scene.world
        await fill(scene, 2, timedelta(seconds=2))
        watermark = (await pages(scene, _since(scene)))[-1].watermark or world.now - A_WHILE
        overlap = scene.capability.pull.overlap
        late = max(watermark - overlap / 2, watermark - overlap + world.tick)
        row = await world.place_order(wanted(world, 1), late, world.currencies[0])
        assert row.channel_order_id in await pulled(scene, watermark - overlap)

    @promise
    async def test_what_is_placed_right_after_a_pull_comes_with_the_next(self, scene: Scene) -> None:
        world: MarketplaceWorld = scene.world
        await fill(scene, 1, timedelta())
        watermark = (await pages(scene, _since(scene)))[-1].watermark
        placed = await world.place_order(wanted(world, 1), world.now, world.currencies[0])
        since = (watermark or _since(scene)) - scene.capability.pull.overlap
        assert placed.channel_order_id in await pulled(scene, since), "the watermark ran ahead of what was listed"

    @promise
    async def test_an_order_that_changed_is_listed_again(self, scene: Scene) -> None:
        world: MarketplaceWorld = scene.world
        placed = await place(scene)
        await world.touch(placed.channel_order_id, world.now - A_WHILE / 4)
        assert placed.channel_order_id in await pulled(scene, world.now - A_WHILE / 2)

    @promise
    async def test_reading_twice_reads_the_same(self, scene: Scene) -> None:
        await fill(scene, scene.world.page_size + 1, timedelta(seconds=2))
        first, second = [[page.orders for page in await pages(scene, _since(scene))] for _ in range(2)]
        assert first == second

    @promise
    async def test_what_is_listed_is_what_is_fetched(self, scene: Scene) -> None:
        placed = await place(scene)
        (listed,) = [raw for page in await pages(scene, _since(scene)) for raw in page.orders]
        fetched: RawOrder = await scene.adapter.fetch_order(placed.channel_order_id)
        assert listed.channel_order_id == fetched.channel_order_id == placed.channel_order_id
        assert scene.adapter.read_order(listed.body) == scene.adapter.read_order(fetched.body)

    @promise
    async def test_an_unreadable_order_is_listed_raw_and_hides_no_other(self, scene: Scene) -> None:
        placed = await fill(scene, 3, timedelta(seconds=2))
        await scene.world.distort(placed[1])
        assert set(placed) <= set(await pulled(scene, _since(scene)))

    @promise
    async def test_how_far_back_it_looks_covers_how_coarse_the_vendor_tells_time(self, scene: Scene) -> None:
        rule, tick = scene.capability.pull, scene.world.tick
        if tick <= timedelta(milliseconds=1):
            raise CannotHappen("the vendor tells moments finely")
        assert rule.overlap >= tick, "rows of one tick would be split by the watermark"


def _since(scene: Scene) -> datetime:
    return scene.world.now - 2 * A_WHILE
