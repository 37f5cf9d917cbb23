"""What was surely not done is sent again, and then believed absent only after the deadline of that later send."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from activities.context import Context
from activities.effect import Call, carry_out, claim, settle
from domain.effect import (
    SEND_DEADLINE,
    Absent,
    CannotTell,
    Confirmed,
    Dedupe,
    DedupeClass,
    EffectKind,
    EffectState,
    Finding,
    Found,
    Outcome,
    Unknown,
)
from domain.errors import Unavailable
from domain.ports.carrier import VoidLabel
from tests.fakes.record import FakeRecord
from tests.stores.scenes import record_order, seed_catalog
from tests.stores.waiting_room import Clock, context_of


@dataclass
class Remote:
    """A party that executes a request some time after it came, and whose look-up tells the truth."""

    sent: list[VoidLabel] = field(default_factory=list[VoidLabel])
    done: list[VoidLabel] = field(default_factory=list[VoidLabel])

    async def send(self, write: VoidLabel) -> Outcome:
        self.sent.append(write)
        raise ConnectionAbortedError("the worker dies here")

    async def find(self, write: VoidLabel) -> Finding:
        return Found(confirmed=Confirmed(remote_id="R-1")) if write in self.done else Absent()


async def test_absence_is_believed_after_the_deadline_of_the_latest_send() -> None:
    remote, clock, record = Remote(), Clock(), FakeRecord()
    await seed_catalog(record)
    await record_order(record)
    context = context_of(record, clock)
    with pytest.raises(ConnectionAbortedError):
        await attempt(context, remote)
    clock.moment += SEND_DEADLINE
    with pytest.raises(Unavailable, match="sent again"):
        await attempt(context, remote)
    with pytest.raises(ConnectionAbortedError):
        await attempt(context, remote)
    clock.moment += SEND_DEADLINE / 2
    with pytest.raises(Unavailable, match="too early"):
        await attempt(context, remote)
    remote.done.append(remote.sent[-1])
    assert await attempt(context, remote) == Confirmed(remote_id="R-1")
    assert len(remote.sent) == 2, "a third send would have been a second effect"


async def attempt(context: Context, remote: Remote) -> Outcome:
    """Do what every step with an effect does."""
    call = Call(
        kind=EffectKind.VOID,
        subject="shop/1001/F1/P1",
        order_id="shop/1001",
        adapter="swift",
        phrase=lambda key: VoidLabel(reference=key, remote_id="R", tracking_number="T"),
        send=remote.send,
        find=remote.find,
        dedupe=DedupeClass(dedupe=Dedupe.REFERENCE),
    )
    async with context.record.begin() as tx:
        effect = await claim(tx, call, context)
    outcome = await carry_out(context, effect, call)
    async with context.record.begin() as tx:
        await settle(tx, effect, outcome, context)
    return outcome


async def test_a_repeat_that_fails_leaves_the_first_send_in_doubt() -> None:
    """Or it would be sent once more after the life of the party's key, as if it had never been sent."""
    clock, record = Clock(), FakeRecord()
    await seed_catalog(record)
    order_id = await record_order(record)
    context = context_of(record, clock)
    answers: list[Outcome | Unavailable] = [Unknown(code="no-answer-in-time"), Unavailable("outage:swift")]

    async def send(_write: VoidLabel) -> Outcome:
        answer = answers.pop(0)
        if isinstance(answer, Unavailable):
            raise answer
        return answer

    async def find(_write: VoidLabel) -> Finding:
        return CannotTell(code="no-lookup")

    call = Call(
        kind=EffectKind.VOID, subject="P1", order_id=order_id, adapter="swift",
        phrase=lambda key: VoidLabel(reference=key, remote_id="", tracking_number="T"), send=send, find=find,
        dedupe=DedupeClass(dedupe=Dedupe.NATIVE, key_life=timedelta(days=1)),
    )  # fmt: skip
    for _ in range(2):
        async with record.begin() as tx:
            effect = await claim(tx, call, context)
        with pytest.raises(Unavailable):
            await carry_out(context, effect, call)
    async with record.begin() as tx:
        latest = await tx.effects.latest("void:P1")
    assert latest
    assert latest.state is EffectState.UNKNOWN


@pytest.mark.parametrize(("code", "asks_later"), [("outage:swift", True), ("http-503", True), ("no-lookup", False)])
async def test_a_look_up_that_cannot_be_made_now_is_made_later(code: str, asks_later: bool) -> None:  # noqa: FBT001 - a table
    clock, record = Clock(), FakeRecord()
    await seed_catalog(record)
    order_id = await record_order(record)
    context = context_of(record, clock)

    async def send(_write: VoidLabel) -> Outcome:
        return Unknown(code="connection-lost")

    async def find(_write: VoidLabel) -> Finding:
        return CannotTell(code=code)

    call = Call(
        kind=EffectKind.VOID, subject="P1", order_id=order_id, adapter="swift",
        phrase=lambda key: VoidLabel(reference=key, remote_id="", tracking_number="T"), send=send, find=find,
        dedupe=DedupeClass(dedupe=Dedupe.REFERENCE),
    )  # fmt: skip
    async with record.begin() as tx:
        effect = await claim(tx, call, context)
    with pytest.raises(Unavailable):
        await carry_out(context, effect, call)
    async with record.begin() as tx:
        effect = await claim(tx, call, context)
    if asks_later:
        with pytest.raises(Unavailable, match="asked now"):
            await carry_out(context, effect, call)
    else:
        assert isinstance(await carry_out(context, effect, call), Unknown)
