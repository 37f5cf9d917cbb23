"""Parcels: what so many of them cost at least that carry a weight together, however it is shared."""

from __future__ import annotations

from collections.abc import Iterable

from domain.rates import MAX_GRAMS, Ladder


class Parcels:
    """The prices of some ladders, as one looks for the cheapest: how much a parcel of each price may weigh."""

    def __init__(self, ladders: Iterable[Ladder], grams: int) -> None:
        self._grams = grams
        self._ladders = tuple(ladders)
        steps = sorted(
            (step for ladder in self._ladders for step in _steps(ladder)), key=lambda step: (step[1], -step[0])
        )
        self._steps: list[tuple[int, int]] = []
        for step in steps:
            if not self._steps or step[0] > self._steps[-1][0]:
                self._steps.append(step)
        self._known: dict[tuple[int, int], int] = {}
        self._by_tariff: dict[tuple[int, ...], int] = {}

    def least(self, places: int) -> int:
        """Return what the parcels of so many places cost at least."""
        return self._least(places, self._grams) if self._steps else 0

    def least_of(self, tariffs: tuple[int, ...]) -> int:
        """Return the same of places with these ladders."""
        known = self._by_tariff.get(tariffs)
        if known is None:
            shares = {self._grams: 0}
            for tariff in tariffs[:-1]:
                shares = _shared(shares, _steps(self._ladders[tariff]))
            last = _steps(self._ladders[tariffs[-1]])
            known = min(cost + next(amount for limit, amount in last if limit >= rest) for rest, cost in shares.items())
            self._by_tariff[tariffs] = known
        return known

    def _least(self, places: int, grams: int) -> int:
        if places == 1 or grams <= 0:
            return self._steps[0][1] * (places - 1) + next(amount for limit, amount in self._steps if limit >= grams)
        known = self._known.get((places, grams))
        if known is None:
            ways = (amount + self._least(places - 1, max(grams - limit, 0)) for limit, amount in self._steps)
            known = self._known[places, grams] = min(ways)
        return known


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
