"""What a channel allows is kept with it, and whoever waited for other terms looks again when they change."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from activities.context import Context
from adapters.marketplaces.sandbox.adapter import CAPABILITY
from domain.errors import Refused
from domain.policy import Policy
from domain.ports.marketplace import Marketplace, MarketplaceCapability
from domain.ports.parties import Parties
from domain.ports.stores import Record
from domain.ports.stores.catalog import Channel
from domain.waits import SOURCING_POLICY
from tests.builders import ACCOUNT, NOW
from tests.fakes.record import FakeRecord
from tests.stores.scenes import SHOP, let_wait, open_causes, seed_catalog
from workers.parties import NO_LABELS
from workers.terms import keep_channel, note_terms


@dataclass
class Channels:
    """A channel that says what it is told to, or is refused."""

    capability: MarketplaceCapability = field(default_factory=lambda: CAPABILITY)
    refusal: str = ""

    async def marketplace(self, account: str) -> Marketplace:
        if self.refusal:
            raise Refused(self.refusal, account)
        return cast("Marketplace", self)

    def context(self, record: Record) -> Context:
        return Context(record, cast("Parties", self), Policy(), lambda: NOW)


@pytest.fixture
async def record() -> Record:
    made = FakeRecord()
    await seed_catalog(made)
    await let_wait(made, SOURCING_POLICY)
    return made


async def kept(record: Record) -> Channel:
    async with record.begin() as tx:
        return await tx.catalog.channel(ACCOUNT)


def says(**terms: Any) -> Channels:
    return Channels(CAPABILITY.model_copy(update=terms))


async def test_terms_that_a_new_release_changed_are_kept_and_wake_who_waited(record: Record) -> None:
    await note_terms(says(carriers=("swift",), sells_labels=True).context(record))
    assert await kept(record) == SHOP.model_copy(update={"carriers": ("swift",), "sells_labels": True})
    assert await open_causes(record) == {SOURCING_POLICY}


async def test_terms_that_are_the_same_wake_nobody(record: Record) -> None:
    await note_terms(says().context(record))
    async with record.begin() as tx:
        await keep_channel(tx, SHOP.model_copy(update={"settings": "{}"}), says().context(record))
    assert await open_causes(record) == set()
    assert (await kept(record)).settings == "{}"


async def test_a_channel_that_cannot_be_asked_keeps_its_terms(record: Record) -> None:
    async with record.begin() as tx:
        await tx.catalog.save_channel(SHOP.model_copy(update={"carriers": ("slow",)}))
    await note_terms(Channels(refusal="bad-settings").context(record))
    assert (await kept(record)).carriers == ("slow",)


async def test_a_channel_that_is_to_sell_labels_and_has_none_stops_the_worker(record: Record) -> None:
    with pytest.raises(Refused) as refused:
        await note_terms(Channels(refusal=NO_LABELS).context(record))
    assert refused.value.code == NO_LABELS
