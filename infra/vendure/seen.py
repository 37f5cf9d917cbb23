"""What a person sees in the shop: orders with what became of them, and stock."""

from __future__ import annotations

from infra.vendure.graphql import Words


class Fulfilled(Words):
    """Units of one line in a fulfillment."""

    order_line_id: str
    quantity: int


class Fulfillment(Words):
    """Goods sent together, as the shop shows them: Pending, Shipped, Delivered or Cancelled."""

    id: str
    state: str
    method: str
    tracking_code: str | None
    lines: list[Fulfilled]


class Refund(Words):
    """Money given back: Pending, Settled or Failed; minor units."""

    id: str
    state: str
    total: int
    transaction_id: str | None
    reason: str | None


class Payment(Words):
    """Money taken; minor units."""

    id: str
    state: str
    amount: int
    refunds: list[Refund]


class Line(Words):
    """One line: what is left of it, and what was bought."""

    id: str
    quantity: int
    order_placed_quantity: int


class SeenOrder(Words):
    """An order as the administrator sees it: the witness of what was done to it."""

    id: str
    code: str
    state: str
    lines: list[Line]
    payments: list[Payment]
    fulfillments: list[Fulfillment]

    @property
    def refunds(self) -> list[Refund]:
        """All refunds, of every payment."""
        return [refund for payment in self.payments for refund in payment.refunds]

    @property
    def tracking_codes(self) -> list[str]:
        """The tracking codes of what was shipped and not cancelled."""
        return [
            shipped.tracking_code
            for shipped in self.fulfillments
            if shipped.tracking_code and shipped.state in {"Shipped", "Delivered"}
        ]

    @property
    def unfulfilled(self) -> dict[str, int]:
        """The units of each line that are neither cancelled nor in a fulfillment."""
        live = [shipped for shipped in self.fulfillments if shipped.state != "Cancelled"]
        left = {line.id: line.quantity for line in self.lines}
        for row in (row for shipped in live for row in shipped.lines):
            left[row.order_line_id] -= row.quantity
        return {line_id: units for line_id, units in left.items() if units > 0}

    @property
    def refunded(self) -> int:
        """Minor units given back, or promised."""
        return sum(refund.total for refund in self.refunds if refund.state != "Failed")


class StockLevel(Words):
    """What the shop has of one SKU; `allocated` units are paid for and not yet fulfilled."""

    stock_on_hand: int
    stock_allocated: int

    @property
    def available(self) -> int:
        """Units that buyers can still order."""
        return self.stock_on_hand - self.stock_allocated


class Variant(Words):
    """A thing on sale, with what the shop has of it; its id is a listing's id."""

    id: str
    sku: str
    name: str
    stock_levels: list[StockLevel]


class Variants(Words):
    """Things on sale."""

    items: list[Variant]
