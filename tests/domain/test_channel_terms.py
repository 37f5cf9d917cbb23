"""What a channel allows: which carriers collect its orders, who sells their labels, and which speeds are chosen."""

from __future__ import annotations

import pytest

from domain.decision import Decision, simulate
from domain.rates import RateTable
from domain.routing import plan_fulfillment
from domain.snapshot import Snapshot
from domain.sourcing import ChannelTerms, SourcingPolicy
from tests.builders import BERLIN, MUNICH, TEA, location
from tests.domain.test_sourcing import NOON, chosen, explained, plan, snapshot, why, zone


def test_a_channel_may_forbid_carriers() -> None:
    there = (location(BERLIN, carrier="slow"), location(MUNICH))
    named = SourcingPolicy(channels={"shop": ChannelTerms(carriers=("swift",))})
    for changes in ({"policy": named}, {"carriers": ("swift", "other")}):
        made, reasons = explained(*there, **changes)  # type: ignore[arg-type]
        assert (chosen(made), why(reasons, BERLIN)) == ([MUNICH], "carrier-not-allowed")
    neither = plan(*there, policy=named, carriers=("slow",))
    assert [short.causes for short in neither.short] == [
        {f"stock:{TEA}": "short", "policy:sourcing": "carrier-not-allowed"}
    ]
    assert chosen(plan(*there, policy=named, account="another")) == [BERLIN]


def test_an_operator_overrides_the_policy_about_carriers_and_not_the_channel() -> None:
    there = (location(BERLIN, carrier="slow"), location(MUNICH))
    named = SourcingPolicy(channels={"shop": ChannelTerms(carriers=("swift",))})
    assert chosen(plan(*there, policy=named, only=BERLIN)) == [BERLIN]
    made, reasons = explained(*there, carriers=("swift",), only=BERLIN)
    assert (chosen(made), why(reasons, BERLIN)) == ([], "carrier-not-allowed")


def test_whoever_collects_the_goods_no_carrier_is_asked_for() -> None:
    collected = plan(carriers=("other",), delivery="pickup", pickup_location=BERLIN)
    assert chosen(collected) == [BERLIN]


def test_where_the_channel_sells_the_labels_its_prices_count() -> None:
    own = RateTable(carrier="shop", zones=(zone("own", 10, 20),))
    policy = SourcingPolicy(rates=(RateTable(carrier="swift", zones=(zone("swift", 900, 1900),)), own))
    assert plan(policy=policy).cost.shipping == 1900
    assert plan(policy=policy, sold_by="shop").cost.shipping == 20
    made, reasons = explained(policy=policy, sold_by="rival")
    assert (chosen(made), why(reasons, BERLIN)) == ([], "no-rate")


@pytest.mark.parametrize(
    ("speeds", "allowed"), [(None, ("express", "next-day")), (("express",), ("express",)), ((), ())]
)
def test_a_channel_may_forbid_speeds(speeds: tuple[str, ...] | None, allowed: tuple[str, ...]) -> None:
    assert ChannelTerms(speeds=speeds).allowed(("express", "next-day")) == allowed


def test_a_decision_of_before_there_were_terms_comes_out_as_it_was() -> None:
    there = (location(BERLIN, carrier="slow"), location(MUNICH))
    taken = snapshot(*there)
    told = taken.model_dump(mode="json", exclude={"carriers", "sold_by"})
    old = Decision(
        order_id="shop/1", number=1, decided_at=NOON, snapshot=Snapshot.model_validate(told),
        plan=plan_fulfillment(taken),
    )  # fmt: skip
    assert simulate([old], None).reproduced == 1
    strict = SourcingPolicy(channels={"shop": ChannelTerms(carriers=("swift",))})
    assert [other.places_after for other in simulate([old], strict).others] == [(MUNICH,)]
