"""The stage of a demo: a data folder of its own that begins empty, fresh ports, and waiting times in seconds."""

from __future__ import annotations

import shutil
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection
from temporalio.client import Client

from domain.errors import Refused
from domain.messages import ORDER_WORKFLOW
from domain.policy import DEMO_POLICY
from infra.settings import Settings
from infra.stack.lock import hold_lock
from workers.stack import has_sandbox, write_policy

FOLDER = "demo"
_LOCK = "stack.lock"
_ANY_ORDER = text("SELECT EXISTS (SELECT FROM orders)")


def set_stage(settings: Settings) -> Settings:
    """Empty the demo's folder and return settings that lead to it.

    Raises:
        Refused: the settings name other parties, or another world than the demo's own.
        StackLockedError: another demo runs.
    """
    if not has_sandbox(settings):
        raise Refused(
            "not-our-world",
            "the demo brings a world of its own: unset CROSSDOCK_PARTIES_FILE and CROSSDOCK_SANDBOX_URL",
        )
    folder = settings.data_dir / FOLDER
    _empty(folder)
    ports = {name: 0 for name in type(settings).model_fields if name.endswith("_port")}
    policy = write_policy(DEMO_POLICY, folder / "policy.toml")
    return settings.model_copy(update={**ports, "data_dir": folder, "gateway_url": None, "policy_file": policy})


async def require_empty(connection: AsyncConnection, client: Client) -> None:
    """Refuse a record or a namespace that has orders already: they would be counted, or stand in the way.

    Raises:
        Refused: an external one is not empty.
    """
    async with connection.begin():
        has_orders = await connection.scalar(_ANY_ORDER)
    if has_orders:
        raise Refused("not-empty", "the database has orders already: give the demo an empty one, or none")
    if (await client.count_workflows(f"WorkflowType = '{ORDER_WORKFLOW}'")).count:
        raise Refused("not-empty", "the Temporal namespace has orders already: give the demo an empty one, or none")


def _empty(folder: Path) -> None:
    """Remove what an earlier demo left; the lock shows that nobody uses it."""
    with hold_lock(folder):
        for entry in folder.iterdir():
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            elif entry.name != _LOCK:
                entry.unlink()
