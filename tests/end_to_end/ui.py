"""The Temporal UI as an operator uses it: lists and pages of workflows in a real browser."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.async_api import Browser, FloatRect, Locator, Page, ViewportSize, async_playwright, expect

PICTURES = Path(__file__).parents[2] / "docs" / "images"
UPDATE_PICTURES = "CROSSDOCK_UPDATE_SCREENSHOTS"

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: apt-get install chromium")

_QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)  # fmt: skip
_PATIENCE_MS = 45_000
_WINDOW = ViewportSize(width=1440, height=780)
_CONTENT = FloatRect(x=256, y=48, width=1440 - 256, height=780 - 48)
"""What a picture shows of the window: neither the menu nor the bar with the name of the namespace."""


@contextlib.asynccontextmanager
async def open_browser() -> AsyncGenerator[Browser]:
    """Open the Chromium of this machine, which reaches loopback only."""
    expect.set_options(timeout=_PATIENCE_MS)
    async with async_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=_QUIET, timeout=_PATIENCE_MS)
        async with await launched as browser:
            yield browser


@contextlib.asynccontextmanager
async def visit(browser: Browser, url: str, namespace: str) -> AsyncGenerator[TemporalUi]:
    """Come to the Temporal UI as somebody new, who has saved nothing yet."""
    opened = browser.new_context(viewport=_WINDOW, locale="en-GB", timezone_id="UTC", reduced_motion="reduce")
    async with await opened as context:
        context.set_default_timeout(_PATIENCE_MS)
        yield TemporalUi(await context.new_page(), f"{url}/namespaces/{namespace}/workflows")


@dataclass(frozen=True)
class TemporalUi:
    """One window on the Temporal UI; every wait in it ends, at the latest with an error of the browser."""

    page: Page
    workflows: str

    async def lists(self, *workflow_ids: str) -> None:
        """Check that this list has these workflows and no other, in any order."""
        title = re.compile(rf"^\s*{len(workflow_ids)} Workflows?\s*$")
        await expect(self.page.locator("h1").filter(visible=True)).to_have_text(title)
        if not workflow_ids:
            await self.sees("No Workflows Found")
        for workflow_id in workflow_ids:
            await expect(self._link(workflow_id)).to_be_visible()

    async def sees(self, words: str) -> None:
        """Check that these words stand on the page."""
        await expect(self.page.get_by_text(words).filter(visible=True).first).to_be_visible()

    async def open_list(self, query: str = "") -> None:
        """Open the list of the workflows that a query finds, by default of all."""
        await self.page.goto(f"{self.workflows}?query={quote(query)}" if query else self.workflows)

    async def save_view(self, name: str) -> None:
        """Save the filter of this list under a name."""
        await self._see("create-view-button").click()
        await self._see("workflow-save-view-modal-input").fill(name)
        await self._see("confirm-modal-button").click()

    async def choose_view(self, name: str) -> None:
        """Choose a saved filter by its name."""
        await self._see("saved-views-button").click()
        await self.page.get_by_text(name, exact=True).filter(visible=True).click()

    async def show_column(self, name: str, *, instead_of: Sequence[str]) -> None:
        """Show a search attribute as a column of lists."""
        await self._see("workflows-summary-table-configuration-button").click()
        for other in instead_of:
            await self.page.get_by_label(f"Remove {other} column").click()
        await self.page.get_by_label(f"Add {name} column").click()
        await self._see("drawer-close-button").click()

    async def open_workflow(self, workflow_id: str) -> None:
        """Open the page of a workflow on this list; it begins with the timeline."""
        await self._link(workflow_id).click()
        await expect(self._see("timeline-tab")).to_be_visible()

    async def details(self) -> str:
        """Return what the workflow says about itself now; the UI renders it in a frame, the last one."""
        await self._see("user-metadata-tab").click()
        await expect(self.page.locator("iframe[title=output]")).to_have_count(2)
        return await self.page.frame_locator("iframe[title=output] >> nth=1").locator("main").inner_text()

    async def begin_update(self, name: str, payload: dict[str, str]) -> str:
        """Fill in an Update but do not send it; return the description that the UI shows of it."""
        await self.page.get_by_role("button", name="More Actions").filter(visible=True).click()
        await self.page.get_by_text("Send an Update").filter(visible=True).first.click()
        await self._see("update-select-button").click()
        choice = self.page.get_by_role("option").filter(visible=True, has_text=name)
        description = await choice.inner_text()
        await choice.click()
        entry = self.page.get_by_role("textbox", name="Data").filter(visible=True)
        await entry.fill(json.dumps(payload))
        # On leaving it the UI lays the JSON out anew; a click at the same time would miss its moving target.
        await entry.blur()
        return description

    async def send_update(self) -> None:
        """Send the Update that is filled in; it was taken when the dialog closes."""
        await self._see("confirm-modal-button").click()
        await self._see("confirm-modal-button").wait_for(state="hidden")

    async def picture(self, name: str) -> None:
        """Renew a picture of the documentation, if this run is asked to."""
        if os.environ.get(UPDATE_PICTURES):
            PICTURES.mkdir(exist_ok=True)
            await self.page.screenshot(
                path=PICTURES / f"temporal-ui-{name}.png", clip=_CONTENT, animations="disabled", caret="hide"
            )

    def _see(self, test_id: str) -> Locator:
        """The UI keeps hidden twins of much that it shows."""
        return self.page.get_by_test_id(test_id).filter(visible=True)

    def _link(self, workflow_id: str) -> Locator:
        return self.page.get_by_role("link", name=workflow_id, exact=True).filter(visible=True)
