"""Operators see who is out, and may end an outage."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.outage import Outage, outage_cause
from infra.database.record import PostgresRecord
from tests.builders import NOW
from tests.stores.scenes import open_causes, record_order
from tests.workers.cli.conftest import Ask, Run

pytestmark = pytest.mark.stack

OUT = Outage(party="swift", failures=9, failed_at=NOW, opened_at=NOW, probes=4, probe_at=NOW + timedelta(seconds=60))


@pytest.fixture
async def waiting(record: PostgresRecord) -> str:
    """An order that waits for a carrier that is out."""
    order_id = await record_order(record)
    async with record.begin() as tx:
        await tx.outages.keep(OUT)
        await tx.waits.rewrite(order_id, f"{order_id}/F1/step", {outage_cause("swift"): "no-answer"}, NOW)
    return order_id


async def test_an_outage_says_since_when_and_how_many_wait_for_it(waiting: str, ask: Ask, run: Run) -> None:
    (row,) = (await ask("outages", "list"))["outages"]
    assert (row["party"], row["opened_at"], row["probes"], row["waiting"]) == ("swift", "2026-01-05T12:00:00Z", 4, 1)
    assert "swift" in (await run("outages", "list")).stdout
    shown = await run("orders", "show", waiting)
    assert f"{waiting}/F1 waits for swift to work again, since 2026-01-05 12:00:00Z" in shown.stdout
    assert "crossdock outages end swift" in shown.stdout


async def test_an_outage_of_long_standing_is_stuck(waiting: str, ask: Ask) -> None:
    (wait,) = (await ask("stuck"))["waits"]
    assert (wait["order_id"], wait["cause"]) == (waiting, "outage:swift")


async def test_an_operator_ends_an_outage_and_whoever_waited_is_served(
    waiting: str, record: PostgresRecord, ask: Ask
) -> None:
    await ask("outages", "end", "swift", "--actor", "kim", "--reason", "they mended it")
    assert await open_causes(record) == {"outage:swift"}
    assert (await ask("outages", "list"))["outages"] == []
    assert (await ask("outages", "end", "swift", exit_code=1))["error"]["code"] == "no-outage"
    assert waiting


async def test_a_channel_that_is_out_says_so_in_the_list(record: PostgresRecord, ask: Ask) -> None:
    async with record.begin() as tx:
        await tx.outages.keep(OUT.model_copy(update={"party": "shop"}))
    (channel,) = (await ask("channels", "list"))["channels"]
    assert channel["out_since"] == "2026-01-05T12:00:00Z"
