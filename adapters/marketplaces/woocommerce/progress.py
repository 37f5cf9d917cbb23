"""What was done to an order so far, by us or by hand: units shipped, cancelled and refunded, by line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from adapters.lenient import reading
from adapters.marketplaces.woocommerce import wire
from adapters.marks import reference_in
from domain.order import ChannelShipment

GONE = frozenset({"cancelled", "trash"})
READY = frozenset({"processing", "on-hold"})
"""Statuses that become completed when the last unit has left."""


@dataclass(frozen=True)
class Sent:
    """A shipment as the shop keeps it; `remote_id` is the key of its meta data, or the id of its fulfillment."""

    remote_id: str
    reference: str
    tracking_number: str
    quantities: Mapping[str, int]

    def is_of(self, reference: str, tracking_number: str) -> bool:
        """Tell whether this is the shipment we mean: by our reference, or by its number where a person made it."""
        return self.reference == reference if self.reference else bool(tracking_number) and (
            self.tracking_number == tracking_number
        )  # fmt: skip


@dataclass(frozen=True)
class Progress:
    """Units by line id; `is_behind` when all is sent or cancelled, and the order's own status does not say so."""

    sent: tuple[Sent, ...]
    shipments: tuple[ChannelShipment, ...]
    shipped: Mapping[str, int]
    cancelled: Mapping[str, int]
    refunded: Mapping[str, int]
    cancelled_whole: bool
    is_behind: bool


def read_progress(order: wire.Order, status: str) -> Progress:
    """Return what was done; an order that a person completed has sent whatever was left of it.

    Raises:
        ContractBroken: shipments are kept in a shape that nobody knows.
    """
    with reading("woocommerce-unreadable-shipment"):
        return _read(order, status)


def _read(order: wire.Order, status: str) -> Progress:
    sent = (*_ours(order), *_native(order))
    bare = _by_hand(order, {one.tracking_number for one in sent})
    bought = {line.id: line.quantity for line in order.line_items}
    shipped = _sum(one.quantities for one in sent)
    finished = status == "completed" or (status == "refunded" and order.date_completed_gmt is not None)
    over = status in GONE or (status == "refunded" and not finished)
    left = {line_id: max(units - shipped.get(line_id, 0), 0) for line_id, units in bought.items()}
    taken_back = _refunded(order, before_completion=True)
    cancelled = left if over else {line_id: min(taken_back.get(line_id, 0), units) for line_id, units in left.items()}
    rest = {line_id: units - cancelled[line_id] for line_id, units in left.items() if units > cancelled[line_id]}
    shown = [_shown(one) for one in sent] + _bare(bare, rest if finished else {})
    return Progress(
        sent=(*sent, *(Sent("", "", number, {}) for number in bare)),
        shipments=tuple(shown),
        shipped=_sum(one.quantities for one in shown),
        cancelled=cancelled,
        refunded=_refunded(order, before_completion=False),
        cancelled_whole=status in GONE or (over and not shipped),
        is_behind=bool(shipped) and not rest and status in READY,
    )


def _ours(order: wire.Order) -> list[Sent]:
    kept = ((one.key, wire.OurShipment.model_validate(one.value)) for one in order.meta_data if _is_ours(one))
    return [
        Sent(key, one.reference, one.tracking_number, _sum({row.line_id: row.quantity} for row in one.lines))
        for key, one in kept
    ]


def _is_ours(meta: wire.Meta) -> bool:
    return meta.key.startswith(wire.SHIPMENT) and bool(meta.value)


def _native(order: wire.Order) -> list[Sent]:
    return [
        Sent(
            remote_id=one.id,
            reference=str(one.meta(wire.REFERENCE) or ""),
            tracking_number=str(one.meta(wire.NUMBER) or ""),
            quantities=_sum({row.item_id: row.qty} for row in one.items),
        )
        for one in order.fulfillments
        if one.is_sent
    ]


def _by_hand(order: wire.Order, known: Iterable[str]) -> list[str]:
    """Return the tracking numbers of the plugin's that we do not know from elsewhere."""
    listed = wire.TRACKINGS.validate_python(order.meta(wire.TRACKING))
    return [one.tracking_number for one in listed if not one.crossdock and one.tracking_number not in {*known, ""}]


def _bare(numbers: list[str], rest: Mapping[str, int]) -> list[ChannelShipment]:
    """Return shipments that name no lines; the first is taken to hold what is left of a completed order."""
    if not numbers and not rest:
        return []
    first, *others = numbers or [""]
    return [
        ChannelShipment(tracking_number=first, quantities=dict(rest)),
        *(ChannelShipment(tracking_number=number) for number in others),
    ]


def _shown(one: Sent) -> ChannelShipment:
    return ChannelShipment(
        reference=one.reference, tracking_number=one.tracking_number, quantities=dict(one.quantities)
    )


def _refunded(order: wire.Order, *, before_completion: bool) -> dict[str, int]:
    """Return the units in refunds; those before the order was completed will not be sent, later ones come back."""
    done = order.date_completed_gmt
    counted = (
        one
        for one in order.full_refunds
        if not before_completion or done is None or one.date_created_gmt < done or reference_in(one.reason)
    )
    return _sum({row.line_id: -row.quantity} for one in counted for row in one.line_items if row.quantity < 0)


def _sum(rows: Iterable[Mapping[str, int]]) -> dict[str, int]:
    totals: dict[str, int] = {}
    for row in rows:
        for line_id, units in row.items():
            totals[line_id] = totals.get(line_id, 0) + units
    return totals
