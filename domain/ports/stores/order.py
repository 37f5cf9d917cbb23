"""How orders and their lines are kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from domain.fulfillment import Fulfillment
from domain.listing import Component, Matched, made_of
from domain.order import ChannelOrder, Delivery, Hold, HoldReason, OrderLine, OrderState, Ownership
from domain.promise import UNPROMISED, Urgency
from domain.refund import owed
from domain.values import Model, Moment


class Refusal(Model):
    """That a line is not asked for at a location, after its no or because it was rerouted.

    Attributes:
        until: when it ends; None where it is for good.
        since: goods of the line that came there after this moment end it too; None where they do not help.
    """

    until: Moment | None = None
    since: Moment | None = None

    def stands(self, now: datetime) -> bool:
        """Tell whether it has not ended yet."""
        return self.until is None or self.until > now


class KeptLine(OrderLine):
    """A line with what the channel was told.

    Attributes:
        by_hand: units a person shipped on the channel itself; they are done, without us.
        told_cancelled: cancelled units that the channel knows of.
        lost: units of lost parcels that were not sent again.
        returned: units that came back and were inspected with a disposition that is paid back.
        refusals: by the locations that rejected this line, or from which it was rerouted.
        gtin: as GTIN-14; empty when the channel wrote none that holds.
        matched_by: the rung on which it was matched; empty before.
        components: as frozen at the match; empty where one unit is just one unit of its SKU.
    """

    by_hand: int
    told_cancelled: int
    lost: int
    returned: int
    refusals: Mapping[str, Refusal]
    gtin: str = ""
    matched_by: str = ""
    components: tuple[Component, ...] = ()

    @property
    def made_of(self) -> tuple[Component, ...]:
        """What one unit of a matched line is made of."""
        return made_of(self.sku or "", self.components)

    @property
    def open(self) -> int:
        """Units that nobody has planned, finished, shipped by hand or cancelled yet."""
        return self.quantity - self.cancelled - self.by_hand - self.planned - self.done


class KeptOrder(Model):
    """An order as the record has it, with everything that planning and closing need.

    Attributes:
        country: where it goes; empty for a pickup.
        postal_zone: how the postal code there begins; the rest of the address is in the vault.
        gift: whoever unpacks it is to see no price.
        priority: how urgent its work was when it was recorded; None where nobody promised a date.
        at_risk_from: from then on its promise is at risk while it is not planned.
        address_mark: tells whether the channel shows another address than before; empty where there is none.
        captured: minor units taken from the buyer.
        refunding: minor units given back, reserved or of unknown outcome; never above captured.
        ticket: the greatest ticket that any wait of this order was given.
        last_number: how many fulfillment orders it ever had.
        waiting: whether the order as a whole (scope empty) waits for anything.
    """

    order_id: str
    account: str
    channel_order_id: str
    number: str
    state: OrderState
    ownership: Ownership
    delivery: Delivery
    pickup_location: str | None
    ship_by: Moment | None
    deliver_by: Moment | None = None
    country: str = ""
    postal_zone: str = ""
    gift: bool = False
    priority: int | None = None
    at_risk_from: Moment | None = None
    address_mark: str = ""
    currency: str
    total: int
    shipping: int
    captured: int
    refunding: int
    tender: str
    acknowledged: bool
    cancel_requested: bool
    lines: tuple[KeptLine, ...]
    holds: tuple[Hold, ...]
    fulfillments: tuple[Fulfillment, ...]
    ticket: int
    last_number: int
    waiting: bool
    closed_at: Moment | None

    @property
    def owed(self) -> int:
        """Return the minor units owed for units that will not stay with the buyer, whether given back or not."""
        gone = {line.line_id: line.cancelled + line.lost + line.returned for line in self.lines}
        return owed(self.lines, gone, self.total, self.shipping, self.captured)


class OrderStore(Protocol):
    """Orders, lines and holds."""

    async def record(
        self,
        order_id: str,
        account: str,
        order: ChannelOrder,
        inbox_id: int,
        now: datetime,
        urgency: Urgency = UNPROMISED,
    ) -> bool:
        """Record a new order whole, with the outbox row that starts its workflow.

        Header, lines, holds, captured money and vault entry. TEST and EXTERNAL orders are recorded in that state and
        start nothing.

        Returns:
            False, and nothing is written, when the account already has this channel order id.
        """
        ...

    async def load(self, order_id: str, *, lock: bool = False) -> KeptOrder:
        """Load an order; with `lock` its row is locked first (FOR UPDATE): the first lock of every transaction.

        Raises:
            NotFound: no such order.
        """
        ...

    async def match_lines(self, order_id: str, found: Mapping[str, Matched]) -> None:
        """Keep what each named line means, with its components; a line that was matched stays as it is."""
        ...

    async def count_cancelled(self, order_id: str, quantities: Mapping[str, int], *, told: bool) -> None:
        """Add cancelled units per line; `told` when the channel knows already because it did so itself."""
        ...

    async def tell_cancelled(self, order_id: str, totals: Mapping[str, int]) -> None:
        """Keep that the channel knows of this many cancelled units per line (never fewer than before)."""
        ...

    async def count_by_hand(self, order_id: str, quantities: Mapping[str, int]) -> None:
        """Add units per line that a person shipped on the channel itself, planned ones too: those are called back."""
        ...

    async def place_hold(self, order_id: str, reason: HoldReason, placed_by: str, now: datetime) -> bool:
        """Place a hold; False when it is already there.

        What the ``channel`` places is `now` as old as what it told: False also when the hold has ended since then.
        """
        ...

    async def release_hold(self, order_id: str, reason: HoldReason, released_by: str, now: datetime) -> bool:
        """End a hold; False when there is none of this reason."""
        ...

    async def waived(self, order_id: str) -> frozenset[HoldReason]:
        """Return the reasons of which a person ended a hold that a barrier (`BARRED_BY`) had placed."""
        ...

    async def request_cancel(self, order_id: str) -> bool:
        """Keep that the buyer asked for a cancellation; False when that was known."""
        ...

    async def mark_acknowledged(self, order_id: str) -> None:
        """Keep that the channel was told that we accept the order."""
        ...

    async def open_before(self, account: str, before: datetime, after: str, limit: int) -> tuple[str, ...]:
        """Return ids of OPEN orders of ours recorded before a moment, by id, behind `after`."""
        ...

    async def close(self, order_id: str, state: OrderState, now: datetime) -> bool:
        """Close an open order in a terminal state, and end the waits of its parts; False when it is closed already."""
        ...
