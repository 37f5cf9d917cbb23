"""The limiter: a party's published limits, kept by all workers together.

A worker draws a second's worth of units at once where the limit is that fast, so that few requests ask the record,
and what is drawn is good for that second only. What the party tells of its limits is believed.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from http import HTTPStatus

import httpx

from adapters.manifest import Limit
from domain.errors import Unavailable
from domain.ports.stores import Record
from domain.ports.stores.allowance import Draw

PATIENCE = 2.0
"""Seconds that a request waits here for its turn; a longer wait is the order's, who gives its place to others."""

_DRAWN_LASTS = timedelta(seconds=1)
_MOST = 4
_LONGEST_PAUSE = 3600.0
_BUSY = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
_HOOK = "allowance"

_log = logging.getLogger(__name__)


class LimitingTransport(httpx.AsyncBaseTransport):
    """Lets a request pass when its operation's limit does; one without a declared limit passes at once."""

    def __init__(
        self,
        inner: httpx.AsyncBaseTransport,
        party: str,
        limits: Mapping[str, Limit],
        record: Record,
        now: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._inner = inner
        self._buckets = {
            operation: Bucket(party, operation, limit, record, now, sleep) for operation, limit in limits.items()
        }

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request. Raises Unavailable with the seconds until its turn."""
        bucket = self._buckets.get(str(request.extensions.get("operation", "")))
        if bucket is None:
            return await self._inner.handle_async_request(request)
        request.extensions[_HOOK] = bucket
        await bucket.spend(float(request.extensions.get("cost", 1)))
        response = await self._inner.handle_async_request(request)
        await bucket.heed(response)
        return response

    async def aclose(self) -> None:
        """Close the inner transport."""
        await self._inner.aclose()


class Bucket:
    """What this worker holds of one operation's bucket, which the record keeps for all."""

    def __init__(
        self,
        party: str,
        operation: str,
        limit: Limit,
        record: Record,
        now: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._party, self._operation, self._limit = party, operation, limit
        self._record, self._now, self._sleep = record, now, sleep
        self._lock = asyncio.Lock()
        self._rate = limit.rate
        self._drawn, self._drawn_until = 0.0, now()

    async def spend(self, cost: float) -> None:
        """Take units, waiting a little for them. Raises Unavailable."""
        cost = min(cost, self._limit.burst)
        async with self._lock:
            if self._now() >= self._drawn_until:
                self._drawn = 0.0
            wait = 0.0 if self._drawn >= cost else await self._draw(cost)
            self._drawn -= cost
        if wait:
            await self._sleep(wait)

    async def heed(self, response: httpx.Response) -> None:
        """Believe the headers of an answer."""
        told = response.headers
        rate = _number(told.get("x-amzn-RateLimit-Limit"))
        left = _number(told.get("X-RateLimit-Remaining"))
        pause = _number(told.get("Retry-After")) if response.status_code in _BUSY else None
        if left is not None and left < 1 and pause is None:
            pause = _number(told.get("X-RateLimit-Reset"))
        if response.status_code in _BUSY and (
            pause is not None or response.status_code == HTTPStatus.TOO_MANY_REQUESTS
        ):
            left = 0.0
        await self.believe(left=left, rate=rate, pause=pause)

    async def believe(self, *, left: float | None, rate: float | None = None, pause: float | None = None) -> None:
        """Believe how much is left, how fast more comes, and for how many seconds nothing does."""
        news = rate if rate and not math.isclose(rate, self._rate) else None
        # A moment instead of a number of seconds would depend on two clocks.
        wait = pause if pause and pause <= _LONGEST_PAUSE else None
        low = left if left is not None and left < self._limit.burst / _MOST else None
        if news is None and wait is None and low is None:
            return
        try:
            now = self._now()
            until = now + timedelta(seconds=wait) if wait else None
            async with self._record.begin() as tx:
                await tx.allowances.lower(self._party, self._operation, now, left=low, rate=news, not_before=until)
        except Exception:  # noqa: BLE001 - the request was answered; a lost hint must not say that it was not sent
            _log.exception("what %s told of its limits is lost", self._party)
            return
        self._rate = news or self._rate
        self._drawn = 0.0 if low is not None or wait else self._drawn

    async def _draw(self, cost: float) -> float:
        """Draw units for now, or for soon; return the seconds until they may be spent."""
        most = min(self._rate * _DRAWN_LASTS.total_seconds(), self._limit.burst / _MOST)
        ahead = most if most >= 2 * cost else 0.0
        draw = Draw(
            party=self._party,
            operation=self._operation,
            rate=self._rate,
            # What is drawn ahead may be spent a second later, when the vendor's own bucket has filled again.
            burst=self._limit.burst - ahead,
            cost=cost,
            most=max(ahead, cost),
            patience=PATIENCE,
        )
        async with self._record.begin() as tx:
            grant = await tx.allowances.take(draw, self._now())
        if grant.granted < cost:
            raise Unavailable(f"limit:{self._operation}", "its turn comes later", retry_after=grant.wait)
        self._drawn += grant.granted
        self._drawn_until = self._now() + _DRAWN_LASTS
        return grant.wait


async def believe(response: httpx.Response, *, left: float, rate: float | None = None) -> None:
    """Let the limiter know what the body of an answer tells of the limit: units left, and units that come a second."""
    bucket = response.request.extensions.get(_HOOK)
    if isinstance(bucket, Bucket):
        await bucket.believe(left=left, rate=rate)


def _number(told: str | None) -> float | None:
    """Return what a header says; nothing when it is no number."""
    try:
        number = float(told or "")
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None
