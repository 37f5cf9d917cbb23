"""What an attempt leaves with the other side: drafts, kept before they are bought, and jobs that answer later."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from activities.context import Context
from activities.effect import Call, carry_out, claim, settle
from domain.effect import (
    SEND_DEADLINE,
    Absent,
    Confirmed,
    Dedupe,
    DedupeClass,
    EffectKind,
    EffectState,
    Finding,
    Found,
    NotYet,
    Outcome,
    Rejected,
    Unknown,
)
from domain.errors import Unavailable
from domain.ports.carrier import VoidLabel
from tests.fakes.record import FakeRecord
from tests.stores.scenes import record_order, seed_catalog
from tests.stores.waiting_room import Clock, context_of

TWO_PHASE = DedupeClass(dedupe=Dedupe.TWO_PHASE)
BY_REFERENCE = DedupeClass(dedupe=Dedupe.REFERENCE)


@dataclass
class Remote:
    """A party that is written to in two phases, or that answers by the id of a job; it dies where it is told to."""

    drafts: list[str] = field(default_factory=list[str])
    bought: list[str] = field(default_factory=list[str])
    dies: str = ""
    answers: list[Finding] = field(default_factory=list[Finding])
    asked: list[str] = field(default_factory=list[str])

    async def draft(self, write: VoidLabel) -> str:
        self.drafts.append(f"draft-{len(self.drafts) + 1}")
        self._die("drafting")
        assert not write.trace
        return self.drafts[-1]

    async def buy(self, write: VoidLabel) -> Outcome:
        self._die("buying")
        self.bought.append(write.trace)
        self._die("answering")
        return Confirmed(remote_id=write.trace)

    async def find_bought(self, write: VoidLabel) -> Finding:
        self.asked.append(write.trace)
        return Found(confirmed=Confirmed(remote_id=write.trace)) if write.trace in self.bought else Absent()

    async def begin(self, write: VoidLabel) -> Outcome:
        del write
        self.bought.append("job-7")
        return Unknown(code="queued", trace="job-7")

    async def find_result(self, write: VoidLabel) -> Finding:
        self.asked.append(write.trace)
        return self.answers.pop(0)

    def _die(self, where: str) -> None:
        if self.dies == where:
            self.dies = ""
            raise ConnectionAbortedError("the worker dies here")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def context(clock: Clock) -> Context:
    record = FakeRecord()
    await seed_catalog(record)
    await record_order(record)
    return context_of(record, clock)


async def test_a_draft_is_bought_by_the_id_that_was_kept_before(context: Context) -> None:
    remote = Remote()
    assert await attempt(context, two_phases(remote)) == Confirmed(remote_id="draft-1")
    assert (remote.drafts, remote.bought) == (["draft-1"], ["draft-1"])


async def test_who_dies_while_drafting_drafts_again_at_once_and_buys_one(context: Context) -> None:
    remote = Remote(dies="drafting")
    await fails(context, two_phases(remote), ConnectionAbortedError)
    await fails(context, two_phases(remote), Unavailable)
    assert await attempt(context, two_phases(remote)) == Confirmed(remote_id="draft-2")
    assert remote.asked == [], "no draft was kept, so there was nothing to ask about"


@pytest.mark.parametrize("dies", ["buying", "answering"])
async def test_who_dies_while_buying_buys_the_same_draft_or_finds_it_bought(
    context: Context, clock: Clock, dies: str
) -> None:
    remote = Remote(dies=dies)
    await fails(context, two_phases(remote), ConnectionAbortedError)
    clock.moment += SEND_DEADLINE + timedelta(seconds=1)
    if dies == "buying":
        await fails(context, two_phases(remote), Unavailable)
    assert await attempt(context, two_phases(remote)) == Confirmed(remote_id="draft-1")
    assert (remote.drafts, remote.bought) == (["draft-1"], ["draft-1"])


async def test_an_attempt_that_was_overtaken_while_drafting_buys_nothing(context: Context) -> None:
    remote = Remote()

    async def draft_slowly(write: VoidLabel) -> str:
        await attempt_until_bought(context, remote)
        return await remote.draft(write)

    with pytest.raises(Unavailable, match="later attempt"):
        await attempt(context, two_phases(remote, draft_slowly))
    assert remote.bought == ["draft-1"]


async def test_a_job_is_asked_until_it_answers(context: Context) -> None:
    remote = Remote(answers=[NotYet(retry_after=90), Found(confirmed=Confirmed(remote_id="R-1"))])
    await fails(context, a_job(remote), Unavailable)
    with pytest.raises(Unavailable) as told:
        await attempt(context, a_job(remote))
    assert (told.value.code, told.value.retry_after) == ("not-yet", 90)
    assert await attempt(context, a_job(remote)) == Confirmed(remote_id="R-1")
    assert (remote.bought, remote.asked) == (["job-7"], ["job-7", "job-7"])


async def test_a_job_is_asked_also_of_a_party_that_can_be_asked_nothing_else(context: Context) -> None:
    remote = Remote(answers=[Found(confirmed=Confirmed(remote_id="R-1"))])
    by_job_alone = call(remote.begin, remote.find_result, DedupeClass(dedupe=Dedupe.NONE), None)
    await fails(context, by_job_alone, Unavailable)
    assert await attempt(context, by_job_alone) == Confirmed(remote_id="R-1")
    assert (remote.bought, remote.asked) == (["job-7"], ["job-7"])


async def test_a_job_that_says_no_is_rejected_and_not_begun_again(context: Context) -> None:
    remote = Remote(answers=[Rejected(code="bad-line")])
    await fails(context, a_job(remote), Unavailable)
    assert await attempt(context, a_job(remote)) == Rejected(code="bad-line")
    assert await attempt(context, a_job(remote)) == Rejected(code="bad-line")
    assert remote.bought == ["job-7"]
    async with context.record.begin() as tx:
        latest = await tx.effects.latest("void:shop/1001/F1/P1")
    assert latest is not None
    assert (latest.state, latest.trace) == (EffectState.REJECTED, "job-7")


def two_phases(remote: Remote, draft: Callable[[VoidLabel], Awaitable[str]] | None = None) -> Call[VoidLabel]:
    return call(remote.buy, remote.find_bought, TWO_PHASE, draft or remote.draft)


def a_job(remote: Remote) -> Call[VoidLabel]:
    return call(remote.begin, remote.find_result, BY_REFERENCE, None)


def call(
    send: Callable[[VoidLabel], Awaitable[Outcome]],
    find: Callable[[VoidLabel], Awaitable[Finding]],
    dedupe: DedupeClass,
    draft: Callable[[VoidLabel], Awaitable[str]] | None,
) -> Call[VoidLabel]:
    return Call(
        kind=EffectKind.VOID,
        subject="shop/1001/F1/P1",
        order_id="shop/1001",
        adapter="swift",
        phrase=lambda key: VoidLabel(reference=key, remote_id="R", tracking_number="T"),
        send=send,
        find=find,
        dedupe=dedupe,
        draft=draft,
    )


async def attempt(context: Context, wanted: Call[VoidLabel]) -> Outcome:
    """Do what every step with an effect does."""
    async with context.record.begin() as tx:
        effect = await claim(tx, wanted, context)
    outcome = await carry_out(context, effect, wanted)
    async with context.record.begin() as tx:
        await settle(tx, effect, outcome, context)
    return outcome


async def fails(context: Context, wanted: Call[VoidLabel], error: type[Exception]) -> None:
    """Attempt it once more, in vain."""
    with pytest.raises(error):
        await attempt(context, wanted)


async def attempt_until_bought(context: Context, remote: Remote) -> None:
    """What the next attempts do while the first one is still drafting."""
    await fails(context, two_phases(remote), Unavailable)
    await attempt(context, two_phases(remote))
