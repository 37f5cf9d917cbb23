"""A listing: one SKU as offered on one channel; the ladder on which a line finds its SKU, each rung with its reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from domain.errors import Conflict
from domain.restriction import Nature, Restriction
from domain.values import Model, SkuCode, Text

MAX_PACK = 10_000

Pack = Annotated[int, Field(ge=1, le=MAX_PACK)]
ListingId = Annotated[Text, StringConstraints(min_length=1)]


class Rung(StrEnum):
    """By what a line was matched, in the order in which it is tried."""

    LISTING = "listing"
    SELLER_SKU = "seller-sku"
    GTIN = "gtin"
    ALIAS = "alias"
    RULE = "rule"


class Listing(Model):
    """A channel's listing id, and what one of it means: `units` of a SKU."""

    listing_id: ListingId
    sku: SkuCode
    units: Pack = 1


class Alias(Model):
    """Another name of a SKU, as the seller's SKU or GTIN of a line, under one account or (empty) under all."""

    account: str = ""
    code: ListingId
    sku: SkuCode
    units: Pack = 1


class Rule(Model):
    """How the codes of one channel are written: what is stripped off, and whether case matters.

    Attributes:
        position: rules are tried in this order; the first that leads to any SKU decides.
        reads: whether it reads the seller's SKU of a line, or its listing id.
        folds_case: `tea-1` finds `TEA-1`; letters A to Z only.
    """

    account: str
    position: int
    reads: Literal["sku", "listing"] = "sku"
    prefix: Text = ""
    suffix: Text = ""
    folds_case: bool = False

    @model_validator(mode="after")
    def _does_something(self) -> Rule:
        if not (self.prefix or self.suffix or self.folds_case):
            raise ValueError("a rule that strips nothing and folds nothing does nothing")
        return self

    def rewrite(self, code: str) -> str:
        """Return the code without prefix and suffix, or nothing: the rule abstains where they are not there."""
        whole = fold_case(code) if self.folds_case else code
        prefix, suffix = (fold_case(end) if self.folds_case else end for end in (self.prefix, self.suffix))
        fits = len(whole) > len(prefix) + len(suffix) and whole.startswith(prefix) and whole.endswith(suffix)
        return whole[len(prefix) : len(whole) - len(suffix)] if fits else ""


class Component(Model):
    """Stock-kept goods that one unit of an order line is made of.

    Attributes:
        units: how many units of the SKU.
        share: minor units of the line's unit price that belong to all of them.
    """

    sku: str
    units: int
    share: int = 0


class Matched(Model):
    """What a line means: the SKU it was sold as, and the stock-kept goods that one unit of the line is made of.

    Attributes:
        restrictions: those of the SKU and of all these goods together.
        declared: whether customs could be told what each of them is: its HS code and its country of origin.
    """

    sku: str
    components: tuple[Component, ...]
    matched_by: Rung = Rung.LISTING
    restrictions: frozenset[Restriction] = frozenset()
    declared: bool = False

    def known_as(self, natures: Sequence[Nature]) -> Matched:
        """Return the same with what is known of its SKU and its goods, each of which has to be declared itself."""
        told = {
            "restrictions": frozenset[Restriction]().union(*(nature.restrictions for nature in natures)),
            "declared": bool(natures) and all(nature.declared for nature in natures),
        }
        return self.model_copy(update=told)

    @property
    def is_plain(self) -> bool:
        """Tell whether one unit of the line is just one unit of its SKU, so that nothing else has to be kept."""
        return [(part.sku, part.units) for part in self.components] == [(self.sku, 1)]


class Unmatched(Model):
    """Why nobody may say what a line means; `code` is a slug."""

    code: Literal["unmatched", "ambiguous", "retired", "impossible"]
    why: str


def made_of(sku: str, components: tuple[Component, ...]) -> tuple[Component, ...]:
    """Return the components, or one unit of the SKU itself where none were frozen."""
    return components or (Component(sku=sku, units=1),)


def weigh(components: Iterable[Component], grams: Mapping[str, int]) -> int:
    """Return what one unit weighs in grams; a SKU of which nobody knows counts nothing."""
    return sum(grams.get(own.sku, 0) * own.units for own in components)


class Candidate(Model):
    """One answer that the catalogue has for a line. `place` orders the answers of one rung: of rules, aliases."""

    line_id: str
    rung: Rung
    sku: str
    units: int = 1
    retired: bool = False
    place: int = 0


def check_claims(told: Iterable[Listing], meant: Mapping[str, Listing]) -> None:
    """Refuse two meanings of one listing id.

    Args:
        told: what listings are to mean.
        meant: listing id → what it means now, where that is not to be replaced.

    Raises:
        Conflict: two of them claim one id, or one claims an id that means something else.
    """
    known = dict(meant)
    seen: set[str] = set()
    for listing in told:
        if listing.listing_id in seen:
            raise Conflict("listing-named-twice", f"listing {listing.listing_id} is named twice: it has one meaning")
        seen.add(listing.listing_id)
        before = known.get(listing.listing_id, listing)
        if before != listing:
            words = f"listing {listing.listing_id} means {before.units} x {before.sku} already"
            raise Conflict("listing-taken", f"{words}, not {listing.units} x {listing.sku}")


def fold_case(code: str) -> str:
    """Return the code with A to Z in lower case; other letters stay, as their rules differ by language."""
    return "".join(sign.lower() if sign.isascii() else sign for sign in code)


def choose(candidates: Iterable[Candidate]) -> Candidate | Unmatched:
    """Return what one line means: the first rung with any answer decides, and two answers on it are none.

    A retired SKU is not sold any more: where it is the only answer the line is held rather than matched by a lower
    rung, which might mean other goods. Aliases of an account come before those of all; rules in their order.
    """
    answers = sorted(candidates, key=lambda answer: (_RUNGS.index(answer.rung), answer.place, answer.sku))
    if not answers:
        return Unmatched(code="unmatched", why="no listing, SKU, GTIN, alias or rule leads to a SKU")
    first = answers[0]
    level = [answer for answer in answers if (answer.rung, answer.place) == (first.rung, first.place)]
    sold = {(answer.sku, answer.units): answer for answer in level if not answer.retired}
    if not sold:
        return Unmatched(code="retired", why=f"by {first.rung.value} it is {first.sku}, which is retired")
    if len(sold) > 1:
        names = " or ".join(sorted({f"{units} x {sku}" for sku, units in sold}))
        return Unmatched(code="ambiguous", why=f"by {first.rung.value} it may be {names}")
    return next(iter(sold.values()))


_RUNGS = tuple(Rung)
