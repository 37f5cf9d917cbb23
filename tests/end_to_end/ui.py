"""The Temporal UI as an operator uses it: lists and pages of workflows in a real browser."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Page, async_playwright

PICTURES = Path(__file__).parents[2] / "docs" / "images"
UPDATE_PICTURES = "CROSSDOCK_UPDATE_SCREENSHOTS"

_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
_QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)  # fmt: skip
_PATIENCE_MS = 45_000
_ROW = "workflows-summary-configurable-table-row"


@contextlib.asynccontextmanager
async def open_browser() -> AsyncGenerator[Browser]:
    """Open the Chromium of this machine, which reaches loopback only; skips where there is none."""
    program = next(filter(None, map(shutil.which, _PROGRAMS)), None)
    if program is None:
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=_QUIET, timeout=_PATIENCE_MS)
        yield browser
        await browser.close()


@contextlib.asynccontextmanager
async def visit(browser: Browser, url: str) -> AsyncGenerator[TemporalUi]:
    """Come to the Temporal UI as somebody new, who has saved nothing yet."""
    context = await browser.new_context(
        viewport={"width": 1280, "height": 800}, locale="en-GB", timezone_id="UTC", reduced_motion="reduce"
    )
    context.set_default_timeout(_PATIENCE_MS)
    yield TemporalUi(await context.new_page(), url)
    await context.close()


@dataclass(frozen=True)
class TemporalUi:
    """One window on the Temporal UI; every wait in it ends, at the latest with an error of the browser."""

    page: Page
    url: str

    async def listed(self) -> list[str]:
        """Return the ids of the workflows on this list, once it is read."""
        await self.page.get_by_test_id("workflow-count").filter(visible=True).wait_for()
        return [await row.get_by_role("link").first.inner_text() for row in await self._see(_ROW).all()]

    async def open_list(self, link: str = "") -> None:
        """Open a link to a list of workflows, by default of all."""
        await self.page.goto(link or f"{self.url}/namespaces/default/workflows")

    async def save_view(self, name: str) -> None:
        """Save the filter of this list under a name."""
        await self._see("create-view-button").click()
        await self._see("workflow-save-view-modal-input").fill(name)
        await self._see("confirm-modal-button").click()

    async def choose_view(self, name: str) -> None:
        """Choose a saved filter by its name."""
        await self._see("saved-views-button").click()
        await self.page.get_by_role("link", name=name, exact=True).filter(visible=True).click()

    async def show_column(self, name: str, *, instead_of: str) -> None:
        """Show a search attribute as a column of lists."""
        await self._see("workflows-summary-table-configuration-button").click()
        await self.page.get_by_label(f"Remove {instead_of} column").click()
        await self.page.get_by_label(f"Add {name} column").click()
        await self.page.keyboard.press("Escape")

    async def open_workflow(self, workflow_id: str) -> None:
        """Open the page of a workflow on this list."""
        await self.page.get_by_role("link", name=workflow_id, exact=True).filter(visible=True).click()

    async def timeline(self) -> str:
        """Return the words of the timeline, the first that one sees of a workflow."""
        drawing = self.page.locator("svg.timeline, [data-testid=timeline]").filter(visible=True)
        return await drawing.inner_text()

    async def details(self) -> str:
        """Return what the workflow says about itself now."""
        await self.page.get_by_role("link", name="User Metadata").filter(visible=True).click()
        return await self.page.locator("main").inner_text()

    async def begin_update(self, name: str, payload: dict[str, str]) -> str:
        """Fill in an Update but do not send it; return the description that the UI shows of it."""
        await self.page.get_by_role("button", name="More Actions").filter(visible=True).click()
        await self.page.get_by_text("Send an Update").filter(visible=True).first.click()
        await self._see("update-select-button").click()
        choice = self.page.get_by_role("option").filter(visible=True, has_text=name)
        description = await choice.inner_text()
        await choice.click()
        await self.page.get_by_role("textbox", name="Data").filter(visible=True).fill(json.dumps(payload))
        return description

    async def send_update(self) -> None:
        """Send the Update that is filled in; it was taken when the dialog closes."""
        await self._see("confirm-modal-button").click()
        await self._see("confirm-modal-button").wait_for(state="hidden")

    async def picture(self, name: str) -> None:
        """Renew a picture of the documentation, if this run is asked to."""
        if os.environ.get(UPDATE_PICTURES):
            PICTURES.mkdir(exist_ok=True)
            await self.page.screenshot(path=PICTURES / f"temporal-ui-{name}.png", animations="disabled", caret="hide")

    def _see(self, test_id: str) -> Locator:
        """The UI keeps hidden twins of much that it shows."""
        return self.page.get_by_test_id(test_id).filter(visible=True)
