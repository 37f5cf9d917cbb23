"""The whole of Crossdock on one machine: servers, sandbox world, gateway and worker, started and stopped as one."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Coroutine, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from temporalio.client import Client

from domain.policy import Policy
from domain.ports.stores.catalog import Channel
from infra.database.migrate import migrate
from infra.settings import Settings
from infra.stack import Child, Stack
from infra.temporal import connect, ensure_namespace_ready, external_address
from workers.addresses import StackAddresses, write_addresses
from workers.sandbox import SECRET, TOKEN
from workers.schedules import ensure_schedules
from workers.seeding import sandbox_channel, seed_from_sandbox
from workers.wiring import open_house, read_policy

JOURNAL = "sandbox.jsonl"

Tell = Callable[[str], None]


@dataclass(frozen=True)
class RunningStack:
    """A stack at work. `settings` lead to it whole: every port, the database, the policy in use."""

    stack: Stack
    settings: Settings
    addresses: StackAddresses

    async def connect(self) -> Client:
        """Return a client of its Temporal server."""
        return await connect(self.settings, address=None if external_address() else self.addresses.temporal)


@contextmanager
def running_stack(
    settings: Settings, *, sandbox: Sequence[str] = (), headless: bool = False, tell: Tell = lambda _words: None
) -> Generator[RunningStack]:
    """Run everything until the body ends; enter it on the main thread, where stop signals become KeyboardInterrupt.

    The sandbox world runs and seeds an empty record unless the settings name other parties or another world.

    Args:
        settings: where to run; every port may be 0.
        sandbox: further arguments of the sandbox world, such as `--pace 0.05`.
        headless: without the Temporal Web UI.
        tell: hears what is being done, in words.

    Raises:
        StackError: a port is taken, the data folder is in use, or a part dies or does not answer.
        Refused: the file of policies or parties cannot be used.
    """
    policy = read_policy(settings.policy_file)
    tell("PostgreSQL and Temporal start")
    with Stack(settings, headless=headless) as stack:
        running = _locate(stack)
        migrate(running.addresses.database_url)
        write_addresses(running.settings.data_dir, running.addresses)
        if has_sandbox(running.settings):
            tell("the sandbox world starts")
            stack.start([_sandbox_child(running.settings, sandbox)])
        _in_its_own_loop(_prepare(running, policy))
        tell("gateway and worker start")
        stack.start([_gateway_child(running.settings), _child(running.settings, "worker")])
        yield running


def has_sandbox(settings: Settings) -> bool:
    """Tell whether the stack runs a sandbox world of its own."""
    return settings.parties_file is None and settings.sandbox_url is None


def write_policy(policy: Policy, file: Path) -> Path:
    """Write a policy as the TOML that `read_policy` reads; return the file."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    lines = [f"{name} = {json.dumps(value)}\n" for name, value in policy.model_dump(mode="json").items()]
    file.write_text("".join(lines))
    return file


def _locate(stack: Stack) -> RunningStack:
    found = stack.addresses
    settings = stack.settings.model_copy(update={"database_url": found.database_url})
    addresses = StackAddresses(
        database_url=found.database_url,
        temporal=found.temporal,
        ui_url=found.ui_url,
        gateway_url=settings.gateway_base_url,
        sandbox_url=settings.sandbox_base_url,
    )
    return RunningStack(stack, settings, addresses)


async def _prepare(running: RunningStack, policy: Policy) -> None:
    client = await running.connect()
    await ensure_namespace_ready(client)
    async with open_house(running.settings) as house:
        if has_sandbox(running.settings):
            await seed_from_sandbox(house)
        async with house.context.record.begin() as tx:
            channels = await tx.catalog.channels()
            for channel in channels:
                # The world may listen on another port than the last time.
                if has_sandbox(running.settings) and channel.adapter == "sandbox":
                    await tx.catalog.save_channel(_moved(channel, sandbox_channel(running.settings, channel.account)))
    for channel in channels:
        await ensure_schedules(client, channel.account, policy)


def _moved(channel: Channel, moved: Channel) -> Channel:
    """Return a channel of the world with its new address; what else somebody set stays."""
    settings = json.loads(channel.settings) | json.loads(moved.settings)
    return channel.model_copy(update={"settings": json.dumps(settings), "allow_private": moved.allow_private})


def _in_its_own_loop(work: Coroutine[Any, Any, None]) -> None:
    """Run to the end, also where the caller's thread runs a loop already."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        thread.submit(asyncio.run, work).result()


def _sandbox_child(settings: Settings, further: Sequence[str]) -> Child:
    argv = [
        *(sys.executable, "-m", "infra.sandbox", "--port", str(settings.sandbox_port)),
        *("--gateway", settings.gateway_base_url, "--journal", str(settings.data_dir / JOURNAL)),
        *("--token", TOKEN, "--secret", SECRET, *further),
    ]
    return Child("sandbox", argv, ready_url=f"http://127.0.0.1:{settings.sandbox_port}/health")


def _gateway_child(settings: Settings) -> Child:
    return _child(settings, "gateway", ready_url=f"http://127.0.0.1:{settings.gateway_port}/health")


def _child(settings: Settings, command: str, ready_url: str | None = None) -> Child:
    argv = [sys.executable, "-m", "workers.cli", command]
    return Child(command, argv, env=_environment(settings), ready_url=ready_url)


def _environment(settings: Settings) -> dict[str, str]:
    """Return what children have to know beside the addresses that the stack tells them."""
    names = ("policy_file", "parties_file", "gateway_url", "sandbox_url")
    given = {f"CROSSDOCK_{name.upper()}": str(value) for name in names if (value := getattr(settings, name))}
    if settings.vault_key is not None:
        given["CROSSDOCK_VAULT_KEY"] = settings.vault_key.get_secret_value()
    return given
