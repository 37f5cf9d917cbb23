"""The effect ledger: one never-deleted row per outside side effect, written before the call."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from domain.effect import Confirmed, EffectKind, EffectState
from domain.values import Model, Moment


class EffectIntent(Model):
    """What is about to be done outside. `base` is the business name; `request` is sealed with the order's key."""

    base: str
    kind: EffectKind
    order_id: str
    adapter: str
    request: bytes


class Effect(Model):
    """A row of the ledger.

    Attributes:
        key: base and generation: what the other side gets as our key or reference, the same for every attempt.
        token: the fencing token of the latest claim; a settle with an older one changes nothing.
        fresh: whether this claim made the row: nothing was ever sent under it.
        sent_at: when the first send under this key began.
        code: why it was rejected or is unknown.
        trace: what an attempt left behind there: the id of a draft, or of a job.
    """

    key: str
    base: str
    kind: EffectKind
    order_id: str
    adapter: str
    state: EffectState
    token: int
    fresh: bool
    same_request: bool
    sent_at: Moment
    code: str = ""
    trace: str = ""
    confirmed: Confirmed | None = None


class Settlement(Model):
    """What became of a send. An empty trace leaves the one that is kept."""

    state: EffectState
    code: str = ""
    confirmed: Confirmed | None = None
    trace: str = ""


class EffectStore(Protocol):
    """The ledger."""

    async def claim(self, intent: EffectIntent, now: datetime) -> Effect:
        """Claim the effect's current generation, in one statement.

        No row yet, or the latest generation was superseded: a new generation is inserted as SENDING, fresh.
        PLANNED (surely not executed before): becomes SENDING again, fresh. SENDING or UNKNOWN: the token grows, not
        fresh: it must be looked up. CONFIRMED or REJECTED: returned as it is.
        `same_request` tells whether the stored request has the same hash as this one. A PLANNED one with another
        request forgets its trace.
        """
        ...

    async def settle(self, key: str, token: int, settlement: Settlement, now: datetime) -> bool:
        """Keep an outcome (documents are left out of the row); False when a newer token or a confirmation stands."""
        ...

    async def keep_trace(self, key: str, token: int, trace: str) -> bool:
        """Keep the trace of a send under way; False when a later attempt has claimed it, which must stop this one."""
        ...

    async def latest(self, base: str) -> Effect | None:
        """Return the latest generation of an effect, or None when it was never begun; claims nothing."""
        ...

    async def request(self, base: str) -> bytes | None:
        """Return what the latest generation asks for, while it was perhaps or surely done.

        None when nothing was sent, when it was refused or superseded, and once the request was erased.
        """
        ...

    async def load(self, key: str) -> Effect:
        """Load one. Raises NotFound."""
        ...

    async def supersede(self, order_id: str) -> int:
        """Let every REJECTED effect of the order be tried under a new generation; return how many."""
        ...

    async def supersede_effect(self, key: str) -> None:
        """Let one CONFIRMED effect be done again under a new generation, because it was undone (a voided label)."""
        ...

    async def decide(self, key: str, state: EffectState, confirmed: Confirmed | None, now: datetime) -> bool:
        """Settle an UNKNOWN or SENDING effect by a person's word: CONFIRMED, or PLANNED (it did not happen)."""
        ...
