"""A record whose process dies where the test says."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from domain.ports.stores import Record, Transaction


class Died(BaseException):
    """What kill -9 looks like from inside."""


@dataclass
class MortalRecord:
    """A record whose process dies at the n-th transaction, before or after its commit; it counts them all."""

    inner: Record
    dies_at: int = 0
    after: bool = False
    begun: int = 0

    @asynccontextmanager
    async def begin(self) -> AsyncGenerator[Transaction]:
        """Open a transaction."""
        self.begun += 1
        is_it = self.begun == self.dies_at
        async with self.inner.begin() as tx:
            yield tx
            if is_it and not self.after:
                raise Died
        if is_it:
            raise Died
