"""Promises at risk and dates that have come, in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import datetime

from domain.lateness import NO_LABEL, UNKEPT, AtRisk, Deed, Expedite, Remedy, RiskMark, risk_of
from domain.order import OrderState
from domain.ports.stores.order import KeptOrder
from domain.promise import Promise, tightest
from domain.waits import date_cause
from tests.fakes.order import FakeOrderStore
from tests.fakes.state import State


class FakePromiseStore:
    """What is at risk follows from orders and their parts; only deeds are rows of their own."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._orders = FakeOrderStore(state)

    async def at_risk(self, now: datetime, after: RiskMark | None, limit: int) -> tuple[AtRisk, ...]:
        """Return what was at risk at a moment, longest first, behind a mark."""
        risks = [risk for risk in [*self._parts(), *[one async for one in self._waiting()]] if risk.since <= now]
        risks.sort(key=_place)
        behind = [risk for risk in risks if after is None or _place(risk) > (after.since, after.subject)]
        return tuple(self._whole(risk) for risk in behind[:limit])

    async def keep_deed(self, order_id: str, subject: str, deed: Deed) -> bool:
        """Keep that a remedy was used; whom of the order it was for is not read back."""
        del subject
        if (order_id, deed.remedy) in self._state.deeds:
            return False
        self._state.deeds[order_id, deed.remedy] = deed
        return True

    async def mark_told(self, order_id: str) -> None:
        """Keep that the notifier has had the word to this order's buyer."""
        deed = self._state.deeds.get((order_id, Remedy.WORD))
        if deed:
            self._state.deeds[order_id, Remedy.WORD] = deed.model_copy(update={"told": True})

    async def expedite(self, wish: Expedite) -> bool:
        """Choose a faster speed, unless its label is begun."""
        part = self._state.fulfillments.get(wish.fulfillment_id)
        if part is None or part.stage not in NO_LABEL:
            return False
        self._state.fulfillments[part.fulfillment_id] = part.model_copy(update=dict(wish))
        return True

    async def dates_come(self, now: datetime, limit: int) -> tuple[str, ...]:
        """Return causes that are dates which have come, the earliest first."""
        cleared = {event.cause for event in self._state.events.values()}
        causes = {cause for _, _, cause in self._state.waits if cause.startswith("date:")} - cleared
        return tuple(sorted(cause for cause in causes if cause <= date_cause(now))[:limit])

    def _parts(self) -> Iterator[AtRisk]:
        for part in self._state.fulfillments.values():
            if part.at_risk_from and part.stage in UNKEPT:
                yield risk_of(part, part.at_risk_from, self._state.orders[part.order_id].country)

    async def _waiting(self) -> AsyncIterator[AtRisk]:
        for order_id in self._state.orders:
            order = await self._orders.load(order_id)
            if order.state is OrderState.OPEN and order.waiting and order.at_risk_from:
                yield _unplanned(order, order.at_risk_from)

    def _whole(self, risk: AtRisk) -> AtRisk:
        scopes = {"" if risk.stage is None else risk.subject, f"{risk.subject}/step"}
        causes = {
            wait.cause for wait in self._state.waits.values() if wait.order_id == risk.order_id and wait.scope in scopes
        }
        deeds = [deed for (order_id, _), deed in self._state.deeds.items() if order_id == risk.order_id]
        found = {"waits_for": tuple(sorted(causes)), "deeds": tuple(sorted(deeds, key=lambda deed: deed.at))}
        return risk.model_copy(update=found)


def _place(risk: AtRisk) -> tuple[datetime, str]:
    return risk.since, risk.subject


def _unplanned(order: KeptOrder, since: datetime) -> AtRisk:
    wanted = tightest(Promise.of(line, order) for line in order.lines if line.open > 0)
    return AtRisk(
        order_id=order.order_id,
        subject=order.order_id,
        stage=None,
        delivery=order.delivery,
        needs_hand=True,
        location="",
        carrier="",
        speed="",
        zone=order.country,
        ship_by=wanted.ship_by,
        deliver_by=wanted.deliver_by,
        expected_hand_over=None,
        expected_arrival=None,
        since=since,
    )
