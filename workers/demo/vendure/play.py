"""The demo with a real shop: orders are bought in Vendure, carried by Crossdock, and checked in Vendure."""

from __future__ import annotations

from domain.ports.marketplace import OfferedStock
from domain.ports.notifier import MessageKind
from infra.database.reports.order_page import read_order_page
from infra.database.reports.reading import reading
from infra.database.reports.stock import list_published
from infra.vendure.hand import Administrator, administrator
from infra.vendure.store import Store
from workers.demo.display import Board
from workers.demo.report import WitnessCounts
from workers.demo.rest import restless
from workers.demo.run import Demo, Outcome
from workers.demo.vendure.check import CheckedOrder, CheckedStock, ShopCheck, compare
from workers.demo.vendure.clerk import Clerk
from workers.demo.vendure.floor import Purchase, ShopFloor
from workers.demo.vendure.shop import ACCOUNT, open_channel
from workers.demo.vendure.stories import GOODS, tell_stories

_TOLD = MessageKind.CANCELLED.value


async def play_in_shop(demo: Demo, store: Store, orders: int, board: Board) -> tuple[Outcome, ShopCheck]:
    """Let buyers order in the shop, watch until all is at rest, and check every order and the stock there.

    Raises:
        StoreError: the shop refused something.
    """
    async with administrator(store) as person:
        await open_channel(demo, store, person)
        floor = ShopFloor(store, tell_stories(orders))
        clerk = Clerk(demo.house, demo.client, person, floor, board.say)
        watch = demo.watch(floor, clerk, board)
        floor.begin()
        scene, unrest = await watch.until_rest(await floor.look("shop"))
        check = ShopCheck(
            orders=tuple([await _check_order(demo, person, one) for one in floor.purchases]),
            stock=await _compare_stock(demo, person),
        )
        witness = await _testify(demo, person, floor)
        report = await demo.report(scene, watch.snapshot, witness, (*check.differences, *restless(unrest)), seed=0)
        return Outcome(report, unrest, scene, watch.snapshot), check


async def _check_order(demo: Demo, person: Administrator, purchase: Purchase) -> CheckedOrder:
    async with reading(demo.house.engine) as connection:
        page = await read_order_page(connection, purchase.order_id)
    return compare(purchase, page, await person.look_at(purchase.bought.id))


async def _compare_stock(demo: Demo, person: Administrator) -> tuple[CheckedStock, ...]:
    """Compare what the shop was told that it may sell with what it shows.

    It is told once more, since the shop itself loses one of two changes that it makes to a stock level at once.
    """
    shop = await demo.house.context.parties.marketplace(ACCOUNT)
    async with reading(demo.house.engine) as connection:
        told = {row.listing_id: row.quantity for row in await list_published(connection, ACCOUNT, limit=len(GOODS))}
    sold = {variant.id: variant.sku for variant in await person.everything_on_sale() if variant.id in told}
    rows = [OfferedStock(listing_id=listing, sku=sku, quantity=told[listing]) for listing, sku in sold.items()]
    await shop.publish_stock(tuple(rows))
    return tuple(
        [
            CheckedStock(sku=sku, ours=told[listing], theirs=(await person.stock_of(sku)).available)
            for listing, sku in sold.items()
        ]
    )


async def _testify(demo: Demo, person: Administrator, floor: ShopFloor) -> WitnessCounts:
    """Return what carriers and places testify, with the shop's own word on tracking, refunds and cancellations."""
    seen = [(one, await person.look_at(one.bought.id)) for one in floor.purchases]
    silent = 0
    for purchase, order in seen:
        cancelled = any(line.quantity < line.order_placed_quantity for line in order.lines)
        silent += cancelled and _TOLD not in await demo.director.list_mail(purchase.email)
    return (await demo.director.testify()).model_copy(
        update={
            "tracking_pushed": len({code for _, order in seen for code in order.tracking_codes}),
            "refunds": sum(len(order.refunds) for _, order in seen),
            "refunds_over_captured": sum(order.refunded > one.bought.total_with_tax for one, order in seen),
            "silent_cancellations": silent,
        }
    )
