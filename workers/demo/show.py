"""The show: the stage is set, the stack started, the demo played, and its report printed and kept."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from domain.errors import Refused
from infra.settings import Settings
from infra.vendure.install import why_not
from infra.vendure.store import Store
from workers.demo.rest import describe_unrest
from workers.demo.run import Outcome, make_board, open_demo
from workers.demo.stage import set_stage
from workers.demo.summary import print_report
from workers.demo.vendure.play import play_in_shop
from workers.demo.vendure.shop import start_shop
from workers.demo.vendure.summary import print_check
from workers.stack import RunningStack, running_stack


@dataclass(frozen=True)
class Wish:
    """What is asked of a demo.

    Attributes:
        exits: whether it ends when everything is at rest; otherwise it stays to be looked at, until Ctrl-C.
        file: where the report is kept as JSON, if anywhere.
        in_shop: whether the orders are bought in a real shop instead of the sandbox world.
    """

    orders: int
    seed: int
    exits: bool
    file: Path | None
    in_shop: bool = False


def show(settings: Settings, wish: Wish, console: Console) -> bool:
    """Play a demo and return whether nothing was violated; enter it on the main thread.

    Raises:
        Refused: the settings do not fit a demo.
        StackError: the stack cannot start, or a part of it dies.
    """
    if wish.in_shop and (reason := why_not()):
        raise Refused("no-shop", reason)
    staged = set_stage(settings)

    def tell(words: str) -> None:
        console.print(f"… {words}", markup=False, highlight=False)

    with running_stack(staged, sandbox=("--seed", str(wish.seed)), tell=tell) as running:
        if wish.in_shop:
            tell("Vendure is installed (the first time takes a minute), seeded and started")
            outcome = asyncio.run(_play_in_shop(running, start_shop(running, settings), wish, console))
        else:
            outcome = asyncio.run(_play(running, wish, console))
        _conclude(outcome, wish, console)
        if not wish.exits:
            _stay(running, console)
    return not outcome.report.violations


async def _play(running: RunningStack, wish: Wish, console: Console) -> Outcome:
    board = make_board(console, wish.orders, wish.seed, running.addresses.ui_url)
    async with open_demo(running) as demo:
        return await demo.play(wish.orders, wish.seed, board)


async def _play_in_shop(running: RunningStack, store: Store, wish: Wish, console: Console) -> Outcome:
    board = make_board(console, wish.orders, wish.seed, running.addresses.ui_url)
    async with open_demo(running) as demo:
        outcome, check = await play_in_shop(demo, store, wish.orders, board)
    print_check(console, check)
    return outcome


def _conclude(outcome: Outcome, wish: Wish, console: Console) -> None:
    print_report(console, outcome.report, len(outcome.snapshot.orders) - outcome.report.orders.recorded)
    if outcome.unrest:
        console.print(
            "nothing moved for a while, and not everything is at rest; this still moves or waits:", style="red"
        )
        for line in describe_unrest(outcome.unrest, outcome.scene, outcome.snapshot):
            console.print(f"  {line}", markup=False, highlight=False)
    if wish.file:
        wish.file.write_text(outcome.report.model_dump_json(indent=1) + "\n")
        console.print(f"the report is in {wish.file}", markup=False, highlight=False)


def _stay(running: RunningStack, console: Console) -> None:
    """Let the stack stand until Ctrl-C, so that one can look at what happened."""
    folder = running.settings.data_dir
    console.print(f"Look around: {running.addresses.ui_url}", markup=False)
    console.print(
        f"In another terminal: CROSSDOCK_DATA_DIR={folder} crossdock orders list", markup=False, soft_wrap=True
    )
    console.print("Ctrl-C ends the demo.")
    try:
        running.stack.watch()
    except KeyboardInterrupt:
        return
