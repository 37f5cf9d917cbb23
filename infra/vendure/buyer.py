"""A buyer in the shop: puts goods in the cart, says where to, pays."""

from __future__ import annotations

from collections.abc import Mapping

from domain.values import Address
from infra.vendure.graphql import Caller, Words, calling
from infra.vendure.install import StoreError
from infra.vendure.store import Store

HOME = Address(name="Ann Lee", street="1 Quay", city="Kiel", postal_code="24103", country="DE", phone="+49 431 5550100")
EMAIL = "ann.lee@example.com"

VARIANTS = "query { products(options: {take: 100}) { items { variants { id sku } } } }"
ADD = """mutation ($variant: ID!, $quantity: Int!) {
  addItemToOrder(productVariantId: $variant, quantity: $quantity) {
    ... on Order { id } ... on ErrorResult { errorCode message } } }"""
ADDRESS = """mutation ($buyer: CreateCustomerInput!, $address: CreateAddressInput!) {
  setCustomerForOrder(input: $buyer) { ... on Order { id } ... on ErrorResult { errorCode message } }
  setOrderShippingAddress(input: $address) { ... on Order { id } ... on ErrorResult { errorCode message } } }"""
METHODS = "query { eligibleShippingMethods { id code } }"
METHOD = """mutation ($method: ID!) {
  setOrderShippingMethod(shippingMethodId: [$method]) {
    ... on Order { id } ... on ErrorResult { errorCode message } } }"""
CHECK_OUT = """mutation { transitionOrderToState(state: "ArrangingPayment") {
    ... on Order { id } ... on ErrorResult { errorCode message } } }"""
PAY = """mutation ($method: String!) { addPaymentToOrder(input: {method: $method, metadata: {}}) {
    ... on Order { id code state totalWithTax currencyCode lines { id productVariant { sku } } }
    ... on ErrorResult { errorCode message } } }"""


class Named(Words):
    """Anything with an id."""

    id: str


class Method(Named):
    """A way of shipping."""

    code: str


class Variant(Words):
    """A thing on sale."""

    id: str = ""
    sku: str


class Product(Words):
    """Variants of one thing."""

    variants: list[Variant]


class Products(Words):
    """All that is on sale."""

    items: list[Product]


class PlacedLine(Words):
    """One line of a placed order."""

    id: str
    product_variant: Variant


class PlacedOrder(Words):
    """An order as its buyer sees it after paying; the total is in minor units."""

    id: str
    code: str
    state: str
    total_with_tax: int
    currency_code: str
    lines: list[PlacedLine]

    def line_of(self, sku: str) -> str:
        """Return the id of the line with this SKU."""
        return next(line.id for line in self.lines if line.product_variant.sku == sku)


async def place_order(
    store: Store,
    quantities: Mapping[str, int],
    *,
    address: Address = HOME,
    email: str = EMAIL,
    shipping: str = "standard",
    payment: str = "dummy",
) -> PlacedOrder:
    """Buy these quantities by SKU as a guest, and pay.

    Args:
        store: where.
        quantities: units by SKU.
        address: where to.
        email: the buyer's.
        shipping: ``standard``, ``express`` or ``store-pickup``.
        payment: ``dummy`` takes the money at once, ``on-account`` only authorizes it.

    Raises:
        StoreError: the shop refused a step, or does not sell one of the SKUs.
    """
    async with calling(store.shop_api) as shop:
        await _fill_cart(shop, quantities)
        await shop.ask(ADDRESS, Named, buyer=_buyer_words(address, email), address=_address_words(address))
        methods = {method.code: method.id for method in await shop.ask(METHODS, list[Method])}
        await shop.ask(METHOD, Named, method=_pick(methods, shipping))
        await shop.ask(CHECK_OUT, Named)
        return await shop.ask(PAY, PlacedOrder, method=payment)


async def _fill_cart(shop: Caller, quantities: Mapping[str, int]) -> None:
    products = await shop.ask(VARIANTS, Products)
    variants = {variant.sku: variant.id for product in products.items for variant in product.variants}
    for sku, quantity in quantities.items():
        await shop.ask(ADD, Named, variant=_pick(variants, sku), quantity=quantity)


def _pick(choices: Mapping[str, str], wanted: str) -> str:
    if wanted not in choices:
        raise StoreError(f"the shop has no {wanted!r}; it has {', '.join(sorted(choices))}")
    return choices[wanted]


def _buyer_words(address: Address, email: str) -> dict[str, str]:
    first, _, last = address.name.partition(" ")
    return {"firstName": first, "lastName": last, "emailAddress": email}


def _address_words(address: Address) -> dict[str, str]:
    return {
        "fullName": address.name,
        "streetLine1": address.street,
        "city": address.city,
        "postalCode": address.postal_code,
        "province": address.region,
        "countryCode": address.country,
        "phoneNumber": address.phone,
    }
