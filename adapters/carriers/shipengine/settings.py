"""What an operator must provide to ship with ShipEngine."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, HttpUrl, SecretStr, StringConstraints, model_validator

from adapters.parcels.gateway import GatewaySettings


class PublicKey(BaseModel):
    """One public key of ShipEngine's key set, as it is published."""

    kid: str
    n: str
    e: str


class Contact(BaseModel):
    """Who answers a driver."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, StringConstraints(min_length=1)]
    email: Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+$")]
    phone: Annotated[str, StringConstraints(min_length=7)]


class ShipEngineSettings(GatewaySettings):
    """One account; services are named carrier id/service code, such as se-123/usps_ground_advantage.

    Attributes:
        base_url: ShipEngine's, or https://api.shipstation.com/v2 for an account of ShipStation.
        api_key: of the account or its sandbox.
        webhook_keys: the keys published at https://api.shipengine.com/jwks; without them no webhook is believed.
        contact: who answers a driver; without one no driver is ordered.
        label_format: of the labels; not every carrier makes every one.
    """

    base_url: HttpUrl = HttpUrl("https://api.shipengine.com/v1")
    api_key: SecretStr
    webhook_keys: tuple[PublicKey, ...] = ()
    contact: Contact | None = None
    label_format: Literal["pdf", "png", "zpl"] = "pdf"

    @model_validator(mode="after")
    def _require_carriers(self) -> Self:
        if not all(all(level.partition("/")) for level in self.levels):
            raise ValueError("name each service as carrier id/service code, such as se-123/usps_ground_advantage")
        return self
