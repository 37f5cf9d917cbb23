"""What an adapter is held against: a world that plays its vendor, and that shows what was truly done there.

An author writes one such world beside the adapter's tests. What a vendor cannot have keeps its default: the promise
that would need it is skipped, with the default's words as the reason.
"""

# ruff: noqa: ARG002  a default says why it cannot, whatever it is asked

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, ClassVar, Literal

import httpx

from adapters.conformance.vital import Vital
from adapters.manifest import Manifest
from domain.shipment import TrackingStatus
from domain.values import Address, Model


class CannotHappen(Exception):
    """This cannot happen at this vendor, or not in this world of it: the words say why."""


class World(ABC):
    """One vendor with everything that was told to it; a new one for each test, so that nothing has happened yet.

    Attributes:
        manifest: the adapter's.
        more_secrets: what must not leak beside the secrets of the settings, such as a token that was logged in for.
        pause: the seconds for which `throttled` asks; None where the vendor tells no time.
        signs_moment: whether a webhook's signature covers its moment, so that an old one is known for a replay.
        signs_body: whether it covers the body; not where the vendor only sends a secret along.
    """

    manifest: ClassVar[Manifest[Any, Any]]
    more_secrets: ClassVar[tuple[str, ...]] = ()
    pause: ClassVar[float | None] = 7
    signs_moment: ClassVar[bool] = True
    signs_body: ClassVar[bool] = True

    @property
    @abstractmethod
    def settings(self) -> Mapping[str, object]:
        """What an operator would provide; the secrets are right."""

    @property
    @abstractmethod
    def transport(self) -> httpx.AsyncBaseTransport:
        """The way to the vendor, such as `httpx.MockTransport` or `httpx.ASGITransport`; the suite wraps it."""

    @property
    @abstractmethod
    def now(self) -> datetime:
        """The vendor's present moment."""

    def throttled(self, request: httpx.Request) -> httpx.Response:
        """Return how the vendor refuses a request that came too soon."""
        headers = {} if self.pause is None else {"Retry-After": f"{self.pause:g}"}
        return httpx.Response(HTTPStatus.TOO_MANY_REQUESTS, headers=headers, json={}, request=request)

    def barred(self, request: httpx.Request) -> httpx.Response:
        """Return how the vendor refuses credentials that do not count any more."""
        return httpx.Response(HTTPStatus.UNAUTHORIZED, json={}, request=request)

    async def finish_jobs(self) -> None:  # noqa: B027  most vendors take on nothing for later
        """Let time pass: what the vendor took on for later is done, letters that nobody answered lie there again."""

    def webhook_bodies(self) -> tuple[bytes, ...]:
        """Return one genuine body of each kind of webhook that means something to us."""
        raise CannotHappen("this world sends no webhooks")

    def sign(self, body: bytes, moment: datetime) -> Mapping[str, str]:
        """Return the headers, in lower case, under which the vendor would send this body at this moment."""
        raise CannotHappen("this world sends no webhooks")


class Wanted(Model):
    """Units of one listing that a buyer orders, at a price in minor units."""

    listing_id: str
    quantity: int
    unit_price: int


class PlacedLine(Wanted):
    """The same, as the channel took it: a world that cannot choose its prices tells its own."""

    line_id: str


class Placed(Model):
    """An order that a buyer has paid for; `total` in minor units, shipping included."""

    channel_order_id: str
    lines: tuple[PlacedLine, ...]
    total: int
    currency: str


class Truth(Model):
    """What was truly done to one order, by anybody; units by line id, a line of which nothing was done left out.

    Attributes:
        refused: line ids that were refused when the order was acknowledged.
        refunded: minor units given back.
        returns: whether each answered wish to return was granted, by its id.
    """

    acknowledged: bool = False
    refused: frozenset[str] = frozenset()
    shipped: Mapping[str, int] = {}
    tracking_numbers: tuple[str, ...] = ()
    cancelled: Mapping[str, int] = {}
    refunded: int = 0
    pickup: Literal["", "ready", "collected"] = ""
    returns: Mapping[str, bool] = {}


class MarketplaceWorld(World):
    """A marketplace or shop.

    Attributes:
        page_size: how many orders one page of the list holds here; small is quick.
        listings: at least two listings that exist, with their SKUs.
        currencies: those in which `place_order` can be asked; several that differ in decimals are best.
        tick: how finely the vendor tells moments.
        carrier: in the channel's own code; `tracking_numbers` are two of its.
        vital: where an order says what we act on.
        unknown_order: an id of the right kind that no order has; `unknown_listing` one that nobody sells under.
        permissions: what the vendor may grant or not and the adapter needs, in the words in which it says that one
            lacks.
    """

    page_size: ClassVar[int]
    listings: ClassVar[Mapping[str, str]]
    currencies: ClassVar[tuple[str, ...]] = ("EUR",)
    tick: ClassVar[timedelta] = timedelta(microseconds=1)
    carrier: ClassVar[str] = "DHL"
    tracking_numbers: ClassVar[tuple[str, str]] = ("JD014600006281230701", "JD014600006281230702")
    vital: ClassVar[Vital]
    unknown_order: ClassVar[str] = "999999999"
    unknown_listing: ClassVar[str] = "999999998"
    permissions: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    async def place_order(self, wanted: Sequence[Wanted], moment: datetime, currency: str) -> Placed:
        """Let a buyer order and pay for goods to be shipped; the order was placed, and changed last, at this moment."""

    @abstractmethod
    async def touch(self, channel_order_id: str, moment: datetime) -> None:
        """Let something about an order change that means nothing to us; this was its last change."""

    @abstractmethod
    async def truth(self, channel_order_id: str) -> Truth:
        """Return what was truly done to an order."""

    async def offered(self, listing_id: str) -> int | None:
        """Return the quantity that the channel believes may be sold; None before the first."""
        raise CannotHappen("this world keeps no stock")

    async def distort(self, channel_order_id: str) -> None:
        """Let an order have a status that nobody documented."""
        raise CannotHappen("nothing here has a closed list of words")

    async def place_pickup(self, wanted: Sequence[Wanted], moment: datetime) -> Placed:
        """Let a buyer order goods to be collected."""
        raise CannotHappen("nothing is collected here")

    async def ask_return(self, placed: Placed) -> str:
        """Let the buyer of a shipped order ask to give one unit of its first line back; return the id of the wish."""
        raise CannotHappen("nobody asks for a return here")

    async def ship_by_hand(self, placed: Placed, quantities: Mapping[str, int], tracking_number: str) -> None:
        """Let a person at the channel note units as shipped."""
        raise CannotHappen("nothing can be shipped by hand here")

    async def cancel_by_hand(self, placed: Placed, quantities: Mapping[str, int]) -> None:
        """Let a person at the channel cancel units."""
        raise CannotHappen("nothing can be cancelled by hand here")

    async def refund_by_hand(self, placed: Placed, amount: int) -> None:
        """Let a person at the channel give money back."""
        raise CannotHappen("nothing can be refunded by hand here")

    async def leave_letter(self, placed: Placed) -> None:
        """Leave a hint about an order in the mailbox."""
        raise CannotHappen("there is no mailbox here")

    def withhold(self, permission: str) -> None:
        """Let the vendor have granted all that is needed but for this; called again, it is this one that lacks."""
        raise CannotHappen("nothing is granted one by one here")

    def payloads(self) -> tuple[bytes, ...]:
        """Return more order documents, such as the vendor's examples, from which bad ones are made."""
        return ()


class SoldLabel(Model):
    """One label as the carrier has it: `cost` in minor units, 0 once it was given back where the money is, too."""

    reference: str
    tracking_number: str
    cost: int
    currency: str
    voided: bool = False
    intercepted: bool = False


class CarrierWorld(World):
    """A carrier, or a gateway to several.

    Attributes:
        origin: the code of a location it ships from, whose address is `sender`.
        destination: where it delivers; `nowhere` is where it does not, None where it refuses none.
        words: some of its own words for a parcel's steps, with what they mean.
        unknown_number: a tracking number that was never given out.
        tracked: where the answer to tracking, with one scan, says what we act on; `hooked` the first webhook, and
            `bought` the answer to the purchase of a label.
    """

    origin: ClassVar[str] = "WH-1"
    sender: ClassVar[Address | None] = None
    destination: ClassVar[Address]
    nowhere: ClassVar[Address | None] = None
    words: ClassVar[Mapping[str, TrackingStatus]]
    unknown_number: ClassVar[str] = "1Z999AA10123456784"
    tracked: ClassVar[Vital]
    hooked: ClassVar[Vital] = Vital()
    bought: ClassVar[Vital]

    @abstractmethod
    async def labels(self) -> tuple[SoldLabel, ...]:
        """Return every label that was ever paid for; a draft is none."""

    @abstractmethod
    async def scan(self, tracking_number: str, word: str, moment: datetime) -> None:
        """Let the carrier scan a parcel, and name the step by this word, be it one of its own or not."""

    async def hand_over(self, tracking_number: str) -> None:
        """Let the parcel be with the carrier, so that its label cannot be given back any more."""
        raise CannotHappen("nothing is handed over in this world")

    async def collections(self, remote_ids: tuple[str, ...]) -> int:
        """Return how many drivers were ordered for these labels."""
        raise CannotHappen("no driver can be ordered here")

    def scan_webhook(self, tracking_number: str, word: str, moment: datetime) -> bytes:
        """Return the body by which the carrier tells of a scan."""
        raise CannotHappen("this world sends no webhooks")


class KnownWork(Model):
    """A fulfillment order as the location has it: whether it stopped, and the units of each SKU."""

    stopped: bool
    units: Mapping[str, int]


class LocationWorld(World):
    """The system of a location: staff app, warehouse, partner or till.

    Attributes:
        location: the code of a place it speaks for.
        skus: at least two that lie there.
        reports: where each of `webhook_bodies` says what we act on.
    """

    location: ClassVar[str]
    skus: ClassVar[tuple[str, ...]]
    reports: ClassVar[tuple[Vital, ...]] = ()

    @abstractmethod
    async def works(self, fulfillment_id: str) -> tuple[KnownWork, ...]:
        """Return all work that the location has for a fulfillment order; more than one would be done twice."""

    @abstractmethod
    async def expected(self, return_id: str) -> int:
        """Return how many times a return was announced and kept."""

    async def hand_over(self, fulfillment_id: str) -> None:
        """Let the goods leave."""
        raise CannotHappen("nothing leaves in this world")

    def own_label_report(self, fulfillment_id: str, tracking_number: str, carrier: str) -> bytes:
        """Return the body by which the location tells that goods left under a label of its own."""
        raise CannotHappen("its places send with our labels")

    async def leave_letter(self, body: bytes) -> None:
        """Leave one of `webhook_bodies` where the location leaves what it reports."""
        raise CannotHappen("there is no mailbox here")
