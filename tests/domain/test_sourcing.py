"""The sourcing policy: what it counts, what it forbids, and what is refused when it is read."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.decision import Decision, simulate
from domain.errors import Refused
from domain.fulfillment_plan import FulfillmentPlan, Reason, Verdict
from domain.location import Location
from domain.rates import Bracket, RateTable, Zone
from domain.restriction import Restriction
from domain.routing import explain, plan_fulfillment
from domain.snapshot import Demand, Doubt, Snapshot
from domain.sourcing import ChannelTerms, SourcingPolicy, SourcingRule, When, read_sourcing, require_known, require_sold
from tests.builders import BERLIN, MUG, MUNICH, TEA, location

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
ZONE = {"name": "all", "brackets": [{"up_to_grams": 9, "amount": 9}]}


def plan(*places: Location, policy: SourcingPolicy | None = None, **changes: object) -> FulfillmentPlan:
    """Plan two teas that both places have, unless it is said otherwise."""
    return explained(*places, policy=policy, **changes)[0]


def explained(
    *places: Location, policy: SourcingPolicy | None = None, **changes: object
) -> tuple[FulfillmentPlan, tuple[Reason, ...]]:
    """Do the same, and tell why."""
    asked = snapshot(*places, policy=policy, **changes)
    made = plan_fulfillment(asked)
    return made, explain(asked, made)


def snapshot(*places: Location, policy: SourcingPolicy | None = None, **changes: object) -> Snapshot:
    fields: dict[str, object] = {
        "now": NOON,
        "account": "shop",
        "delivery": "ship",
        "pickup_location": None,
        "country": "DE",
        "postal_zone": "104",
        "demands": (Demand(line_id="1", sku=TEA, quantity=2, grams=400),),
        "locations": places or (location(BERLIN), location(MUNICH)),
        "stock": {TEA: {BERLIN: 5, MUNICH: 5}, MUG: {MUNICH: 5}},
        "policy": policy or SourcingPolicy(),
    }
    return Snapshot.model_validate(fields | changes)


def chosen(made: FulfillmentPlan) -> list[str]:
    return sorted({part.location for part in made.parts})


def why(reasons: tuple[Reason, ...], code: str) -> str:
    return next(reason.why for reason in reasons if reason.location == code)


def zone(name: str, amount: int, heavy: int, **changes: object) -> Zone:
    brackets = (Bracket(up_to_grams=500, amount=amount), Bracket(up_to_grams=5000, amount=heavy))
    return Zone.model_validate({"name": name, "brackets": brackets} | changes)


@pytest.mark.parametrize(
    ("changes", "slug"),
    [
        ({"open": False}, "closed"),
        ({"ships": False}, "does-not-ship"),
        ({"serves": ("AT", "CH")}, "does-not-serve-country"),
        ({"daily_capacity": 2}, "full"),
    ],
)
def test_a_location_that_may_not_serve_an_order_says_why(changes: dict[str, object], slug: str) -> None:
    made, reasons = explained(location(BERLIN, **changes), location(MUNICH), backlog={BERLIN: 6})
    assert (chosen(made), why(reasons, BERLIN)) == ([MUNICH], slug)


def test_goods_go_only_where_their_restrictions_are_handled() -> None:
    adult = (Demand(line_id="1", sku=TEA, quantity=1, restrictions=frozenset({Restriction.AGE_18})),)
    able = location(MUNICH, rank=900, handles=frozenset({Restriction.AGE_18}))
    made, reasons = explained(location(BERLIN), able, demands=adult)
    assert (chosen(made), why(reasons, BERLIN)) == ([MUNICH], "restricted")


def test_the_first_rule_that_does_not_abstain_decides() -> None:
    rules = (
        SourcingRule(name="abroad", when=When(countries=("FR",)), only=(BERLIN,)),
        SourcingRule(name="heavy", when=When(min_grams=700), never=(BERLIN,)),
        SourcingRule(name="rest", only=(BERLIN,)),
    )
    made, reasons = explained(policy=SourcingPolicy(rules=rules))
    assert (chosen(made), made.rule, why(reasons, BERLIN)) == ([MUNICH], "heavy", "rule:heavy")
    assert chosen(plan(policy=SourcingPolicy(rules=rules), country="FR")) == [BERLIN]
    assert plan(policy=SourcingPolicy(rules=rules), delivery="pickup", pickup_location=BERLIN).rule == ""


@pytest.mark.parametrize(("words", "place"), [({"prefer": (MUNICH,)}, MUNICH), ({"avoid": (BERLIN,)}, MUNICH)])
def test_a_rule_may_prefer_or_avoid_for_an_amount(words: dict[str, object], place: str) -> None:
    rule = SourcingRule.model_validate({"name": "r", "amount": 50, **words})
    dear = location(MUNICH, rank=140)
    assert chosen(plan(location(BERLIN), dear, policy=SourcingPolicy(rules=(rule,)))) == [place]
    dearer = location(MUNICH, rank=160)
    assert chosen(plan(location(BERLIN), dearer, policy=SourcingPolicy(rules=(rule,)))) == [BERLIN]


def test_a_channel_may_forbid_places_and_splits() -> None:
    terms = SourcingPolicy(channels={"shop": ChannelTerms(locations=(MUNICH,))})
    assert chosen(plan(policy=terms)) == [MUNICH]
    whole = SourcingPolicy(channels={"shop": ChannelTerms(may_split=False)})
    both = (Demand(line_id="1", sku=TEA, quantity=2), Demand(line_id="2", sku=MUG, quantity=1))
    apart = {TEA: {BERLIN: 5}, MUG: {MUNICH: 5}}
    assert len(plan(policy=whole, demands=both, stock=apart).short) == 2
    assert chosen(plan(policy=SourcingPolicy(), demands=both, stock=apart)) == [BERLIN, MUNICH]


def test_parcels_are_priced_by_carrier_zone_and_weight() -> None:
    tables = (
        RateTable(carrier="swift", zones=(zone("home", 400, 900, postal_prefixes=("1",)), zone("all", 700, 1500))),
        RateTable(zones=(zone("any", 500, 600),)),
    )
    policy = SourcingPolicy(rates=tables, rank=0)
    other = location(MUNICH, carrier="blind")
    assert chosen(plan(location(BERLIN), other, policy=policy)) == [MUNICH]
    light = (Demand(line_id="1", sku=TEA, quantity=1, grams=400),)
    assert chosen(plan(location(BERLIN), other, policy=policy, demands=light)) == [BERLIN]
    assert chosen(plan(location(BERLIN), other, policy=policy, demands=light, postal_zone="803")) == [MUNICH]


def test_a_place_that_is_late_loses_to_a_dearer_one_that_is_not() -> None:
    due = (Demand(line_id="1", sku=TEA, quantity=1, ship_by=NOON + timedelta(hours=6)),)
    slow = location(BERLIN, cut_off="09:00")
    made = plan(slow, location(MUNICH, handling=700), demands=due, policy=SourcingPolicy(late_day=800))
    assert (chosen(made), made.cost.late_days) == ([MUNICH], 0)
    made = plan(slow, location(MUNICH, handling=900), demands=due, policy=SourcingPolicy(late_day=800))
    assert (chosen(made), made.cost.late_days) == ([BERLIN], 1)


def test_the_way_counts_for_when_goods_arrive() -> None:
    due = (Demand(line_id="1", sku=TEA, quantity=1, deliver_by=NOON + 2 * DAY),)
    tables = (
        RateTable(carrier="slow", zones=(zone("all", 100, 100, days=4),)),
        RateTable(zones=(zone("all", 300, 300, days=2),)),
    )
    made = plan(location(BERLIN, carrier="slow"), location(MUNICH), demands=due, policy=SourcingPolicy(rates=tables))
    assert chosen(made) == [MUNICH]


def test_a_shelf_that_runs_low_is_spared() -> None:
    low = {TEA: {BERLIN: 2, MUNICH: 9}}
    assert chosen(plan(stock=low)) == [BERLIN]
    assert chosen(plan(stock=low, policy=SourcingPolicy(balance=90, spare_below=3))) == [MUNICH]


@pytest.mark.parametrize("sku", ["", TEA])
def test_a_location_that_just_said_no_comes_last_for_a_while(sku: str) -> None:
    doubt = Doubt(location=BERLIN, sku=sku, until=NOON + DAY)
    assert chosen(plan(doubts=(doubt,))) == [MUNICH]
    assert chosen(plan(doubts=(doubt,), stock={TEA: {BERLIN: 5}})) == [BERLIN]
    assert chosen(plan(doubts=(doubt,), now=NOON + 2 * DAY)) == [BERLIN]


def test_an_operator_who_names_a_location_overrules_capacity_and_policy() -> None:
    rule = SourcingRule(name="no", never=(MUNICH,))
    busy = location(MUNICH, daily_capacity=1)
    made = plan(location(BERLIN), busy, policy=SourcingPolicy(rules=(rule,)), backlog={MUNICH: 99}, only=MUNICH)
    assert chosen(made) == [MUNICH]


def test_a_location_that_lost_says_by_how_much() -> None:
    _, reasons = explained(location(BERLIN, rank=1), location(MUNICH, rank=4, handling=25, handling_line=7))
    (lost,) = [reason for reason in reasons if reason.verdict is Verdict.LOST]
    assert (lost.location, lost.why, lost.by) == (MUNICH, "dearer", 3 + 25 + 7)


def test_what_is_short_names_everything_that_would_help() -> None:
    ruled = SourcingPolicy(rules=(SourcingRule(name="x", never=(MUNICH,)),))
    made = plan(location(BERLIN, open=False), location(MUNICH), policy=ruled)
    (short,) = made.short
    assert dict(short.causes) == {f"stock:{TEA}": "short", f"location:{BERLIN}": "closed", "policy:sourcing": "rule"}
    assert (dict(short.units), short.again_at) == ({f"stock:{TEA}": 2}, None)
    full = plan(location(BERLIN, daily_capacity=1), backlog={BERLIN: 3})
    assert full.short[0].again_at == NOON + timedelta(minutes=15)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=2, max_size=4), st.data())
def test_more_stock_never_makes_a_plan_worse(shelves: list[tuple[int, int]], data: st.DataObject) -> None:
    codes = ["AAH", BERLIN, MUNICH, "ZRH"][: len(shelves)]
    places = tuple(location(code, rank=data.draw(st.integers(0, 50))) for code in codes)
    stock = {TEA: {code: tea for code, (tea, _) in zip(codes, shelves, strict=True)},
             MUG: {code: mug for code, (_, mug) in zip(codes, shelves, strict=True)}}  # fmt: skip
    demands = tuple(
        Demand(line_id=str(number), sku=sku, quantity=data.draw(st.integers(1, 4)))
        for number, sku in enumerate((TEA, MUG, TEA))
    )
    before = plan(*places, stock=stock, demands=demands)
    sku, code = data.draw(st.sampled_from([TEA, MUG])), data.draw(st.sampled_from(codes))
    stock[sku][code] += data.draw(st.integers(1, 3))
    after = plan(*places, stock=stock, demands=demands)
    assert (len(after.short), after.cost.counted) <= (len(before.short), before.cost.counted) or (
        len(after.short) < len(before.short)
    )


@pytest.mark.parametrize(
    ("document", "fault"),
    [
        ("split = -1", "split: "),
        ("splitt = 1", "splitt: "),
        ("late_day = 'much'", "late_day: "),
        ("currency = 'XXX'", "currency: "),
        ("effort = 0", "effort: "),
        ("[[rules]]\nname = 'r'", "rules[0]: names no location"),
        ("[[rules]]\nname = 'r'\nprefer = ['BER']", "rules[0]: prefer and avoid need an amount"),
        ("[[rules]]\nname = 'r'\nonly = ['BER']\nnever = ['BER']", "rules[0]: only and never leave no location"),
        ("[[rules]]\nname = 'r'\nonly = ['BER']\nwhen = {countries = ['Germany']}", "rules[0].when.countries[0]: "),
        ("[[rules]]\nname = 'r'\nonly = ['X']\nwhen = {min_grams = 9, max_grams = 3}", "rules[0].when: no order"),
        ("[[rules]]\nname = 'r'\nonly = ['BER']\nwhen = {delivery = 'pickup'}", "rules[0].when.delivery: "),
        ("late_day = 1000000001", "late_day: "),
        ('[[rules]]\nname = "\\u0000"\nonly = ["BER"]', "rules[0].name: text holds a NUL byte"),
        ("[[rates]]\nzones = []", "rates[0].zones: "),
        (
            (
                "[[rates]]\n[[rates.zones]]\nname = 'z'\n"
                "brackets = [{up_to_grams = 9, amount = 2}, {up_to_grams = 5, amount = 3}]"
            ),
            "rates[0].zones[0]: brackets: ",
        ),
    ],
)  # fmt: skip
def test_an_impossible_policy_is_refused_by_the_name_of_its_field(document: str, fault: str) -> None:
    with pytest.raises(Refused) as refused:
        read_sourcing(tomllib.loads(document))
    assert str(refused.value).startswith(fault)


def test_a_policy_that_names_what_does_not_exist_is_refused() -> None:
    policy = read_sourcing(
        {
            "rules": [{"name": "r", "only": ["BER", "XX"]}],
            "rates": [{"carrier": name, "zones": [ZONE]} for name in ("", "swift", "shop", "VV")],
            "channels": {"none": {"locations": ["YY"]}, "shop": {"carriers": ["swift", "ZZ"]}},
        }
    )
    with pytest.raises(Refused) as refused:
        require_known(policy, (location(BERLIN),), ("shop",), ("swift",))
    assert "rules[0].only[1]: there is no location 'XX'; there are BER" in str(refused.value)
    assert "channels.none.locations[0]: there is no location 'YY'" in str(refused.value)
    assert "channels.none: there is no channel 'none'; there are shop" in str(refused.value)
    assert "channels.shop.carriers[1]: there is no carrier 'ZZ'; there are swift" in str(refused.value)
    assert "rates[3].carrier: there is no carrier 'VV'; there are shop, swift" in str(refused.value)
    assert "rates[2]" not in str(refused.value)


def test_a_policy_that_lets_a_channel_have_a_speed_that_nobody_sells_is_refused() -> None:
    policy = read_sourcing({"channels": {"shop": {"speeds": ["express", "expres"]}, "all": {}, "none": {"speeds": []}}})
    with pytest.raises(Refused) as refused:
        require_sold(policy, {"shop": {"express"}})
    assert str(refused.value) == "channels.shop.speeds[1]: there is no speed 'expres'; there are express"


def test_a_policy_reads_back_from_its_own_json() -> None:
    policy = SourcingPolicy(rules=(SourcingRule(name="r", only=(BERLIN,)),), channels={"shop": ChannelTerms()})
    assert read_sourcing(policy.model_dump(mode="json")) == policy


def test_another_policy_tells_what_would_have_gone_elsewhere() -> None:
    taken = snapshot(location(BERLIN, handling=30), location(MUNICH, rank=120))
    decision = Decision(order_id="shop/1", number=1, decided_at=NOON, snapshot=taken, plan=plan_fulfillment(taken))
    same = simulate([decision], SourcingPolicy())
    assert (same.reproduced, same.others, same.before) == (1, (), same.after)
    other = simulate([decision], SourcingPolicy(rank=2))
    assert other.reproduced == 0
    assert [(each.places_before, each.places_after) for each in other.others] == [((MUNICH,), (BERLIN,))]
    assert (other.before.handling, other.after.handling) == (0, 30)
    assert dict(other.load) == {BERLIN: (0, 1), MUNICH: (1, 0)}
