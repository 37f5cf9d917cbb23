"""What the seller sells, where it lies at the beginning, and which parties there are."""

from __future__ import annotations

from pydantic import BaseModel

AMPLE = 10_000
NOWHERE_TO_GO = "00000"
"""The postal code to which no carrier of this world delivers."""


class Location(BaseModel):
    """A place with stock; an automated one needs no hand and reports no picking and no hand-over.

    Attributes:
        system: the account under which it talks to Crossdock.
        carrier: who collects there.
        rank: which place the seller likes to be asked first; lower goes first.
    """

    code: str
    name: str
    system: str
    carrier: str
    rank: int
    automated: bool
    pickup: bool
    country: str
    time_zone: str
    postal_code: str
    city: str
    line1: str


class Product(BaseModel):
    """One stock-kept thing. `stock` maps a location's code to its units at the beginning."""

    sku: str
    gtin: str
    title: str
    weight_grams: int
    price: int
    currency: str
    stock: dict[str, int]


class Listing(BaseModel):
    """A SKU as offered on one account; `sku` is empty where the seller never told the marketplace."""

    id: str
    account: str
    sku: str
    gtin: str
    title: str
    price: int
    currency: str


class Carrier(BaseModel):
    """What a carrier can do."""

    name: str
    lookup: bool
    void: bool
    intercept: bool
    collects: bool
    price: int


class Catalog(BaseModel):
    """Everything Crossdock needs to know before the first order."""

    accounts: list[str]
    carriers: list[Carrier]
    locations: list[Location]
    products: list[Product]
    listings: list[Listing]

    def location(self, code: str) -> Location | None:
        """Return the location of this code."""
        return next((location for location in self.locations if location.code == code), None)

    def carrier(self, name: str) -> Carrier | None:
        """Return the carrier of this name."""
        return next((carrier for carrier in self.carriers if carrier.name == name), None)

    def product(self, sku: str) -> Product | None:
        """Return the product of this SKU."""
        return next((product for product in self.products if product.sku == sku), None)

    def listing(self, account: str, listing_id: str) -> Listing | None:
        """Return the listing of this account and id."""
        return next((one for one in self.listings if one.account == account and one.id == listing_id), None)

    def stocked_at(self, *codes: str) -> list[Product]:
        """Return the products that lie at exactly these locations, in catalog order."""
        return [product for product in self.products if set(product.stock) == set(codes)]


_LOCATIONS = [
    Location(code="WH-AUTO", name="Portside Fulfillment", system="sandbox",
             carrier="sandbox-swift", rank=10, automated=True, pickup=False, country="NL",
             time_zone="Europe/Amsterdam",
             postal_code="3011 AA", city="Rotterdam", line1="Kade 1"),
    Location(code="STORE-1", name="Shop on the Market", system="sandbox",
             carrier="sandbox-swift", rank=20, automated=False, pickup=True, country="DE",
             time_zone="Europe/Berlin",
             postal_code="20095", city="Hamburg", line1="Marktplatz 4"),
    Location(code="STORE-2", name="Shop by the Station", system="sandbox",
             carrier="sandbox-blind", rank=30, automated=False, pickup=True, country="DE",
             time_zone="Europe/Berlin",
             postal_code="50667", city="Köln", line1="Bahnhofstraße 12"),
]  # fmt: skip

_CARRIERS = [
    Carrier(name="sandbox-swift", lookup=True, void=True, intercept=True, collects=True, price=590),
    Carrier(name="sandbox-blind", lookup=False, void=True, intercept=False, collects=False, price=450),
]

_SHELVES: list[tuple[tuple[str, ...], int, str]] = [
    (("WH-AUTO",), AMPLE, "MUG-BLUE MUG-GREEN TEAPOT KETTLE TOASTER LAMP-DESK"),
    (("STORE-1",), AMPLE, "SCARF-WOOL GLOVES CAP-LINEN"),
    (("STORE-2",), AMPLE, "VASE-TALL VASE-LOW FRAME-A4"),
    (("STORE-1", "STORE-2"), AMPLE, "SOAP-OLIVE CANDLE SPONGE BRUSH"),
    (("WH-AUTO", "STORE-1", "STORE-2"), AMPLE, "NOTEBOOK PENCIL-SET"),
    (("WH-AUTO", "STORE-1"), 0, "CLOCK-RARE RADIO-RARE"),
]
_YEN = "FURIN"


def gtin_of(number: int) -> str:
    """Return a GTIN-13 with its check digit.

    >>> gtin_of(1)
    '2000000000015'
    """
    body = f"200{number:09d}"
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(body))
    return body + str(-total % 10)


def _products() -> list[Product]:
    shelves = [(sku, where, units) for where, units, skus in _SHELVES for sku in skus.split()]
    shelves.append((_YEN, ("STORE-2", "WH-AUTO"), AMPLE))
    return [
        Product(
            sku=sku,
            gtin=gtin_of(number),
            title=sku.replace("-", " ").title(),
            weight_grams=200 + 35 * number,
            price=1_200 if sku == _YEN else 650 + 175 * number,
            currency="JPY" if sku == _YEN else "EUR",
            stock=dict.fromkeys(where, units),
        )
        for number, (sku, where, units) in enumerate(shelves, start=1)
    ]


def open_catalog(accounts: list[str]) -> Catalog:
    """Return the catalog, with one listing for each product on each account, `LST-` and the SKU its id."""
    products = _products()
    listings = [
        Listing(account=account, id=f"LST-{product.sku}", **product.model_dump(exclude={"stock", "weight_grams"}))
        for account in accounts
        for product in products
    ]
    return Catalog(accounts=accounts, carriers=_CARRIERS, locations=_LOCATIONS, products=products, listings=listings)
