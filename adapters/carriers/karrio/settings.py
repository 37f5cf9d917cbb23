"""What an operator must provide to ship with a Karrio server."""

from __future__ import annotations

from typing import Literal

from pydantic import HttpUrl, SecretStr

from adapters.parcels.gateway import GatewaySettings


class KarrioSettings(GatewaySettings):
    """One server; services are named carrier id/service, such as my-ups/ups_ground.

    Attributes:
        base_url: where the server listens, without /v1.
        token: an API token of the server.
        webhook_secret: the secret that the server showed when the webhook was made; empty when it sends none.
        test_mode: whether the connections of the test mode are used.
        label_format: of the labels; not every carrier makes every one.
    """

    base_url: HttpUrl
    token: SecretStr
    webhook_secret: SecretStr = SecretStr("")
    test_mode: bool = False
    label_format: Literal["PDF", "ZPL", "PNG"] = "PDF"

    @property
    def carrier_ids(self) -> tuple[str, ...]:
        """The connections that are asked for rates."""
        return tuple(dict.fromkeys(level.partition("/")[0] for level in self.levels))
