"""What an operator must provide to sell through a WooCommerce shop."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, SecretStr

from domain.values import LocationCode

OwnStatus = Literal["pending", "on-hold", "processing", "completed", "cancelled"]


class WooCommerceSettings(BaseModel):
    """One shop.

    Attributes:
        base_url: the address of the shop, such as ``https://shop.example``; over ``http`` requests are signed.
        consumer_key: of a REST API key that may read and write.
        consumer_secret: of the same.
        webhook_secret: of the shop's webhooks; empty when it sends none.
        shipments: how parcels are told: as meta data in the shape of the Shipment Tracking plugin, or as the native
            fulfillments of WooCommerce 10 and later, where the shop has them switched on.
        statuses: the shop's own order statuses, each with the one of WooCommerce that it stands for.
        pickup: shipping methods that mean pickup (``local_pickup``, or one of them: ``local_pickup:3``), each with the
            location where the buyer collects.
        api_refund: whether a refund moves money through the payment gateway, or is only noted.
        api_restock: whether the shop adds cancelled units to its own stock; not where we publish quantities.
        orders_a_page: how many orders are listed at once.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: HttpUrl
    consumer_key: SecretStr
    consumer_secret: SecretStr
    webhook_secret: SecretStr = SecretStr("")
    shipments: Literal["meta", "native"] = "meta"
    statuses: Mapping[str, OwnStatus] = Field(default_factory=dict[str, OwnStatus])
    pickup: Mapping[str, LocationCode] = Field(default_factory=dict[str, LocationCode])
    api_refund: bool = True
    api_restock: bool = False
    orders_a_page: Annotated[int, Field(ge=1, le=100)] = 50
