"""A publication: the quantity of one listing that a channel was told it may sell, and what became of telling it."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from domain.values import Model, Moment

_FIRST_PAUSE = timedelta(seconds=30)
_LONGEST_PAUSE = timedelta(hours=1)


class PublicationState(StrEnum):
    """What became of the quantity that was told last."""

    SENDING = "SENDING"
    TAKEN = "TAKEN"
    FAILED = "FAILED"


class Publication(Model):
    """What a channel was told of one listing.

    Attributes:
        version: grows with every telling, so that a late one can be told from a later one.
        code: why the channel refused, as a slug; empty when it did not.
        failures: how often it refused since it last took one.
        taken: the quantity that it took last.
    """

    account: str
    listing_id: str
    quantity: int
    version: int
    state: PublicationState
    sent_at: Moment
    code: str = ""
    failures: int = 0
    taken: int | None = None
    taken_at: Moment | None = None

    def is_due(self, quantity: int, now: datetime) -> bool:
        """Tell whether the channel is to be told this quantity now.

        What nobody knows the end of is told again, since the quantity is absolute; what was refused after a pause
        that doubles, up to an hour, or at once when the quantity is another.
        """
        if self.quantity != quantity or self.state is PublicationState.SENDING:
            return True
        pause = min(_FIRST_PAUSE * 2 ** min(self.failures, 10), _LONGEST_PAUSE)
        return self.state is PublicationState.FAILED and now - self.sent_at >= pause
