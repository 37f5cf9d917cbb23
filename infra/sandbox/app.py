"""The world as one web application: all its parts, put together."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
from collections.abc import AsyncGenerator
from pathlib import Path

from pydantic import BaseModel
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from infra.sandbox import (
    buyers,
    carriers,
    counter,
    director,
    drivers,
    hand,
    locations,
    marketplace,
    parcels,
    staff,
    witness,
)
from infra.sandbox.catalog import open_catalog
from infra.sandbox.clockwork import Action, Clockwork
from infra.sandbox.faults import Faults, FaultyEntrance
from infra.sandbox.hooks import Courier
from infra.sandbox.world import World

_ACTORS = (hand, buyers, staff, counter)


class Stage(BaseModel):
    """How the world is set up.

    Attributes:
        gateway: where webhooks go; empty for nowhere.
        token: what a seller's requests have to carry.
        secret: what webhooks are signed with, unless `secrets` has one for the account.
        pace: seconds that one step of an actor takes, on average.
        echoes: whether the marketplace tells Crossdock also of what Crossdock did.
    """

    gateway: str = ""
    accounts: list[str] = ["sandbox-eu"]
    token: str = "sandbox-token"  # noqa: S105  a toy's
    secret: str = "sandbox-secret"  # noqa: S105  a toy's
    secrets: dict[str, str] = {}
    seed: int = 0
    pace: float = 0.2
    echoes: bool = False
    journal: Path | None = None


class Doorkeeper:
    """Lets a seller's requests in only with the token."""

    guarded = ("/marketplace", "/carriers", "/locations", "/mail")

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app, self._expected = app, f"Bearer {token}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 401 where the token is missing or wrong."""
        if scope["type"] == "http" and scope["path"].startswith(self.guarded):
            shown = Request(scope).headers.get("authorization", "")
            if not hmac.compare_digest(shown.encode(), self._expected.encode()):
                await JSONResponse({"error": {"code": "unauthorized"}}, 401)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def open_world(stage: Stage) -> World:
    """Return the world as the journal left it, with its actors listening."""
    world = World(open_catalog(stage.accounts), seed=stage.seed, pace=stage.pace, path=stage.journal)
    world.echoes = stage.echoes
    for actor in _ACTORS:
        for kind, reaction in actor.REACTIONS.items():
            world.on(kind, reaction)
    return world


def build_app(stage: Stage) -> Starlette:
    """Return the application; it begins to move when it is served."""
    world = open_world(stage)
    faults = Faults(world)
    courier = Courier(stage.gateway, stage.secrets, stage.secret, faults)
    actions: dict[str, Action] = {"hook.deliver": courier.deliver, **parcels.DEEDS, **director.DEEDS}
    for actor in _ACTORS:
        actions |= actor.DEEDS
    clockwork = Clockwork(world, actions)

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncGenerator[None]:
        courier.requeue(world)
        running = asyncio.create_task(clockwork.run())
        yield
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
        await clockwork.stop()
        await courier.close()
        world.flush()
        world.journal.close()

    routes = _routes(clockwork, faults)
    app = Starlette(routes=routes, lifespan=lifespan)
    app.add_middleware(FaultyEntrance, faults=faults, routes=routes)
    app.add_middleware(Doorkeeper, token=stage.token)
    app.state.world = world
    return app


def _routes(clockwork: Clockwork, faults: Faults) -> list[Route]:
    async def alive(_request: Request) -> JSONResponse:
        return JSONResponse({"alive": True, "under_way": clockwork.under_way})

    return [
        Route("/health", alive, name="health"),
        *marketplace.routes(), *hand.routes(), *carriers.routes(), *drivers.routes(), *locations.routes(),
        *buyers.routes(), *director.routes(clockwork), *faults.routes(), *witness.routes(),
    ]  # fmt: skip
