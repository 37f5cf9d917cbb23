"""What an operator must provide to sell through a Vendure shop."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, SecretStr

from domain.values import LocationCode, Moment

Days = Annotated[int, Field(ge=0, le=400)]


class VendureSettings(BaseModel):
    """One shop, and one of its channels.

    Attributes:
        admin_api: the address of the Admin API, such as ``https://shop.example/admin-api``.
        username: an administrator who may ReadOrder, UpdateOrder, ReadProduct and UpdateProduct.
        channel_token: Vendure's token of the channel; empty for the default channel.
        stock_location: Vendure's id of the stock location whose quantities are published.
        pickup: the codes of shipping methods that mean pickup, each with the location where the buyer collects.
        begins_at: orders placed before it are never pulled, and EXTERNAL when a webhook names one; to be set where a
            shop with a past is connected.
        unfinished_days: how long an unfinished order is read again by every pull.
        finished_days: how long a finished one is, for what people still do to it by hand.
        webhook_secret: shared with the shop's webhook plugin; empty when it sends none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    admin_api: HttpUrl
    username: str
    password: SecretStr
    channel_token: str = ""
    stock_location: str = "1"
    pickup: Mapping[str, LocationCode] = Field(default_factory=dict[str, str])
    begins_at: Moment | None = None
    unfinished_days: Days = 90
    finished_days: Days = 7
    webhook_secret: SecretStr = SecretStr("")
