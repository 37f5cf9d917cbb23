"""What an operator must provide to sell on a marketplace that Mirakl runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, SecretStr, model_validator


class MiraklSettings(BaseModel):
    """One shop on one marketplace.

    Attributes:
        base_url: the address of the marketplace, such as ``https://market.mirakl.net``.
        api_key: of a user of the shop.
        shop_id: which shop, where the user has several.
        multi_shipment: whether the marketplace lets orders leave in several parcels (ST01), or only as a whole (OR24).
        carriers: our carriers' names, each with the marketplace's code of it (SH21); others are told by name.
        only_coded: whether the marketplace refuses all others: its orders leave only from where one of these collects.
        cancel_reason: the marketplace's code of the reason for cancellations (RE01, type CANCELATION).
        refund_reason: the same for refunds (RE01, type REFUND).
        warehouse: the marketplace's code of the place whose stock is published; empty where it keeps one quantity.
        own_centers: the fulfillment centers from which we ship; orders of others are not ours.
        orders_a_page: how many orders are listed at once.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: HttpUrl
    api_key: SecretStr
    shop_id: Annotated[int, Field(ge=1)] | None = None
    multi_shipment: bool = False
    carriers: Mapping[str, str] = Field(default_factory=dict[str, str])
    only_coded: bool = False
    cancel_reason: str
    refund_reason: str
    warehouse: str = ""
    own_centers: tuple[str, ...] = ("DEFAULT",)
    orders_a_page: Annotated[int, Field(ge=1, le=100)] = 100

    @model_validator(mode="after")
    def _some_carrier_is_left(self) -> MiraklSettings:
        if self.only_coded and not self.carriers:
            raise ValueError("only_coded leaves no carrier: name those that the marketplace takes in carriers")
        return self
