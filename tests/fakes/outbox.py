"""The outbox in memory."""

from __future__ import annotations

from domain.errors import NotFound
from domain.messages import ORDER_WORKFLOW, OrderStart, order_workflow_id
from domain.ports.stores.outbox import Telling
from domain.values import Model
from tests.fakes.state import State


class FakeOutboxStore:
    """Rows that wait for the relay."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def tell(self, telling: Telling) -> None:
        """Write a row."""
        number = self._state.next("outbox")
        self._state.outbox[number] = telling.model_copy(update={"outbox_id": number})

    async def start_order(self, order_id: str) -> None:
        """Write the row that starts an order's workflow."""
        if order_id not in self._state.orders:
            raise NotFound("no-order", f"no order {order_id}")
        order = self._state.orders[order_id]
        start = OrderStart(order_id=order_id, account=order.account, number=order.number, priority=order.priority)
        await self.write(ORDER_WORKFLOW, order_workflow_id(order_id), "", start)

    async def write(self, workflow: str, workflow_id: str, signal: str, payload: Model) -> None:
        """Write a row from its one input."""
        body = payload.model_dump_json()
        await self.tell(Telling(workflow=workflow, workflow_id=workflow_id, signal=signal, payload=body))

    async def take(self, limit: int) -> tuple[Telling, ...]:
        """Take up to `limit` rows out, oldest first."""
        return tuple(self._state.outbox.pop(number) for number in sorted(self._state.outbox)[:limit])

    async def bury(self, dead: tuple[Telling, ...]) -> None:
        """Keep rows whose workflow does not exist."""
        for telling in dead:
            self._state.dead[telling.outbox_id] = telling
