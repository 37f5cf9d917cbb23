"""A model of the stock and money ledgers: what must be true of one order, in plain arithmetic."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

from domain.order import refundable
from domain.ports.stores.money import RefundState
from tests.builders import ACCOUNT

Place = tuple[str, str]
"""A SKU at a location."""


class Course(Enum):
    """Where the units of a part are: reserved on a shelf, on their way, settled, or open again."""

    HELD = auto()
    GONE = auto()
    DONE = auto()
    OPEN_AGAIN = auto()


@dataclass
class Part:
    """Units of lines that one location was asked for."""

    location: str
    units: dict[str, int]
    course: Course = Course.HELD
    asides: Counter[Place] = field(default_factory=Counter[Place])


@dataclass
class Soft:
    """Units that one channel's buyer holds for a while; `aside` of them came out of what is set aside for it."""

    account: str
    place: Place
    units: int
    aside: int


@dataclass
class Debt:
    """One refund of ours."""

    amount: int
    state: RefundState = RefundState.RESERVED


@dataclass
class Ledgers:
    """Both ledgers of one order.

    Attributes:
        brought: units that came in, less those taken away by adjustment, count and transfer.
        asides: units set aside by SKU, location and channel; an entry of none is one that was used up.
        arrived: units that came against a reference.
        shipped: units that left for the buyer.
        given_by_hand: minor units that a person gave back beyond our debts, and that were captured.
    """

    quantities: Mapping[str, int]
    skus: Mapping[str, str]
    captured: int
    brought: Counter[Place] = field(default_factory=Counter[Place])
    shipped: Counter[Place] = field(default_factory=Counter[Place])
    parts: dict[str, Part] = field(default_factory=dict[str, Part])
    cancelled: Counter[str] = field(default_factory=Counter[str])
    by_hand: Counter[str] = field(default_factory=Counter[str])
    debts: dict[str, Debt] = field(default_factory=dict[str, Debt])
    given_by_hand: int = 0
    safety: Counter[Place] = field(default_factory=Counter[Place])
    asides: dict[tuple[Place, str], int] = field(default_factory=dict[tuple[Place, str], int])
    soft: dict[str, Soft] = field(default_factory=dict[str, Soft])
    arrived: Counter[tuple[str, Place]] = field(default_factory=Counter[tuple[str, Place]])

    def on_hand(self, place: Place) -> int:
        """Units on a shelf: what was brought and has not been shipped."""
        return self.brought[place] - self.shipped[place]

    def reserved(self, place: Place) -> int:
        """Units on a shelf that somebody was promised."""
        ordered = sum(self.units_at(part)[place] for part in self.of_course(Course.HELD).values())
        return ordered + sum(soft.units for soft in self.soft.values() if soft.place == place)

    def available(self, place: Place, account: str) -> int:
        """Units that can still be promised to a channel."""
        others = sum(units for (where, own), units in self.asides.items() if where == place and own != account)
        return self.on_hand(place) - self.reserved(place) - self.safety[place] - others

    def everything(self) -> int:
        """Units on all shelves together."""
        return sum(self.brought.values()) - sum(self.shipped.values())

    def set_aside(self, sku: str, account: str, units: Mapping[str, int]) -> None:
        """Set exactly these units aside for a channel."""
        kept = {(place, own): count for (place, own), count in self.asides.items() if (place[0], own) != (sku, account)}
        self.asides = kept | {((sku, location), account): count for location, count in units.items()}

    def use_set_aside(self, place: Place, account: str, units: int) -> int:
        """Use up what is set aside for a channel, before what is free for all; return how much of it."""
        used = min(self.asides.get((place, account), 0), units)
        if used:
            self.asides[place, account] -= used
        return used

    def give_back(self, place: Place, account: str, units: int) -> None:
        """Give units back to a set-aside, while it is there."""
        if (place, account) in self.asides:
            self.asides[place, account] += units

    def reserve(self, number: str, part: Part) -> None:
        """Reserve a part of the order."""
        self.parts[number] = part
        for place, units in self.units_at(part).items():
            part.asides[place] = self.use_set_aside(place, ACCOUNT, units)

    def reject(self, part: Part, line_id: str, units: int) -> None:
        """Take units off a part that keeps the rest."""
        part.units[line_id] -= units
        place = (self.skus[line_id], part.location)
        back = min(units, part.asides[place])
        part.asides[place] -= back
        self.give_back(place, ACCOUNT, back)

    def give_up(self, part: Part) -> None:
        """Let a part's units be open again."""
        part.course = Course.OPEN_AGAIN
        for place, units in part.asides.items():
            self.give_back(place, ACCOUNT, units)

    def units_at(self, part: Part) -> Counter[Place]:
        """A part's units by SKU and location."""
        units: Counter[Place] = Counter()
        for line_id, count in part.units.items():
            units[self.skus[line_id], part.location] += count
        return units

    def of_course(self, course: Course) -> dict[str, Part]:
        """The parts that are there now."""
        return {number: part for number, part in self.parts.items() if part.course is course}

    def counted(self, line_id: str, *courses: Course) -> int:
        """A line's units over all parts of these courses."""
        return sum(part.units.get(line_id, 0) for part in self.parts.values() if part.course in courses)

    def open(self, line_id: str) -> int:
        """A line's units that nobody planned, finished or cancelled."""
        taken = self.counted(line_id, Course.HELD, Course.GONE, Course.DONE)
        return self.quantities[line_id] - self.cancelled[line_id] - self.by_hand[line_id] - taken

    def ship(self, part: Part) -> None:
        """Let a part's units leave."""
        self.shipped += self.units_at(part)
        part.course = Course.GONE

    def refunding(self) -> int:
        """Minor units given back or about to be."""
        ours = sum(debt.amount for debt in self.debts.values() if debt.state is not RefundState.REJECTED)
        return ours + self.given_by_hand

    def reserve_refund(self, key: str, amount: int) -> bool:
        """Promise money back; False when it would be more than was captured."""
        if key not in self.debts and amount <= refundable(self.captured, self.refunding()):
            self.debts[key] = Debt(amount)
        return key in self.debts

    def refund_by_hand(self, amount: int) -> int:
        """Enter what a person gave back: it pays our debts first; return what is new money."""
        for debt in self.debts.values():
            if debt.state is RefundState.RESERVED and amount:
                paid = min(amount, debt.amount)
                amount -= paid
                self._pay(debt, paid)
        fresh = min(amount, refundable(self.captured, self.refunding()))
        self.given_by_hand += fresh
        return fresh

    def _pay(self, debt: Debt, paid: int) -> None:
        if paid == debt.amount:
            debt.state = RefundState.BY_HAND
        else:
            debt.amount -= paid
            self.given_by_hand += paid
