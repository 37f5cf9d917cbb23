"""`crossdock stuck`: what stands still until somebody acts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from workers.cli import command, output
from workers.cli.errors import ExitCode
from workers.cli.options import AsJson

if TYPE_CHECKING:
    from infra.database.invariants import Violation
    from infra.database.reports.collections import StuckCollection
    from infra.database.reports.inbox import InboxSummary
    from infra.database.reports.stuck import StuckWait, Untold
    from workers.wiring import House

SILENT_AFTER = timedelta(minutes=10)
"""A party that has not answered for so long needs somebody to look."""

_STANDS_STILL = "inv_order_stands_still"
_WORDS = {
    "sku": "a SKU", "stock": "goods", "hold": "the end of a hold", "address": "another address",
    "adapter": "a party that does not answer", "outage": "a party that is out", "effect": "a decision about an effect",
    "delivery": "a parcel that is overdue", "conflict": "somebody to settle a conflict",
}  # fmt: skip

app = typer.Typer()

Fail = Annotated[bool, typer.Option("--fail", help="End with exit code 3 when anything is stuck.")]


@dataclass(frozen=True)
class Stuck:
    """Everything that stands still; `dated` goes on by itself, and is not stuck."""

    waits: list[StuckWait]
    quarantined: list[InboxSummary]
    early: list[InboxSummary]
    untold: list[Untold]
    drivers: list[StuckCollection]
    broken: list[Violation]
    dated: list[StuckWait]

    def __bool__(self) -> bool:
        return any((self.waits, self.quarantined, self.early, self.untold, self.drivers, self.broken))

    @property
    def still(self) -> list[Violation]:
        """Orders without progress."""
        return [one for one in self.broken if one.view == _STANDS_STILL]

    @property
    def violations(self) -> list[Violation]:
        """Laws that do not hold."""
        return [one for one in self.broken if one.view != _STANDS_STILL]


@command.add(app, "stuck", "crossdock stuck --fail")
async def stuck(fail: Fail = False, as_json: AsJson = False) -> None:
    """Show everything that waits for a person, oldest first, with who can clear it and which command does.

    Waits, messages in quarantine or that cannot be applied yet, wake-ups that reached nobody, drivers that do not come,
    broken invariants, orders without progress. What waits for a date only is shown too, and is not stuck.
    """
    from workers.cli.parts import opened_house

    async with opened_house() as house:
        found = await _find(house)
    if as_json:
        _show_json(found)
    else:
        _show_tables(found)
        _show_dated(found.dated)
    if fail and found:
        raise typer.Exit(ExitCode.STUCK)


async def _find(house: House) -> Stuck:
    from infra.database.invariants import violations
    from infra.database.reports.collections import list_stuck_collections
    from infra.database.reports.inbox import list_early, list_quarantined
    from infra.database.reports.reading import reading
    from infra.database.reports.stuck import list_dated_waits, list_stuck_waits, list_untold
    from workers.cli.parts import open_cipher

    now = house.context.now()
    silent, cipher = now - SILENT_AFTER, open_cipher(house.settings)
    async with reading(house.engine) as connection:
        return Stuck(
            waits=await list_stuck_waits(connection, silent, now - house.context.policy.delivery_watch_after),
            quarantined=await list_quarantined(connection, cipher),
            early=await list_early(connection, cipher, silent),
            untold=await list_untold(connection),
            drivers=await list_stuck_collections(connection, silent),
            broken=await violations(house.engine),
            dated=await list_dated_waits(connection),
        )


def _show_json(found: Stuck) -> None:
    from domain.waits import advise

    told = [
        wait.model_dump(mode="json") | advise(wait.order_id, wait.cause, wait.expected_at).model_dump()
        for wait in found.waits
    ]
    output.show_json(
        waits=told,
        quarantined=found.quarantined,
        early=found.early,
        untold=found.untold,
        standing_still=[one.row for one in found.still],
        violations=found.violations,
        dated=found.dated,
        collections=[one.model_dump(mode="json") | {"command": one.command} for one in found.drivers],
    )


def _show_tables(found: Stuck) -> None:
    if not found:
        output.say("nothing is stuck")
    _show_waits(found.waits)
    _show_drivers(found.drivers)
    _show_messages(found)
    output.show_table(
        ("Order", "Workflow", "Wake-up", "Written"),
        ((one.order_id, one.workflow_id, one.signal or "start", one.written_at) for one in found.untold),
        title=f"Wake-ups that found no workflow ({len(found.untold)}): reconciliation adopts the order within minutes",
    )
    output.show_table(
        ("Order", "Moved last"),
        ((one.row["order_id"], one.row["progress_at"]) for one in found.still),
        title=f"Orders that stand still and wait for nothing ({len(found.still)}): "
        "crossdock orders history ORDER --temporal",
    )
    laws = found.violations
    output.show_table(
        ("Invariant", "Row"),
        ((one.view, ", ".join(f"{name}={value}" for name, value in one.row.items())) for one in laws),
        title=f"Broken invariants ({len(laws)}): a defect of Crossdock, report it",
    )


def _show_messages(found: Stuck) -> None:
    headings = ("Message", "From", "About", "Came", "Why", "Then")
    output.show_table(
        headings,
        (
            (one.inbox_id, one.party, one.subject, one.stored_at, one.reason or one.code,
             f"crossdock inbox replay {one.inbox_id}")
            for one in found.quarantined
        ),
        title=f"Messages in quarantine ({len(found.quarantined)}): fix the cause, then replay",
    )  # fmt: skip
    output.show_table(
        headings,
        (
            (one.inbox_id, one.party, one.subject, one.stored_at, one.code or "no worker has read it yet",
             f"crossdock inbox show {one.inbox_id}")
            for one in found.early
        ),
        title=f"Messages that cannot be applied yet ({len(found.early)}): they are tried again by themselves",
    )  # fmt: skip


def _show_drivers(drivers: list[StuckCollection]) -> None:
    output.show_table(
        ("Collection", "Parcels", "Asked for", "State", "Why", "Then"),
        ((one.collection_id, one.parcels, one.planned_at, one.state, one.code, one.command) for one in drivers),
        title=f"Drivers that do not come ({len(drivers)})",
    )


def _show_dated(dated: list[StuckWait]) -> None:
    output.show_table(
        ("Order", "Expected"),
        ((one.order_id, one.expected_at) for one in dated),
        title=f"Orders that wait for a date, and go on by themselves ({len(dated)}): crossdock orders show ORDER",
    )


def _show_waits(waits: list[StuckWait]) -> None:
    from domain.waits import advise
    from workers.wiring import utc_now

    now = utc_now()
    groups: dict[str, list[StuckWait]] = {}
    for wait in waits:
        groups.setdefault(wait.cause.partition(":")[0], []).append(wait)
    for kind, group in groups.items():
        advices = [advise(wait.order_id, wait.cause, wait.expected_at) for wait in group]
        output.show_table(
            ("Order", "Since", "Waits for", "Why", "Cleared by", "Command"),
            (
                (wait.order_id, output.age(wait.since, now), advice.waits_for, wait.code, advice.cleared_by,
                 advice.command)
                for wait, advice in zip(group, advices, strict=True)
            ),
            title=f"Waiting for {_WORDS.get(kind, kind)} ({len(group)})",
        )  # fmt: skip
