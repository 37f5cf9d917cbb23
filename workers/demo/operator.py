"""The operator of a demo: clears the causes of what is stuck, by the means a person has, and says what was done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from temporalio.client import Client

from domain.errors import Conflict, CrossdockError
from domain.inventory import MovementKind
from domain.messages import AMEND_ADDRESS, RESOLVE_SKU, AmendAddress, Answer, ResolveSku, Verb, order_workflow_id
from domain.order import order_id
from domain.values import Address
from workers.cli.errors import Problem
from workers.cli.options import new_request
from workers.cli.stock_booking import movement_of
from workers.cli.updates import send_verb
from workers.demo.director import Director, Scene, SceneCause
from workers.demo.snapshot import Snapshot
from workers.wiring import House

ACTOR = "demo"
WATCHED_FOR = timedelta(seconds=3)
"""How long one can see an order stuck before the operator clears its cause."""


class Operator:
    """A person at the desk; `says` hears every sentence."""

    def __init__(self, house: House, client: Client, director: Director, says: Callable[[str], None]) -> None:
        self._house, self._client, self._director, self._says = house, client, director, says
        self._accounts: dict[str, str] = {}
        self._done: set[str] = set()

    async def look_after(self, scene: Scene, snapshot: Snapshot) -> None:
        """Clear every cause that has been seen for a while; what could not be cleared is tried at the next look."""
        self._accounts = {order.order_id: order.account for order in scene.orders}
        for cause in scene.causes:
            if cause.id not in self._done and self._was_seen(cause, snapshot):
                try:
                    self._says(await self._clear(cause))
                    self._done.add(cause.id)
                except (CrossdockError, Problem) as error:
                    self._says(f"{cause.order_id}: {cause.kind} could not be cleared yet: {error}")

    def _was_seen(self, cause: SceneCause, snapshot: Snapshot) -> bool:
        """Tell whether the record has shown this cause long enough for somebody to notice."""
        long_ago = self._house.context.now() - WATCHED_FOR
        if cause.kind == "malformed":
            return any(row.subject == cause.order_id and row.stored_at < long_ago for row in snapshot.set_aside)
        seen = [wait for wait in snapshot.waits if wait.since < long_ago]
        if cause.kind == "stock":
            # Goods booked for one order may serve another of the same SKU: whoever waits for it shows the cause.
            return any(wait.cause == f"stock:{cause.remedy['sku']}" for wait in seen)
        mine = [wait for wait in seen if wait.channel_order_id == cause.order_id]
        return any(wait.cause.startswith(f"{cause.kind}:") for wait in mine)

    async def _clear(self, cause: SceneCause) -> str:
        await self._director.clear(cause)
        clear = {
            "stock": self._receive_stock,
            "sku": self._map_listing,
            "address": self._amend_address,
            "malformed": self._let_correct,
        }
        return await clear[cause.kind](cause)

    async def _receive_stock(self, cause: SceneCause) -> str:
        wish: dict[str, Any] = cause.remedy
        sku, location, units = wish["sku"], wish["location"], wish["quantity"]
        words = {"actor": ACTOR, "reason": "a delivery came"}
        movement = movement_of(cause.id, MovementKind.RECEIVE, sku, location, units, **words)
        now = self._house.context.now()
        async with self._house.context.record.begin() as tx:
            await tx.waits.clear(f"stock:{sku}", now)
            await tx.stock.move(movement, now)
        return f"{cause.order_id} lacked stock: received {units} of {sku} at {location}"

    async def _map_listing(self, cause: SceneCause) -> str:
        wish: dict[str, Any] = cause.remedy
        verb = ResolveSku(actor=ACTOR, reason="a new listing", listing_id=wish["listing_id"], sku=wish["sku"])
        answer = await self._ask(cause, RESOLVE_SKU, verb)
        return f"{cause.order_id} had an unknown listing: {answer.words}"

    async def _amend_address(self, cause: SceneCause) -> str:
        given: dict[str, Any] = cause.remedy["address"]  # pyright: ignore[reportAssignmentType] - the world's own shape
        address = Address(street=given["line1"], **{name: given[name] for name in _SAME_IN_BOTH})
        async with self._house.context.record.begin() as tx:
            version = await tx.vault.propose_address(self._order_of(cause), address)
        verb = AmendAddress(actor=ACTOR, reason="the buyer sent the right postal code", version=version)
        answer = await self._ask(cause, AMEND_ADDRESS, verb)
        return f"{cause.order_id} could not be delivered: {answer.words}"

    async def _let_correct(self, cause: SceneCause) -> str:
        return f"{cause.order_id} was set aside: the channel corrected it, and it is read again"

    async def _ask(self, cause: SceneCause, name: str, verb: Verb) -> Answer:
        workflow_id = order_workflow_id(self._order_of(cause))
        answer = await send_verb(self._client, workflow_id, name, verb, new_request())
        if not answer.done:
            raise Conflict("not-done", answer.words)
        return answer

    def _order_of(self, cause: SceneCause) -> str:
        return order_id(self._accounts[cause.order_id], cause.order_id)


_SAME_IN_BOTH = ("name", "city", "postal_code", "region", "country", "phone")
