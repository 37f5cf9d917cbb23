"""What an operator must provide to sell on Amazon."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, SecretStr


class AmazonQueueSettings(BaseModel):
    """The SQS queue to which Amazon sends ORDER_CHANGE, for this channel alone.

    Attributes:
        url: its address, which names its region.
        access_key_id: of an IAM user that may receive and delete its messages.
        secret_access_key: of the same.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: HttpUrl
    access_key_id: str
    secret_access_key: SecretStr


class AmazonSettings(BaseModel):
    """One selling account in one region.

    Attributes:
        base_url: the region's endpoint, such as https://sellingpartnerapi-eu.amazon.com.
        seller_id: the merchant token, such as A3TH9S8BH6GOGM.
        marketplaces: ids of the stores whose orders are pulled and whose stock is told.
        client_id: of the application, from Login with Amazon.
        client_secret: of the same.
        refresh_token: what the seller's authorisation gave.
        login_url: where access tokens are given.
        carriers: our carriers' names with Amazon's codes, where they differ from the table in `shipping`.
        queue: where hints about changed orders lie; without one orders are only pulled.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: HttpUrl
    seller_id: str
    marketplaces: Annotated[tuple[str, ...], Field(min_length=1, max_length=25)]
    client_id: str
    client_secret: SecretStr
    refresh_token: SecretStr
    login_url: HttpUrl = HttpUrl("https://api.amazon.com/auth/o2/token")
    carriers: Mapping[str, str] = {}
    queue: AmazonQueueSettings | None = None
