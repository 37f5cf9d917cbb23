"""The gateway: webhooks are verified over their raw bytes, stored, and only then acknowledged and read."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from http import HTTPStatus
from ipaddress import ip_address

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from activities.context import Context
from activities.fact import apply_message
from domain.errors import CrossdockError, NotFound, Unavailable
from domain.facts import OrderChanged
from domain.ports.stores.inbox import InboxRow, InboxState, Received
from domain.ports.webhook import WebhookReader
from workers.feed import local_inventory

MAX_BODY = 1024 * 1024
_BUSY = "30"


class _TooLarge(Exception):
    pass


@dataclass(frozen=True)
class Gateway:
    """The routes of one installation."""

    context: Context
    feed_secret: str = ""

    def app(self) -> Starlette:
        """Return the ASGI application."""
        return Starlette(
            routes=[
                Route("/hooks/{party}", self.receive, methods=["POST"]),
                Route("/feeds/local-inventory", self.feed, methods=["GET"]),
                Route("/health", self.health, methods=["GET"]),
            ]
        )

    async def health(self, _request: Request) -> Response:
        """Tell whether the record answers."""
        try:
            async with self.context.record.begin() as tx:
                await tx.catalog.channels()
        except Unavailable as error:
            return _answer(HTTPStatus.SERVICE_UNAVAILABLE, error.code)
        return _answer(HTTPStatus.OK, "ready")

    async def feed(self, request: Request) -> Response:
        """Stream the local inventory: to whoever shows the secret, or where there is none to this machine only."""
        if not self._may_read(request):
            return _answer(HTTPStatus.UNAUTHORIZED, "not-genuine")
        return StreamingResponse(local_inventory(self.context.record), media_type="text/csv")

    async def receive(self, request: Request) -> Response:
        """Take a webhook in. An unknown party and a wrong signature are answered alike: 401.

        202 when it is stored; the body then says what became of it. 503 when it cannot be stored: send it again.
        """
        party = request.path_params["party"]
        try:
            body = await _read(request)
            reader = await self._reader(party)
            if reader is None or not reader.verify_webhook(_headers(request), body, self.context.now()):
                return _answer(HTTPStatus.UNAUTHORIZED, "not-genuine")
            return await self._take(party, reader, body)
        except _TooLarge:
            return _answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-large")
        except Unavailable as error:
            return JSONResponse(
                {"code": error.code}, status_code=HTTPStatus.SERVICE_UNAVAILABLE, headers={"Retry-After": _BUSY}
            )

    def _may_read(self, request: Request) -> bool:
        if self.feed_secret:
            shown = request.headers.get("authorization", "").encode()
            return hmac.compare_digest(shown, f"Bearer {self.feed_secret}".encode())
        # Behind a proxy on this machine everybody comes from loopback.
        forwarded = any(name in request.headers for name in ("forwarded", "x-forwarded-for", "x-real-ip", "via"))
        return not forwarded and request.client is not None and ip_address(request.client.host).is_loopback

    async def _reader(self, party: str) -> WebhookReader | None:
        try:
            return await self.context.parties.webhooks(party)
        except NotFound:
            return None

    async def _take(self, party: str, reader: WebhookReader, body: bytes) -> Response:
        message = Received(party=party, source="hook", subject="", body=body)
        async with self.context.record.begin() as tx:
            (inbox_id,) = await tx.inbox.store((message,), self.context.now())
        if inbox_id is None:
            return _answer(HTTPStatus.ACCEPTED, "known")
        row = InboxRow(**message.model_dump(), inbox_id=inbox_id, state=InboxState.NEW)
        if _asks_the_channel(reader, body):
            return _answer(HTTPStatus.ACCEPTED, "stored", BackgroundTask(self._apply, row))
        return _answer(HTTPStatus.ACCEPTED, await self._apply(row) or "done")

    async def _apply(self, row: InboxRow) -> str:
        """Apply a stored message now; what cannot be applied yet is left to the inbox loop."""
        try:
            return await apply_message(self.context, row)
        except Unavailable as error:
            return error.code


def _asks_the_channel(reader: WebhookReader, body: bytes) -> bool:
    """Tell whether applying it means asking a slow party, which no sender of a webhook waits for."""
    try:
        return any(isinstance(fact, OrderChanged) for fact in reader.read_webhook(body))
    except CrossdockError:
        return False


def _answer(status: HTTPStatus, code: str, task: BackgroundTask | None = None) -> Response:
    return JSONResponse({"code": code}, status_code=status, background=task)


def _headers(request: Request) -> dict[str, str]:
    return {name.lower(): value for name, value in request.headers.items()}


async def _read(request: Request) -> bytes:
    """Read the body up to the cap, whatever its headers say."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise _TooLarge
    return bytes(body)
