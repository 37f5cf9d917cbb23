"""Effects happen once: an intent in the ledger, the call, its three-valued outcome, and look-ups before any resend."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Generic, TypeVar

from pydantic import BaseModel

from activities.context import Context
from domain.effect import (
    SEND_DEADLINE,
    Absent,
    CannotTell,
    Confirmed,
    Dedupe,
    DedupeClass,
    EffectKind,
    EffectState,
    Found,
    NotYet,
    Outcome,
    OutsideWrite,
    Rejected,
    Unknown,
    effect_base,
)
from domain.errors import Conflict, CrossdockError, Unavailable
from domain.outage import passes
from domain.ports.stores import Transaction
from domain.ports.stores.effect import Effect, EffectIntent, Settlement

WriteT = TypeVar("WriteT", bound=OutsideWrite)

ABSENT = "absent"

_STATE: dict[type[BaseModel], EffectState] = {
    Confirmed: EffectState.CONFIRMED,
    Rejected: EffectState.REJECTED,
    Unknown: EffectState.UNKNOWN,
}


@dataclass(frozen=True)
class Call(Generic[WriteT]):
    """One call to one party: how to phrase it under a reference, send it, and look it up.

    `find` is given the same request type that `send` is; `dedupe` is what the adapter declares for it. `draft`
    prepares what is then bought, for parties that are written to in two phases. `looks_only`: it may have been sent,
    and is not wanted any more as it was: what became of it is asked, and it is never sent again.
    """

    kind: EffectKind
    subject: str
    order_id: str
    adapter: str
    phrase: Callable[[str], WriteT]
    send: Callable[[WriteT], Awaitable[Outcome]]
    find: Callable[[WriteT], Awaitable[object]]
    dedupe: DedupeClass
    draft: Callable[[WriteT], Awaitable[str]] | None = None
    looks_only: bool = False

    def intent(self) -> EffectIntent:
        """Return the ledger row to be written before the call."""
        return EffectIntent(
            base=effect_base(self.kind, self.subject),
            kind=self.kind,
            order_id=self.order_id,
            adapter=self.adapter,
            request=self.phrase("").model_dump_json().encode(),
        )


async def claim(tx: Transaction, call: Call[WriteT], context: Context) -> Effect:
    """Write the intent in the caller's transaction, beside the arbitration that allows it.

    Raises:
        Conflict: the key was used for another request, which perhaps was done; sending either could double it.
    """
    effect = await tx.effects.claim(call.intent(), context.now())
    if not effect.same_request and effect.state not in {EffectState.CONFIRMED, EffectState.REJECTED}:
        raise Conflict("effect-request-changed", f"{effect.key} was begun with another request")
    return effect


async def carry_out(context: Context, effect: Effect, call: Call[WriteT]) -> Outcome:
    """Bring a claimed effect to its outcome; nothing that was perhaps sent is sent again before it is looked up."""
    if effect.state is EffectState.CONFIRMED and effect.confirmed is not None:
        return effect.confirmed
    if effect.state is EffectState.REJECTED:
        return Rejected(code=effect.code)
    if effect.fresh and not call.looks_only:
        return await _send(context, effect, call)
    return await _resolve(context, effect, call)


@asynccontextmanager
async def settled(context: Context, effect: Effect, call: Call[WriteT]) -> AsyncGenerator[tuple[Transaction, Outcome]]:
    """Bring a claimed effect to its outcome, and open the transaction that keeps it, for what follows from it."""
    outcome = await carry_out(context, effect, call)
    async with context.record.begin() as tx:
        await settle(tx, effect, outcome, context)
        yield tx, outcome


async def settle(tx: Transaction, effect: Effect, outcome: Outcome, context: Context) -> None:
    """Keep the outcome in the caller's transaction, beside what follows from it.

    Raises:
        Conflict: a later attempt has taken over; its outcome counts, not this one.
    """
    if effect.state in {EffectState.CONFIRMED, EffectState.REJECTED}:
        return
    confirmed = outcome if isinstance(outcome, Confirmed) else None
    code = "" if isinstance(outcome, Confirmed) else outcome.code
    trace = outcome.trace if isinstance(outcome, Unknown) else ""
    settlement = Settlement(state=_STATE[type(outcome)], code=code, confirmed=confirmed, trace=trace)
    kept = await tx.effects.settle(effect.key, effect.token, settlement, context.now())
    if not kept:
        raise Unavailable("effect-taken-over", f"{effect.key} is in the hands of a later attempt", retry_after=1)


async def _send(context: Context, effect: Effect, call: Call[WriteT]) -> Outcome:
    try:
        async with asyncio.timeout(SEND_DEADLINE.total_seconds()):
            outcome = await call.send(await _prepare(context, effect, call))
    except TimeoutError:
        outcome = Unknown(code="send-deadline")
    except CrossdockError as error:
        # A repeat under the party's own key may fail where the first send did not: that one is still to be looked up.
        await _remember(context, effect, EffectState.PLANNED if effect.fresh else EffectState.UNKNOWN, error.code)
        raise
    # A job can be asked for by its id, also where nothing else can be.
    if isinstance(outcome, Unknown) and (outcome.trace or call.dedupe.dedupe is not Dedupe.NONE):
        await _remember(context, effect, EffectState.UNKNOWN, outcome.code, outcome.trace)
        raise Unavailable(f"unknown-{outcome.code}", "perhaps done: it is looked up next", retry_after=0.5)
    return outcome


async def _prepare(context: Context, effect: Effect, call: Call[WriteT]) -> WriteT:
    """Phrase the request; in two phases, with a draft whose id is kept before anything is paid for.

    Raises:
        Unavailable: a later attempt has taken over; this one must not buy.
    """
    write = _phrase(effect, call)
    if call.draft is None or call.dedupe.dedupe is not Dedupe.TWO_PHASE or effect.trace:
        return write
    trace = await call.draft(write)
    async with context.record.begin() as tx:
        if not await tx.effects.keep_trace(effect.key, effect.token, trace):
            raise Unavailable("effect-taken-over", f"{effect.key} is in the hands of a later attempt", retry_after=1)
    return write.model_copy(update={"trace": trace})


def _phrase(effect: Effect, call: Call[WriteT]) -> WriteT:
    return call.phrase(effect.key).model_copy(update={"trace": effect.trace})


async def look_up(context: Context, effect: Effect, call: Call[WriteT]) -> Outcome:
    """Ask what became of an effect that was perhaps done, without ever sending it.

    Rejected with code ``absent`` means that it surely did not happen; with any other, that the other side said no.

    Raises:
        Unavailable: the other side is still at it, or nothing is found but it is too early to believe that.
    """
    if call.dedupe.dedupe is Dedupe.TWO_PHASE and not effect.trace:
        return Rejected(code=ABSENT)  # no draft was kept, so nothing was bought
    finding = await call.find(_phrase(effect, call))
    if isinstance(finding, Found):
        return finding.confirmed
    if isinstance(finding, Rejected):
        return finding
    if isinstance(finding, NotYet):
        raise Unavailable("not-yet", "the other side is still at it", retry_after=finding.retry_after)
    if isinstance(finding, CannotTell) and passes(finding.code):
        raise Unavailable(finding.code, "the other side cannot be asked now")
    if not isinstance(finding, Absent):
        return Unknown(code=effect.code or "cannot-tell")
    too_early = SEND_DEADLINE + call.dedupe.visibility_lag - (context.now() - effect.sent_at)
    if too_early > timedelta(0):
        wait = too_early.total_seconds()
        raise Unavailable("absent-too-early", "not to be seen yet: too early to send again", retry_after=wait)
    return Rejected(code=ABSENT)


async def _resolve(context: Context, effect: Effect, call: Call[WriteT]) -> Outcome:
    outcome = await look_up(context, effect, call)
    key_lives = context.now() - effect.sent_at < call.dedupe.key_life
    if isinstance(outcome, Unknown) and call.dedupe.dedupe is Dedupe.NATIVE and key_lives and not call.looks_only:
        return await _send(context, effect, call)
    if isinstance(outcome, Rejected) and outcome.code == ABSENT:
        # Sent by the next attempt, under a deadline of its own: a look-up must not believe the first one's for it.
        await _remember(context, effect, EffectState.PLANNED, ABSENT)
        raise Unavailable("absent-send-again", "surely not done: it is sent again", retry_after=0)
    return outcome


async def _remember(context: Context, effect: Effect, state: EffectState, code: str, trace: str = "") -> None:
    async with context.record.begin() as tx:
        settlement = Settlement(state=state, code=code, trace=trace)
        await tx.effects.settle(effect.key, effect.token, settlement, context.now())
