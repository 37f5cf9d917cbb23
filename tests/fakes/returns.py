"""Returns in memory."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from domain.errors import Conflict, NotFound, Refused
from domain.fulfillment import Stage
from domain.messages import RETURN_ADVANCED, RETURN_WORKFLOW, ReturnAdvanced, ReturnStart, return_workflow_id
from domain.ports.stores.returns import ReturnRequest
from domain.returns import RETURN_NEXT, Disposition, Return, ReturnLine, ReturnState, return_id
from domain.values import Model
from tests.fakes.inbox import FakeInboxStore
from tests.fakes.order import FakeOrderStore
from tests.fakes.outbox import FakeOutboxStore
from tests.fakes.state import State

_GAVE_UP = {ReturnState.DECLINED, ReturnState.EXPIRED}
_OPEN = {state for state, after in RETURN_NEXT.items() if after}


class FakeReturnStore:
    """Returns and their lines."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._orders = FakeOrderStore(state)
        self._inbox = FakeInboxStore(state)
        self._outbox = FakeOutboxStore(state)

    async def open(self, request: ReturnRequest, now: datetime) -> Return:
        """Open a return with the outbox row that starts its workflow; the time is not read back."""
        del now
        order = await self._orders.load(request.order_id)
        if request.key in self._state.return_keys:
            return await self.load(self._state.return_keys[request.key])
        opened = self._opened(request)
        for line in opened.lines:
            if line.quantity > self._returnable(request, line.line_id):
                raise Refused("not-returnable", f"line {line.line_id}: more units than can come back")
        self._state.returns[opened.return_id] = opened
        self._state.return_keys[request.key] = opened.return_id
        start = ReturnStart(order_id=request.order_id, return_id=opened.return_id, account=order.account)
        await self._tell(opened, "", start)
        return opened

    async def load(self, return_id: str) -> Return:
        """Load one."""
        if return_id not in self._state.returns:
            raise NotFound("no-return", f"no return {return_id}")
        kept = self._state.returns[return_id]
        found = self._state.inspections.get(return_id, {})
        return kept.model_copy(update={"lines": tuple(_judged(line, found) for line in kept.lines)})

    async def by_tracking(self, tracking_number: str, *, closed: bool = False) -> Return | None:
        """Return the open return under this tracking number, or with `closed` the one that has ended."""
        known = self._state.return_tracking.get(tracking_number)
        if closed:
            ended = await self.load(known) if known else None
            return ended if ended and ended.state not in _OPEN else None
        orders = {
            self._state.fulfillments[parcel.fulfillment_id].order_id
            for parcel in self._state.parcels.values()
            if parcel.tracking_number == tracking_number
        }
        for candidate in self._state.returns.values():
            if candidate.state in _OPEN and (candidate.return_id == known or candidate.order_id in orders):
                return await self.load(candidate.return_id)
        return None

    async def keep_tracking(self, return_id: str, tracking_number: str) -> None:
        """Keep the tracking number under which goods come back."""
        await self.load(return_id)
        self._state.return_tracking[tracking_number] = return_id

    async def advance(
        self, return_id: str, to: ReturnState, now: datetime, *, tells: bool = False, inbox_id: int | None = None
    ) -> Return | None:
        """Advance along RETURN_NEXT; None when it lost."""
        before = self._state.returns.get(return_id)
        if before is None or to not in RETURN_NEXT[before.state]:
            return None
        after = before.model_copy(update={"state": to})
        self._state.returns[return_id] = after
        if inbox_id is not None:
            await self._inbox.finish(inbox_id, after.order_id, now)
        if tells:
            await self._tell(after, RETURN_ADVANCED, ReturnAdvanced(state=to.value))
        return await self.load(return_id)

    async def inspect(self, return_id: str, found: Mapping[str, Mapping[Disposition, int]]) -> None:
        """Keep what became of the units. Units not named are MISSING."""
        lines = (await self.load(return_id)).lines
        kept: dict[str, dict[Disposition, int]] = {}
        for line in lines:
            units = {disposition: count for disposition, count in found.get(line.line_id, {}).items() if count}
            missing = line.quantity - sum(units.values())
            if missing < 0:
                raise Conflict("more-than-returned", f"line {line.line_id}: only {line.quantity} were to come back")
            if missing:
                units[Disposition.MISSING] = units.get(Disposition.MISSING, 0) + missing
            kept[line.line_id] = units
        self._state.inspections[return_id] = kept

    async def inspected(self, return_id: str) -> Mapping[str, Mapping[Disposition, int]]:
        """Return what `inspect` kept."""
        return self._state.inspections.get(return_id, {})

    def _opened(self, request: ReturnRequest) -> Return:
        """Return the new return, its lines summed per order line."""
        lines: dict[str, ReturnLine] = {}
        for line in request.lines:
            before = lines.get(line.line_id)
            units = line.quantity + (before.quantity if before else 0)
            lines[line.line_id] = (before or line).model_copy(update={"quantity": units})
        return Return(
            return_id=return_id(request.order_id, len(self._of_order(request.order_id)) + 1),
            order_id=request.order_id,
            course=request.course,
            state=ReturnState.AUTHORISED if request.course == "sent-back" else ReturnState.REQUESTED,
            lines=tuple(lines.values()),
            location=request.location,
            request_id=request.request_id,
            reason="" if self._state.is_erased(request.order_id) else request.reason,
        )

    async def _tell(self, about: Return, signal: str, payload: Model) -> None:
        workflow_id = return_workflow_id(about.order_id, about.return_id)
        await self._outbox.write(RETURN_WORKFLOW, workflow_id, signal, payload)

    def _of_order(self, order_id: str) -> list[Return]:
        return [known for known in self._state.returns.values() if known.order_id == order_id]

    def _returnable(self, request: ReturnRequest, line_id: str) -> int:
        """Return the units that arrived by the course's own way and were not asked back on it yet."""
        sent_back = request.course == "sent-back"
        stages = {Stage.SENT_BACK} if sent_back else {Stage.DELIVERED, Stage.COLLECTED}
        arrived = sum(
            line.quantity
            for part in self._state.fulfillments.values()
            if part.order_id == request.order_id and part.stage in stages
            for line in part.lines
            if line.line_id == line_id
        )
        asked = sum(
            line.quantity
            for known in self._of_order(request.order_id)
            if known.state not in _GAVE_UP and (known.course == "sent-back") is sent_back
            for line in known.lines
            if line.line_id == line_id
        )
        return arrived - asked


def _judged(line: ReturnLine, found: Mapping[str, Mapping[Disposition, int]]) -> ReturnLine:
    """Show the disposition of a line whose units all fared alike."""
    kinds = list(found.get(line.line_id, {}))
    return line.model_copy(update={"disposition": kinds[0] if len(kinds) == 1 else None})
