"""What an operator must provide to work with a system that speaks our HTTP contract."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, HttpUrl, SecretStr


class HttpLocationsSettings(BaseModel):
    """One system, which speaks for one or several locations.

    Attributes:
        base_url: where it listens; the paths of the contract follow.
        token: what our requests are let in with.
        webhook_secret: what it signs its callbacks with.
        needs_hand: whether people at its locations report pick and hand-over.
        labels_itself: whether they send with labels of their own, and report their tracking numbers.
        pickup: whether buyers can collect there.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: HttpUrl
    token: SecretStr
    webhook_secret: SecretStr
    needs_hand: bool = True
    labels_itself: bool = False
    pickup: bool = False
