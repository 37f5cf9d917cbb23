"""A driver ordered by hand: written down first, then ordered by the workflow that goes on without whoever asked."""

from __future__ import annotations

import asyncio
from datetime import datetime

from temporalio.client import Client

from activities.collection import plan_collection
from domain.collection import Collection, CollectionState
from domain.messages import Verb
from domain.ports.stores.collection import start_of
from workers.cli.parts import connect_temporal, opened_house
from workers.engine import TemporalEngine

WITHIN = 20.0
"""Seconds that a person waits for the carrier's answer; the workflow waits for as long as it takes."""


async def order_driver(
    location: str, carrier: str, window: tuple[datetime, datetime] | None, verb: Verb
) -> tuple[tuple[Collection, ...], bool]:
    """Order a driver; return the collections that now stand for what waits there, and whether one of them is new.

    Raises:
        NotFound: no such location or carrier, or nothing waits there.
        Refused: the carrier sends no drivers, or the window cannot be used.
    """
    async with opened_house() as house:
        client = await connect_temporal(house.settings)
        planned = await plan_collection(house.context, location, carrier, window, verb)
        for one in planned.collections:
            if one.state is CollectionState.ORDERING:
                await _follow(client, one)
        async with house.context.record.begin() as tx:
            now = [await tx.collections.load(one.collection_id) for one in planned.collections]
    return tuple(now), planned.fresh


async def _follow(client: Client, collection: Collection) -> None:
    """Start the workflow, as the relay does too, and wait for it a while."""
    telling = start_of(collection)
    await TemporalEngine(client).start(telling)
    try:
        async with asyncio.timeout(WITHIN):
            await client.get_workflow_handle(telling.workflow_id).result()
    except TimeoutError:
        return
