"""`crossdock worker`: the process that moves orders."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress

import typer

from workers.cli import command

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)

app = typer.Typer()


@command.add(app, "worker", "CROSSDOCK_DATABASE_URL=postgresql://… crossdock worker")
async def worker() -> None:
    """Run workflows, steps and loops until SIGTERM or Ctrl-C; what has begun is ended first.

    Any number of workers may run; each takes what is free.
    """
    from infra.logs import configure_logging
    from infra.telemetry import configure_telemetry

    configure_logging()
    end_telemetry = configure_telemetry("worker")
    try:
        await _work()
    finally:
        end_telemetry()


async def _work() -> None:
    from workers.cli.parts import connect_temporal, opened_house
    from workers.schedules import ensure_common_schedules, ensure_mailbox_schedules, keep_schedules
    from workers.terms import note_terms
    from workers.wiring import read_parties
    from workers.worker import run_worker

    async with opened_house() as house:
        client = await connect_temporal(house.settings)
        await ensure_common_schedules(client, house.context.policy)
        await note_terms(house.context)
        parties, window = read_parties(house.settings), house.settings.waking_window
        await ensure_mailbox_schedules(client, house.context.parties, parties.locations, house.context.policy)
        work = asyncio.create_task(run_worker(client, house.context, parties, house.url, window=window))
        plans = asyncio.create_task(keep_schedules(client, house.context.record, house.context.policy))
        for number in STOP_SIGNALS:
            asyncio.get_running_loop().add_signal_handler(number, work.cancel)
        with suppress(asyncio.CancelledError):
            await work
        plans.cancel()
