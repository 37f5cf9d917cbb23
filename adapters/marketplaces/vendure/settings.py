"""What an operator must provide to sell through a Vendure shop."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, SecretStr

from domain.values import LocationCode


class VendureSettings(BaseModel):
    """One shop, and one of its channels.

    Attributes:
        admin_api: the address of the Admin API, such as ``https://shop.example/admin-api``.
        username: an administrator who may ReadOrder, UpdateOrder, ReadProduct and UpdateProduct.
        channel_token: Vendure's token of the channel; empty for the default channel.
        stock_location: Vendure's id of the stock location whose quantities are published.
        pickup: the codes of shipping methods that mean pickup, each with the location where the buyer collects.
        reread_days: orders placed this long ago are read again by every pull, finished ones too.
        webhook_secret: shared with the shop's webhook plugin; empty when it sends none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    admin_api: HttpUrl
    username: str
    password: SecretStr
    channel_token: str = ""
    stock_location: str = "1"
    pickup: Mapping[str, LocationCode] = Field(default_factory=dict[str, str])
    reread_days: Annotated[int, Field(ge=0, le=90)] = 7
    webhook_secret: SecretStr = SecretStr("")
