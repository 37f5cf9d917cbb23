"""A kit: a SKU that is sold as one and picked as several; its explosion, and the price shares of what it is made of."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Annotated, NamedTuple

from pydantic import Field

from domain.errors import Refused
from domain.listing import Candidate, Component, Matched, Unmatched
from domain.values import Model, SkuCode

MAX_DEPTH = 5
MAX_COMPONENTS = 100
MAX_UNITS = 10_000
"""How deep kits nest, of how many SKUs one is made, and of how many units: beyond it somebody has mistyped."""

KitUnits = Annotated[int, Field(ge=1, le=MAX_UNITS)]


class KitPart(Model):
    """Units of a SKU, itself perhaps a kit, in one kit. `worth` is what one unit is worth beside the other parts."""

    sku: SkuCode
    units: KitUnits
    worth: Annotated[int, Field(ge=0, le=1_000_000_000)] = 1


Kits = Mapping[str, tuple[KitPart, ...]]
"""Kit → what it is made of, for all kits that can be reached; a SKU that is not a kit has no entry."""


def explode(sku: str, units: int, kits: Kits, price: int = 0) -> tuple[Component, ...]:
    """Return the stock-kept goods that `units` of a SKU are made of, by SKU, with their shares of a price.

    A kit's price is split by the worth of its parts, a nested kit's share again by its own; the shares are whole minor
    units that add up to `price` exactly, the largest remainders rounded up first.

    Raises:
        Refused: a kit contains itself, nests too deep, or is made of too much.
    """
    goods = _goods(sku, kits, (), {}).shares
    if units * sum(good.units for good in goods.values()) > MAX_UNITS:
        raise Refused("kit-too-large", f"{units} x {sku} is more than {MAX_UNITS} units to pick")
    shares = share_price(price, {code: price * good.share for code, good in goods.items()})
    return tuple(
        Component(sku=code, units=units * good.units, share=shares[code]) for code, good in sorted(goods.items())
    )


class _Good(NamedTuple):
    """What one unit of a kit holds of one SKU, and its share of the kit's price."""

    units: int
    share: Fraction


class _Goods(NamedTuple):
    """What one unit of a SKU is made of, and how many kits deep that is."""

    shares: Mapping[str, _Good]
    depth: int


def _goods(sku: str, kits: Kits, above: tuple[str, ...], known: dict[str, _Goods]) -> _Goods:
    """Explode one unit; what was exploded before is looked up, since kits may share kits many times over."""
    if sku in above:
        raise Refused("kit-in-itself", f"a kit contains itself: {' > '.join((*above[above.index(sku) :], sku))}")
    parts = kits.get(sku, ())
    if not parts:
        return _Goods({sku: _Good(1, Fraction(1))}, 0)
    if sku not in known:
        if len(above) >= MAX_DEPTH:
            raise _too_deep((*above, sku))
        known[sku] = _sum_parts(sku, parts, [_goods(part.sku, kits, (*above, sku), known) for part in parts])
    return known[sku]


def _sum_parts(sku: str, parts: tuple[KitPart, ...], made_of: list[_Goods]) -> _Goods:
    weights = [part.worth * part.units for part in parts]
    if not any(weights):
        weights = [part.units for part in parts]
    goods: dict[str, _Good] = {}
    for part, weight, inner in zip(parts, weights, made_of, strict=True):
        for code, good in inner.shares.items():
            so_far = goods.get(code, _Good(0, Fraction(0)))
            share = good.share * Fraction(weight, sum(weights))
            goods[code] = _Good(so_far.units + part.units * good.units, so_far.share + share)
    depth = 1 + max(inner.depth for inner in made_of)
    if depth > MAX_DEPTH:
        raise _too_deep((sku,))
    if len(goods) > MAX_COMPONENTS:
        raise Refused("kit-too-large", f"{sku} is made of {len(goods)} SKUs; at most {MAX_COMPONENTS} can be picked")
    return _Goods(goods, depth)


def _too_deep(way: tuple[str, ...]) -> Refused:
    return Refused("kit-too-deep", f"kits nest deeper than {MAX_DEPTH}: {' > '.join(way)}")


def share_price(price: int, exact: Mapping[str, Fraction]) -> dict[str, int]:
    """Round exact shares to whole minor units whose sum is `price`: the largest remainders get the units left over.

    >>> share_price(100, {"a": Fraction(100, 3), "b": Fraction(100, 3), "c": Fraction(100, 3)})
    {'a': 34, 'b': 33, 'c': 33}
    """
    shares = {sku: int(share) for sku, share in exact.items()}
    left = price - sum(shares.values())
    by_remainder = sorted(exact, key=lambda sku: (shares[sku] - exact[sku], sku))
    for sku in by_remainder[:left]:
        shares[sku] += 1
    return shares


def mean(candidate: Candidate, kits: Kits, retired: frozenset[str], price: int) -> Matched | Unmatched:
    """Return what a line means whose candidate was chosen; a kit that cannot be picked holds the line instead.

    Args:
        candidate: the answer that was chosen.
        kits: every kit that it is or holds.
        retired: the retired SKUs among all of these.
        price: minor units of one unit of the line.
    """
    try:
        components = explode(candidate.sku, candidate.units, kits, price)
    except Refused as error:
        return Unmatched(code="impossible", why=str(error))
    if gone := sorted(retired & {component.sku for component in components}):
        return Unmatched(code="retired", why=f"{candidate.sku} holds {gone[0]}, which is retired")
    return Matched(sku=candidate.sku, components=components, matched_by=candidate.rung)


def check_kit(kit: str, parts: tuple[KitPart, ...], kits: Kits, states: Mapping[str, bool]) -> None:
    """Refuse a declaration that could not be picked.

    Args:
        kit: the SKU that is to be a kit.
        parts: what it is to be made of.
        kits: every kit that can be reached from the parts, as declared now.
        states: whether it is retired, for every SKU that exists of the parts and of what they hold.

    Raises:
        Refused: no parts, one named twice, unknown or retired, in itself, or too deep or large.
    """
    codes = [part.sku for part in parts]
    if not parts:
        raise Refused("empty-kit", f"{kit} is made of nothing: name at least one SKU")
    if twice := next((code for code in codes if codes.count(code) > 1), None):
        raise Refused("part-named-twice", f"{kit}: {twice} is named twice; add its units up")
    if unknown := next((code for code in codes if code not in states), None):
        raise Refused("no-sku", f"{kit}: no SKU {unknown}")
    goods = {component.sku for component in explode(kit, 1, {**kits, kit: parts})}
    if gone := sorted(code for code in goods.union(codes) if states.get(code)):
        raise Refused("retired-sku", f"{kit}: {gone[0]} is retired and cannot be sold any more")
