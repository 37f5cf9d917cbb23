"""What becomes of a recall, and of settings that lead nowhere."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from adapters.locations.folder import MANIFEST
from domain.effect import Absent, Confirmed, Found, NotYet, Rejected, Unknown
from domain.ports.location import RecallWork, ReleaseWork, WorkLine
from tests.adapters.locations.folder.simulator import FolderWorld

PART = "shop-eu/1/F1"
WORK = ReleaseWork(
    reference=f"release:{PART}:1", location="WH-1", fulfillment_id=PART, delivery="ship", ship_by=None,
    lines=(WorkLine(line_id="L1", sku="TEA", title='A "fine" tea, green', quantity=2),),
)  # fmt: skip
RECALL = RecallWork(reference=f"recall:{PART}:1", location="WH-1", fulfillment_id=PART)


@pytest.fixture
def world(tmp_path: Path) -> FolderWorld:
    return FolderWorld(tmp_path)


async def test_work_that_nobody_took_is_taken_back_at_once(world: FolderWorld) -> None:
    folder = MANIFEST.factory(MANIFEST.settings.model_validate(world.settings), httpx.AsyncClient())
    await folder.release(WORK)
    assert await folder.find(RECALL) == Absent()
    assert isinstance(await folder.recall(RECALL), Confirmed)
    assert isinstance(await folder.find(RECALL), Found)
    assert isinstance(await folder.release(WORK), Confirmed), "a repeat brings it not back"
    assert [work.stopped for work in await world.works(PART)] == [True]


async def test_work_that_was_taken_is_asked_back_by_a_file(world: FolderWorld) -> None:
    folder = MANIFEST.factory(MANIFEST.settings.model_validate(world.settings), httpx.AsyncClient())
    await folder.release(WORK)
    await world.finish_jobs()
    assert isinstance(await folder.recall(RECALL), Unknown)
    assert isinstance(await folder.find(RECALL), NotYet)
    await world.finish_jobs()
    assert isinstance(await folder.find(RECALL), Found)
    assert [work.stopped for work in await world.works(PART)] == [True]


async def test_goods_that_left_are_refused_by_a_file(world: FolderWorld) -> None:
    folder = MANIFEST.factory(MANIFEST.settings.model_validate(world.settings), httpx.AsyncClient())
    await folder.release(WORK)
    await world.hand_over(PART)
    await folder.recall(RECALL)
    await world.finish_jobs()
    assert await folder.find(RECALL) == Rejected(code="already-gone")


@pytest.mark.parametrize("directory", ["share", "", "/srv/../etc"])
def test_a_folder_is_named_by_its_full_path(directory: str) -> None:
    with pytest.raises(ValueError, match="full path"):
        MANIFEST.settings.model_validate({"directory": directory})
