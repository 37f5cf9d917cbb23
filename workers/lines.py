"""The clients of parties: each is open for as long as anybody uses it, and no longer."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Coroutine
from typing import Any

import httpx


class Lines:
    """Holds clients without keeping them; the network of one that nobody holds any more is hung up.

    Who uses a client holds it: its adapter, that adapter's parts, and every request under way. So nothing is closed
    under a step that began before its channel's credentials were rotated.
    """

    def __init__(self) -> None:
        self._open: weakref.WeakSet[httpx.AsyncClient] = weakref.WeakSet()
        self._closing: set[asyncio.Task[None]] = set()

    def keep(self, client: httpx.AsyncClient) -> None:
        """Close this client when nobody uses it any more, or with all others."""
        self._open.add(client)
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return  # made outside of a loop: it is closed with all others
        network: httpx.AsyncBaseTransport = client._transport  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - what is left of a client when it is gone
        weakref.finalize(client, self._hang_up, loop, network).atexit = False

    async def aclose(self) -> None:
        """Close every client."""
        for client in list(self._open):
            await client.aclose()
        await asyncio.gather(*self._closing)

    def _hang_up(self, loop: asyncio.AbstractEventLoop, network: httpx.AsyncBaseTransport) -> None:
        # The last holder may let go in any thread.
        if not loop.is_closed():
            loop.call_soon_threadsafe(self._close, loop, network.aclose())

    def _close(self, loop: asyncio.AbstractEventLoop, closing: Coroutine[Any, Any, None]) -> None:
        task = loop.create_task(closing)
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)
