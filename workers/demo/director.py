"""The director of the sandbox world, as the demo speaks to it: deals a scene, clears causes, bears witness."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TypeVar

import httpx
from pydantic import BaseModel, JsonValue

from domain.values import Model
from infra.sandbox.scripts import SCRIPTS
from workers.demo.report import WitnessCounts
from workers.sandbox import TOKEN

_SECONDS = 20.0

M = TypeVar("M", bound=BaseModel)


class PlacedOrder(Model):
    """An order that buyers have placed, and the script it plays."""

    order_id: str
    account: str
    script: str

    @property
    def is_ours(self) -> bool:
        """Whether it is ours to fulfill."""
        script = SCRIPTS[self.script]
        return not (script.test or script.external)


class SceneCause(Model):
    """Why an order cannot go on, and what has to be done about it in Crossdock."""

    id: str
    kind: str
    order_id: str
    cleared: bool
    remedy: dict[str, JsonValue]


class Scene(Model):
    """A scene as it stands: what was placed so far, and what the world has still to do by itself."""

    id: str
    planned: int
    orders: tuple[PlacedOrder, ...]
    causes: tuple[SceneCause, ...]
    deeds_to_come: int
    hooks_waiting: int


class Director:
    """A client of the world's director. Raises httpx.HTTPError when the world does not do as asked."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def start(self, orders: int, seed: int, over: float) -> Scene:
        """Deal so many orders and place them evenly over so many seconds."""
        return await self._post("/scenes", Scene, {"orders": orders, "seed": seed, "over": over})

    async def look(self, scene_id: str) -> Scene:
        """Return the scene as it stands."""
        answer = await self._http.get(f"/scenes/{scene_id}")
        return Scene.model_validate_json(answer.raise_for_status().content)

    async def clear(self, cause: SceneCause) -> None:
        """Let the world do its part of the remedy: goods come, a mistake is corrected."""
        await self._post(f"/causes/{cause.id}/clear", SceneCause, {})

    async def testify(self) -> WitnessCounts:
        """Return what the world's own journal says was done."""
        answer = await self._http.get("/witness")
        return WitnessCounts.model_validate_json(answer.raise_for_status().content)

    async def list_mail(self, recipient: str) -> list[str]:
        """Return what kinds of messages are in the mailbox of this e-mail address."""
        answer = await self._http.get("/mail", params={"buyer": recipient})
        return [str(message["template"]) for message in answer.raise_for_status().json()["messages"]]

    async def _post(self, path: str, model: type[M], wish: dict[str, JsonValue]) -> M:
        answer = await self._http.post(path, json=wish)
        return model.model_validate_json(answer.raise_for_status().content)


@asynccontextmanager
async def meet_director(base_url: str) -> AsyncGenerator[Director]:
    """Open a line to the director of the world at this address."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with httpx.AsyncClient(base_url=base_url, headers=headers, timeout=_SECONDS, trust_env=False) as http:
        yield Director(http)
