"""A barrier: what keeps goods from going from a place until somebody has looked, or until what lacks is known."""

from __future__ import annotations

from collections.abc import Mapping

from domain.customs import crosses_border, territory_of
from domain.location import Location
from domain.order import HoldReason
from domain.restriction import AGE, TRACED, Restriction
from domain.snapshot import Demand, Snapshot

BARRED_BY = "crossdock"
"""Who places these holds, and ends them when the barrier is gone; whoever else ends one waves the order through."""

BARRIERS = frozenset({HoldReason.RESTRICTED, HoldReason.AGE_CHECK, HoldReason.TRACING, HoldReason.CUSTOMS_DATA})

Barriers = Mapping[HoldReason, frozenset[str]]
"""Reason → the locations from which goods may not go for it."""


def barriers_of(demand: Demand, snapshot: Snapshot, *, declared: bool) -> dict[HoldReason, frozenset[str]]:
    """Return what keeps one demand from which locations; nothing for goods that may go anywhere.

    Args:
        demand: units of one line.
        snapshot: where they go, how, and from which places.
        declared: whether customs can be told what they are and what they are worth.
    """
    if not demand.restrictions and (declared or snapshot.delivery == "pickup"):
        return {}
    places = [place for place in snapshot.locations if _may_serve(place, snapshot)]
    everywhere = frozenset(place.code for place in places)
    found: dict[HoldReason, frozenset[str]] = {}
    if wanted := demand.restrictions - TRACED:
        found[HoldReason.RESTRICTED] = frozenset(place.code for place in places if not wanted <= place.handles)
    if snapshot.delivery == "pickup" and demand.restrictions & AGE:
        found[HoldReason.AGE_CHECK] = everywhere
    if demand.restrictions & TRACED:
        found[HoldReason.TRACING] = everywhere
    # Where nobody knows yet where they go, no label can be bought, and they are planned anew when somebody does.
    if snapshot.delivery == "ship" and snapshot.country and not declared:
        there = territory_of(snapshot.country, snapshot.postal_zone)
        found[HoldReason.CUSTOMS_DATA] = frozenset(
            place.code for place in places if crosses_border(place.country, there)
        )
    return {reason: places for reason, places in found.items() if places}


def leave_none(barriers: Barriers, snapshot: Snapshot) -> bool:
    """Tell whether these barriers stand before every place, so that no goods that come anywhere can help."""
    kept = frozenset[str]().union(*barriers.values())
    return kept >= {place.code for place in snapshot.locations if _may_serve(place, snapshot)}


def _may_serve(place: Location, snapshot: Snapshot) -> bool:
    return place.ships if snapshot.delivery == "ship" else place.code == (snapshot.only or snapshot.pickup_location)


def keep_out(demand: Demand, barriers: Barriers) -> Demand:
    """Return the demand as planning may look at it: never at a place behind a barrier."""
    # Which places handle it is routing's own filter, whose reasons say so; nobody handles what is traced.
    handled = demand.restrictions - TRACED if HoldReason.RESTRICTED in barriers else frozenset[Restriction]()
    elsewhere = (places for reason, places in barriers.items() if reason is not HoldReason.RESTRICTED)
    return demand.model_copy(update={"refused_by": demand.refused_by.union(*elsewhere), "restrictions": handled})
