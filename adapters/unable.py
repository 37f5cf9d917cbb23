"""What a party does that it cannot do: an adapter takes these over, and its capability says the same."""

from __future__ import annotations

from domain.effect import Outcome, Rejected
from domain.errors import NotFound
from domain.ports.carrier import BuyLabel, InterceptParcel, OrderCollection, ParcelWish, Rate, VoidLabel
from domain.ports.mailbox import Letter
from domain.ports.marketplace import (
    Access,
    AcknowledgeOrder,
    AnswerReturn,
    CancelLines,
    ConfirmPickup,
    CorrectTracking,
    OfferedStock,
    RefundPayment,
    StockResult,
)


class NoMailbox:
    """A party that leaves no messages to be fetched."""

    async def fetch_letters(self) -> tuple[Letter, ...]:
        """Return none."""
        return ()

    async def answer_letter(self, letter: Letter, refusal: str) -> None:
        """Refuse: there are no letters here."""
        raise NotFound("no-mailbox", f"there is no message {letter.receipt} to answer with {refusal!r}")


class UnableMarketplace(NoMailbox):
    """A channel that only lists orders and takes shipments: every other write is refused before it is sent."""

    async def check_access(self) -> Access:
        """Tell nothing: whose account it is does not show."""
        return Access(remote_account="")

    async def acknowledge(self, write: AcknowledgeOrder) -> Outcome:
        """Refuse."""
        return _cannot(write, "acknowledge")

    async def correct_tracking(self, write: CorrectTracking) -> Outcome:
        """Refuse."""
        return _cannot(write, "correct-tracking")

    async def confirm_pickup(self, write: ConfirmPickup) -> Outcome:
        """Refuse."""
        return _cannot(write, "confirm-pickup")

    async def cancel_lines(self, write: CancelLines) -> Outcome:
        """Refuse."""
        return _cannot(write, "cancel-lines")

    async def refund(self, write: RefundPayment) -> Outcome:
        """Refuse."""
        return _cannot(write, "refund")

    async def answer_return(self, write: AnswerReturn) -> Outcome:
        """Refuse."""
        return _cannot(write, "answer-return")

    async def publish_stock(self, rows: tuple[OfferedStock, ...]) -> tuple[StockResult, ...]:
        """Refuse every row."""
        return tuple(StockResult(listing_id=row.listing_id, code="cannot-publish-stock") for row in rows)

    async def stock_results(self, job: str) -> tuple[StockResult, ...] | None:
        """Refuse: it takes rows at once or not at all, so that there are no jobs."""
        raise NotFound("no-stock-job", f"there is no job {job}")


class UnableCarrier:
    """A carrier that only sells labels and tells where parcels are."""

    async def rate(self, wish: ParcelWish) -> tuple[Rate, ...]:
        """Return none."""
        del wish
        return ()

    async def draft_label(self, write: BuyLabel) -> str:
        """Refuse: labels are bought in one call."""
        raise NotFound("no-drafts", f"{write.reference}: labels are bought in one call")

    async def void_label(self, write: VoidLabel) -> Outcome:
        """Refuse."""
        return _cannot(write, "void")

    async def intercept(self, write: InterceptParcel) -> Outcome:
        """Refuse."""
        return _cannot(write, "intercept")

    async def order_collection(self, write: OrderCollection) -> Outcome:
        """Refuse."""
        return _cannot(write, "order-collection")


def _cannot(write: object, what: str) -> Rejected:
    del write
    return Rejected(code=f"cannot-{what}")
