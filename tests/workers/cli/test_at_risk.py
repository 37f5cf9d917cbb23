from __future__ import annotations

from datetime import timedelta

import pytest

from domain.fulfillment import Fulfillment
from domain.lateness import Deed, Remedy
from domain.waits import date_cause
from infra.database.record import PostgresRecord
from tests.builders import channel_line, channel_order, fulfillment
from tests.stores.scenes import add_part, record_order
from tests.workers.cli.conftest import Ask, Run
from workers.wiring import utc_now

pytestmark = pytest.mark.stack

ORDER, PART = "shop/1001", "shop/1001/F1"
DAY = timedelta(days=1)


def late_part(order_id: str = ORDER, overdue: timedelta = DAY) -> Fulfillment:
    """Return a planned part whose goods should have left."""
    now = utc_now()
    dates = {"ship_by": now - overdue, "expected_hand_over": now, "at_risk_from": now - overdue}
    return fulfillment(order_id).model_copy(update=dates)


async def test_without_risk_nothing_is_listed(record: PostgresRecord, run: Run) -> None:
    await record_order(record)
    result = await run("orders", "list", "--at-risk")
    assert (result.exit_code, result.stdout) == (0, "no orders at risk\n")


async def test_a_promise_at_risk_says_which_by_how_much_since_when_and_what_is_done(
    record: PostgresRecord, run: Run, ask: Ask
) -> None:
    await add_part(record, late_part(await record_order(record)))
    deed = Deed(remedy=Remedy.WORD, detail="2026-01-09", at=utc_now(), told=False)
    async with record.begin() as tx:
        await tx.promises.keep_deed(ORDER, PART, deed)
    (row,) = (await ask("orders", "list", "--at-risk"))["at_risk"]
    assert (row["order_id"], row["subject"], row["stage"], row["promise"]) == (ORDER, PART, "PLANNED", "ship-by")
    assert row["slack"].startswith("-P1D")
    assert row["done"] == ["the buyer is told, expected 2026-01-09 (not sent yet)"]
    assert row["command"] == f"crossdock reroute {ORDER} F1"
    shown = (await run("orders", "list", "--at-risk")).stdout
    assert "late by 1 d 2 h" in shown
    assert "1 d" in shown


async def test_what_waits_names_the_command_that_ends_its_wait(record: PostgresRecord, ask: Ask) -> None:
    await add_part(record, late_part(await record_order(record)))
    async with record.begin() as tx:
        await tx.waits.rewrite(ORDER, f"{PART}/step", {f"address:{ORDER}": "undeliverable"}, utc_now())
    (row,) = (await ask("orders", "list", "--at-risk"))["at_risk"]
    assert row["waits_for"] == [f"address:{ORDER}"]
    assert row["command"] == f"crossdock retry {ORDER} --address FILE"


async def test_what_has_slack_enough_is_not_listed(record: PostgresRecord, ask: Ask) -> None:
    part = late_part(await record_order(record)).model_copy(update={"ship_by": utc_now() + DAY})
    await add_part(record, part)
    assert (await ask("orders", "list", "--at-risk"))["at_risk"] == []


async def test_what_is_at_risk_is_listed_longest_first_of_one_channel_and_no_more_than_wanted(
    record: PostgresRecord, ask: Ask
) -> None:
    for number in range(3):
        order_id = await record_order(record, channel_order(channel_order_id=f"10{number}"))
        await add_part(record, late_part(order_id, (number + 1) * DAY))
    rows = (await ask("orders", "list", "--at-risk", "--limit", "2"))["at_risk"]
    assert [row["order_id"] for row in rows] == ["shop/102", "shop/101"]
    assert (await ask("orders", "list", "--at-risk", "--channel", "other"))["at_risk"] == []


async def test_what_is_at_risk_is_open_and_no_other_state_can_be_asked_for(record: PostgresRecord, ask: Ask) -> None:
    del record
    assert (await ask("orders", "list", "--at-risk", "--waiting", exit_code=2))["error"]["code"] == "usage"


async def test_an_order_shows_its_promises_and_their_slack(record: PostgresRecord, run: Run, ask: Ask) -> None:
    line = channel_line("2", ship_by=utc_now() + 9 * DAY)
    await record_order(record, channel_order(channel_line("1"), line, deliver_by=utc_now() + 9 * DAY))
    await add_part(record, late_part())
    part, rest = (await ask("orders", "show", ORDER))["promises"]
    assert (part["subject"], part["promise"], part["at_risk"]) == (PART, "ship-by", True)
    assert (rest["subject"], rest["promise"], rest["at_risk"]) == (ORDER, "deliver-by", False)
    assert "late by 1 d 2 h" in (await run("orders", "show", ORDER)).stdout


async def test_an_order_without_dates_promises_nothing(record: PostgresRecord, ask: Ask) -> None:
    await record_order(record)
    assert (await ask("orders", "show", ORDER))["promises"] == []


async def test_a_preorder_is_shown_with_its_date_and_is_not_stuck(record: PostgresRecord, run: Run, ask: Ask) -> None:
    await record_order(record)
    date = utc_now().replace(microsecond=0) + DAY
    async with record.begin() as tx:
        await tx.waits.rewrite(ORDER, "", {date_cause(date): "preorder"}, utc_now())
    shown = await ask("stuck", "--fail")
    assert (shown["waits"], [row["expected_at"] for row in shown["dated"]]) == (
        [],
        [date.isoformat().replace("+00:00", "Z")],
    )
    assert ORDER in (await run("stuck")).stdout
    assert "Cleared by the date, by itself" in (await run("orders", "show", ORDER)).stdout
