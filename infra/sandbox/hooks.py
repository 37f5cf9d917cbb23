"""The webhooks that the world sends to the gateway, signed, and again until they are accepted."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from random import Random

import httpx
from pydantic import JsonValue

from infra.sandbox.faults import HOOK_KINDS, Fault, Faults
from infra.sandbox.records import Hook
from infra.sandbox.world import World

MAX_ATTEMPTS = 60
_LONGEST_WAIT = 10.0
_AT_ONCE = 8
_TIMEOUT = httpx.Timeout(5.0)


def sign(secret: str, timestamp: str, body: str) -> str:
    """Return the signature of a webhook: version, then HMAC-SHA256 of the timestamp, a dot and the body, in hex.

    >>> sign("s", "1", "{}")[:11]
    'v1=b253639b'
    """
    return "v1=" + hmac.new(secret.encode(), f"{timestamp}.{body}".encode(), hashlib.sha256).hexdigest()


def emit(world: World, account: str, kind: str, **words: JsonValue) -> None:
    """Let the gateway be told; the webhook outlives a crash of the world."""
    hook_id = world.new_id("evt")
    body: dict[str, JsonValue] = {
        "id": hook_id,
        "type": kind,
        "account": account,
        "occurred_at": world.now().isoformat(),
    }
    world.keep(Hook(id=hook_id, account=account, type=kind, body=json.dumps(body | words, separators=(",", ":"))))
    world.at(0, "hook.deliver", hook=hook_id)


class Courier:
    """Brings webhooks to the gateway, at most a few at once, later and later when it does not take them."""

    def __init__(self, gateway: str, secrets: dict[str, str], secret: str, faults: Faults) -> None:
        self._gateway, self._secrets, self._secret, self._faults = gateway.rstrip("/"), secrets, secret, faults
        self._client = httpx.AsyncClient(timeout=_TIMEOUT, trust_env=False)
        self._free = asyncio.Semaphore(_AT_ONCE)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.aclose()

    def requeue(self, world: World) -> None:
        """Take up the webhooks that an earlier run of the world was delivering when it ended."""
        planned = {deed.args.get("hook") for deed in world.deeds.values()}
        for hook_id in set(world.hooks) - planned:
            world.at(0, "hook.deliver", hook=hook_id)

    async def deliver(self, world: World, args: dict[str, str]) -> None:
        """Send one webhook once, as the faults allow."""
        hook = world.hooks.get(args["hook"])
        if hook is None:
            return
        if not self._gateway:
            world.forget(hook)
            return
        fault = self._faults.take(f"hook.{hook.type}", hook.account, HOOK_KINDS) if not hook.attempts else None
        hook.attempts += 1
        if fault and fault.kind in {"late_hook", "reorder_hooks"}:
            world.at(_lateness(fault, hook), "hook.deliver", hook=hook.id)
            return
        async with self._free:
            accepted = await self._post(hook, world, spoilt=fault is not None and fault.kind == "bad_signature")
            if fault and fault.kind == "duplicate_hook":
                await self._post(hook, world, spoilt=False)
        self._settle(world, hook, accepted=accepted)
        world.flush()

    def _settle(self, world: World, hook: Hook, *, accepted: bool) -> None:
        if accepted or hook.attempts >= MAX_ATTEMPTS:
            world.forget(hook)
            world.record(
                "hook.accepted" if accepted else "hook.given_up", "marketplace", subject=hook.id, detail=hook.type
            )
            return
        world.at(min(0.1 * 2**hook.attempts, _LONGEST_WAIT), "hook.deliver", hook=hook.id)

    async def _post(self, hook: Hook, world: World, *, spoilt: bool) -> bool:
        timestamp = str(int(world.now().timestamp()))
        secret = "not-the-secret" if spoilt else self._secrets.get(hook.account, self._secret)
        headers = {
            "Content-Type": "application/json",
            "X-Crossdock-Timestamp": timestamp,
            "X-Crossdock-Signature": sign(secret, timestamp, hook.body),
        }
        url = f"{self._gateway}/hooks/{hook.account}"
        try:
            answer = await self._client.post(url, content=hook.body.encode(), headers=headers)
        except httpx.HTTPError:
            return False
        return answer.is_success


def _lateness(fault: Fault, hook: Hook) -> float:
    """Return seconds: exactly those of a late webhook, any fewer where neighbours should overtake each other."""
    seconds = fault.seconds if fault.seconds is not None else 1.0
    if fault.kind == "late_hook":
        return seconds
    return Random(hook.id).uniform(0, seconds)  # noqa: S311  reproducible, not secret
