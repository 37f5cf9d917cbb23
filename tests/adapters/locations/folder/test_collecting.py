"""From the folder to the shelf: each report is booked once, wherever the worker dies."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from activities.collecting import Collected, collect_letters
from activities.context import Context
from adapters.locations.folder import MANIFEST
from adapters.locations.folder.adapter import FolderLocations
from domain.policy import Policy
from domain.ports.mailbox import Letter
from domain.ports.parties import Parties
from tests.adapters.locations.folder.simulator import FolderWorld
from tests.builders import BERLIN, NOW, TEA
from tests.fakes.record import FakeRecord
from tests.stores.scenes import quantities_of, receive, seed_catalog

SYSTEM = "staff"
"""The party that speaks for the stores of the scenes."""


class Mortal(FolderLocations):
    """A folder whose reader dies before, or after, it has moved the first file."""

    dies: str = ""

    async def answer_letter(self, letter: Letter, refusal: str) -> None:
        """Move a file, and die at most once."""
        when, self.dies = self.dies, ""
        if when == "before":
            raise ConnectionAbortedError
        await super().answer_letter(letter, refusal)
        if when == "after":
            raise ConnectionAbortedError

    async def webhooks(self, party: str) -> Any:
        """Be the one party that is asked for."""
        del party
        return self


def sale(receipt: int) -> bytes:
    moment = NOW.isoformat()
    return f"location,receipt,occurred_at,line,sku,quantity\n{BERLIN},{receipt},{moment},1,{TEA},1\n".encode()


@pytest.fixture
def world(tmp_path: Path) -> FolderWorld:
    return FolderWorld(tmp_path)


@pytest.fixture
async def record() -> FakeRecord:
    made = FakeRecord()
    await seed_catalog(made)
    await receive(made, 9)
    return made


async def collect(record: FakeRecord, folder: Mortal) -> Collected:
    context = Context(record, cast("Parties", folder), Policy(), lambda: NOW + timedelta(hours=1))
    return await collect_letters(context, SYSTEM, folder)


def folder_of(world: FolderWorld) -> Mortal:
    return Mortal(MANIFEST.settings.model_validate(world.settings), httpx.AsyncClient())


async def test_reports_are_booked_and_archived_and_bad_ones_rejected(record: FakeRecord, world: FolderWorld) -> None:
    world.leave("till-sold-1.csv", sale(1))
    world.leave("till-sold-2.csv", sale(2))
    world.leave("till-sold-3.csv", b"receipt\n3\n")
    assert await collect(record, folder_of(world)) == Collected(fresh=3, refused=1)
    assert await quantities_of(record) == (7, 0)
    assert len(list((world.root / "archive").iterdir())) == 2
    (reason,) = (world.root / "rejected").glob("*.reason.txt")
    assert "columns location" in reason.read_text()


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_report_counts_once_when_the_worker_dies_around_its_move(
    record: FakeRecord, world: FolderWorld, when: str
) -> None:
    world.leave("till-sold-1.csv", sale(1))
    folder = folder_of(world)
    folder.dies = when
    with pytest.raises(ConnectionAbortedError):
        await collect(record, folder)
    assert await collect(record, folder) == Collected()
    assert len(record.state.inbox) == 1, "it is stored once; the inbox loop books it"
    assert await folder.fetch_letters() == ()


async def test_the_same_sale_in_a_second_file_is_no_second_sale(record: FakeRecord, world: FolderWorld) -> None:
    world.leave("till-sold-1.csv", sale(1))
    world.leave("till-sold-1-again.csv", sale(1))
    assert await collect(record, folder_of(world)) == Collected(fresh=2)
    assert await quantities_of(record) == (8, 0)
