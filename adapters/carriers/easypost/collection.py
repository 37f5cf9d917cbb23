"""Drivers ordered to a location: a pickup is drafted, then bought, and found again by our reference."""

from __future__ import annotations

from adapters.carriers.easypost import mapping, wire
from adapters.carriers.easypost.api import Api
from adapters.http import fetch, send
from domain.effect import Absent, CannotTell, Confirmed, Finding, Found, Outcome, Rejected, Unknown
from domain.errors import Unavailable
from domain.ports.carrier import OrderCollection

_NEWEST = 100
"""The largest page of a list."""


async def order_driver(api: Api, write: OrderCollection) -> Outcome:
    """Draft a pickup, which costs nothing, and buy its cheapest rate.

    Raises:
        Unavailable: nobody knows whether there is a draft; another does no harm.
    """
    if len(write.remote_ids) != 1:
        return Rejected(code="one-label-a-collection")
    asked = api.request("POST", "pickups", json=mapping.to_pickup(api.settings, write))
    drafted = await send(api.http, asked, wire.Pickup, mapping.read_refusal)
    if isinstance(drafted, Unknown):
        raise Unavailable(drafted.code, "no draft was told")
    if isinstance(drafted, Rejected):
        return drafted
    rate = mapping.cheapest(drafted.pickup_rates)
    if rate is None:
        return Rejected(code="no-driver")
    choice = {"carrier": rate.carrier, "service": rate.service}
    asked = api.request("POST", "pickups", drafted.id, "buy", json=choice)
    bought = await send(api.http, asked, wire.Pickup, mapping.read_refusal)
    if isinstance(bought, wire.Pickup):
        return Confirmed(remote_id=bought.id) if bought.status == "scheduled" else Unknown(code="not-scheduled")
    return bought


async def find_driver(api: Api, write: OrderCollection) -> Finding:
    """Look among the newest pickups for one with our reference that was bought."""
    asked = api.request("GET", "pickups", operation="list", params={"page_size": _NEWEST})
    page = await fetch(api.http, asked, wire.Pickups)
    ours = [one for one in page.pickups if one.reference == write.reference]
    bought = next((one for one in ours if one.status == "scheduled"), None)
    if bought is not None:
        return Found(confirmed=Confirmed(remote_id=bought.id))
    return CannotTell(code="too-many-pickups") if page.has_more and not ours else Absent()
