"""A buyer who orders many times over: one session, and two requests for a whole order."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from pydantic import RootModel

from adapters.conformance.worlds import Wanted
from infra.vendure.buyer import EMAIL, HOME, Method, Named
from infra.vendure.graphql import Caller, Words, calling
from infra.vendure.store import Store

_COME_IN = "query { activeOrder { id } }"
_METHODS = "query { activeShippingMethods { id code } }"
_ID = "{ ... on Order { id } ... on ErrorResult { errorCode message } }"
_GO = f"""setCustomerForOrder(input: $buyer) {_ID} setOrderShippingAddress(input: $address) {_ID}
  setOrderShippingMethod(shippingMethodId: $method) {_ID} transitionOrderToState(state: "ArrangingPayment") {_ID}"""
_WHO = {
    "buyer": {"firstName": "Ann", "lastName": "Lee", "emailAddress": EMAIL},
    "address": {"fullName": HOME.name, "streetLine1": HOME.street, "city": HOME.city, "countryCode": HOME.country},
}
_PAY = """mutation { addPaymentToOrder(input: {method: "dummy", metadata: {}}) {
    ... on Order { id code orderPlacedAt totalWithTax currencyCode
      lines { id quantity unitPriceWithTax productVariant { id } } }
    ... on ErrorResult { errorCode message } } }"""


class Cart(RootModel[Named | None]):
    """What was begun, or nothing; whoever asks is known by a token from then on."""


class Line(Words):
    """One line of a paid order."""

    id: str
    quantity: int
    unit_price_with_tax: int
    product_variant: Named


class Paid(Words):
    """An order as it stands once it is paid; amounts in minor units."""

    id: str
    code: str
    order_placed_at: datetime
    total_with_tax: int
    currency_code: str
    lines: list[Line]


class Till:
    """Where the buyer pays; after each order the cart is empty again."""

    def __init__(self, shop: Caller, methods: dict[str, str]) -> None:
        self._shop = shop
        self._methods = methods

    async def buy(self, wanted: Sequence[Wanted], shipping: str) -> Paid:
        """Fill the cart, say where to, and pay. Raises StoreError when the shop refuses a step."""
        units: dict[str, Any] = {}
        for number, one in enumerate(wanted):
            units |= {f"variant{number}": one.listing_id, f"units{number}": one.quantity}
        await self._shop.ask(_filling(len(wanted)), Named, **_WHO, method=[self._methods[shipping]], **units)
        return await self._shop.ask(_PAY, Paid)


def _filling(lines: int) -> str:
    """Return the document of a cart with so many lines."""
    known = "$buyer: CreateCustomerInput!, $address: CreateAddressInput!, $method: [ID!]!"
    goods = ", ".join(f"$variant{number}: ID!, $units{number}: Int!" for number in range(lines))
    added = "\n".join(
        f"add{number}: addItemToOrder(productVariantId: $variant{number}, quantity: $units{number}) {_ID}"
        for number in range(lines)
    )
    return f"mutation ({known}, {goods}) {{ {added} {_GO} }}"


@asynccontextmanager
async def at_the_till(store: Store) -> AsyncGenerator[Till]:
    """Come in as a guest, whom the shop knows by the session from now on."""
    async with calling(store.shop_api) as shop:
        await shop.ask(_COME_IN, Cart)
        yield Till(shop, {method.code: method.id for method in await shop.ask(_METHODS, list[Method])})
