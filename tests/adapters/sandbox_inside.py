"""The sandbox world inside this process: the same routes and rules, whose actors stand still."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import httpx
from starlette.applications import Starlette

from infra.sandbox.app import Stage, build_app
from infra.sandbox.hooks import sign
from infra.sandbox.world import World

SECRET, TOKEN, ADDRESS = "inside-webhook-secret", "inside-access-token", "http://sandbox.inside"
_ROWS_A_PAGE = "3"


class SandboxInside:
    """One world in which nothing has happened yet; without a gateway it sends nothing, and nobody in it acts."""

    def __init__(self) -> None:
        self._app: Starlette = build_app(Stage(token=TOKEN, secret=SECRET))
        self.world: World = self._app.state.world

    @property
    def settings(self) -> Mapping[str, object]:
        return {"base_url": ADDRESS, "token": TOKEN, "webhook_secret": SECRET}

    @property
    def transport(self) -> httpx.AsyncBaseTransport:
        return _SmallPages(httpx.ASGITransport(self._app))

    @property
    def now(self) -> datetime:
        return self.world.now()

    def sign(self, body: bytes, moment: datetime) -> Mapping[str, str]:
        timestamp = str(int(moment.timestamp()))
        signature = sign(SECRET, timestamp, body.decode())
        return {"x-crossdock-timestamp": timestamp, "x-crossdock-signature": signature}


class _SmallPages(httpx.AsyncBaseTransport):
    """Asks the world's list of orders for few rows a page, so that a few orders fill several."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET" and request.url.path.endswith("/orders"):
            request.url = request.url.copy_merge_params({"limit": _ROWS_A_PAGE})
        return await self._inner.handle_async_request(request)


def told(**words: Any) -> dict[str, Any]:
    """The body of a webhook of this world."""
    return {"id": "evt-1", "account": "sandbox-eu", "occurred_at": "2026-03-01T10:00:00+00:00", **words}


A_DAY = timedelta(days=1)
