"""A fulfillment plan: what goes from where, what is short and for want of what, and why no other place was chosen."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from pydantic import Field

from domain.values import Model, Moment


class PlannedPart(Model):
    """Units of one line that one location is to send."""

    line_id: str
    sku: str
    quantity: int
    location: str


class Verdict(StrEnum):
    """What became of a location."""

    CHOSEN = "chosen"
    LOST = "lost"
    FILTERED = "filtered"


class Reason(NamedTuple):
    """Why a location was chosen or not.

    Attributes:
        why: as a slug.
        lines: how many lines it could serve whole.
        by: of one that lost, how much more the plan counted if it sent all it could, in minor units.
    """

    location: str
    verdict: Verdict
    why: str = ""
    lines: int = 0
    by: int | None = None


class Short(Model):
    """A line that no place can serve whole now.

    Attributes:
        causes: what would help, each with its code: stock, a location that takes work again, another policy.
        units: of the stock among them, how many units all of the line needs.
        again_at: when time alone may help; None when it does not.
    """

    line_id: str
    sku: str
    causes: Mapping[str, str]
    units: Mapping[str, int] = Field(default_factory=dict[str, int])
    again_at: Moment | None = None


class PlanCost(Model):
    """What a plan costs. Money is in minor units of the policy's currency.

    Attributes:
        shipping: what its parcels cost.
        handling: what the work of its locations costs.
        late_days: begun days after what was promised, summed over the lines.
        places: how many locations take part.
        counted: what the policy counts, all weights in.
    """

    shipping: int = 0
    handling: int = 0
    late_days: int = 0
    places: int = 0
    counted: int = 0


class FulfillmentPlan(Model):
    """The split of an order over locations.

    Attributes:
        parts: what goes from where.
        short: lines that no place can serve whole now.
        cost: what it costs.
        gap: how much less a plan of as many lines may count at most; 0 when none does.
        perhaps_served: how many more lines some other plan may serve at most; 0 when none does.
        nodes: how many partial plans were looked at.
        rule: the rule of the policy that spoke about the order; empty when all abstained.
    """

    parts: tuple[PlannedPart, ...]
    short: tuple[Short, ...] = ()
    cost: PlanCost = PlanCost()
    gap: int = 0
    perhaps_served: int = 0
    nodes: int = 0
    rule: str = ""

    @property
    def exact(self) -> bool:
        """Whether no better plan exists, of those that are looked at."""
        return not self.gap and not self.perhaps_served

    @property
    def proof(self) -> str:
        """How sure it is that no plan is better, in words."""
        if self.perhaps_served:
            return f"another may serve up to {self.perhaps_served} more lines"
        return f"another may count up to {self.gap} less" if self.gap else "no plan is better"


NOTHING_PLANNED = FulfillmentPlan(parts=())
