"""Faults that can be switched on while the world runs, played on the requests to it and on its own webhooks."""

from __future__ import annotations

import asyncio
import math
import socket
import struct
from fnmatch import fnmatch
from random import Random
from typing import Literal

from pydantic import Field, JsonValue
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from infra.sandbox.endpoint import Answer, Call, RefusedRequest, dump, route
from infra.sandbox.records import Wish
from infra.sandbox.world import World

Kind = Literal[
    "latency", "timeout_after", "reset_before", "reset_after", "throttle", "error_500", "html", "broken_json",
    "duplicate_hook", "late_hook", "reorder_hooks", "bad_signature",
]  # fmt: skip

_NOT_NOW = 503
_PAGE = b"<!doctype html><html><body><h1>Please stand by</h1></body></html>"


class Fault(Wish):
    """What goes wrong, where, how often.

    Attributes:
        operation: a route's name, or ``hook.`` and an event type; ``*`` matches anything.
        party: only for this account, carrier or location, when given.
        times: how often it is played before it is spent; None is for ever.
        seconds: of latency, lateness, hanging before the connection drops, or Retry-After.
        before: whether an error, HTML or broken JSON comes instead of the execution rather than after it.
    """

    operation: str = "*"
    kind: Kind
    party: str = ""
    times: int | None = 1
    probability: float = Field(default=1.0, ge=0, le=1)
    seconds: float | None = Field(default=None, ge=0)
    status: int = 500
    before: bool = False


class Faults:
    """The faults that are switched on, in the order in which they were."""

    def __init__(self, world: World) -> None:
        self.active: list[Fault] = []
        self._world = world
        self._chance = Random(f"{world.seed}/faults")  # noqa: S311  reproducible, not secret

    def take(self, operation: str, party: str, kinds: frozenset[str]) -> Fault | None:
        """Return the first fault that strikes here, one time less of it left."""
        for fault in self.active:
            if fault.kind not in kinds or not fnmatch(operation, fault.operation) or fault.party not in {"", party}:
                continue
            if fault.times == 0 or self._chance.random() >= fault.probability:
                continue
            if fault.times is not None:
                fault.times -= 1
            self._world.record("fault.played", "director", subject=operation, detail=fault.kind)
            return fault
        return None

    def routes(self) -> list[Route]:
        """Return the routes that switch faults on and off."""

        def switch_on(call: Call) -> Answer:
            self.active.append(call.read(Fault))
            return 201, self._listed()

        def switch_off(_call: Call) -> Answer:
            self.active.clear()
            return 200, []

        return [
            route("GET", "/faults", "faults.list", lambda _call: (200, self._listed())),
            route("POST", "/faults", "faults.on", switch_on),
            route("DELETE", "/faults", "faults.off", switch_off),
        ]

    def _listed(self) -> JsonValue:
        return [dump(fault) for fault in self.active]


REQUEST_KINDS = frozenset(
    {"latency", "timeout_after", "reset_before", "reset_after", "throttle", "error_500", "html", "broken_json"}
)
HOOK_KINDS = frozenset({"duplicate_hook", "late_hook", "reorder_hooks", "bad_signature"})

_connections: dict[tuple[str, int], asyncio.Transport] = {}


class BreakableProtocol(H11Protocol):
    """Uvicorn's protocol, with its connections within reach so that they can be cut."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Remember the connection by the address of its client."""
        super().connection_made(transport)
        if self.client:
            _connections[self.client] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        if self.client:
            _connections.pop(self.client, None)
        super().connection_lost(exc)


class FaultyEntrance:
    """Stands before the routes and plays at most one fault on each request."""

    def __init__(self, app: ASGIApp, faults: Faults, routes: list[Route]) -> None:
        self._app, self._faults, self._routes = app, faults, routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, rightly or not."""
        fault = self._fault_for(scope) if scope["type"] == "http" else None
        if fault is None:
            await self._app(scope, receive, send)
            return
        if fault.kind == "latency":
            await asyncio.sleep(fault.seconds or 1.0)
            await self._app(scope, receive, send)
            return
        if fault.kind == "throttle":
            await _answer(send, 429, b'{"error": {"code": "throttled"}}', retry_after=fault.seconds)
            return
        if fault.kind != "reset_before" and not fault.before:
            await self._app(scope, receive, _swallow)
        await _misanswer(fault, scope, send)

    def _fault_for(self, scope: Scope) -> Fault | None:
        for candidate in self._routes:
            match, child = candidate.matches(scope)
            if match is Match.FULL:
                path: dict[str, str] = child["path_params"]
                party = path.get("account") or path.get("carrier") or path.get("code") or ""
                return self._faults.take(candidate.name, party, REQUEST_KINDS)
        return None


async def _swallow(_message: Message) -> None:
    """Send nothing: the request was executed and its answer is lost."""


async def _misanswer(fault: Fault, scope: Scope, send: Send) -> None:
    match fault.kind:
        case "html":
            await _answer(send, 200, _PAGE, kind=b"text/html")
        case "broken_json":
            await _answer(send, 200, b'{"id": "unfinis')
        case "error_500":
            # Like most gateways, this one says when to come back only where it has executed nothing.
            retry_after = fault.seconds or 1.0 if fault.before and fault.status == _NOT_NOW else None
            await _answer(send, fault.status, b'{"error": {"code": "internal"}}', retry_after=retry_after)
        case _:
            if fault.kind == "timeout_after":
                await asyncio.sleep(fault.seconds if fault.seconds is not None else 60.0)
            _cut(scope)


async def _answer(
    send: Send, status: int, body: bytes, *, kind: bytes = b"application/json", retry_after: float | None = None
) -> None:
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
    if retry_after is not None:
        headers.append((b"retry-after", str(math.ceil(retry_after)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _cut(scope: Scope) -> None:
    """Reset the TCP connection, so that the client sees neither an answer nor a polite end."""
    host, port = scope["client"]
    transport = _connections.get((host, port))
    if transport is None:
        raise RefusedRequest(500, "no-connection")
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
