"""What the shop's webhooks say: which order changed."""

from __future__ import annotations

from pydantic import BaseModel

from adapters.lenient import reading
from domain.facts import Fact, OrderChanged


class Told(BaseModel):
    """What a webhook says; the order is read again, nothing else in it is believed."""

    type: str
    order: str


def read(body: bytes) -> tuple[Fact, ...]:
    """Read the order that changed; other messages mean nothing to us.

    Raises:
        ContractBroken: the body is not what the shop's plugin sends.
    """
    with reading("vendure-unreadable-webhook"):
        told = Told.model_validate_json(body)
        return (OrderChanged(channel_order_id=told.order),) if told.type == "order.changed" else ()
