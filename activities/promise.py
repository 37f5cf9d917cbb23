"""Promises are watched: what is at risk is mended by policy, and dates that have come clear their causes."""

from __future__ import annotations

from temporalio import activity

from activities.context import Context
from activities.remedy import mend
from activities.steps import MessageRequest, WatchPage, WatchRequest
from domain.lateness import AtRisk, Deed, Remedy
from domain.ports.notifier import MessageKind

PAGE = 50
"""Promises looked at in one step."""

_DATES = 100


class PromiseActivities:
    """Steps of the watch, each safe to repeat."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @activity.defn(name="clear_dates")
    async def clear_dates(self) -> int:
        """Clear the dates that have come while anybody waits for them; return how many there were."""
        now, cleared = self._context.now(), 0
        while True:
            async with self._context.record.begin() as tx:
                causes = await tx.promises.dates_come(now, _DATES)
            for cause in causes:
                async with self._context.record.begin() as tx:
                    await tx.waits.clear(cause, now)
            cleared += len(causes)
            if len(causes) < _DATES:
                return cleared

    @activity.defn(name="watch_promises")
    async def watch(self, request: WatchRequest) -> WatchPage:
        """Mend what of one page is at risk; return the words that buyers are owed, and where the next page begins."""
        async with self._context.record.begin() as tx:
            for order_id in request.told:
                await tx.promises.mark_told(order_id)
            risks = await tx.promises.at_risk(self._context.now(), request.after, PAGE)
            places = {place.code: place for place in await tx.catalog.locations()} if risks else {}
        owed: list[MessageRequest] = []
        mended = 0
        for risk in risks:
            deed = await mend(self._context, risk, places)
            mended += deed is not None
            owed += _owed(risk, deed)
        after = risks[-1].mark if len(risks) == PAGE else None
        return WatchPage(after=after, owed=tuple(owed), mended=mended)


def _owed(risk: AtRisk, fresh: Deed | None) -> list[MessageRequest]:
    """Return the word that is owed: one that was just decided, or one that was not told then."""
    word = fresh if fresh is not None and fresh.remedy is Remedy.WORD else risk.deed(Remedy.WORD)
    if word is None or word.told:
        return []
    return [
        MessageRequest(order_id=risk.order_id, kind=MessageKind.DELAYED, subject=risk.order_id, expected=word.detail)
    ]
