"""The effect ledger in memory."""

from __future__ import annotations

import hashlib
from datetime import datetime

from domain.effect import Confirmed, EffectState
from domain.errors import NotFound
from domain.ports.stores.effect import Effect, EffectIntent, Settlement
from tests.fakes.state import EffectRow, State

_IN_DOUBT = {EffectState.SENDING, EffectState.UNKNOWN}


class FakeEffectStore:
    """One row per base and generation."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def claim(self, intent: EffectIntent, now: datetime) -> Effect:
        """Claim the effect's current generation."""
        row = self._latest(intent.base)
        if row is None or row.superseded:
            return self._insert(intent, row.generation + 1 if row else 1, now)
        effect = row.effect.model_copy(
            update={"fresh": False, "same_request": row.request_hash == _hash(intent.request)}
        )
        if effect.state is EffectState.PLANNED:
            return self._send_anew(row, intent, now)
        if effect.state in _IN_DOUBT:
            return self._put(row, effect.model_copy(update={"token": effect.token + 1}))
        return effect

    async def settle(self, key: str, token: int, settlement: Settlement, now: datetime) -> bool:
        """Keep an outcome, without its document."""
        del now
        row = self._row(key)
        if token < row.effect.token or row.effect.state is EffectState.CONFIRMED:
            return False
        traced = row.effect.model_copy(update={"trace": settlement.trace or row.effect.trace})
        self._keep(row.model_copy(update={"effect": traced}), settlement.state, settlement.code, settlement.confirmed)
        return True

    async def keep_trace(self, key: str, token: int, trace: str) -> bool:
        """Keep what was prepared there, while the claim is still the latest."""
        row = self._row(key)
        if token != row.effect.token or row.effect.state is not EffectState.SENDING:
            return False
        self._put(row, row.effect.model_copy(update={"trace": trace}))
        return True

    async def latest(self, base: str) -> Effect | None:
        """Return the latest generation of an effect, or None when it was never begun."""
        row = self._latest(base)
        return row.effect if row else None

    async def request(self, base: str) -> bytes | None:
        """Return what the latest generation asks for, while it was perhaps or surely done."""
        row = self._latest(base)
        asked = row is not None and row.effect.state in _IN_DOUBT | {EffectState.CONFIRMED} and not row.superseded
        return row.request if row and asked else None

    async def load(self, key: str) -> Effect:
        """Load one."""
        return self._row(key).effect

    async def supersede(self, order_id: str) -> int:
        """Let every REJECTED effect of the order be tried under a new generation."""
        rejected = [
            row
            for row in self._state.effects.values()
            if row.effect.order_id == order_id and row.effect.state is EffectState.REJECTED and not row.superseded
        ]
        for row in rejected:
            self._state.effects[row.effect.key] = row.model_copy(update={"superseded": True})
        return len(rejected)

    async def supersede_effect(self, key: str) -> None:
        """Let one CONFIRMED effect be done again under a new generation."""
        row = self._row(key)
        if row.effect.state is EffectState.CONFIRMED:
            self._state.effects[key] = row.model_copy(update={"superseded": True})

    async def decide(self, key: str, state: EffectState, confirmed: Confirmed | None, now: datetime) -> bool:
        """Settle an effect in doubt by a person's word."""
        del now
        row = self._row(key)
        if row.effect.state not in _IN_DOUBT:
            return False
        fenced = row.effect.model_copy(update={"token": row.effect.token + 1})
        self._keep(row.model_copy(update={"effect": fenced}), state, "", confirmed)
        return True

    def _latest(self, base: str) -> EffectRow | None:
        rows = [row for row in self._state.effects.values() if row.effect.base == base]
        return max(rows, key=lambda row: row.generation, default=None)

    def _row(self, key: str) -> EffectRow:
        if key not in self._state.effects:
            raise NotFound("no-effect", f"no effect {key}")
        return self._state.effects[key]

    def _insert(self, intent: EffectIntent, generation: int, now: datetime) -> Effect:
        effect = Effect(
            key=f"{intent.base}#{generation}",
            base=intent.base,
            kind=intent.kind,
            order_id=intent.order_id,
            adapter=intent.adapter,
            state=EffectState.SENDING,
            token=1,
            fresh=True,
            same_request=True,
            sent_at=now,
        )
        row = EffectRow(
            effect=effect, generation=generation, request_hash=_hash(intent.request), request=intent.request
        )
        return self._put(row, effect)

    def _send_anew(self, row: EffectRow, intent: EffectIntent, now: datetime) -> Effect:
        """Take a row that was surely not sent; it may be asked for with another request."""
        fresh: dict[str, object] = {
            "state": EffectState.SENDING, "fresh": True, "same_request": True, "sent_at": now
        }  # fmt: skip
        if row.request_hash != _hash(intent.request):
            fresh["trace"] = ""
        effect = row.effect.model_copy(update=fresh | {"token": row.effect.token + 1})
        return self._put(
            row.model_copy(update={"request_hash": _hash(intent.request), "request": intent.request}), effect
        )

    def _keep(self, row: EffectRow, state: EffectState, code: str, confirmed: Confirmed | None) -> None:
        bare = None
        if state is EffectState.CONFIRMED:
            bare = (confirmed or Confirmed()).model_copy(update={"document": None})
        self._put(row, row.effect.model_copy(update={"state": state, "code": code, "confirmed": bare}))

    def _put(self, row: EffectRow, effect: Effect) -> Effect:
        self._state.effects[effect.key] = row.model_copy(update={"effect": effect})
        return effect


def _hash(request: bytes) -> str:
    return hashlib.sha256(request).hexdigest()
