"""What an operator must provide to sell through a Shopify store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints

from domain.values import LocationCode

SCOPES = (
    "read_orders",
    "write_orders",
    "read_merchant_managed_fulfillment_orders",
    "write_merchant_managed_fulfillment_orders",
    "read_products",
    "read_inventory",
    "write_inventory",
    "read_returns",
    "write_returns",
)
"""What the app has to be granted; fulfillment orders of other owners are only seen with further scopes."""

ShopDomain = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,60}\.myshopify\.com$")]
NumericId = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,20}$")]


class ShopifySettings(BaseModel):
    """One store, and the access of one app to it.

    Attributes:
        shop: the store's permanent domain, such as ``north.myshopify.com``.
        access_token: the app's offline token.
        client_secret: the app's secret, which signs webhooks; empty when none are sent.
        stock_location: Shopify's number of the location whose available quantities are published.
        locations: Shopify's numbers of the locations that we ship for; none: all of them.
        pickup: Shopify's numbers of the locations where buyers collect, each with ours.
        carriers: our names of carriers, each with the name that Shopify makes tracking links for.
        ships_authorized: whether goods may leave before a payment that is authorized was captured.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    shop: ShopDomain
    access_token: SecretStr
    client_secret: SecretStr = SecretStr("")
    stock_location: NumericId
    locations: tuple[NumericId, ...] = ()
    pickup: Mapping[NumericId, LocationCode] = Field(default_factory=dict[str, str])
    carriers: Mapping[str, str] = Field(default_factory=dict[str, str])
    ships_authorized: bool = False
