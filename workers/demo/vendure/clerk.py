"""The clerk: does to the orders of the real shop what people do, in Crossdock and behind its back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

from temporalio.client import Client

from domain.errors import CrossdockError
from domain.messages import CANCEL, Cancel, order_workflow_id
from domain.order import OrderState
from domain.ports.stores.returns import ReturnRequest
from domain.returns import Disposition, ReturnLine, ReturnState
from infra.vendure.hand import Administrator
from workers.cli.errors import Problem
from workers.cli.options import new_request
from workers.cli.updates import send_verb
from workers.demo.director import Scene
from workers.demo.snapshot import Snapshot
from workers.demo.vendure.floor import Purchase, ShopFloor
from workers.demo.vendure.stories import GOODS, MISSING
from workers.wiring import House

ACTOR = "demo"
COUNTER = "STORE-1"
_WATCHED_FOR = timedelta(seconds=4)

Act = Callable[[Purchase], Awaitable[str]]


class Clerk:
    """One person at two desks; `says` hears every sentence."""

    def __init__(
        self, house: House, client: Client, person: Administrator, floor: ShopFloor, says: Callable[[str], None]
    ) -> None:
        self._house, self._client, self._person, self._floor, self._says = house, client, person, floor, says
        self._acts: dict[str, tuple[Act, ...]] = {
            "one line cancelled": (self._cancel_line,),
            "cancelled": (self._cancel_all,),
            "refunded by hand, then cancelled": (self._refund_by_hand, self._cancel_all),
            "one of two given back": (self._open_return, self._receive_return),
        }
        self._done: dict[str, int] = {}

    async def look_after(self, scene: Scene, snapshot: Snapshot) -> None:
        """Do the next act of every story whose order is ready for it; what fails is tried again at the next look."""
        del scene
        for purchase in self._floor.purchases:
            acts = self._acts.get(purchase.story.name, ())
            step = self._done.get(purchase.order_id, 0)
            if step < len(acts) and self._is_ready(purchase, snapshot):
                try:
                    self._says(f"#{purchase.bought.code} {await acts[step](purchase)}")
                    self._done[purchase.order_id] = step + 1
                except (CrossdockError, Problem) as error:
                    self._says(f"#{purchase.bought.code} not yet: {error}")

    def _is_ready(self, purchase: Purchase, snapshot: Snapshot) -> bool:
        """Tell whether the goods were delivered, or have been missing for as long as somebody needs to notice."""
        states = {row.order_id: row.state for row in snapshot.orders}
        long_ago = self._house.context.now() - _WATCHED_FOR
        lacks = {wait.order_id for wait in snapshot.waits if wait.cause.startswith("stock:") and wait.since < long_ago}
        return purchase.order_id in lacks or states.get(purchase.order_id) is OrderState.DELIVERED

    async def _cancel_line(self, purchase: Purchase) -> str:
        return await self._cancel(purchase, {purchase.bought.line_of(MISSING): 1})

    async def _cancel_all(self, purchase: Purchase) -> str:
        return await self._cancel(purchase, {})

    async def _cancel(self, purchase: Purchase, quantities: dict[str, int]) -> str:
        verb = Cancel(actor=ACTOR, reason="it will not come", quantities=quantities)
        workflow_id = order_workflow_id(purchase.order_id)
        answer = await send_verb(self._client, workflow_id, CANCEL, verb, new_request())
        return f"cannot be had: cancelled in Crossdock ({answer.words})"

    async def _refund_by_hand(self, purchase: Purchase) -> str:
        await self._person.refund(purchase.bought.id, purchase.bought.total_with_tax)
        return "was refunded by hand in Vendure"

    async def _open_return(self, purchase: Purchase) -> str:
        (sku,) = purchase.story.basket
        line = ReturnLine(line_id=purchase.bought.line_of(sku), sku=GOODS[sku], quantity=1)
        request = ReturnRequest(
            order_id=purchase.order_id, key=f"demo:{purchase.order_id}", course="store", lines=(line,), location=COUNTER
        )
        async with self._house.context.record.begin() as tx:
            await tx.orders.load(purchase.order_id, lock=True)
            opened = await tx.returns.open(request, self._house.context.now())
        return f"wants to give one back: opened {opened.return_id}"

    async def _receive_return(self, purchase: Purchase) -> str:
        rma, now = f"{purchase.order_id}/R1", self._house.context.now()
        async with self._house.context.record.begin() as tx:
            back = await tx.returns.load(rma)
            await tx.returns.advance(rma, ReturnState.RECEIVED, now)
            if await tx.returns.advance(rma, ReturnState.INSPECTED, now, tells=True) is None:
                raise Problem(f"{rma} is {back.state.value}", code="too-early")
            await tx.returns.inspect(rma, {line.line_id: {Disposition.RESTOCKED: 1} for line in back.lines})
        return f"brought it back: {rma} is put back on the shelf and paid back"
