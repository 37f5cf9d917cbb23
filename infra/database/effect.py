"""The effect ledger in PostgreSQL."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text

from domain.effect import Confirmed, EffectState
from domain.errors import NotFound
from domain.ports.stores.effect import Effect, EffectIntent, Settlement
from infra.database.store import Store

_COLUMNS = "e.key, e.base, e.kind, e.order_id, e.adapter, e.state, e.token, e.sent_at, e.code, e.trace, e.confirmed"
# What was surely not sent may be asked for anew, so that a PLANNED row takes the new request.
_CLAIM = text(f"""
    WITH latest AS MATERIALIZED (
        SELECT generation, superseded FROM effects WHERE base = :base ORDER BY generation DESC LIMIT 1 FOR UPDATE
    ), wanted AS (
        SELECT coalesce((SELECT generation + CAST(superseded AS integer) FROM latest), 1) AS generation,
               CASE WHEN EXISTS (SELECT FROM vault WHERE order_id = :order_id AND erased_at IS NOT NULL) THEN NULL
                    ELSE CAST(:request AS bytea) END AS request
    )
    INSERT INTO effects AS e (
        key, base, generation, kind, order_id, adapter, state, token, fresh, request, request_hash, sent_at)
    SELECT concat_ws('#', CAST(:base AS text), generation), :base, generation, :kind, :order_id, :adapter, 'SENDING', 1,
           true, request, CAST(:hash AS bytea), :now
    FROM wanted
    ON CONFLICT (base, generation) DO UPDATE SET
        token = e.token + CAST(e.state IN ('PLANNED', 'SENDING', 'UNKNOWN') AS integer),
        fresh = e.state = 'PLANNED',
        trace = CASE WHEN e.state = 'PLANNED' AND e.request_hash <> EXCLUDED.request_hash THEN '' ELSE e.trace END,
        request = CASE e.state WHEN 'PLANNED' THEN EXCLUDED.request ELSE e.request END,
        request_hash = CASE e.state WHEN 'PLANNED' THEN EXCLUDED.request_hash ELSE e.request_hash END,
        sent_at = CASE e.state WHEN 'PLANNED' THEN EXCLUDED.sent_at ELSE e.sent_at END,
        state = CASE e.state WHEN 'PLANNED' THEN 'SENDING' ELSE e.state END,
        touched_at = now()
    RETURNING {_COLUMNS}, e.fresh, e.request_hash = CAST(:hash AS bytea) AS same_request""")  # noqa: S608 - a constant
_SETTLE = text("""
    UPDATE effects SET state = :state, code = :code, confirmed = CAST(:confirmed AS jsonb),
        trace = coalesce(nullif(:trace, ''), trace),
        confirmed_digest = md5(CAST(CAST(:confirmed AS jsonb) AS text)), settled_at = :now, touched_at = now()
    WHERE key = :key AND token <= :token AND state <> 'CONFIRMED'""")
_DECIDE = text("""
    UPDATE effects SET state = :state, code = '', confirmed = CAST(:confirmed AS jsonb), token = token + 1,
        confirmed_digest = md5(CAST(CAST(:confirmed AS jsonb) AS text)), settled_at = :now, touched_at = now()
    WHERE key = :key AND state IN ('SENDING', 'UNKNOWN')""")
_KEEP_TRACE = text("""
    UPDATE effects SET trace = :trace, touched_at = now() WHERE key = :key AND token = :token AND state = 'SENDING'""")
_LOAD = text(f"""
    SELECT {_COLUMNS}, false AS fresh, true AS same_request FROM effects e WHERE key = :key""")  # noqa: S608 - a constant
_LATEST = text(f"""
    SELECT {_COLUMNS}, false AS fresh, true AS same_request FROM effects e WHERE base = :base
    ORDER BY generation DESC LIMIT 1""")  # noqa: S608 - a constant
_REQUEST = text("""
    SELECT order_id, request FROM (
        SELECT * FROM effects WHERE base = :base ORDER BY generation DESC LIMIT 1) latest
    WHERE state IN ('SENDING', 'UNKNOWN', 'CONFIRMED') AND NOT superseded AND request IS NOT NULL""")
_SUPERSEDE = text("""
    UPDATE effects SET superseded = true WHERE order_id = :order_id AND state = 'REJECTED' AND NOT superseded""")
_SUPERSEDE_ONE = text("UPDATE effects SET superseded = true WHERE key = :key AND state = 'CONFIRMED'")


class PostgresEffectStore(Store):
    """One row per base and generation, never deleted."""

    async def claim(self, intent: EffectIntent, now: datetime) -> Effect:
        """Claim the effect's current generation, in one statement."""
        row = await self._first(
            _CLAIM,
            **intent.model_dump(mode="json", include={"base", "kind", "order_id", "adapter"}),
            request=self._cipher.seal_alone(intent.request, intent.order_id, "request"),
            hash=self._cipher.fingerprint(intent.request, "request"),
            now=now,
        )
        if row is None:  # an upsert without a condition always returns its row
            raise NotFound("no-effect", intent.base)
        return Effect(**row)

    async def settle(self, key: str, token: int, settlement: Settlement, now: datetime) -> bool:
        """Keep an outcome, without its document."""
        bound = settlement.model_dump(mode="json", include={"state", "code", "trace"})
        bound["confirmed"] = _bare(settlement.state, settlement.confirmed)
        if await self._run(_SETTLE, key=key, token=token, now=now, **bound):
            return True
        await self.load(key)
        return False

    async def keep_trace(self, key: str, token: int, trace: str) -> bool:
        """Keep what was prepared there, while the claim is still the latest."""
        return bool(await self._run(_KEEP_TRACE, key=key, token=token, trace=trace))

    async def latest(self, base: str) -> Effect | None:
        """Return the latest generation of an effect, or None when it was never begun."""
        row = await self._first(_LATEST, base=base)
        return None if row is None else Effect(**row)

    async def request(self, base: str) -> bytes | None:
        """Return what the latest generation asks for, while it was perhaps or surely done."""
        row = await self._first(_REQUEST, base=base)
        return None if row is None else self._cipher.open_alone(row["request"], row["order_id"], "request")

    async def load(self, key: str) -> Effect:
        """Load one; as nobody claims it, it is not fresh, and its request is its own."""
        row = await self._first(_LOAD, key=key)
        if row is None:
            raise NotFound("no-effect", f"no effect {key}")
        return Effect(**row)

    async def supersede(self, order_id: str) -> int:
        """Let every REJECTED effect of the order be tried under a new generation."""
        return await self._run(_SUPERSEDE, order_id=order_id)

    async def supersede_effect(self, key: str) -> None:
        """Let one CONFIRMED effect be done again under a new generation."""
        if not await self._run(_SUPERSEDE_ONE, key=key):
            await self.load(key)

    async def decide(self, key: str, state: EffectState, confirmed: Confirmed | None, now: datetime) -> bool:
        """Settle an effect in doubt by a person's word; a send that is still under way loses its claim."""
        if await self._run(_DECIDE, key=key, state=state.value, confirmed=_bare(state, confirmed), now=now):
            return True
        await self.load(key)
        return False


def _bare(state: EffectState, confirmed: Confirmed | None) -> str | None:
    if state is not EffectState.CONFIRMED:
        return None
    return (confirmed or Confirmed()).model_dump_json(exclude={"document"})
