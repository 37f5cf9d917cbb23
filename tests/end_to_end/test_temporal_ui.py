"""A stuck order in the Temporal UI, as an operator with a browser finds, reads and retries it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Browser

from domain.messages import RETRY, order_workflow_id
from domain.order import OrderState
from infra.settings import Settings
from infra.stack.children import stop_together
from infra.stack.ports import pick_free
from infra.stack.temporal_server import TemporalServer
from infra.temporal import connect
from tests.builders import address
from tests.end_to_end.town import ACCOUNT, Town, eventually, open_town
from tests.end_to_end.ui import TemporalUi, needs_chromium, open_browser, visit
from workers.cli.dev import STUCK_FILTER

pytestmark = [pytest.mark.stack, pytest.mark.browser, needs_chromium, pytest.mark.timeout(300)]

WITHIN = 60


@dataclass(frozen=True)
class Scene:
    """A town where one order is well and delivered, and one is stuck; with a window on its Temporal UI."""

    town: Town
    ui: TemporalUi
    well: str
    stuck: str

    async def waiting(self) -> list[str]:
        """The workflows that Temporal itself finds by the filter."""
        return [found.id async for found in self.town.client.list_workflows(STUCK_FILTER)]


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with open_browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def server(server_folder: Path) -> Iterator[TemporalServer]:
    """A Temporal server with its UI, which the one that all tests share does not have."""
    port, ui_port = pick_free(2)
    own = TemporalServer(server_folder / "temporal-ui", port, ui_port, durable=False)
    running = own.start()
    try:
        running.wait_until_ready()
        yield own
    finally:
        stop_together([running])


@pytest.fixture
async def scene(browser: Browser, server: TemporalServer, tmp_path: Path, database_url: str) -> AsyncIterator[Scene]:
    client = await connect(Settings(), address=server.address)
    url = f"http://127.0.0.1:{server.ui_port}"
    async with (
        open_town(tmp_path, database_url, client) as town,
        visit(browser, url, town.client.namespace) as ui,
    ):
        well, stuck = town.visitor.order("ship")["id"], town.visitor.order("bad_address")["id"]
        await town.pull()
        await town.until_closed(well, WITHIN)
        scene = Scene(town, ui, well, stuck)
        await eventually(lambda: _is(scene, [_workflow(stuck)]), WITHIN)
        yield scene


async def test_a_stuck_order_is_found_by_a_saved_filter(scene: Scene) -> None:
    ui = scene.ui
    await ui.open_list(STUCK_FILTER)
    await ui.save_view("Stuck orders")
    await ui.open_list()
    await ui.lists(_workflow(scene.well), _workflow(scene.stuck))
    await ui.choose_view("Stuck orders")
    await ui.show_column("OmsWaitsFor", instead_of=["Run ID", "End"])
    await ui.lists(_workflow(scene.stuck))
    await ui.sees(f"address:{ACCOUNT}/{scene.stuck}")
    await ui.picture("list")


async def test_its_page_says_what_it_waits_for_and_which_command_helps(scene: Scene) -> None:
    ui = scene.ui
    await ui.open_list(STUCK_FILTER)
    await ui.open_workflow(_workflow(scene.stuck))
    await ui.sees("waits for an address that the carrier accepts")
    await ui.picture("timeline")
    details = await ui.details()
    await ui.picture("details")
    assert "an address that the carrier accepts" in details
    assert f"crossdock retry {ACCOUNT}/{scene.stuck} --address FILE" in details


async def test_an_operator_sends_retry_from_the_page_and_the_order_goes_on(scene: Scene) -> None:
    ui, reason = scene.ui, "the buyer sent the right postal code"
    await _mend_address(scene)
    await ui.open_list(STUCK_FILTER)
    await ui.open_workflow(_workflow(scene.stuck))
    description = await ui.begin_update(RETRY, {"actor": "mira", "reason": reason})
    assert '{"actor": "you", "reason": "why"}' in description
    await ui.picture("update")
    assert (await scene.town.order(scene.stuck)).state is OrderState.OPEN
    await ui.send_update()
    assert (await scene.town.until_closed(scene.stuck, WITHIN)).state is OrderState.DELIVERED
    await ui.sees(f"mira: {reason}")
    await eventually(lambda: _is(scene, []), WITHIN)
    await ui.open_list(STUCK_FILTER)
    await ui.lists()


async def _mend_address(scene: Scene) -> None:
    """Clear the cause in the record, of which the workflow hears nothing: only a retry tells it."""
    order_id = f"{ACCOUNT}/{scene.stuck}"
    async with scene.town.context.record.begin() as tx:
        version = await tx.vault.propose_address(order_id, address())
        assert await tx.vault.use_address(order_id, version)


async def _is(scene: Scene, workflow_ids: list[str]) -> bool:
    return await scene.waiting() == workflow_ids


def _workflow(channel_order_id: str) -> str:
    return order_workflow_id(f"{ACCOUNT}/{channel_order_id}")
