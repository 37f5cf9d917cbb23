"""Drivers whom a carrier sends to a location, as its API shows them."""

from __future__ import annotations

from pydantic import AwareDatetime, Field, JsonValue
from starlette.routing import Route

from infra.sandbox.catalog import Carrier
from infra.sandbox.endpoint import Answer, Call, RefusedRequest, found, route
from infra.sandbox.records import Driver, Wish


class DriverWish(Wish):
    """A driver to be sent; `labels` by their ids. The reference is not checked for repeats, so a repeat sends another.

    Attributes:
        ready_at: from when on the parcels stand there.
        closes_at: until when somebody is there.
    """

    reference: str = Field(min_length=1, max_length=300)
    location: str
    ready_at: AwareDatetime
    closes_at: AwareDatetime
    labels: list[str] = Field(min_length=1)


def order_driver(call: Call) -> Answer:
    """Send a driver; every request sends one."""
    carrier, wish, world = _carrier(call), call.read(DriverWish), call.world
    if world.catalog.location(wish.location) is None:
        raise RefusedRequest(422, "unknown-location", wish.location)
    if wish.ready_at >= wish.closes_at or wish.closes_at <= world.now():
        raise RefusedRequest(422, "no-such-window", f"from {wish.ready_at} until {wish.closes_at}")
    for label_id in wish.labels:
        label = world.labels.get(label_id)
        if label is None or label.carrier != carrier.name:
            raise RefusedRequest(422, "unknown-label", label_id)
        if label.status != "bought":
            raise RefusedRequest(409, "not-waiting", f"{label_id} is {label.status}")
    driver = Driver(id=world.new_id("DR"), carrier=carrier.name, **wish.model_dump())
    world.record(
        "driver.ordered", "crossdock", driver, subject=driver.id, carrier=carrier.name, reference=wish.reference,
        location=wish.location,
    )  # fmt: skip
    return 201, _shown(driver)


def find_drivers(call: Call) -> Answer:
    """Answer the drivers ordered under a reference."""
    carrier, reference = _carrier(call), call.query.get("reference", "")
    mine = [
        one for one in call.world.drivers.values() if (one.carrier, one.reference) == (carrier.name, reference)
    ]  # fmt: skip
    return 200, {"drivers": [_shown(driver) for driver in mine]}


def _carrier(call: Call) -> Carrier:
    carrier = found(call.world.catalog.carrier(call.path["carrier"]), "carrier")
    if not carrier.collects:
        raise RefusedRequest(501, "no-drivers", f"{carrier.name} sends no drivers")
    return carrier


def _shown(driver: Driver) -> JsonValue:
    return {"driver_id": driver.id, "reference": driver.reference, "labels": [*driver.labels]}


def routes() -> list[Route]:
    """Return what a sender may ask about drivers."""
    return [
        route("POST", "/carriers/{carrier}/drivers", "carrier.drivers.order", order_driver),
        route("GET", "/carriers/{carrier}/drivers", "carrier.drivers.find", find_drivers),
    ]
