from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from activities.context import Context
from activities.review import review
from activities.steps import ReviewRequest
from adapters.carriers.sandbox.adapter import CAPABILITIES
from domain.decision import Decision
from domain.fulfillment_plan import FulfillmentPlan
from domain.policy import Policy
from domain.ports.parties import Parties
from domain.quotes import Question, Quote, silence_of, silent
from domain.snapshot import Snapshot
from domain.sourcing import QuoteTerms, SourcingPolicy
from domain.waits import SOURCING_POLICY
from infra.database.record import PostgresRecord
from tests.builders import BERLIN, MUNICH, NOW, TEA, channel_order, fulfillment, location
from tests.stores.scenes import SHOP, let_wait, open_causes, receive, record_order, start_publishing, wants_sweep
from tests.workers.cli.conftest import Ask, Run

pytestmark = pytest.mark.stack

NOBODY: Parties = object()  # type: ignore[assignment]


async def plan(record: PostgresRecord, orders: int = 1) -> None:
    """Plan some orders, which both places could serve."""
    for place in (BERLIN, MUNICH):
        await receive(record, 50, place=place)
    for number in range(orders):
        order = await record_order(record, channel_order(channel_order_id=f"{number}"))
        seen = await review(Context(record, NOBODY, Policy(), lambda: NOW), ReviewRequest(order_id=order))
        assert seen.planned == 1


def policy_file(folder: Path, text: str, name: str = "policy.toml") -> str:
    path = folder / name
    path.write_text(text)
    return str(path)


async def test_closing_and_reopening_a_location_wakes_who_waits_for_it(record: PostgresRecord, ask: Ask) -> None:
    await let_wait(record, f"location:{BERLIN}", "hold:restricted:shop/1001")
    assert (await ask("locations", "close", BERLIN))["open"] is False
    assert {row["code"]: row["open"] for row in (await ask("locations", "list"))["locations"]} == {
        BERLIN: False, MUNICH: True,
    }  # fmt: skip
    assert (await ask("locations", "reopen", BERLIN))["open"] is True
    assert await open_causes(record) == {f"location:{BERLIN}", "hold:restricted:shop/1001"}


async def test_closing_a_location_lets_the_channels_be_told_anew(record: PostgresRecord, ask: Ask) -> None:
    await start_publishing(record)
    await ask("locations", "close", BERLIN)
    assert await wants_sweep(record)


async def test_a_location_can_be_closed_until_a_moment(record: PostgresRecord, ask: Ask) -> None:
    del record
    closed = await ask("locations", "close", BERLIN, "--until", "2026-12-27T08:00:00Z")
    assert (closed["open"], closed["closed_until"]) == (True, "2026-12-27T08:00:00Z")
    assert (await ask("locations", "reopen", BERLIN))["closed_until"] is None


async def test_a_location_is_not_closed_until_a_moment_that_is_past(record: PostgresRecord, run: Run) -> None:
    result = await run("locations", "close", BERLIN, "--until", "2020-01-01T08:00:00Z")
    assert (result.exit_code, f"crossdock locations reopen {BERLIN}" in result.stderr) == (2, True)
    async with record.begin() as tx:
        assert [place.closed_until for place in await tx.catalog.locations()] == [None, None]


async def test_fields_of_a_location_are_set_together(record: PostgresRecord, ask: Ask) -> None:
    del record
    changes = ("hours=mon-fri 09:00-18:00", "cut_off=15:30", "daily_capacity=40", "serves=DE, AT", "handling=120")
    await ask("locations", "set", BERLIN, *changes)
    shown = await ask("locations", "show", BERLIN)
    assert (shown["hours"], shown["cut_off"], shown["daily_capacity"]) == ("mon-fri 09:00-18:00", "15:30", 40)
    assert (shown["serves"], shown["handling"]) == (["DE", "AT"], 120)
    await ask("locations", "set", BERLIN, "cut_off=", "daily_capacity=", "serves=")
    shown = await ask("locations", "show", BERLIN)
    assert (shown["cut_off"], shown["daily_capacity"], shown["serves"]) == ("", None, [])


@pytest.mark.parametrize(
    ("change", "named"),
    [("time_zone=Berlin", "time_zone"), ("time_zone=", "time_zone"), ("colour=red", "colour"), ("open=no", "open"),
     ("daily_capacity=many", "daily_capacity")],
)  # fmt: skip
async def test_what_cannot_be_meant_is_refused_by_name(
    record: PostgresRecord, run: Run, change: str, named: str
) -> None:
    result = await run("locations", "set", BERLIN, change)
    assert result.exit_code == 2
    assert named in result.stderr
    async with record.begin() as tx:
        assert [place.time_zone for place in await tx.catalog.locations()] == ["Europe/Berlin"] * 2


async def test_a_location_that_does_not_exist_is_said_so(record: PostgresRecord, run: Run) -> None:
    del record
    result = await run("locations", "close", "NOWHERE")
    assert result.exit_code == 1
    assert f"there are: {BERLIN}, {MUNICH}" in result.stderr


async def test_a_policy_is_loaded_shown_and_told_what_it_changed(
    record: PostgresRecord, ask: Ask, tmp_path: Path
) -> None:
    file = policy_file(tmp_path, f"split: 700\nrules:\n  - name: south\n    only: [{MUNICH}]\n", "policy.yaml")
    assert await ask("policies", "check", file) == {"valid": True}
    assert (await ask("policies", "list"))["holds"] == 0
    version = (await ask("policies", "load", file, "--comment", "try it"))["version"]
    listed = await ask("policies", "list")
    assert (listed["holds"], [row["comment"] for row in listed["policies"]]) == (version, ["try it"])
    assert (await ask("policies", "show"))["split"] == 700
    assert [row["field"] for row in (await ask("policies", "history"))["history"]] == ["split", "rules"]
    assert SOURCING_POLICY in await open_causes(record)


@pytest.mark.parametrize(
    ("text", "named"),
    [("split = -1", "split"), ("[[rules]]\nname = 'r'\nonly = ['XX']", "rules[0].only[0]"), ("split =", "TOML"),
     ("[channels.shop]\ncarriers = ['XX']", "channels.shop.carriers[0]: there is no carrier 'XX'"),
     ("[channels.shop]\nspeeds = ['expres']", "channels.shop.speeds[0]: there is no speed 'expres'; there are express"),
     ("[[rates]]\ncarrier = 'XX'\nzones = [{name = 'z', brackets = [{up_to_grams = 9, amount = 9}]}]",
      "rates[0].carrier: there is no carrier 'XX'")],
)  # fmt: skip
async def test_an_impossible_policy_is_refused_and_nothing_is_loaded(
    record: PostgresRecord, run: Run, tmp_path: Path, text: str, named: str
) -> None:
    for verb in ("check", "load"):
        result = await run("policies", verb, policy_file(tmp_path, text))
        assert result.exit_code == 1
        assert named in result.stderr
    async with record.begin() as tx:
        assert await tx.sourcing.policies() == ()


@pytest.mark.parametrize(("carrier", "word"), [("nobody", "there is no carrier"), ("mute", "tells no rates")])
async def test_a_policy_may_ask_only_carriers_that_exist_and_tell_rates(
    record: PostgresRecord, run: Run, tmp_path: Path, carrier: str, word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    capability = CAPABILITIES["sandbox-blind"].model_copy(update={"rates": False})
    monkeypatch.setitem(CAPABILITIES, "sandbox-blind", capability)
    entry = "[carriers.{0}]\nadapter = 'sandbox'\nsettings = {{ base_url = 'http://there.example', carrier = '{1}' }}\n"
    parties = tmp_path / "parties.toml"
    parties.write_text(entry.format("swift", "sandbox-swift") + entry.format("mute", "sandbox-blind"))
    for carriers, code in (("'swift'", 0), (f"'swift', '{carrier}'", 1)):
        file = policy_file(tmp_path, f"[quotes]\ncarriers = [{carriers}]")
        result = await run("policies", "load", file, CROSSDOCK_PARTIES_FILE=str(parties))
        assert result.exit_code == code, result.output
    assert "quotes.carriers[1]: " in result.stderr
    assert word in result.stderr
    async with record.begin() as tx:
        assert [version.policy.quotes.carriers for version in await tx.sourcing.policies()] == [("swift",)]


async def test_what_carriers_quoted_and_which_did_not_is_explained(record: PostgresRecord, ask: Ask, run: Run) -> None:
    question = Question("swift", "DE", "DE", "241", 250)
    quote = Quote(question=question, amount=420, currency="EUR", asked_at=NOW, holds_until=NOW + timedelta(hours=1))
    async with record.begin() as tx:
        await tx.catalog.save_location(location(MUNICH, carrier="blind"))
        policy = SourcingPolicy(quotes=QuoteTerms(carriers=("swift", "blind")))
        await tx.sourcing.add_policy(policy, "ops", "", NOW)
        await tx.quotes.keep([quote, silent(silence_of("blind"), "outage:blind", NOW)])
    await plan(record)
    (decision,) = (await ask("route", "explain", "shop/0"))["decisions"]
    assert [table["carrier"] for table in decision["quoted"]] == ["swift"]
    assert decision["unquoted"] == [{"carrier": "blind", "origin": "DE", "why": "outage:blind"}]
    shown = (await run("route", "explain", "shop/0")).stdout
    assert "swift from DE quoted 4.20 EUR up to 250 g" in shown
    assert "blind from DE by the tables: no quote (outage:blind)" in shown


async def test_a_policy_may_not_hold_from_the_past_on(record: PostgresRecord, run: Run, tmp_path: Path) -> None:
    del record
    file = policy_file(tmp_path, "split = 1")
    result = await run("policies", "load", file, "--from", "2020-01-01")
    assert (result.exit_code, "past" in result.stderr) == (2, True)


async def test_a_decision_is_explained(record: PostgresRecord, ask: Ask, run: Run) -> None:
    await plan(record)
    (decision,) = (await ask("route", "explain", "shop/0"))["decisions"]
    assert [(row["location"], row["verdict"], row["by"]) for row in decision["reasons"]] == [
        (BERLIN, "chosen", None), (MUNICH, "lost", 0),
    ]  # fmt: skip
    result = await run("route", "explain", "shop/0")
    assert "no plan is better" in result.stdout
    assert f"1 x {TEA}" in result.stdout


async def test_a_place_whose_carrier_the_channel_does_not_take_says_so(
    record: PostgresRecord, ask: Ask, run: Run
) -> None:
    async with record.begin() as tx:
        await tx.catalog.save_channel(SHOP.model_copy(update={"carriers": ("slow",)}))
        await tx.catalog.save_location(location(MUNICH, carrier="slow"))
    await plan(record)
    (decision,) = (await ask("route", "explain", "shop/0"))["decisions"]
    assert [(row["location"], row["why"]) for row in decision["reasons"]] == [
        (BERLIN, "carrier-not-allowed"), (MUNICH, "cheapest"),
    ]  # fmt: skip
    assert "a carrier that the channel does not take" in (await run("route", "explain", "shop/0")).stdout
    assert (await ask("route", "simulate", "--last", "9"))["reproduced"] == 1


async def test_how_much_better_another_plan_may_be_is_told_in_money(record: PostgresRecord, run: Run) -> None:
    order = await record_order(record)
    snapshot = Snapshot(delivery="ship", pickup_location=None, demands=(), locations=(), stock={})
    unsure = FulfillmentPlan(parts=(), gap=1250, nodes=700)
    decision = Decision(order_id=order, number=1, decided_at=NOW, snapshot=snapshot, plan=unsure)
    async with record.begin() as tx:
        version = (await tx.sourcing.read(NOW)).places_version
        decision = decision.model_copy(update={"places_version": version})
        await tx.fulfillments.add((fulfillment(order),), (), NOW, decision)
    shown = (await run("route", "explain", order)).stdout
    assert "another may count up to 12.50 EUR less; effort ended after 700 plans" in " ".join(shown.split())


async def test_nothing_is_explained_before_it_was_decided(record: PostgresRecord, run: Run) -> None:
    await record_order(record)
    result = await run("route", "explain", "shop/1001")
    assert (result.exit_code, "nothing was decided" in result.stderr) == (1, True)


async def test_a_simulation_reproduces_what_was_and_tells_what_would_change(
    record: PostgresRecord, ask: Ask, run: Run, tmp_path: Path
) -> None:
    await plan(record, orders=3)
    same = await ask("route", "simulate", "--last", "10")
    assert (same["decisions"], same["reproduced"], same["others"]) == (3, 3, [])
    shown = policy_file(tmp_path, (await run("policies", "show", "--json")).stdout, "same.json")
    assert (await ask("route", "simulate", "--policy", shown))["reproduced"] == 3
    other = policy_file(tmp_path, f"[[rules]]\nname = 'south'\nonly = ['{MUNICH}']\n")
    changed = await ask("route", "simulate", "--policy", other)
    assert changed["load"] == {BERLIN: [3, 0], MUNICH: [0, 3]}
    assert len(changed["others"]) == 3
    assert "shop/0" in (await run("route", "simulate", "--policy", other)).stdout


async def test_a_policy_that_cannot_be_loaded_is_not_tried(record: PostgresRecord, run: Run, tmp_path: Path) -> None:
    await plan(record)
    file = policy_file(tmp_path, "[[rules]]\nname = 'r'\nonly = ['XX']")
    result = await run("route", "simulate", "--policy", file)
    assert (result.exit_code, "rules[0].only[0]: there is no location 'XX'" in result.stderr) == (1, True)


async def test_a_simulation_by_weight_looks_up_what_goods_weigh(
    record: PostgresRecord, ask: Ask, run: Run, tmp_path: Path
) -> None:
    await plan(record, orders=2)
    async with record.begin() as tx:
        grams = (await tx.catalog.weight([TEA]))[TEA]
    brackets = f"[{{up_to_grams = {grams - 1}, amount = 1}}, {{up_to_grams = {grams}, amount = 77}}]"
    file = policy_file(tmp_path, f"[[rates]]\nzones = [{{name = 'z', brackets = {brackets}}}]")
    assert (await ask("route", "simulate", "--policy", file))["after"]["shipping"] == 2 * 77
    shown = (await run("route", "simulate", "--policy", file)).stdout
    assert "lines left short" in shown
    assert "splits" in shown
