"""Parcels: what so many of them cost at least that carry a weight together, however it is shared."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from domain.rates import MAX_GRAMS, Ladder


@dataclass(frozen=True, slots=True)
class PriceLine:
    """A straight line below the prices of each ladder: a parcel costs no less than its toll and so much per gram.

    Attributes:
        tolls: by ladder.
        rise: the price of `run` grams.
    """

    tolls: tuple[int, ...]
    rise: int
    run: int

    def carry(self, grams: int) -> int:
        """Return what so many grams cost at least beside the tolls, in however many parcels."""
        return self.rise * grams // self.run


def least_of(ladders: Sequence[Ladder], grams: int) -> int:
    """Return what parcels cost at least that carry so many grams, one by each ladder, however they share the weight."""
    shares = {grams: 0}
    for ladder in ladders[:-1]:
        shares = _shared(shares, _steps(ladder))
    last = _steps(ladders[-1])
    return min(cost + next(amount for limit, amount in last if limit >= rest) for rest, cost in shares.items())


def _shared(shares: dict[int, int], steps: list[tuple[int, int]]) -> dict[int, int]:
    """Return what is left to carry, with the least cost so far, when one more parcel took its part."""
    left: dict[int, int] = {}
    for rest, cost in shares.items():
        for limit, amount in steps:
            after = max(rest - limit, 0)
            left[after] = min(left.get(after, cost + amount), cost + amount)
    return left


def _steps(ladder: Ladder) -> list[tuple[int, int]]:
    """Return up to what weight a parcel has which price at least."""
    beyond = (MAX_GRAMS * 10**6, ladder.amounts[-1] + ladder.further_kg)
    return [*zip(ladder.limits, ladder.amounts, strict=True), beyond]


def price_line(ladders: Iterable[Ladder], lightest: int, grams: int, base: int) -> PriceLine:
    """Return the line that says most of parcels of half the weight.

    Args:
        ladders: all there are.
        lightest: what each parcel weighs at least.
        grams: what all weigh together.
        base: what a place counts at least beside its parcel; no toll takes away more.
    """
    known = [_ends(ladder, lightest, grams) for ladder in ladders]
    hull: list[tuple[int, int]] = []
    for point in sorted(point for points in known for point in points):
        while hull and (point[1] <= hull[-1][1] or (len(hull) > 1 and _is_above(hull[-2], hull[-1], point))):
            hull.pop()
        if not hull or point[0] > hull[-1][0]:
            hull.append(point)
    rise, run = 0, 1
    for (light, cheap), (heavy, dear) in pairwise(hull):
        rise, run = dear - cheap, heavy - light
        if heavy >= grams // 2:
            break
    for weight, amount in hull:
        if (amount + base) * run < rise * weight:
            rise, run = amount + base, weight
    tolls = (min((amount * run - rise * weight) // run for weight, amount in points) for points in known)
    return PriceLine(tuple(tolls), rise, run)


def _ends(ladder: Ladder, lightest: int, grams: int) -> list[tuple[int, int]]:
    """Return the heaviest parcels at each price, where any line below all of them is below all parcels."""
    last = ladder.limits[-1]
    # Beyond the last bracket the ends of the begun kilograms lie on one line: its first and its last suffice.
    thousands = (last + -(-max(lightest - last, 0) // 1000) * 1000, grams - (grams - last) % 1000)
    within = ladder.limits[bisect_left(ladder.limits, lightest) :]
    ends = {lightest, grams, *(end for end in (*within, *thousands) if lightest < end < grams)}
    return [(end, ladder.price(end)) for end in sorted(ends)]


def _is_above(one: tuple[int, int], middle: tuple[int, int], other: tuple[int, int]) -> bool:
    """Tell whether the middle one of three points lies on or above the line between the others."""
    return (middle[1] - one[1]) * (other[0] - one[0]) >= (other[1] - one[1]) * (middle[0] - one[0])
