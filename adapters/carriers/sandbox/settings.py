"""What an operator must provide to ship with a carrier of the sandbox."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, HttpUrl, SecretStr


class SandboxCarrierSettings(BaseModel):
    """One carrier.

    Attributes:
        base_url: where the sandbox world listens.
        carrier: which of the two; what it can do follows from it.
        token: what requests are let in with; by default the toy one of a world that nobody configured.
        webhook_secret: what the carrier signs its webhooks with; the toy one by default, empty when it sends none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: HttpUrl
    carrier: Literal["sandbox-swift", "sandbox-blind"]
    token: SecretStr = SecretStr("sandbox-token")
    webhook_secret: SecretStr = SecretStr("sandbox-secret")
