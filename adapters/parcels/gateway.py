"""What gateways to several carriers have in common: services by speed, senders by origin, papers behind an address."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from typing import Annotated

import httpx
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, HttpUrl, StringConstraints, ValidationError

from adapters.http import fetch_bytes
from adapters.lenient import reading
from domain.errors import ContractBroken, Refused
from domain.ports.carrier import OrderCollection, ParcelWish, Rate
from domain.values import Address, Document, Model, Money, forbid_nul

Word = Annotated[str, AfterValidator(forbid_nul), StringConstraints(min_length=1, max_length=120)]
"""An id or a tracking number, as it can be kept."""
GRAMS_PER_OUNCE = 28.349523125


class GatewaySettings(BaseModel):
    """What every gateway needs to know of us.

    Attributes:
        ordinary: the services allowed at ordinary speed, in the gateway's words; the cheapest of them is bought.
        speeds: the services allowed at each faster speed, whose names are ours; the cheapest of them is bought.
        senders: the addresses of our locations by their code, for those whose address is not told with the parcel.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    ordinary: tuple[str, ...] = Field(min_length=1)
    speeds: dict[str, tuple[str, ...]] = Field(default_factory=dict[str, tuple[str, ...]])
    senders: dict[str, Address] = Field(default_factory=dict[str, Address])

    @property
    def levels(self) -> tuple[str, ...]:
        """All services that are allowed at any speed."""
        return tuple(dict.fromkeys((*self.ordinary, *(one for named in self.speeds.values() for one in named))))

    def allowed(self, speed: str) -> tuple[str, ...]:
        """Return the services of a speed, empty for the ordinary one; none for a speed that nobody named."""
        return self.speeds.get(speed, ()) if speed else self.ordinary

    def sender(self, wish: ParcelWish | OrderCollection) -> Address:
        """Return the address of our location.

        Raises:
            Refused: nobody told it.
        """
        found = wish.sender or self.senders.get(wish.origin)
        if found is None:
            raise Refused("no-sender", f"the settings have no sender {wish.origin!r}: add its address to `senders`")
        return found

    def rates(self, offers: Iterable[Offer]) -> tuple[Rate, ...]:
        """Return what each speed costs, the ordinary one first; a speed that nothing serves is left out."""
        known = tuple(offers)
        chosen = {speed: choose(known, self.allowed(speed)) for speed in ("", *self.speeds)}
        return tuple(Rate(speed=speed, cost=one.cost, days=one.days) for speed, one in chosen.items() if one)


class Offer(Model):
    """One service that would carry the parcel, by the gateway's id of the offer and its own word of the level."""

    offer_id: str
    level: str
    cost: Money
    days: int | None = None


def price(amount: str, currency: str, code: str) -> Money:
    """Return what something costs, told in major units.

    Raises:
        ContractBroken: with this code: it is no price.
    """
    with reading(code):
        cost = Money.from_major(amount, currency.upper())
        if cost.amount < 0:
            raise ValueError("a price below nothing")
        return cost


def choose(offers: Iterable[Offer], allowed: tuple[str, ...]) -> Offer | None:
    """Return the cheapest offer of the allowed services, the first named among equals.

    Prices in several currencies cannot be compared: then the service that is named first wins.
    """
    fitting = sorted((one for one in offers if one.level in allowed), key=lambda one: allowed.index(one.level))
    if len({one.cost.currency for one in fitting}) > 1:
        return fitting[0]
    return min(fitting, key=lambda one: one.cost.amount, default=None)


async def fetch_paper(
    http: httpx.AsyncClient, url: str, origins: Iterable[HttpUrl], headers: Mapping[str, str] | None = None
) -> Document:
    """Fetch a label that is told by its address only, from one of these origins.

    Raises:
        ContractBroken: it lies elsewhere, or is empty; otherwise as for `fetch`.
    """
    if not any(_lies_at(url, origin) for origin in origins):
        raise ContractBroken("paper-elsewhere", "the label's address is not where the settings allow it")
    request = http.build_request("GET", url, headers=headers, extensions={"operation": "paper"})
    return read_paper(await fetch_bytes(http, request))


def decode_paper(told: str) -> Document:
    """Return a label that was sent in base64; failures as for `read_paper`."""
    try:
        return read_paper(base64.b64decode(told, validate=True))
    except ValueError:
        raise ContractBroken("not-a-paper", "what was sent as the label is none") from None


def read_paper(content: bytes) -> Document:
    """Return a label as it was received, typed by its bytes.

    Raises:
        ContractBroken: it is empty, or a page or message instead of a label.
    """
    paper = Document.of(content)
    told = content.lstrip()[:1]
    if not told or (told in b"<{[" and paper.media_type == "application/octet-stream"):
        raise ContractBroken("not-a-paper", "what was sent as the label is none")
    return paper


def _lies_at(url: str, origin: HttpUrl) -> bool:
    try:
        asked = HttpUrl(url)
    except ValidationError:
        return False
    return (asked.scheme, asked.host, asked.port) == (origin.scheme, origin.host, origin.port)
