"""A number that changes while the channel is being told, or when nobody knows what became of the telling."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import timedelta

import pytest

from activities import tracking
from activities.correction import live_parcel
from activities.tracking import TrackingActivities
from domain.effect import SEND_DEADLINE, EffectState, Rejected
from domain.errors import Unavailable
from domain.ports.stores import Record, Transaction
from domain.shipment import Parcel
from tests.activities.depot import FIRST, PART, RECORDS, SECOND, THIRD, Depot, opened, sent
from tests.activities.mortal import Died, MortalRecord
from tests.fakes.record import FakeRecord
from tests.stores.scenes import tellings


@pytest.fixture(params=RECORDS)
async def record(request: pytest.FixtureRequest) -> AsyncGenerator[Record]:
    async with opened(request) as made:
        yield made


@pytest.mark.parametrize("fate", ["lost", "dies"])
async def test_a_confirmation_in_doubt_is_settled_under_the_old_number_first(record: Record, fate: str) -> None:
    depot = await Depot(record).prepare()
    await depot.say(FIRST)
    depot.fate = fate
    with pytest.raises(Died):
        await TrackingActivities(depot.context).push_tracking(depot.part_of)
    await depot.amend(SECOND)
    assert (await depot.push()).ticket == 0
    assert (await depot.correct()).ticket == 0
    assert await depot.shown() == [SECOND]
    assert depot.told == ([FIRST, SECOND] if fate == "lost" else [SECOND])


@pytest.mark.parametrize("fate", ["lost", "dies"])
async def test_a_correction_in_doubt_is_settled_before_the_next(record: Record, fate: str) -> None:
    depot = await sent(record)
    await depot.amend(SECOND)
    depot.fate = fate
    with pytest.raises(Died):
        await TrackingActivities(depot.context).correct_tracking(depot.part_of)
    await depot.amend(THIRD)
    for _ in range(2):
        assert (await depot.correct()).ticket == 0
    assert await depot.shown() == [THIRD]
    assert depot.told == ([FIRST, SECOND, THIRD] if fate == "lost" else [FIRST, THIRD])


async def test_a_refused_number_is_told_anew_once_it_is_corrected(record: Record) -> None:
    depot = await Depot(record).prepare()
    await depot.say(FIRST)
    depot.fate = Rejected(code="bad-number")
    waiting = await depot.push()
    assert waiting.cause.startswith("effect:tracking:")
    assert (await depot.amend(SECOND)).ticket >= waiting.ticket
    assert [wait.cause for wait in await depot.waits()] == [f"delivery:{PART}"]
    assert (await depot.push()).ticket == 0
    assert depot.told == [SECOND]


async def test_a_refused_correction_waits_and_the_next_one_is_told(record: Record) -> None:
    depot = await sent(record)
    await depot.amend(SECOND)
    depot.fate = Rejected(code="bad-number")
    assert (await depot.correct()).cause.startswith("effect:correction:")
    await depot.amend(THIRD)
    assert (await depot.correct()).ticket == 0
    assert depot.told == [FIRST, THIRD]


async def test_a_number_that_is_corrected_while_it_is_refused_is_told_at_once(record: Record) -> None:
    depot = await Depot(record).prepare()
    await depot.say(FIRST)
    depot.meanwhile = lambda: depot.amend(SECOND)
    depot.fate = Rejected(code="bad-number")
    with pytest.raises(Unavailable, match="another number"):
        await TrackingActivities(depot.context).push_tracking(depot.part_of)
    assert (await depot.push()).ticket == 0
    assert depot.told == [SECOND]


async def test_a_number_that_is_corrected_while_it_is_told_is_told_again(record: Record) -> None:
    depot = await Depot(record).prepare()
    await depot.say(FIRST)
    depot.meanwhile = lambda: depot.amend(SECOND)
    assert (await depot.push()).ticket == 0
    assert "changed" in {one.signal for one in await tellings(record)}, "nobody would look at the order again"
    assert (await depot.review()).corrected == (PART,)
    await depot.correct()
    assert depot.told == [FIRST, SECOND]


async def test_a_number_that_comes_while_its_lack_is_noted_is_not_waited_for(
    record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    if isinstance(record, FakeRecord):
        pytest.skip("it has one transaction at a time")
    depot = await Depot(record).prepare()
    await depot.say()

    async def look(tx: Transaction, fulfillment_id: str) -> Parcel | None:
        monkeypatch.setattr(tracking, "live_parcel", live_parcel)
        before = await live_parcel(tx, fulfillment_id)
        assert (await depot.amend(FIRST)).done
        return before

    monkeypatch.setattr(tracking, "live_parcel", look)
    with pytest.raises(Unavailable, match="just come"):
        await TrackingActivities(depot.context).push_tracking(depot.part_of)
    assert [wait.cause for wait in await depot.waits()] == [f"delivery:{PART}"]
    assert (await depot.push()).ticket == 0
    assert depot.told == [FIRST]


async def test_a_parcel_that_was_told_without_a_number_gets_one_later(record: Record) -> None:
    depot = await sent(record, "", unnumbered=True)
    assert await depot.say(FIRST) == ""
    await depot.correct()
    assert (depot.told, await depot.shown()) == (["", FIRST], [FIRST])


async def test_a_confirmation_without_a_number_in_doubt_is_settled_as_it_was_begun(record: Record) -> None:
    depot = await Depot(record, unnumbered=True).prepare()
    await depot.say()
    depot.fate = "lost"
    with pytest.raises(Died):
        await TrackingActivities(depot.context).push_tracking(depot.part_of)
    await depot.amend(FIRST)
    assert (await depot.push()).ticket == 0
    await depot.correct()
    assert depot.told == ["", FIRST]


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("fate", ["", "lost", "dies"])
async def test_a_process_may_die_anywhere_while_a_correction_is_told(record: Record, fate: str, *, after: bool) -> None:
    depot = await sent(record)
    for dies_at in range(1, 6):
        number = (SECOND, THIRD, FIRST)[dies_at % 3]
        await depot.amend(number)
        depot.fate = fate
        told = len(depot.told)
        await _dying(depot, MortalRecord(record, dies_at, after))
        depot.fate = ""
        assert (await depot.correct()).ticket == 0
        assert depot.told[told:] == [number], (dies_at, after, fate)
        assert await depot.shown() == [number]
        effect = await _latest(depot)
        assert effect is EffectState.CONFIRMED


@pytest.mark.parametrize("after", [False, True])
async def test_an_operators_process_may_die_anywhere(record: Record, *, after: bool) -> None:
    depot = await sent(record)
    whole = depot.record
    depot.record = MortalRecord(whole, 1, after)
    with pytest.raises(Died):
        await depot.amend(SECOND)
    depot.record = whole
    again = await depot.amend(SECOND)
    assert (again.done, again.review) == (True, True)
    await depot.correct()
    assert depot.told == [FIRST, SECOND]


async def _dying(depot: Depot, mortal: MortalRecord) -> None:
    """Take the step once, in a process that dies."""
    whole, depot.record = depot.record, mortal
    try:
        await TrackingActivities(depot.context).correct_tracking(depot.part_of)
    except (Died, Unavailable):
        depot.now += SEND_DEADLINE + timedelta(seconds=1)
    finally:
        depot.record = whole


async def _latest(depot: Depot) -> EffectState | None:
    parcel = await depot.parcel()
    async with depot.record.begin() as tx:
        effect = await tx.effects.latest(f"correction:{parcel.parcel_id}/{parcel.tellings - 1}")
    return effect.state if effect else None
