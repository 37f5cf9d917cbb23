"""What is promised about every write of every port: what is said about it is what was done, exactly once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest

from adapters.conformance import bodies, faults
from adapters.conformance.faults import Fault, Keeping, answering, as_json
from adapters.conformance.promises import NOTHING_SENT, Promises, Scene, promise
from adapters.conformance.worlds import CannotHappen
from domain.effect import (
    Absent,
    CannotTell,
    Confirmed,
    Dedupe,
    DedupeClass,
    EffectKind,
    Finding,
    Found,
    NotYet,
    Outcome,
    OutsideWrite,
    Rejected,
    Unknown,
)
from domain.errors import CrossdockError, Unauthorized, Unavailable

_MOST_REQUESTS = 12
"""A write that sends more than these is not struck at all of them."""


@dataclass(frozen=True)
class Deed:
    """One kind of write, with what it is to change.

    Attributes:
        words: what is done, for messages.
        kind: under which its dedupe class is declared.
        claimed: whether a capability says that the party can do this.
        prepare: brings the world to where it can be done, and phrases it.
        send: carries it out.
        truth: what there is now of what it is about.
        done: whether this truth is that it was done, once.
    """

    words: str
    kind: EffectKind
    claimed: Callable[[Any], bool]
    prepare: Callable[[Scene], Awaitable[Any]]
    send: Callable[[Any, Any], Awaitable[Outcome]]
    truth: Callable[[Any, Any], Awaitable[object]]
    done: Callable[[Any, Any], bool]

    async def ready(self, scene: Scene) -> OutsideWrite:
        """Prepare it; what is claimed has to be possible in the world."""
        try:
            write: OutsideWrite = await self.prepare(scene)
        except CannotHappen as gap:
            if self.claimed(scene.capability):
                pytest.fail(f"it claims to {self.words}, but its world cannot show it: {gap}")
            raise
        return write


async def find(scene: Scene, write: OutsideWrite, outcome: Outcome) -> Finding:
    """Look a write up as the engine does, after everything that was taken on for later is done."""
    if isinstance(outcome, Unknown) and outcome.trace:
        write = write.model_copy(update={"trace": outcome.trace})
    await scene.world.finish_jobs()
    finding: Finding = await scene.adapter.find(write)
    assert not isinstance(finding, NotYet), "it is not done yet, though nothing is left to be done"
    return finding


async def settled(scene: Scene, write: OutsideWrite, outcome: Outcome) -> Outcome | Finding:
    """Return what was said of a write, or what is found of it where that was unknown."""
    return await find(scene, write, outcome) if isinstance(outcome, Unknown) else outcome


async def bring_about(scene: Scene, deed: Deed, write: OutsideWrite) -> Confirmed:
    """Carry a write out to its end, with nothing going wrong."""
    outcome = await deed.send(scene.adapter, write)
    if isinstance(outcome, Unknown) and outcome.trace:
        finding = await find(scene, write, outcome)
        assert isinstance(finding, Found), f"{deed.words}: it was taken on, and then there is {finding!r}"
        outcome = finding.confirmed
    assert isinstance(outcome, Confirmed), f"{deed.words}: {outcome!r}"
    return outcome


class WritePromises(Promises):
    """A party that is written to; `deeds` are all kinds of writes of its port."""

    deeds: ClassVar[tuple[Deed, ...]]

    async def _claimed(self, scene: Scene) -> AsyncIterator[tuple[Deed, OutsideWrite]]:
        deeds = [deed for deed in self.deeds if deed.claimed(scene.capability)]
        for deed in deeds:
            yield deed, await deed.ready(scene)
        if not deeds:
            raise CannotHappen("no write is claimed")

    @promise
    async def test_it_does_what_it_claims(self, scene: Scene) -> None:
        async for deed, write in self._claimed(scene):
            await bring_about(scene, deed, write)
            truth = await deed.truth(scene.world, write)
            assert deed.done(truth, write), f"{deed.words}: it says so, and the truth is {truth!r}"

    @promise
    async def test_what_it_does_not_claim_it_leaves_alone(self, scene: Scene) -> None:
        tried = 0
        for deed in self.deeds:
            if deed.claimed(scene.capability):
                continue
            try:
                write = await deed.ready(scene)
                before = await deed.truth(scene.world, write)
            except CannotHappen:
                continue
            outcome = await deed.send(scene.adapter, write)
            await scene.world.finish_jobs()
            assert await deed.truth(scene.world, write) == before, f"it does not claim to {deed.words}, and does"
            assert not isinstance(outcome, Unknown), f"{deed.words}: {outcome!r}, though nothing was to be sent"
            tried += 1
        if not tried:
            raise CannotHappen("it claims every write that its world knows")

    @promise
    async def test_each_write_that_it_claims_says_how_a_repeat_is_recognised(self, scene: Scene) -> None:
        missing = {
            deed.words
            for deed in self.deeds
            if deed.claimed(scene.capability) and deed.kind not in scene.capability.dedupe
        }
        assert not missing, "no dedupe class is declared for them"

    @promise
    async def test_what_was_done_is_found_and_what_was_not_is_absent(self, scene: Scene) -> None:
        asked = 0
        async for deed, write in self._claimed(scene):
            if _dedupe(scene, deed) in {Dedupe.NONE, Dedupe.NATIVE}:
                continue
            asked += 1
            before = await find(scene, write, Confirmed())
            assert isinstance(before, Absent), f"{deed.words}: nothing was sent, and there is {before!r}"
            confirmed = await bring_about(scene, deed, write)
            after = await find(scene, write, Confirmed())
            assert isinstance(after, Found), f"{deed.words}: it was done, and there is {after!r}"
            assert after.confirmed.tracking_number == confirmed.tracking_number, deed.words
        if not asked:
            raise CannotHappen("nothing is recognised by a look-up")

    @promise
    async def test_doing_it_twice_is_harmless(self, scene: Scene) -> None:
        async for deed, write in self._claimed(scene):
            await bring_about(scene, deed, write)
            if _dedupe(scene, deed) not in {Dedupe.NATIVE, Dedupe.TWO_PHASE}:
                # The engine never repeats this without a look-up; what cannot be looked up it does not repeat at all.
                finding = await find(scene, write, Confirmed())
                told = _dedupe(scene, deed) is Dedupe.NONE and isinstance(finding, CannotTell)
                assert told or isinstance(finding, Found), f"{deed.words}: it would be repeated, since {finding!r}"
                continue
            again = await deed.send(scene.adapter, write)
            finding = await settled(scene, write, again)
            assert not isinstance(finding, Absent), f"{deed.words}: {finding!r}"
            truth = await deed.truth(scene.world, write)
            assert deed.done(truth, write), f"{deed.words}: it was done again: {truth!r}"

    @promise
    async def test_a_lost_answer_can_be_resolved(self, scene: Scene) -> None:
        for fault in faults.LOST:
            async for deed, write in self._claimed(scene):
                await self._weigh(scene, deed, write, fault, 0)

    @promise
    async def test_no_fault_makes_it_say_what_is_not_so(self, scene: Scene) -> None:
        for fault in faults.EVERY:
            for deed in self.deeds:
                if not deed.claimed(scene.capability):
                    continue
                for at in range(_MOST_REQUESTS):
                    if not await self._weigh(scene, deed, await deed.ready(scene), fault, at):
                        break

    @promise
    async def test_a_write_that_surely_was_not_done_is_no_outcome_but_an_error(self, scene: Scene) -> None:
        for fault in faults.UNSENT:
            async for deed, write in self._claimed(scene):
                before = await deed.truth(scene.world, write)
                scene.line.strike(fault)
                outcome = await _said(scene, deed, write)
                if not scene.line.struck:
                    raise CannotHappen(NOTHING_SENT)
                assert isinstance(outcome, Unavailable | Unauthorized), (
                    f"{deed.words}, while {fault.words}: {outcome!r}"
                )
                scene.line.heal()
                assert await deed.truth(scene.world, write) == before

    @promise
    async def test_a_write_is_sent_once_whatever_becomes_of_it(self, scene: Scene) -> None:
        for fault in (*faults.OUTAGES, *faults.LOST, *faults.UNSENT[:4]):
            async for deed, write in self._claimed(scene):
                sent = len(scene.line.requests)
                scene.line.strike(fault)
                await _said(scene, deed, write)
                scene.line.heal()
                told = [(one.method, one.url, one.content) for one in scene.line.requests[sent:]]
                assert len(told) == len(set(told)), f"{deed.words}, while {fault.words}: it was sent again by itself"

    @promise
    async def test_no_answer_to_a_write_brings_it_down(self, scene: Scene) -> None:
        async for deed, write in self._claimed(scene):
            last = Keeping()
            scene.line.strike(Fault("kept", last.play))
            await _said(scene, deed, write)
            scene.line.heal()
            other = await deed.ready(scene)
            for words, body in bodies.strange(last.body):
                scene.line.strike(Fault(words, answering(as_json(body), executed=False)))
                await _said(scene, deed, other)
            scene.line.heal()

    @promise
    async def test_a_job_that_still_runs_there_is_not_yet_done(self, scene: Scene) -> None:
        jobs = 0
        async for deed, write in self._claimed(scene):
            outcome = await deed.send(scene.adapter, write)
            if not (isinstance(outcome, Unknown) and outcome.trace):
                continue
            jobs += 1
            finding = await scene.adapter.find(write.model_copy(update={"trace": outcome.trace}))
            assert isinstance(finding, NotYet), f"{deed.words}: the job runs, and there is {finding!r}"
            assert finding.retry_after > 0, deed.words
            assert isinstance(await find(scene, write, outcome), Found), deed.words
        if not jobs:
            raise CannotHappen("everything is done at once there")

    async def _weigh(self, scene: Scene, deed: Deed, write: OutsideWrite, fault: Fault, at: int) -> bool:
        """Let a fault meet one request of a write, hold what is said against the truth, and tell whether it struck."""
        where = f"{deed.words}, while {fault.words} (request {at + 1})"
        before = await deed.truth(scene.world, write)
        scene.line.strike(fault, at, times=1)
        outcome: Outcome | CrossdockError | Finding = await _said(scene, deed, write)
        scene.line.heal()
        struck = bool(scene.line.struck)
        if isinstance(outcome, Unknown):
            outcome = await find(scene, write, outcome)
        truth = await deed.truth(scene.world, write)
        if isinstance(outcome, Confirmed | Found):
            assert deed.done(truth, write), f"{where}: it says that it was done, and the truth is {truth!r}"
        elif isinstance(outcome, Rejected | CrossdockError):
            assert truth == before, f"{where}: {outcome!r}, and yet something was done: {truth!r}"
        else:
            await self._go_on(scene, deed, write, outcome, where)
        return struck

    async def _go_on(self, scene: Scene, deed: Deed, write: OutsideWrite, finding: Finding, where: str) -> None:
        """Do what the engine does when a look-up did not find a write."""
        dedupe = _dedupe(scene, deed)
        truth = await deed.truth(scene.world, write)
        if isinstance(finding, CannotTell):
            assert dedupe in {Dedupe.NONE, Dedupe.NATIVE}, f"{where}: it declares {dedupe}, and {finding!r}"
            if dedupe is Dedupe.NONE:
                return
        else:
            assert not deed.done(truth, write), f"{where}: {finding!r}, and the truth is {truth!r}"
        outcome = await deed.send(scene.adapter, write)
        told = await settled(scene, write, outcome)
        truth = await deed.truth(scene.world, write)
        assert isinstance(told, Confirmed | Found), f"{where}: sent again, {told!r}"
        assert deed.done(truth, write), f"{where}: sent again, and the truth is {truth!r}"


async def _said(scene: Scene, deed: Deed, write: OutsideWrite) -> Outcome | CrossdockError:
    try:
        return await deed.send(scene.adapter, write)
    except CrossdockError as error:
        return error


def _dedupe(scene: Scene, deed: Deed) -> Dedupe:
    declared: DedupeClass = scene.capability.dedupe[deed.kind]
    return declared.dedupe
