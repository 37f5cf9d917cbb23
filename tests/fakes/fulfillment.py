"""Fulfillment orders in memory."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from domain.decision import Decision
from domain.errors import Conflict, NotFound
from domain.fulfillment import TERMINAL, Fulfillment, Stage, left, may_follow
from domain.messages import ADVANCED, ORDER_WORKFLOW, Advanced, order_workflow_id
from domain.ports.stores.fulfillment import Move
from domain.ports.stores.order import KeptLine, Refusal
from tests.fakes.inbox import FakeInboxStore
from tests.fakes.outbox import FakeOutboxStore
from tests.fakes.state import State
from tests.fakes.wait import FakeWaitStore


class FakeFulfillmentStore:
    """Fulfillment orders and their lines."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._waits = FakeWaitStore(state)
        self._inbox = FakeInboxStore(state)
        self._outbox = FakeOutboxStore(state)

    async def add(
        self, parts: tuple[Fulfillment, ...], reasons: tuple[str, ...], now: datetime, decision: Decision | None = None
    ) -> None:
        """Add planned fulfillment orders; reasons are not read back."""
        del reasons
        if decision is not None:
            self._state.decisions[decision.order_id, decision.number] = decision
        self._state.fulfillments.update({part.fulfillment_id: self._with_components(part) for part in parts})
        self._state.planned_at.update({part.fulfillment_id: now for part in parts})

    def _with_components(self, part: Fulfillment) -> Fulfillment:
        """Return the part with what its lines hold as the order's lines had it frozen."""
        frozen = {line.line_id: line.components for line in self._state.orders[part.order_id].lines}
        lines = tuple(line.model_copy(update={"components": frozen.get(line.line_id, ())}) for line in part.lines)
        return part.model_copy(update={"lines": lines})

    async def load(self, fulfillment_id: str) -> Fulfillment:
        """Load one."""
        if fulfillment_id not in self._state.fulfillments:
            raise NotFound("no-fulfillment", f"no fulfillment order {fulfillment_id}")
        return self._state.fulfillments[fulfillment_id]

    async def advance(self, move: Move) -> Fulfillment | None:
        """Advance when the row is still where the move expects it."""
        before = self._state.fulfillments.get(move.fulfillment_id)
        if before is None or before.stage not in move.before:
            return None
        if move.unless_held and self._state.orders[before.order_id].holds:
            return None
        if move.to is not before.stage and not may_follow(before.stage, move.to):
            raise Conflict("no-such-edge", f"{before.fulfillment_id} may not go from {before.stage} to {move.to}")
        after = before.model_copy(
            update={"stage": move.to, "labels_itself": before.labels_itself or move.labels_itself}
        )
        if move.to in TERMINAL:
            self._state.ended_at[after.fulfillment_id] = move.at
        if move.to is Stage.HANDED_OVER:
            after = left(after, move.at)
        self._state.fulfillments[after.fulfillment_id] = after
        await self._follow(move, after)
        return after

    async def mark_cancelling(self, fulfillment_id: str, quantities: Mapping[str, int]) -> None:
        """Keep how many units per line end as cancelled, never fewer than before."""
        await self._change_lines(
            fulfillment_id, {line: {"cancelling": units} for line, units in quantities.items()}, at_least=True
        )

    async def reject_lines(
        self, fulfillment_id: str, quantities: Mapping[str, int], reason: str, refusal: Refusal
    ) -> None:
        """Take rejected units off its lines; the reason is not read back."""
        del reason
        part = await self.load(fulfillment_id)
        left = {line.line_id: max(line.quantity - quantities.get(line.line_id, 0), 0) for line in part.lines}
        await self._change_lines(fulfillment_id, {line: {"quantity": units} for line, units in left.items()})
        self._refuse(part, set(quantities), refusal)

    async def refuse_location(self, fulfillment_id: str, refusal: Refusal) -> None:
        """Remember that nothing of it is asked for at its location."""
        part = await self.load(fulfillment_id)
        self._refuse(part, {line.line_id for line in part.lines}, refusal)

    async def reopen(self, fulfillment_id: str) -> None:
        """Count the units of a lost fulfillment order as open again."""
        if (await self.load(fulfillment_id)).stage is not Stage.LOST:
            raise Conflict("not-lost", f"{fulfillment_id} was not lost")
        self._state.reopened[fulfillment_id] = True

    async def _follow(self, move: Move, part: Fulfillment) -> None:
        if move.clears:
            self._waits.end(part.order_id, part.fulfillment_id, move.clears)
        if move.waits_for:
            self._waits.add(part.order_id, part.fulfillment_id, move.waits_for, move.at)
        if move.inbox_id is not None:
            await self._inbox.finish(move.inbox_id, part.order_id, move.at)
        if move.tells:
            advanced = Advanced(fulfillment_id=part.fulfillment_id, stage=part.stage)
            await self._outbox.write(ORDER_WORKFLOW, order_workflow_id(part.order_id), ADVANCED, advanced)

    async def _change_lines(
        self, fulfillment_id: str, changes: Mapping[str, Mapping[str, int]], *, at_least: bool = False
    ) -> None:
        part = await self.load(fulfillment_id)
        lines = tuple(
            line.model_copy(
                update={
                    column: max(units, getattr(line, column)) if at_least else units
                    for column, units in changes.get(line.line_id, {}).items()
                }
            )
            for line in part.lines
        )
        self._state.fulfillments[fulfillment_id] = part.model_copy(update={"lines": lines})

    def _refuse(self, part: Fulfillment, line_ids: set[str], refusal: Refusal) -> None:
        order = self._state.orders[part.order_id]
        lines = tuple(
            line.model_copy(update={"refusals": {**line.refusals, part.location: _later(line, part.location, refusal)}})
            if line.line_id in line_ids
            else line
            for line in order.lines
        )
        self._state.orders[order.order_id] = order.model_copy(update={"lines": lines})


def _later(line: KeptLine, location: str, refusal: Refusal) -> Refusal:
    """Return how a location refuses a line after one refusal more: the last to end counts."""
    before = line.refusals.get(location, refusal)
    if before.until is None or refusal.until is None:
        return before if before.until is None else refusal
    return refusal if refusal.until >= before.until else before
