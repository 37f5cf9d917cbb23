"""Pulling orders from a channel: pages are stored raw, taken in one by one, and only then the watermark moves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from temporalio import activity

from activities.collecting import collect_letters
from activities.context import Context, beat
from activities.intake import take_pages
from activities.outage import skips
from activities.steps import PullResult
from domain.messages import PullStart
from domain.ports.marketplace import PullRule
from domain.ports.stores.catalog import Channel

_INSTANT = timedelta(seconds=1)
_SCHEDULES = timedelta(seconds=2)
"""How unevenly a schedule starts its runs: one that comes this much early must not wait for another turn."""

FIRST_LOOK_BACK = timedelta(days=30)
"""How far the first pull of a channel looks back."""


class PullActivities:
    """Pulls."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @activity.defn(name="pull_orders")
    @skips(PullResult(out=True))
    async def pull(self, start: PullStart) -> PullResult:
        """Pull everything placed or changed since the watermark, with the overlap the channel needs.

        Hints that lie in its mailbox are taken first; they may come far more often than it may be listed.
        """
        async with self._context.record.begin() as tx:
            channel = await tx.catalog.channel(start.account)
        if channel.paused:
            return PullResult(paused=True)
        marketplace = await self._context.parties.marketplace(start.account)
        if marketplace.capability.mailbox:
            await collect_letters(self._context, start.account, marketplace)
        began, rule = self._context.now(), marketplace.capability.pull
        if not start.since and _is_too_soon(channel.listed_at, began, rule):
            return PullResult(too_soon=True)
        since = _since(start, channel.watermark, began, rule)
        seen = fresh = 0
        async for page, news in take_pages(self._context, start.account, marketplace, since):
            seen += len(page.orders)
            fresh += news
            beat(seen)
            await self._advance(channel, page.watermark if page.next_cursor is None else page.reached)
        if rule.every:
            # Only now: what was broken off is listed again at once.
            async with self._context.record.begin() as tx:
                await tx.catalog.note_listed(start.account, began)
        return PullResult(seen=seen, fresh=fresh)

    async def _advance(self, channel: Channel, listed_to: datetime | None) -> None:
        if listed_to is not None and (channel.watermark is None or listed_to > channel.watermark):
            async with self._context.record.begin() as tx:
                await tx.catalog.advance_watermark(channel.account, listed_to)


def _is_too_soon(listed_at: datetime | None, now: datetime, rule: PullRule) -> bool:
    return listed_at is not None and now - listed_at < rule.every - _SCHEDULES


def _since(start: PullStart, watermark: datetime | None, now: datetime, rule: PullRule) -> datetime:
    """Return from when the channel is listed: never earlier than it reaches, and with the first moment itself."""
    if start.since:
        since = datetime.fromisoformat(start.since).astimezone(UTC)
    else:
        since = (watermark or now - FIRST_LOOK_BACK) - rule.overlap
    since = rule.within_reach(since, now)
    return since if rule.includes_since else since - _INSTANT
