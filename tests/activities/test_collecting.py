"""Messages in a mailbox are stored before they are answered, applied once, and set aside where they cannot be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from activities.collecting import CollectActivities, Collected
from activities.context import Context
from activities.pull import PullActivities
from adapters.marketplaces.sandbox.adapter import CAPABILITY
from domain.errors import ContractBroken
from domain.facts import Fact, Picked
from domain.fulfillment import Stage
from domain.messages import CollectStart, PullStart
from domain.policy import Policy
from domain.ports.mailbox import Letter
from domain.ports.marketplace import MarketplaceCapability, OrderPage, PullRule
from domain.ports.stores.inbox import InboxState
from tests.builders import ACCOUNT, NOW, fulfillment
from tests.fakes.record import FakeRecord
from tests.stores.scenes import add_part, record_order, seed_catalog, walk

PICKED, BROKEN = b'{"picked": "shop/1001/F1"}', b"<html>"
QUEUED = PullRule(overlap=timedelta(0), every=timedelta(minutes=3))


@dataclass
class Depot:
    """A party that leaves its messages in a mailbox; it may die before it takes an answer."""

    letters: dict[str, bytes] = field(default_factory=dict[str, bytes])
    answers: dict[str, str] = field(default_factory=dict[str, str])
    dies: bool = False
    listed: int = 0
    now: datetime = NOW

    @property
    def capability(self) -> MarketplaceCapability:
        return CAPABILITY.model_copy(update={"mailbox": True, "pull": QUEUED})

    def location(self, system: str) -> Any:
        del system
        return self

    async def marketplace(self, account: str) -> Any:
        del account
        return self

    async def webhooks(self, party: str) -> Any:
        del party
        return self

    async def list_orders(self, since: datetime, cursor: str | None) -> OrderPage:
        del since, cursor
        self.listed += 1
        return OrderPage(orders=(), next_cursor=None, watermark=self.now)

    def verify_webhook(self, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
        del headers, body, now
        return False

    def read_webhook(self, body: bytes) -> tuple[Fact, ...]:
        if body == BROKEN:
            raise ContractBroken("not-json", "the message is HTML")
        return (Picked(fulfillment_id="shop/1001/F1"),)

    async def fetch_letters(self) -> tuple[Letter, ...]:
        return tuple(Letter(receipt=name, body=body) for name, body in self.letters.items() if name not in self.answers)

    async def answer_letter(self, letter: Letter, refusal: str) -> None:
        if self.dies:
            self.dies = False
            raise ConnectionAbortedError("the worker dies here")
        self.answers[letter.receipt] = refusal


@pytest.fixture
async def record() -> FakeRecord:
    record = FakeRecord()
    await seed_catalog(record)
    order_id = await record_order(record)
    await walk(record, await add_part(record, fulfillment(order_id)), Stage.RELEASED)
    return record


def context_of(record: FakeRecord, depot: Any) -> Context:
    return Context(record, depot, Policy(), lambda: depot.now)


async def collect(record: FakeRecord, depot: Depot) -> Collected:
    return await CollectActivities(context_of(record, depot)).collect(CollectStart(system="depot"))


async def stage_of(record: FakeRecord) -> Stage:
    async with record.begin() as tx:
        return (await tx.fulfillments.load("shop/1001/F1")).stage


async def test_a_message_is_stored_answered_and_applied(record: FakeRecord) -> None:
    depot = Depot({"1": PICKED})
    assert await collect(record, depot) == Collected(fresh=1)
    assert (await stage_of(record), depot.answers) == (Stage.PICKED, {"1": ""})
    assert await collect(record, depot) == Collected()


async def test_what_cannot_be_read_is_set_aside_with_its_reason_and_blocks_nothing(record: FakeRecord) -> None:
    depot = Depot({"1": BROKEN, "2": PICKED})
    assert await collect(record, depot) == Collected(fresh=2, refused=1)
    assert depot.answers == {"1": "the message is HTML", "2": ""}
    assert await stage_of(record) is Stage.PICKED
    async with record.begin() as tx:
        assert (await tx.inbox.load(2)).state is InboxState.QUARANTINED


async def test_a_message_whose_answer_was_lost_comes_again_and_is_no_news(record: FakeRecord) -> None:
    depot = Depot({"1": PICKED}, dies=True)
    with pytest.raises(ConnectionAbortedError):
        await collect(record, depot)
    assert await collect(record, depot) == Collected()
    assert depot.answers == {"1": ""}
    async with record.begin() as tx:
        assert (await tx.inbox.load(2)).state is InboxState.NEW, "the inbox loop applies what was stored"


async def test_a_channel_is_asked_for_hints_more_often_than_it_may_be_listed(record: FakeRecord) -> None:
    depot = Depot({"1": PICKED})
    pulls = PullActivities(context_of(record, depot))
    assert not (await pulls.pull(PullStart(account=ACCOUNT))).too_soon
    depot.letters["2"] = PICKED + b" "
    depot.now += timedelta(minutes=1)
    assert (await pulls.pull(PullStart(account=ACCOUNT))).too_soon
    assert (depot.listed, depot.answers) == (1, {"1": "", "2": ""})
    assert not (await pulls.pull(PullStart(account=ACCOUNT, since=NOW.isoformat()))).too_soon
    depot.now += timedelta(minutes=3)
    assert not (await pulls.pull(PullStart(account=ACCOUNT))).too_soon
    assert depot.listed == 3
