"""The best plan by trying everything: slow, and too simple to be wrong."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import product
from math import ceil

from domain.calendar import hand_over_at
from domain.location import Location
from domain.snapshot import Demand, Snapshot

LOST = 10**15
"""What a line that is short counts here."""

DAY = timedelta(days=1)

Way = dict[str, int]
"""Units of one line by location."""


def least_cost(snapshot: Snapshot) -> tuple[int, int]:
    """Return how few lines can be left short, and what the best such plan counts; any units may come from anywhere."""
    return min(
        (_cost(snapshot, ways) for ways in product(*(_ways(snapshot, demand) for demand in snapshot.demands))
         if _fits(snapshot, ways)),
        default=(0, 0),
    )  # fmt: skip


def plan_cost(snapshot: Snapshot, taken: dict[str, Way]) -> tuple[int, int]:
    """Return the same of one plan, given by line."""
    ways = tuple(taken.get(demand.line_id, {}) for demand in snapshot.demands)
    assert _fits(snapshot, ways)
    return _cost(snapshot, ways)


def _ways(snapshot: Snapshot, demand: Demand) -> list[Way]:
    codes = [place.code for place in snapshot.locations if place.code not in demand.refused_by]
    return [{}, *({code: units for code, units in zip(codes, spread, strict=True) if units}
                  for spread in _spreads(demand.quantity, len(codes)))]  # fmt: skip


def _spreads(units: int, places: int) -> Iterator[tuple[int, ...]]:
    if places == 0:
        return
    if places == 1:
        yield (units,)
        return
    for first in range(units + 1):
        for rest in _spreads(units - first, places - 1):
            yield (first, *rest)


def _fits(snapshot: Snapshot, ways: tuple[Way, ...]) -> bool:
    wanted: dict[tuple[str, str], int] = {}
    for demand, way in zip(snapshot.demands, ways, strict=True):
        for code, units in way.items():
            for sku, each in _needs(demand):
                wanted[sku, code] = wanted.get((sku, code), 0) + each * units
    takes = all(
        _takes(snapshot, demand, code) for demand, way in zip(snapshot.demands, ways, strict=True) for code in way
    )
    return (
        takes
        and _is_whole(snapshot, ways)
        and all(snapshot.stock.get(sku, {}).get(code, 0) >= units for (sku, code), units in wanted.items())
    )


def _takes(snapshot: Snapshot, demand: Demand, code: str) -> bool:
    """Tell whether a place handles the goods, and has not more to send than its days hold."""
    place = _place(snapshot, code)
    return demand.restrictions <= place.handles and _behind(snapshot, place) < snapshot.policy.backlog_days


def _is_whole(snapshot: Snapshot, ways: tuple[Way, ...]) -> bool:
    """Tell whether all goes from one place or nothing at all, where the channel lets no order be split."""
    terms = snapshot.policy.channels.get(snapshot.account)
    if terms is None or terms.may_split or not any(ways):
        return True
    return all(ways) and len({code for way in ways for code in way}) == 1


def _behind(snapshot: Snapshot, place: Location) -> int:
    return snapshot.backlog.get(place.code, 0) // place.daily_capacity if place.daily_capacity else 0


def _days_late(snapshot: Snapshot, demand: Demand, code: str) -> int:
    place = _place(snapshot, code)
    leaves = hand_over_at(place, snapshot.now, _behind(snapshot, place))
    assert leaves is not None
    return max(
        (ceil((leaves - by) / DAY) for by in (demand.ship_by, demand.deliver_by) if by and by < leaves), default=0
    )


def _place(snapshot: Snapshot, code: str) -> Location:
    return next(place for place in snapshot.locations if place.code == code)


def _needs(demand: Demand) -> list[tuple[str, int]]:
    return [(each.sku, each.units) for each in demand.components] or [(demand.sku, 1)]


def _cost(snapshot: Snapshot, ways: tuple[Way, ...]) -> tuple[int, int]:
    policy = snapshot.policy
    places = {place.code: place for place in snapshot.locations}
    weights: dict[str, int] = {}
    cost = 0
    for demand, way in zip(snapshot.demands, ways, strict=True):
        cost += max(len(way) - 1, 0) * policy.split_line
        for code, units in way.items():
            weights[code] = weights.get(code, 0) + units * demand.grams
            cost += places[code].handling_line + _scarcity(snapshot, demand, code, units)
            cost += policy.late_day * _days_late(snapshot, demand, code)
    for code, grams in weights.items():
        cost += policy.split + places[code].rank * policy.rank + places[code].handling + _price(snapshot, code, grams)
    return sum(not way for way in ways), cost - (policy.split if weights else 0)


def _scarcity(snapshot: Snapshot, demand: Demand, code: str, units: int) -> int:
    policy = snapshot.policy
    left = (snapshot.stock[sku].get(code, 0) - each * units for sku, each in _needs(demand))
    return sum(policy.balance * max(policy.spare_below - units, 0) // policy.spare_below for units in left)


def _price(snapshot: Snapshot, code: str, grams: int) -> int:
    carrier = next(place.carrier for place in snapshot.locations if place.code == code)
    for table in snapshot.policy.rates:
        if table.carrier == carrier:
            (zone,) = table.zones
            fitting = [bracket.amount for bracket in zone.brackets if grams <= bracket.up_to_grams]
            return fitting[0] if fitting else zone.brackets[-1].amount
    return snapshot.policy.flat_rate
