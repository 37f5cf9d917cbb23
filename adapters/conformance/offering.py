"""What is promised about published stock: the quantity that was told is the one that is offered."""

from __future__ import annotations

from adapters.conformance import faults
from adapters.conformance.promises import Promises, Scene, needs, promise
from adapters.conformance.worlds import CannotHappen
from domain.errors import CrossdockError
from domain.ports.marketplace import OfferedStock, StockResult

_MANY = 1_200


class OfferingPromises(Promises):
    """A channel that may take absolute quantities."""

    @promise
    async def test_a_quantity_is_set_and_not_added(self, scene: Scene) -> None:
        for version, quantity in enumerate((7, 3, 0, 5), start=1):
            rows = _rows(scene, quantity, version)
            assert _codes(await _published(scene, rows)) == dict.fromkeys(scene.world.listings, "")
            for listing in scene.world.listings:
                assert await scene.world.offered(listing) == quantity

    @promise
    async def test_one_row_that_fails_does_not_lose_the_others(self, scene: Scene) -> None:
        stranger = OfferedStock(listing_id=scene.world.unknown_listing, sku="NOBODY-S", quantity=1, version=1)
        first, *others = _rows(scene, 4, 1)
        codes = _codes(await _published(scene, (first, stranger, *others)))
        assert codes[stranger.listing_id], "it was taken, though nobody sells it"
        assert not any(codes[row.listing_id] for row in (first, *others))
        for row in (first, *others):
            assert await scene.world.offered(row.listing_id) == row.quantity

    @promise
    async def test_every_row_has_an_answer_in_its_place(self, scene: Scene) -> None:
        needs(scene.capability, "publishes_stock")
        listings = [*scene.world.listings.items()]
        rows = tuple(
            OfferedStock(listing_id=listing, sku=sku, quantity=number % 9, version=number + 1)
            for number, (listing, sku) in enumerate(listings * (_MANY // len(listings)))
        )
        told: tuple[StockResult, ...] = await scene.adapter.publish_stock(rows)
        assert [one.listing_id for one in told] == [row.listing_id for row in rows]
        assert await scene.adapter.publish_stock(()) == ()

    @promise
    async def test_an_older_version_does_not_replace_a_newer(self, scene: Scene) -> None:
        needs(scene.capability, "publishes_stock", "versions_stock")
        await _published(scene, _rows(scene, 8, 5))
        codes = _codes(await _published(scene, _rows(scene, 2, 4)))
        assert all(codes.values())
        for listing in scene.world.listings:
            assert await scene.world.offered(listing) == 8  # noqa: PLR2004  as it was set

    @promise
    async def test_no_fault_makes_a_quantity_pass_for_published(self, scene: Scene) -> None:
        needs(scene.capability, "publishes_stock")
        for version, fault in enumerate((*faults.UNSENT, *faults.OUTAGES), start=1):
            rows = _rows(scene, version + 10, version)
            scene.line.strike(fault)
            try:
                told = await scene.adapter.publish_stock(rows)
            except CrossdockError:
                told = ()
            scene.line.heal()
            assert all(one.code or one.job for one in told), f"{fault.words}: it says that it was taken"

    @promise
    async def test_without_stock_every_row_is_refused(self, scene: Scene) -> None:
        if scene.capability.publishes_stock:
            return
        told: tuple[StockResult, ...] = await scene.adapter.publish_stock(_rows(scene, 1, 1))
        assert all(one.code for one in told)


async def _published(scene: Scene, rows: tuple[OfferedStock, ...]) -> tuple[StockResult, ...]:
    """Publish rows and return what became of them, in the end."""
    needs(scene.capability, "publishes_stock")
    told: tuple[StockResult, ...] = await scene.adapter.publish_stock(rows)
    later: list[StockResult] = []
    for job in sorted({one.job for one in told if one.job}):
        assert scene.capability.stock_answers_later, "a job that nobody was told to expect"
        await scene.world.finish_jobs()
        results: tuple[StockResult, ...] | None = await scene.adapter.stock_results(job)
        if results is None:
            raise CannotHappen("the world does not finish its jobs")
        later += results
    told_later = _codes(tuple(later))
    return tuple(one.model_copy(update={"code": one.code or told_later.get(one.listing_id, "")}) for one in told)


def _codes(told: tuple[StockResult, ...]) -> dict[str, str]:
    return {one.listing_id: one.code for one in told}


def _rows(scene: Scene, quantity: int, version: int) -> tuple[OfferedStock, ...]:
    return tuple(
        OfferedStock(listing_id=listing, sku=sku, quantity=quantity, version=version)
        for listing, sku in scene.world.listings.items()
    )
