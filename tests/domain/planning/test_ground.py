"""The ground: what is worked out once must not be seen in any plan."""

from __future__ import annotations

import random
from datetime import timedelta

from domain.planning.ground import ground_of
from domain.routing import explain, plan_fulfillment
from domain.snapshot import Snapshot
from domain.sourcing import ChannelTerms, SourcingPolicy, SourcingRule, When
from tests.builders import location
from tests.domain.planning.test_search import heavy_policy, small_order

RULE = SourcingRule(name="light", when=When(max_grams=900), never=("BER",))


def test_a_plan_is_the_same_on_known_and_on_new_ground() -> None:
    rng = random.Random(5)  # noqa: S311 - a seeded load
    policy = heavy_policy(rng).model_copy(update={"rules": (RULE,)})
    places = small_order(random.Random(0), apart=True).locations  # noqa: S311 - a seeded load
    for _ in range(300):
        known = small_order(rng, apart=True).model_copy(update={"policy": policy, "locations": places})
        new = Snapshot.model_validate_json(known.model_dump_json())
        plan = plan_fulfillment(known)
        assert plan_fulfillment(new) == plan
        assert explain(new, plan) == explain(known, plan)


def test_ground_is_laid_once_for_orders_of_one_kind() -> None:
    order = _order()
    later = order.model_copy(update={"now": order.now + timedelta(days=1), "stock": {}})
    assert ground_of(later)[0] is ground_of(order)[0]


def test_whatever_a_filter_asks_for_has_ground_of_its_own() -> None:
    order = _order()
    here = location("BER", serves=("DE",))
    changes: list[dict[str, object]] = [
        {"country": "FR"}, {"only": "BER"}, {"delivery": "pickup"}, {"account": "narrow"}, {"locations": (here,)},
        {"policy": SourcingPolicy(rank=9)}, {"carriers": ("other",)}, {"sold_by": "shop"},
    ]  # fmt: skip
    grounds = [ground_of(order.model_copy(update=change))[0] for change in ({}, *changes)]
    assert len({id(ground) for ground in grounds}) == len(grounds)


def _order() -> Snapshot:
    policy = SourcingPolicy(channels={"narrow": ChannelTerms(locations=("BER",))})
    return small_order(random.Random(0), apart=True).model_copy(update={"policy": policy})  # noqa: S311 - seeded
