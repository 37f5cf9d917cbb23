"""The demo: a scene is streamed through a running stack, watched until it is at rest, and counted."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from rich.console import Console
from sqlalchemy.ext.asyncio import AsyncConnection
from temporalio.client import Client

from infra.database.engine import create_engine
from infra.database.invariants import violations
from workers.cli.dev import ui_link
from workers.demo.director import Director, Scene, meet_director
from workers.demo.display import Board
from workers.demo.operator import Operator
from workers.demo.performance import count_statements_anew, measure
from workers.demo.report import DemoReport, WitnessCounts
from workers.demo.rest import restless
from workers.demo.snapshot import Snapshot
from workers.demo.stage import require_empty
from workers.demo.tally import RecordedOrder, is_ours, tally_orders
from workers.demo.verdict import find_violations
from workers.demo.watch import Attendant, Floor, Watch
from workers.stack import RunningStack
from workers.wiring import House, open_house

ORDERS_PER_SECOND = 3.0
"""How fast buyers order: slowly enough to be watched."""


@dataclass(frozen=True)
class Outcome:
    """What a demo came to: its report, and what had not come to rest, counted in words."""

    report: DemoReport
    unrest: dict[str, int]
    scene: Scene
    snapshot: Snapshot


@dataclass(frozen=True)
class Demo:
    """One demo on one running stack; `check` raises when a part of the stack has ended."""

    house: House
    client: Client
    director: Director
    connection: AsyncConnection
    counts_statements: bool
    check: Callable[[], None]

    async def play(self, orders: int, seed: int, board: Board) -> Outcome:
        """Place so many orders, watch them until all is at rest or patience ends, and count."""
        operator = Operator(self.house, self.client, self.director, board.say)
        scene = await self.director.start(orders, seed, over=orders / ORDERS_PER_SECOND)
        watch = self.watch(self.director, operator, board)
        scene, unrest = await watch.until_rest(scene)
        witness = await self.director.testify()
        report = await self.report(scene, watch.snapshot, witness, restless(unrest), seed)
        return Outcome(report, unrest, scene, watch.snapshot)

    def watch(self, floor: Floor, attendant: Attendant, board: Board) -> Watch:
        """Return a watch over what is placed on this floor, where this attendant helps."""
        return Watch(floor, attendant, self.connection, self.client, board, self.check)

    async def report(
        self, scene: Scene, snapshot: Snapshot, witness: WitnessCounts, broken: tuple[str, ...], seed: int
    ) -> DemoReport:
        """Count what the record has and judge it; `broken` are promises that were found broken elsewhere."""
        rows = [RecordedOrder(channel_order_id=row.channel_order_id, state=row.state) for row in snapshot.orders]
        at_channel = {order.order_id for order in scene.orders if order.is_ours}
        orders = tally_orders(at_channel, rows, snapshot.returned)
        ours = [row.order_id for row in snapshot.orders if is_ours(row.state)]
        found = find_violations(orders, witness, await violations(self.house.engine))
        performance = await measure(self.client, self.connection, ours, seed, counts_statements=self.counts_statements)
        return DemoReport(orders=orders, witness=witness, violations=(*found, *broken), performance=performance)


@asynccontextmanager
async def open_demo(running: RunningStack) -> AsyncGenerator[Demo]:
    """Meet the parts of a running stack: record, Temporal and the director of the sandbox world.

    Raises:
        Refused: the record or Temporal's namespace, being external ones, have orders already.
    """
    settings, client = running.settings, await running.connect()
    async with open_house(settings) as house, meet_director(settings.sandbox_base_url) as director:
        engine = create_engine(house.url)
        try:
            async with engine.connect() as connection:
                await require_empty(connection, client)
                counts = await count_statements_anew(connection)
                yield Demo(house, client, director, connection, counts, running.stack.check)
        finally:
            await engine.dispose()


def make_board(console: Console, orders: int, seed: int, ui_url: str | None) -> Board:
    """Return the picture of a demo, with its links into the Temporal UI, if there is one."""
    stuck = ui_link(ui_url)
    links = [f"Temporal UI: {ui_url}", f"what is stuck: {stuck}"] if stuck else []
    return Board(console, f"Crossdock demo: {orders} orders, seed {seed}", links)
