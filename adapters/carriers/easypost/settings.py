"""What an operator must provide to ship with EasyPost."""

from __future__ import annotations

from typing import Literal

from pydantic import HttpUrl, SecretStr

from adapters.parcels.gateway import GatewaySettings


class EasyPostSettings(GatewaySettings):
    """One account; services are named carrier/service, such as USPS/GroundAdvantage.

    Attributes:
        api_key: of the account, for test or production.
        webhook_secret: given to EasyPost with the address of our webhooks; empty when it sends none.
        carrier_accounts: the ids of the carrier accounts to ask for prices; empty asks all, sixty at most.
        label_format: of the labels; not every carrier makes every one.
        label_origins: where labels may be fetched from.
    """

    base_url: HttpUrl = HttpUrl("https://api.easypost.com/v2")
    api_key: SecretStr
    webhook_secret: SecretStr = SecretStr("")
    carrier_accounts: tuple[str, ...] = ()
    label_format: Literal["PDF", "PNG", "ZPL", "EPL2"] = "PDF"
    label_origins: tuple[HttpUrl, ...] = (HttpUrl("https://easypost-files.s3.us-west-2.amazonaws.com"),)
