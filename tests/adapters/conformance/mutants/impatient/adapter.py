"""A broken adapter that waits by itself."""

import asyncio
from datetime import datetime

from adapters.marketplaces.sandbox.adapter import SandboxMarketplace
from domain.errors import Unavailable
from domain.ports.marketplace import OrderPage


class WaitsByItself(SandboxMarketplace):
    async def list_orders(self, since: datetime, cursor: str | None) -> OrderPage:
        try:
            return await super().list_orders(since, cursor)
        except Unavailable as error:
            await asyncio.sleep(error.retry_after or 0)
            raise
