"""The small gateways in memory: what is asked of them is kept, and answered by the first route that fits."""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import httpx

from adapters.conformance.worlds import CarrierWorld

Routes = Mapping[str, Callable[..., httpx.Response]]
"""By method and the steps of the path, where * is any id."""


class GatewayWorld(CarrierWorld):
    """One account at noon: the requests that came, and the scans of each number in the gateway's words."""

    def __init__(self) -> None:
        self.scans: dict[str, list[dict[str, Any]]] = {}
        self.asked: list[httpx.Request] = []

    @property
    def transport(self) -> httpx.AsyncBaseTransport:
        """The way here."""
        return httpx.MockTransport(self.play)

    @property
    def now(self) -> datetime:
        """The present."""
        return datetime(2026, 3, 1, 12, tzinfo=UTC)

    def play(self, request: httpx.Request) -> httpx.Response:
        """Keep one request, and answer it."""
        self.asked.append(request)
        return self.answer(request)

    @abstractmethod
    def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""


def find_route(routes: Routes, request: httpx.Request, root: str) -> httpx.Response | None:
    """Answer by the first route that fits: it gets the ids of the path, then what was sent or asked.

    None where no route fits, or where it knows no such id.
    """
    steps = request.url.raw_path.decode().partition("?")[0].removeprefix(root).strip("/").split("/")
    told: Any = json.loads(request.content) if request.content else dict(request.url.params)
    for route, play in routes.items():
        ids = _fit(route, request.method, steps)
        if ids is not None:
            try:
                return play(*ids, told)
            except KeyError:
                return None
    return None


def _fit(route: str, asked: str, steps: Sequence[str]) -> list[str] | None:
    """Return the ids in a path that a route fits, None where it does not."""
    method, _, path = route.partition(" ")
    wanted = path.split("/")
    if method != asked or len(wanted) != len(steps):
        return None
    pairs = list(zip(wanted, steps, strict=True))
    return [step for want, step in pairs if want == "*"] if all(want in {"*", step} for want, step in pairs) else None
