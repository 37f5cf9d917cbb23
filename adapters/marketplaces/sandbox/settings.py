"""What an operator must provide to sell on the sandbox's marketplace."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, HttpUrl, SecretStr

from domain.location import TimeZone


class SandboxMarketplaceSettings(BaseModel):
    """One account.

    Attributes:
        base_url: where the sandbox world listens.
        account: its name on the marketplace.
        token: what requests are let in with; by default the toy one of a world that nobody configured.
        time_zone: where its days end; deadlines that are only a day are meant there.
        carriers: the only ones of our carriers that it takes; none named: any.
        sells_labels: whether the labels of its orders are bought from it, and from no carrier.
        webhook_secret: what the marketplace signs its webhooks with; the toy one by default, empty when it sends none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: HttpUrl
    account: str
    time_zone: TimeZone = "UTC"
    carriers: tuple[str, ...] = ()
    sells_labels: bool = False
    token: SecretStr = SecretStr("sandbox-token")
    webhook_secret: SecretStr = SecretStr("sandbox-secret")
