"""What an operator must provide to write to buyers in the sandbox."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, HttpUrl, SecretStr


class SandboxNotifierSettings(BaseModel):
    """The mailbox: where the sandbox world listens, and what requests are let in with."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: HttpUrl
    token: SecretStr = SecretStr("sandbox-token")
