from __future__ import annotations

import pytest

from domain.ports.stores.inbox import Received
from domain.returns import ReturnState
from infra.database.record import PostgresRecord
from tests.builders import ACCOUNT, BERLIN, NOW, TEA, channel_line, channel_order
from tests.stores.scenes import deliver, load, open_causes, quantities_of, receive, record_order, tellings
from tests.workers.cli.conftest import Ask, Run

pytestmark = pytest.mark.stack

ORDER = "shop/1001"


async def wait_for(record: PostgresRecord, cause: str, scope: str = "") -> None:
    async with record.begin() as tx:
        await tx.waits.rewrite(ORDER, scope, {cause: "short"}, NOW)


async def test_an_empty_record_lists_nothing(record: PostgresRecord, run: Run) -> None:
    del record
    result = await run("orders", "list")
    assert (result.exit_code, result.stdout) == (0, "no orders\n")


async def test_an_order_says_what_it_waits_for_and_which_command_helps(record: PostgresRecord, run: Run) -> None:
    await record_order(record)
    await wait_for(record, f"stock:{TEA}")
    result = await run("orders", "show", "#1001")
    assert result.exit_code == 0
    assert "It waits for stock of TEA-1, since 2026-01-05 12:00:00Z" in result.stdout
    assert "crossdock stock receive TEA-1 LOCATION UNITS" in result.stdout
    assert "Ada" not in result.stdout


async def test_an_order_as_json_carries_the_advice(record: PostgresRecord, ask: Ask) -> None:
    await record_order(record)
    await wait_for(record, "hold:fraud:shop/1001")
    shown = await ask("orders", "show", ORDER)
    assert (shown["order_id"], shown["state"], shown["total"]) == (ORDER, "OPEN", 1000)
    (wait,) = shown["waits"]
    assert (wait["command"], wait["needs_person"]) == (f"crossdock release {ORDER} --hold fraud", True)
    assert "person" not in shown


async def test_looking_at_personal_data_is_audited(record: PostgresRecord, ask: Ask) -> None:
    await record_order(record)
    shown = await ask("orders", "show", ORDER, "--personal", "--actor", "kim", "--reason", "buyer called")
    assert shown["person"]["address"]["city"] == "Kiel"
    happened = [
        (row["subject"], row["happened"], row["detail"]) for row in (await ask("orders", "history", ORDER))["history"]
    ]
    assert ("kim", "read_personal", "buyer called") in happened


async def test_an_order_that_does_not_exist_fails_with_what_to_do_next(
    record: PostgresRecord, run: Run, ask: Ask
) -> None:
    del record
    result = await run("orders", "show", "shop/9")
    assert result.exit_code == 1
    assert result.stderr == "crossdock: there is no order shop/9\n  → crossdock orders list\n"
    assert (await ask("orders", "show", "shop/9", exit_code=1))["error"]["code"] == "no-order"


async def test_a_number_that_several_orders_carry_is_not_guessed(record: PostgresRecord, ask: Ask) -> None:
    await record_order(record, channel_order(channel_order_id="1", number="#7"))
    await record_order(record, channel_order(channel_order_id="2", number="#7"))
    assert (await ask("orders", "show", "#7", exit_code=1))["error"]["code"] == "ambiguous"


async def test_received_goods_are_booked_once_and_wake_who_waits(record: PostgresRecord, ask: Ask) -> None:
    booking = ("stock", "receive", TEA, BERLIN, "5", "--request", "r1")
    assert (await ask(*booking))["booked"] is True
    assert (await ask(*booking))["booked"] is False
    assert await quantities_of(record) == (5, 0)
    assert await open_causes(record) == {f"stock:{TEA}"}


async def test_a_count_sets_what_is_there(record: PostgresRecord, ask: Ask) -> None:
    await receive(record, 9)
    assert (await ask("stock", "set", TEA, BERLIN, "4", "--reason", "counted"))["on_hand"] == 4
    assert [row["available"] for row in (await ask("stock", "show", TEA))["stock"]] == [4]


@pytest.mark.parametrize("units", ["0", "-1", "1000001", "many"])
async def test_absurd_units_are_refused(record: PostgresRecord, run: Run, units: str) -> None:
    assert (await run("stock", "receive", TEA, BERLIN, units)).exit_code == 2
    async with record.begin() as tx:
        assert await tx.stock.levels([TEA]) == ()


@pytest.mark.parametrize(("sku", "place", "code"), [("NOPE", BERLIN, "no-sku"), (TEA, "NOPE", "no-location")])
async def test_stock_of_what_nobody_knows_is_refused(
    record: PostgresRecord, ask: Ask, sku: str, place: str, code: str
) -> None:
    del record
    assert (await ask("stock", "receive", sku, place, "1", exit_code=1))["error"]["code"] == code


async def test_a_mapped_listing_wakes_who_waited_for_it(record: PostgresRecord, ask: Ask) -> None:
    await record_order(record)
    await wait_for(record, f"sku:{ACCOUNT}:L-1")
    await ask("listings", "map", ACCOUNT, "L-2", TEA)
    assert await open_causes(record) == set()
    await ask("listings", "unmap", ACCOUNT, "L-2")
    await ask("listings", "map", ACCOUNT, "L-1", TEA, "--actor", "kim")
    (listing,) = (await ask("listings", "list"))["listings"]
    assert (listing["listing_id"], listing["sku"], listing["author"]) == ("L-1", TEA, "kim")
    assert await open_causes(record) == {f"sku:{ACCOUNT}:L-1"}


async def test_a_listing_cannot_mean_what_nobody_sells(record: PostgresRecord, ask: Ask) -> None:
    assert (await ask("listings", "map", ACCOUNT, "L-1", "NOPE", exit_code=1))["error"]["code"] == "no-sku"
    assert await open_causes(record) == set()


async def test_a_channel_is_paused_and_resumed(record: PostgresRecord, ask: Ask) -> None:
    del record
    assert (await ask("channels", "pause", ACCOUNT))["paused"] is True
    assert [row["paused"] for row in (await ask("channels", "list"))["channels"]] == [True]
    assert (await ask("channels", "resume", ACCOUNT))["paused"] is False
    assert (await ask("channels", "pause", "nope", exit_code=1))["error"]["code"] == "no-channel"


async def test_a_return_is_opened_once_a_request_and_starts_its_workflow(record: PostgresRecord, ask: Ask) -> None:
    await deliver(record, channel_order(channel_line(quantity=2)), {"1": 2})
    opening = ("returns", "open", ORDER, "--line", "1=1", "--course", "store", "--request", "r1")
    first, second = await ask(*opening), await ask(*opening)
    assert first == second
    assert (first["return_id"], first["state"], first["location"]) == (f"{ORDER}/R1", "REQUESTED", BERLIN)
    assert [row.workflow_id for row in await tellings(record)].count(f"order/{ORDER}/return/R1") == 1


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--line", "1=3"), "not-returnable"),
        (("--line", "9=1"), "no-such-line"),
        (("--line", "1=1", "--location", "NOPE"), "no-location"),
        (("--line", "1=1", "--course", "drone"), "usage"),
    ],
)
async def test_a_return_that_cannot_be_is_refused(
    record: PostgresRecord, ask: Ask, arguments: tuple[str, ...], code: str
) -> None:
    await deliver(record, channel_order(channel_line(quantity=2)), {"1": 2})
    refused = await ask("returns", "open", ORDER, *arguments, exit_code=2 if code == "usage" else 1)
    assert refused["error"]["code"] == code
    assert (await ask("returns", "list"))["returns"] == []


async def test_goods_that_came_back_are_inspected_and_what_is_not_named_is_missing(
    record: PostgresRecord, ask: Ask
) -> None:
    await deliver(record, channel_order(channel_line(quantity=2)), {"1": 2})
    rma = (await ask("returns", "open", ORDER, "--line", "1=2"))["return_id"]
    assert (await ask("returns", "receive", rma, exit_code=1))["error"]["code"] == "not-authorised"
    async with record.begin() as tx:
        await tx.returns.advance(rma, ReturnState.AUTHORISED, NOW)
    assert (await ask("returns", "receive", rma, "--line", "1=1:restocked"))["state"] == "INSPECTED"
    async with record.begin() as tx:
        assert await tx.returns.inspected(rma) == {"1": {"RESTOCKED": 1, "MISSING": 1}}
    assert (await ask("returns", "receive", rma, exit_code=1))["error"]["code"] == "too-late"
    assert (await load(record, ORDER)).lines[0].returned == 1


async def test_a_quarantined_message_shows_its_reason_and_its_body_only_to_who_says_why(
    record: PostgresRecord, run: Run, ask: Ask
) -> None:
    message = Received(party=ACCOUNT, source="pull", subject="77", body=b'{"name": "Ada"}')
    async with record.begin() as tx:
        (inbox_id,) = await tx.inbox.store((message,), NOW)
        assert inbox_id is not None
        await tx.inbox.quarantine(inbox_id, "unreadable", "total: does not add up", NOW)
    listed = await run("inbox", "list")
    assert "total: does not add up" in listed.stdout
    assert "Ada" not in listed.stdout
    assert "body" not in await ask("inbox", "show", str(inbox_id))
    assert (await ask("inbox", "show", str(inbox_id), "--personal"))["body"] == '{"name": "Ada"}'
    assert (await run("stuck")).stdout.count(f"crossdock inbox replay {inbox_id}") == 1


async def test_a_message_that_cannot_be_applied_for_minutes_is_stuck_and_says_why(
    record: PostgresRecord, run: Run, ask: Ask
) -> None:
    message = Received(party=ACCOUNT, source="hook", subject="", body=b"a return nobody knows")
    async with record.begin() as tx:
        (inbox_id,) = await tx.inbox.store((message,), NOW)
        assert inbox_id is not None
        await tx.inbox.put_off(inbox_id, "no-return-yet", NOW)
    shown = await ask("stuck", "--fail", exit_code=3)
    assert [(one["inbox_id"], one["code"]) for one in shown["early"]] == [(inbox_id, "no-return-yet")]
    assert f"crossdock inbox show {inbox_id}" in (await run("stuck")).stdout


async def test_only_what_is_in_quarantine_is_replayed(record: PostgresRecord, ask: Ask) -> None:
    await record_order(record)
    assert (await ask("inbox", "replay", "1", exit_code=1))["error"]["code"] == "not-quarantined"
    assert (await ask("inbox", "replay", "9", exit_code=1))["error"]["code"] == "no-inbox-row"


async def test_nothing_stuck_is_a_success(record: PostgresRecord, run: Run) -> None:
    await record_order(record)
    result = await run("stuck", "--fail")
    assert (result.exit_code, result.stdout) == (0, "nothing is stuck\n")


async def test_something_stuck_is_shown_and_may_fail(record: PostgresRecord, run: Run, ask: Ask) -> None:
    await record_order(record)
    await wait_for(record, f"stock:{TEA}")
    assert (await run("stuck")).exit_code == 0
    shown = await ask("stuck", "--fail", exit_code=3)
    assert [(wait["order_id"], wait["cleared_by"]) for wait in shown["waits"]] == [(ORDER, "goods that arrive")]
    assert [shown[group] for group in ("quarantined", "untold", "standing_still", "violations")] == [[], [], [], []]


async def test_migrating_again_changes_nothing(record: PostgresRecord, ask: Ask) -> None:
    await record_order(record)
    assert await ask("migrate") == {"migrated": True}
    assert (await ask("orders", "list"))["orders"][0]["order_id"] == ORDER
