"""What an operator must provide to sell on the sandbox's marketplace."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, HttpUrl, SecretStr


class SandboxMarketplaceSettings(BaseModel):
    """One account.

    Attributes:
        base_url: where the sandbox world listens.
        account: its name on the marketplace.
        token: what requests are let in with.
        webhook_secret: what the marketplace signs its webhooks with; empty when it sends none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: HttpUrl
    account: str
    token: SecretStr
    webhook_secret: SecretStr = SecretStr("")
