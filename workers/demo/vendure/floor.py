"""The shop floor: buyers who order in the real shop, one after the other, and what they have ordered so far."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from infra.vendure.buyer import PlacedOrder as Bought
from infra.vendure.buyer import place_order
from infra.vendure.store import Store
from workers.demo.director import PlacedOrder, Scene
from workers.demo.vendure.shop import ACCOUNT
from workers.demo.vendure.stories import Story


@dataclass(frozen=True)
class Purchase:
    """One order in the shop, who bought, and its story."""

    story: Story
    bought: Bought
    email: str

    @property
    def order_id(self) -> str:
        """Its id in Crossdock."""
        return f"{ACCOUNT}/{self.bought.id}"


@dataclass
class ShopFloor:
    """Where the stories are bought."""

    store: Store
    stories: list[Story]
    purchases: list[Purchase] = field(default_factory=list[Purchase])
    _selling: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Let the buyers begin to order, through the shop's own API."""
        self._selling = asyncio.create_task(self._sell())

    async def look(self, scene_id: str) -> Scene:
        """Return what was bought so far. Raises StoreError when the shop refused an order."""
        if self._selling and self._selling.done():
            self._selling.result()
        orders = tuple(
            PlacedOrder(order_id=one.bought.id, account=ACCOUNT, script=one.story.script) for one in self.purchases
        )
        planned = len(self.stories)
        return Scene(id=scene_id, planned=planned, orders=orders, causes=(), deeds_to_come=0, hooks_waiting=0)

    async def _sell(self) -> None:
        for number, story in enumerate(self.stories, start=1):
            email = f"buyer-{number}@example.com"
            bought = await place_order(self.store, story.basket, email=email)
            self.purchases.append(Purchase(story, bought, email))
