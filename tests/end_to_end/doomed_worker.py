"""A worker process that ends itself by SIGKILL at the point its warrant names, once; after that an ordinary worker.

Everything that kills stands here, around the ordinary parts: the network, and the record's transactions.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, cast

import httpx
from pydantic import BaseModel, HttpUrl, SecretStr
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

import activities.effect
import infra.database.outage
import workers.worker
import workflows.desk
from activities.context import Context
from domain.policy import DEMO_POLICY
from domain.ports.stores import Record, Transaction
from domain.ports.stores.effect import Settlement
from domain.waits import Wait
from infra.database.cipher import Cipher
from infra.database.engine import create_engine
from infra.database.record import PostgresRecord
from infra.settings import Settings, read_vault_key
from workers.parties import ConfiguredParties
from workers.sandbox import sandbox_parties
from workers.wiring import utc_now

POINTS = ("before the call", "after the remote did it", "after the answer", "after the commit")
_PATHS = {"labels": "label", "shipments": "tracking", "refunds": "refund"}
_PROBED = "work"
"""In an outage of the location nobody but who probes sends work, or asks for it."""


class Posting(BaseModel):
    """Where a worker program works."""

    folder: Path
    database_url: str
    vault_key: str
    sandbox_url: str
    temporal: str
    namespace: str

    @property
    def warrant(self) -> Path:
        """The file that names the point at which to die, such as ``label after the answer``."""
        return self.folder / "warrant"


@dataclass(frozen=True)
class Doom:
    """Dies once, where the warrant says."""

    warrant: Path

    def may_strike(self, kind: str, point: str) -> None:
        """End this process if the warrant names this point; the warrant is used up by that."""
        if self.warrant.exists() and self.warrant.read_text() == f"{kind} {point}":
            self.warrant.unlink()
            os.kill(os.getpid(), signal.SIGKILL)


class DoomedTransport(httpx.AsyncBaseTransport):
    """The network: dies before a request is sent, or when the head of its answer has come."""

    def __init__(self, doom: Doom) -> None:
        self._doom, self._inner = doom, httpx.AsyncHTTPTransport(trust_env=False)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request."""
        last = request.url.path.rpartition("/")[2]
        kind = "probe" if last == _PROBED else _PATHS.get(last, "") if request.method == "POST" else ""
        self._doom.may_strike(kind, "before the call")
        response = await self._inner.handle_async_request(request)
        self._doom.may_strike(kind, "after the remote did it")
        return response


class _DoomedEffects:
    """The effect ledger: dies when an outcome is about to be kept, and remembers what was."""

    def __init__(self, inner: Any, doom: Doom) -> None:
        self._inner, self._doom = inner, doom
        self.kept = ""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def settle(self, key: str, token: int, settlement: Settlement, now: datetime) -> bool:
        self.kept = key.partition(":")[0] if settlement.confirmed else ""
        self._doom.may_strike(self.kept, "after the answer")
        return await self._inner.settle(key, token, settlement, now)


class _DoomedOutages:
    """What is known of outages: dies when one is about to end, and remembers whether somebody was called to probe."""

    def __init__(self, inner: Any, doom: Doom) -> None:
        self._inner, self._doom = inner, doom
        self.called = ""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def call_prober(self, party: str, now: datetime) -> Wait | None:
        waiter: Wait | None = await self._inner.call_prober(party, now)
        self.called = "prober" if waiter else ""
        return waiter

    async def end(self, party: str, now: datetime) -> bool:
        self._doom.may_strike("outage", "before its end")
        return await self._inner.end(party, now)


class _DoomedTransaction:
    def __init__(self, inner: Transaction, doom: Doom) -> None:
        self._inner = inner
        self.effects = _DoomedEffects(inner.effects, doom)
        self.outages = _DoomedOutages(inner.outages, doom)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


class DoomedRecord:
    """The record: dies when the transaction that kept an outcome was committed."""

    def __init__(self, inner: Record, doom: Doom) -> None:
        self._inner, self._doom = inner, doom

    @asynccontextmanager
    async def begin(self) -> AsyncGenerator[Transaction]:
        """Open a transaction."""
        async with self._inner.begin() as tx:
            doomed = _DoomedTransaction(tx, self._doom)
            yield cast("Transaction", doomed)
        for kind in (doomed.effects.kept, doomed.outages.called):
            self._doom.may_strike(kind, "after the commit")


def hurry() -> None:
    """Shorten what a test would only wait for: a dead worker's steps are given to another one after these times.

    Without a cache Temporal does not look for the dead worker first.
    """
    activities.effect.SEND_DEADLINE = timedelta(seconds=1)
    infra.database.outage.PROBE_LASTS = timedelta(seconds=3)
    infra.database.outage.CALLED_LASTS = timedelta(seconds=2)
    workflows.desk.PARTY_TIMEOUT = timedelta(seconds=3)
    workers.worker.orders_worker = partial(workers.worker.orders_worker, max_cached_workflows=0)


async def work(posting: Posting) -> None:
    """Work until killed."""
    doom = Doom(posting.warrant)
    settings = Settings(
        data_dir=posting.folder,
        database_url=posting.database_url,
        vault_key=SecretStr(posting.vault_key),
        sandbox_url=HttpUrl(posting.sandbox_url),
    )
    record = DoomedRecord(PostgresRecord(create_engine(posting.database_url), Cipher(read_vault_key(settings))), doom)
    file = sandbox_parties(settings)
    parties = ConfiguredParties(record, file, utc_now, DoomedTransport(doom))
    client = await Client.connect(posting.temporal, namespace=posting.namespace, data_converter=pydantic_data_converter)
    context = Context(record, parties, DEMO_POLICY, utc_now)
    await workers.worker.run_worker(client, context, file, posting.database_url)


if __name__ == "__main__":
    hurry()
    asyncio.run(work(Posting.model_validate(json.loads(sys.argv[1]))))
