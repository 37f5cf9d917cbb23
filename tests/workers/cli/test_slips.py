"""`crossdock orders slip` on a record of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.database.record import PostgresRecord
from tests.builders import ACCOUNT, fulfillment
from tests.stores.scenes import add_part, receive, record_order
from tests.workers.cli.conftest import Ask, Run

pytestmark = pytest.mark.stack


async def test_the_slips_of_an_order_are_written_as_a_pdf(record: PostgresRecord, ask: Ask, tmp_path: Path) -> None:
    await receive(record, 5)
    order_id = await record_order(record)
    await add_part(record, fulfillment(order_id))
    told = await ask("orders", "slip", order_id, "--out", str(tmp_path / "slip.pdf"))
    assert told == {"file": str(tmp_path / "slip.pdf"), "slips": [f"{ACCOUNT}/1001/F1"]}
    assert (tmp_path / "slip.pdf").read_bytes().startswith(b"%PDF-")


async def test_an_order_of_which_nothing_is_on_its_way_has_no_slips(
    record: PostgresRecord, run: Run, tmp_path: Path
) -> None:
    order_id = await record_order(record)
    done = await run("orders", "slip", order_id, "--out", str(tmp_path / "slip.pdf"))
    assert done.exit_code != 0
    assert "nothing of" in done.output
    assert not (tmp_path / "slip.pdf").exists()
