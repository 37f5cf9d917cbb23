"""`crossdock demo`: a mix of all paths through a stack of its own, while one watches."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workers.cli import output
from workers.cli.command import EXIT_CODES, explained, told_plainly
from workers.cli.errors import ExitCode, Problem, misused

if TYPE_CHECKING:
    from rich.console import Console

MOST_ORDERS = 20_000
_ORDERS = {"sandbox": 60, "vendure": 12}

app = typer.Typer()

Orders = Annotated[
    int | None, typer.Option("--orders", min=1, max=MOST_ORDERS, help="How many: 60, or 12 with --store vendure.")
]
Seed = Annotated[int, typer.Option("--seed", help="The same seed deals the same orders.")]
Exit = Annotated[bool, typer.Option("--exit", help="End when every order is at rest, instead of at Ctrl-C.")]
File = Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Keep the report there.")]
OfStore = Annotated[
    str, typer.Option("--store", help="sandbox, or vendure: a real shop from npm, which needs Node.js.")
]


def demo(
    orders: Orders = None, seed: Seed = 1, exits: Exit = False, file: File = None, store: OfStore = "sandbox"
) -> None:
    """Stream orders of every kind through a fresh stack, and watch them being shipped, stuck, freed and counted.

    Everything is kept in the folder demo of CROSSDOCK_DATA_DIR, which begins empty each time. Ends with exit code 0
    only if every order came to rest and nothing was violated.
    """
    with told_plainly(as_json=False):
        from infra.settings import load_settings
        from workers.demo.show import Wish, show

        if store not in _ORDERS:
            raise misused(f"--store {store}: expected one of {', '.join(_ORDERS)}")
        if file and not file.absolute().parent.is_dir():
            raise misused(f"--json {file}: there is no folder {file.absolute().parent}")
        try:
            wish = Wish(orders or _ORDERS[store], seed, exits, file, in_shop=store == "vendure")
            is_sound = show(load_settings(), wish, _console())
        except KeyboardInterrupt:
            raise Problem("stopped before every order was at rest", code="stopped") from None
    if not is_sound:
        raise typer.Exit(ExitCode.STUCK)


def _console() -> Console:
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else output.PIPED_WIDTH)


app.command("demo", help=explained(demo, "crossdock demo --orders 60 --exit --json report.json"), epilog=EXIT_CODES)(
    demo
)
