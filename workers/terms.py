"""The terms of a channel: what only its adapter can say of carriers and labels, kept where planning reads it."""

from __future__ import annotations

from activities.context import Context
from domain.errors import CrossdockError, Refused
from domain.ports.marketplace import Marketplace
from domain.ports.stores import Transaction
from domain.ports.stores.catalog import Channel
from domain.waits import SOURCING_POLICY
from workers.parties import NO_LABELS


def with_terms(channel: Channel, marketplace: Marketplace) -> Channel:
    """Return the channel with what its adapter says, by the settings that it was made of."""
    capability = marketplace.capability
    return channel.model_copy(update={"carriers": capability.carriers, "sells_labels": capability.sells_labels})


async def keep_channel(tx: Transaction, channel: Channel, context: Context) -> None:
    """Save a channel; where its terms have changed, orders that no place could serve look again."""
    await tx.waits.lock_causes({SOURCING_POLICY})
    known = {one.account: one for one in await tx.catalog.channels()}
    await _save(tx, known.get(channel.account), channel, context)


async def note_terms(context: Context) -> None:
    """Ask every adapter for the terms of its channel, as a new release or another setting may have changed them.

    What cannot be asked keeps its terms; whoever needs it is told why.

    Raises:
        Refused: labels are to be bought from a channel that has none to sell.
    """
    async with context.record.begin() as tx:
        channels = await tx.catalog.channels()
    for channel in channels:
        try:
            wanted = with_terms(channel, await context.parties.marketplace(channel.account))
        except CrossdockError as error:
            if isinstance(error, Refused) and error.code == NO_LABELS:
                raise
            continue
        if wanted != channel:
            await _note(channel, wanted, context)


async def _note(asked: Channel, wanted: Channel, context: Context) -> None:
    async with context.record.begin() as tx:
        await tx.waits.lock_causes({SOURCING_POLICY})
        known = await tx.catalog.channel(asked.account)
        if known.settings == asked.settings:  # others would have been asked for others' terms
            await _save(tx, known, wanted, context)


async def _save(tx: Transaction, before: Channel | None, channel: Channel, context: Context) -> None:
    terms = (channel.carriers, channel.sells_labels)
    if before is not None and (before.carriers, before.sells_labels) != terms:
        await tx.waits.clear(SOURCING_POLICY, context.now())
    await tx.catalog.save_channel(channel)
