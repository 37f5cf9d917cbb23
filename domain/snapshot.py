"""A snapshot: everything a plan depends on, and nothing personal; planning it again gives the same plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from pydantic import Field

from domain.inventory import InventoryLevel
from domain.listing import Component, made_of
from domain.location import Location
from domain.order import Delivery
from domain.rates import RateTable
from domain.restriction import Restriction
from domain.sourcing import BUILT_IN, SourcingPolicy
from domain.values import Model, Moment

DEFAULT_POLICY = SourcingPolicy()
ZONE_LENGTH = 3


class Demand(Model):
    """Units of one order line that wait for a place, each made of `components`.

    Attributes:
        refused_by: locations that already said no.
        restrictions: what a location has to declare that it handles.
        grams: what one unit weighs; 0 where nobody knows.
        ship_by: until when they have to leave.
        deliver_by: until when they have to arrive.
    """

    line_id: str
    sku: str
    quantity: int
    components: tuple[Component, ...] = ()
    refused_by: frozenset[str] = frozenset()
    restrictions: frozenset[Restriction] = frozenset()
    grams: int = 0
    ship_by: Moment | None = None
    deliver_by: Moment | None = None

    @property
    def made_of(self) -> tuple[Component, ...]:
        """Its components, or one unit of its SKU where none were frozen."""
        return made_of(self.sku, self.components)


class Doubt(Model):
    """A location that just said no: to one SKU because it was not found, or (no SKU) to anything, being too busy."""

    location: str
    sku: str = ""
    until: Moment


class Unquoted(Model):
    """A road whose price had to be taken from the tables although its carrier was to be asked, and why."""

    carrier: str
    origin: str
    why: str


class Snapshot(Model):
    """Everything the plan depends on.

    Attributes:
        now: when it was taken.
        account: the channel.
        country: where the goods go.
        postal_zone: how the postal code there begins.
        stock: units that can be promised, by SKU and location.
        backlog: fulfillment orders that a location has still to send, where its capacity counts.
        doubts: locations that come last for a while.
        policy_version: the number of the policy.
        quoted: prices that carriers quoted; they are laid over the policy's tables, while it asks those carriers.
        unquoted: roads for which the tables stand, because their carrier did not quote.
        only: the one location that an operator chose.
        carriers: the only carriers that the channel takes, whatever the policy says; none named: any.
        sold_by: who sells the labels of all parcels: the channel, where it does; else empty.
    """

    now: Moment = datetime(2000, 1, 1, tzinfo=UTC)
    account: str = ""
    delivery: Delivery
    pickup_location: str | None
    country: str = ""
    postal_zone: str = ""
    demands: tuple[Demand, ...]
    locations: tuple[Location, ...]
    stock: Mapping[str, Mapping[str, int]]
    backlog: Mapping[str, int] = Field(default_factory=dict[str, int])
    doubts: tuple[Doubt, ...] = ()
    policy: SourcingPolicy = DEFAULT_POLICY
    policy_version: int = BUILT_IN
    quoted: tuple[RateTable, ...] = ()
    unquoted: tuple[Unquoted, ...] = ()
    only: str | None = None
    carriers: tuple[str, ...] = ()
    sold_by: str = ""

    def carrier_at(self, place: Location) -> str:
        """Return who sells the label of a parcel that leaves from a location."""
        return self.sold_by or place.carrier

    @property
    def doubted(self) -> frozenset[tuple[str, str]]:
        """The pairs of SKU and location that come last; an empty SKU stands for all."""
        return frozenset((doubt.sku, doubt.location) for doubt in self.doubts if doubt.until > self.now)


def stock_of(levels: Iterable[InventoryLevel]) -> dict[str, dict[str, int]]:
    """Return the units that can be promised, by SKU and location; empty shelves are left out."""
    stock: dict[str, dict[str, int]] = {}
    for level in levels:
        if level.available > 0:
            stock.setdefault(level.sku, {})[level.location] = level.available
    return stock


def postal_zone_of(postal_code: str) -> str:
    """Return how a postal code begins: enough for a rate table, too little for a person.

    >>> postal_zone_of("sw1a 2aa")
    'SW1'
    """
    return "".join(sign for sign in postal_code.upper() if sign.isascii() and sign.isalnum())[:ZONE_LENGTH]
