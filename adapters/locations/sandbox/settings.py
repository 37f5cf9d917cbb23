"""What an operator must provide to work with locations of the sandbox."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, HttpUrl, SecretStr


class SandboxLocationsSettings(BaseModel):
    """One system, which speaks for one or several locations.

    Attributes:
        base_url: where the sandbox world listens.
        token: what requests are let in with; by default the toy one of a world that nobody configured.
        webhook_secret: what the system signs its webhooks with; the toy one by default, empty when it sends none.
        needs_hand: whether people at its locations report pick and hand-over.
        labels_itself: whether they send with labels of their own, and report their tracking numbers.
        pickup: whether buyers can collect there.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: HttpUrl
    token: SecretStr = SecretStr("sandbox-token")
    webhook_secret: SecretStr = SecretStr("sandbox-secret")
    needs_hand: bool = True
    labels_itself: bool = False
    pickup: bool = True
