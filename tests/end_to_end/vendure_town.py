"""A town with a real shop in it: buyers and its administrator act in Vendure, staff and carriers in the sandbox."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import text
from temporalio.client import Client

from activities.pull import PullActivities
from domain.errors import NotFound
from domain.fulfillment import Stage
from domain.messages import CANCEL, Answer, Cancel, PullStart, order_workflow_id
from domain.ports.stores.money import Refund
from domain.ports.stores.order import KeptOrder
from infra.vendure.buyer import PlacedOrder, place_order
from infra.vendure.hand import Administrator
from infra.vendure.seen import SeenOrder
from infra.vendure.store import Store
from tests.end_to_end.town import Town, eventually, open_town
from workers.cli.updates import send_verb
from workers.vendure import ACCOUNT, connect_vendure

STORE = "STORE-1"
PATIENCE = 90.0
"""Seconds: the suite also runs on small machines beside others."""

_UNREST = text("""
    SELECT 'not recorded' WHERE NOT EXISTS (SELECT FROM orders WHERE order_id = :id)
    UNION ALL SELECT order_id || ' ' || state FROM orders WHERE order_id = :id AND state = 'OPEN'
    UNION ALL SELECT return_id || ' ' || state FROM returns
    WHERE order_id = :id AND state NOT IN ('REFUNDED', 'DECLINED', 'EXPIRED')
    UNION ALL SELECT refund_id || ' ' || state FROM refunds WHERE order_id = :id AND state = 'RESERVED'
    UNION ALL SELECT scope || ' waits for ' || cause FROM waits WHERE order_id = :id
    UNION ALL SELECT workflow_id || ' is to be told' FROM outbox WHERE NOT dead AND strpos(payload, '"' || :id) > 0""")
_STAGE = text("SELECT stage FROM fulfillment_orders WHERE order_id = :id ORDER BY number DESC LIMIT 1")


@dataclass
class VendureTown:
    """Everything a test with a real shop needs; `hooks` is where its webhooks go, with their secret."""

    town: Town
    store: Store
    person: Administrator
    hooks: tuple[str, str]
    bought: int = 0

    async def buy(self, quantities: Mapping[str, int], **how: Any) -> PlacedOrder:
        """Place a real order, by a buyer of its own."""
        self.bought += 1
        return await place_order(self.store, quantities, email=f"buyer-{self.bought}@example.com", **how)

    def mail(self) -> list[dict[str, Any]]:
        """Return the messages that the latest buyer got."""
        return self.town.visitor.get("/mail", buyer=f"buyer-{self.bought}@example.com")["messages"]

    def pin(self) -> str:
        """Return the PIN that the latest buyer was told, or nothing yet."""
        return next((mail["fields"]["pin"] for mail in self.mail() if "pin" in mail["fields"]), "")

    async def has_pin(self) -> bool:
        """Tell whether the latest buyer can collect."""
        return bool(self.pin())

    async def pull(self) -> None:
        """Pull the shop's orders once."""
        await PullActivities(self.town.context).pull(PullStart(account=ACCOUNT))

    async def listen(self, *, webhooks: bool) -> None:
        """Let the shop say what changes in it, or keep silent."""
        address, secret = self.hooks
        await self.person.send_webhooks(address if webhooks else None, secret, ACCOUNT)

    def pause(self, *, paused: bool) -> None:
        """Let staff and carriers stand still, or work."""
        self.town.visitor.put("/pace", paused=paused)

    def act(self, deed: str, **args: str) -> None:
        """Let one of them act at once."""
        self.town.visitor.post("/deeds", deed=deed, args=args)

    async def work(self, placed: PlacedOrder) -> str:
        """Return the id of an order's latest work at the store, once it is there."""
        mine: list[str] = []

        async def is_there() -> bool:
            works = self.town.visitor.get(f"/locations/{STORE}/work")["works"]
            mine[:] = [work["id"] for work in works if work["fulfillment_id"].startswith(f"{name_of(placed)}/")]
            return bool(mine)

        await self._until(is_there, placed, lambda: "the store has no work for it")
        return mine[-1]

    async def order(self, placed: PlacedOrder) -> KeptOrder:
        """Return the order as the record has it."""
        async with self.town.context.record.begin() as tx:
            return await tx.orders.load(name_of(placed))

    async def refunds(self, placed: PlacedOrder) -> tuple[Refund, ...]:
        """Return the refunds of our own making."""
        async with self.town.context.record.begin() as tx:
            return await tx.money.refunds(name_of(placed))

    async def reserved(self, sku: str) -> int:
        """Return how many units of a SKU are reserved anywhere."""
        async with self.town.context.record.begin() as tx:
            return sum(level.reserved for level in await tx.stock.levels([sku]))

    async def look(self, placed: PlacedOrder) -> SeenOrder:
        """Return the order as the shop shows it."""
        return await self.person.look_at(placed.id)

    async def cancel(self, placed: PlacedOrder, quantities: Mapping[str, int] | None = None) -> Answer:
        """Cancel as an operator: everything, or units by line."""
        verb = Cancel(actor="ops", reason="the buyer called", quantities=dict(quantities or {}))
        return await send_verb(
            self.town.client, order_workflow_id(name_of(placed)), CANCEL, verb, f"cancel-{self.bought}"
        )

    async def until_stage(self, placed: PlacedOrder, *stages: Stage) -> None:
        """Wait until the latest part of an order is at one of these stages."""

        async def reached() -> bool:
            async with self.town.house.engine.connect() as connection:
                return await connection.scalar(_STAGE, {"id": name_of(placed)}) in stages

        await self._until(reached, placed, lambda: f"it is not {' or '.join(stages)}")

    async def until_rest(self, placed: PlacedOrder) -> KeptOrder:
        """Wait until nothing of an order is under way any more, its returns and refunds included."""
        left: list[str] = []

        async def at_rest() -> bool:
            async with self.town.house.engine.connect() as connection:
                left[:] = (await connection.scalars(_UNREST, {"id": name_of(placed)})).all()
            return not left

        await self._until(at_rest, placed, lambda: f"under way: {left}")
        return await self.order(placed)

    async def until_kept(self, placed: PlacedOrder, kept: Callable[[KeptOrder], bool]) -> None:
        """Wait until the record says something of an order."""

        async def is_kept() -> bool:
            try:
                return kept(await self.order(placed))
            except NotFound:
                return False

        await self._until(is_kept, placed, lambda: "the record does not say so")

    async def until_seen(self, placed: PlacedOrder, shown: Callable[[SeenOrder], bool]) -> SeenOrder:
        """Wait until the shop shows something of an order."""

        async def is_shown() -> bool:
            return shown(await self.look(placed))

        await self._until(is_shown, placed, lambda: "the shop does not show it")
        return await self.look(placed)

    async def until_expected(self, return_id: str, placed: PlacedOrder) -> None:
        """Wait until the store expects goods back."""

        async def is_expected() -> bool:
            return bool(self.town.visitor.get(f"/locations/{STORE}/returns", return_id=return_id)["returns"])

        await self._until(is_expected, placed, lambda: f"the store does not expect {return_id}")

    async def until_intercepted(self, placed: PlacedOrder) -> None:
        """Wait until the carrier is asked to bring a parcel back."""

        async def is_asked() -> bool:
            asked = self.town.visitor.journal("label.intercepted")
            return any(entry["order_id"] == name_of(placed) for entry in asked)

        await self._until(is_asked, placed, lambda: "nobody asked the carrier")

    async def _until(
        self, condition: Callable[[], Awaitable[bool]], placed: PlacedOrder, why: Callable[[], str]
    ) -> None:
        try:
            await eventually(condition, PATIENCE)
        except AssertionError:
            raise AssertionError(f"{why()}\n{await self.order(placed)}\n{await self.look(placed)}") from None


def name_of(placed: PlacedOrder) -> str:
    """Return Crossdock's id of an order."""
    return f"{ACCOUNT}/{placed.id}"


@contextlib.asynccontextmanager
async def open_vendure_town(
    folder: Path, database_url: str, client: Client, store: Store, person: Administrator
) -> AsyncGenerator[VendureTown]:
    """Open a town, and sell through the shop in it."""
    async with open_town(folder, database_url, client) as town:
        await connect_vendure(town.house, store)
        async with town.context.record.begin() as tx:
            channel = json.loads((await tx.catalog.channel(ACCOUNT)).settings)
        address = f"{town.house.settings.gateway_base_url}/hooks/{ACCOUNT}"
        try:
            yield VendureTown(town, store, person, (address, channel["webhook_secret"]))
        finally:
            await person.send_webhooks(None)
