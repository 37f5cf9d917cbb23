"""Cancel, label and hand-over at the same time: every order of their steps ends well."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.fulfillment import Stage
from domain.ports.notifier import MessageKind
from infra.database.cipher import Cipher
from infra.database.engine import create_engine
from infra.database.invariants import violations
from infra.database.record import PostgresRecord
from tests.activities.play import UNITS, Cast, Ending, Play
from tests.activities.turnstile import every_order, some_orders
from tests.fakes.record import FakeRecord
from tests.stores.scenes import quantities_of, receive, seed_catalog

ON_SHELF = 10
CASTS = [
    Cast(reports, relay_is_prompt=prompt) for reports in ("staff", "carrier", "nobody") for prompt in (True, False)
]


def check(ending: Ending) -> None:
    """Fail unless the goods either stayed and are paid back, or left and are paid for."""
    if ending.part.stage is Stage.CANCELLED:
        _check_stayed(ending)
    else:
        _check_left(ending)


def _check_stayed(ending: Ending) -> None:
    order, truth = ending.order, ending.truth
    assert truth.gone == [], "cancelled, and shipped all the same"
    assert truth.live == [], "cancelled, and its label is still paid for"
    assert truth.stopped, "cancelled, and nobody told the staff"
    assert order.lines[0].cancelled == UNITS
    assert truth.cancelled == UNITS, "the channel was not told how many"
    assert truth.refunded == order.captured == order.refunding
    assert truth.mails == [MessageKind.CANCELLED]
    assert truth.shipped == []


def _check_left(ending: Ending) -> None:
    order, truth = ending.order, ending.truth
    assert ending.part.stage in {Stage.DELIVERED, Stage.SENT_BACK}
    assert truth.gone == truth.live, "a live label without hand-over"
    assert len(truth.gone) == 1, "one parcel, one label"
    assert order.lines[0].cancelled == 0, "shipped, and counted as cancelled"
    assert (truth.cancelled, truth.refunded, order.refunding) == (0, 0, 0), "shipped, and paid back"
    assert truth.shipped == truth.gone, "the channel was told the tracking number once"
    assert (ending.part.stage is Stage.SENT_BACK) is truth.intercepted
    expected = MessageKind.SENT_BACK if truth.intercepted else MessageKind.CANCEL_TOO_LATE
    assert truth.mails == [expected], "the buyer who cancelled was told what came of it"


@pytest.mark.parametrize("cast", CASTS, ids=str)
async def test_every_order_of_steps_ends_well(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    endings: Counter[Stage] = Counter()
    for choose in every_order():
        record = FakeRecord()
        await seed_catalog(record)
        await receive(record, ON_SHELF)
        ending = await Play(record, "1001", cast).perform(choose, monkeypatch)
        check(ending)
        shipped = UNITS if ending.truth.gone else 0
        assert await quantities_of(record) == (ON_SHELF - shipped, 0)
        endings[ending.part.stage] += 1
    # A parcel that nobody tells of before it arrives cannot be turned round.
    left = Stage.DELIVERED if cast.reports == "nobody" else Stage.SENT_BACK
    assert set(endings) == {Stage.CANCELLED, left}, endings


@pytest.fixture
async def engine(database_url: str) -> AsyncGenerator[AsyncEngine]:
    made = create_engine(database_url)
    yield made
    await made.dispose()


@pytest.mark.stack
async def test_postgres_ends_well_whatever_comes_first(engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    record = PostgresRecord(engine, Cipher(bytes(32)))
    await seed_catalog(record)
    await receive(record, 1000)
    shipped = 0
    for number, choose in enumerate(some_orders(60, seed=7)):
        ending = await Play(record, f"{1000 + number}", CASTS[number % len(CASTS)]).perform(choose, monkeypatch)
        check(ending)
        shipped += UNITS if ending.truth.gone else 0
    assert await quantities_of(record) == (1000 - shipped, 0)
    assert await violations(engine) == []
