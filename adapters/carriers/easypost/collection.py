"""Drivers ordered to a location: a pickup is drafted, then bought, and found again by our reference.

Several labels go into a batch first, which EasyPost makes by and by; it costs nothing.
"""

from __future__ import annotations

from typing import TypeVar

from adapters.carriers.easypost import mapping, wire
from adapters.carriers.easypost.api import Api
from adapters.http import fetch, send
from domain.effect import Absent, CannotTell, Confirmed, Finding, Found, Outcome, Rejected, Unknown
from domain.errors import Unavailable
from domain.ports.carrier import OrderCollection

_NEWEST = 100
"""The largest page of a list."""
_SOON = 5
DraftT = TypeVar("DraftT", wire.Pickup, wire.Batch)


async def order_driver(api: Api, write: OrderCollection) -> Outcome:
    """Draft a pickup, which costs nothing, and buy its cheapest rate.

    Raises:
        Unavailable: nobody knows whether there is a draft, another does no harm; or the batch is not made yet.
    """
    batch_id = "" if len(write.remote_ids) == 1 else await _gather(api, write)
    if isinstance(batch_id, Rejected):
        return batch_id
    asked = api.request("POST", "pickups", json=mapping.to_pickup(api.settings, write, batch_id))
    drafted = _told(await send(api.http, asked, wire.Pickup, mapping.read_refusal))
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


async def _gather(api: Api, write: OrderCollection) -> str | Rejected:
    """Return the id of the batch of these labels; one whose answer was lost is found by our reference."""
    asked = api.request("GET", "batches", operation="list", params={"page_size": _NEWEST})
    newest = (await fetch(api.http, asked, wire.Batches)).batches
    batch = next((one for one in newest if one.reference == write.reference), None)
    if batch is None:
        made = api.request("POST", "batches", json=mapping.to_batch(write))
        batch = _told(await send(api.http, made, wire.Batch, mapping.read_refusal))
    if isinstance(batch, Rejected):
        return batch
    if batch.state == "creating":
        raise Unavailable("batch-in-the-making", retry_after=_SOON)
    return Rejected(code="no-batch") if batch.state == "creation_failed" else batch.id


def _told(draft: DraftT | Rejected | Unknown) -> DraftT | Rejected:
    if isinstance(draft, Unknown):
        raise Unavailable(draft.code, "no draft was told")
    return draft
