"""What one watches: the paths of the demo as they fill, what waits and why, and what the operator did."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable
from datetime import datetime

from rich.console import Console, Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from domain.fulfillment import Stage
from domain.order import OrderState
from domain.waits import advise
from workers.demo.director import Scene
from workers.demo.paths import PATHS, path_of
from workers.demo.snapshot import Snapshot, WaitRow

_WAITS_SHOWN = 8
_SENTENCES_SHOWN = 6
_BAR_WIDTH = 24


class Board:
    """The picture of a running demo, drawn anew at each look; `links` are shown on top of it."""

    def __init__(self, console: Console, title: str, links: Iterable[str]) -> None:
        self.console, self._title, self._links = console, title, tuple(links)
        self._sentences: deque[str] = deque(maxlen=_SENTENCES_SHOWN)

    def say(self, sentence: str) -> None:
        """Show what the operator did."""
        self._sentences.append(sentence)
        self.tell(f"operator: {sentence}")

    def tell(self, line: str) -> None:
        """Print a line where there is no picture to look at."""
        if not self.console.is_terminal:
            self.console.print(line, markup=False, highlight=False, soft_wrap=True)

    def draw(self, scene: Scene, snapshot: Snapshot, now: datetime) -> RenderableType:
        """Return the picture of this moment."""
        head = [Text(self._title, style="bold"), *(Text(link) for link in self._links)]
        stages = " · ".join(f"{stage} {snapshot.stages[stage]}" for stage in Stage if stage in snapshot.stages)
        said = [Text(f"  {sentence}") for sentence in self._sentences]
        return Group(
            *head,
            paths_table(scene, snapshot),
            Text(f"fulfillment orders: {stages or 'none yet'}", style="dim"),
            waits_table(snapshot, now),
            Text("the operator", style="bold"),
            *(said or [Text("  watches", style="dim")]),
        )


def paths_table(scene: Scene, snapshot: Snapshot) -> Table:
    """Show for each path how many of its orders were placed, are under way, wait for a person, and are at rest."""
    states = {row.channel_order_id: row.state for row in snapshot.orders}
    stuck = {wait.channel_order_id for wait in _needing_person(snapshot)} | {row.subject for row in snapshot.set_aside}
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for order in scene.orders:
        state = states.get(order.order_id, OrderState.OPEN)
        column = "rest" if state is not OrderState.OPEN else "stuck" if order.order_id in stuck else "moves"
        counts[path_of(order.script)].update(("placed", column))
    table = Table("path", "placed", "moving", "stuck", "at rest", "", title=None, expand=False)
    for path in PATHS:
        if seen := counts.get(path):
            bar = ProgressBar(total=seen["placed"], completed=seen["rest"], width=_BAR_WIDTH)
            table.add_row(path, *(str(seen[name] or "") for name in ("placed", "moves", "stuck", "rest")), bar)
    return table


def waits_table(snapshot: Snapshot, now: datetime) -> Table:
    """Show what waits for a person, longest first: since when, for what, who can clear it and with which command."""
    table = Table("order", "since", "waits for", "cleared by", "command", title="waits for a person")
    for wait in _needing_person(snapshot)[:_WAITS_SHOWN]:
        advice = advise(wait.order_id, wait.cause)
        table.add_row(wait.order_id, _ago(wait.since, now), advice.waits_for, advice.cleared_by, advice.command)
    for row in snapshot.set_aside[:_WAITS_SHOWN]:
        who = "the channel, then it is read again"
        name = f"{row.party}/{row.subject}"
        table.add_row(
            name, _ago(row.stored_at, now), f"a message that can be read ({row.code})", who, "crossdock stuck"
        )
    return table


def _needing_person(snapshot: Snapshot) -> list[WaitRow]:
    return [wait for wait in snapshot.waits if advise(wait.order_id, wait.cause).needs_person]


def _ago(then: datetime, now: datetime) -> str:
    return f"{max(0, round((now - then).total_seconds()))} s"
