"""The sourcing policy: what makes one place better than another. Versioned data that an operator edits."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field, ValidationError, model_validator

from domain.errors import Refused
from domain.location import Country, Location
from domain.rates import MAX_GRAMS, RateTable, Strict
from domain.values import Currency, Model, Moment, Text

BUILT_IN = 0
"""The version of the policy that holds where nobody has loaded one."""

Counted = Annotated[int, Field(strict=True, ge=0, le=10**9)]
"""What something counts, in minor units; more would drown all else in the sums of a plan."""

Percent = Annotated[int, Field(strict=True, ge=0, le=1000)]
Minutes = Annotated[int, Field(strict=True, ge=0, le=60 * 24 * 90)]
Codes = tuple[Text, ...]


class When(Strict):
    """The orders of which a rule speaks, of those that are sent; what is not named is not asked.

    Attributes:
        sku_prefixes: some line has a SKU that begins so.
        min_grams: what is to be sent weighs at least so much.
        max_grams: it weighs no more.
    """

    channels: Codes = ()
    countries: tuple[Country, ...] = ()
    sku_prefixes: Codes = ()
    min_grams: Annotated[int, Field(strict=True, ge=0, le=MAX_GRAMS)] = 0
    max_grams: Annotated[int, Field(strict=True, ge=0, le=MAX_GRAMS)] | None = None

    @model_validator(mode="after")
    def _is_possible(self) -> When:
        if self.max_grams is not None and self.max_grams < self.min_grams:
            raise ValueError(f"no order weighs at least {self.min_grams} g and at most {self.max_grams} g")
        return self

    def meets(self, account: str, country: str, skus: Iterable[str], grams: int) -> bool:
        """Tell whether an order is meant."""
        return (
            (not self.channels or account in self.channels)
            and (not self.countries or country in self.countries)
            and (not self.sku_prefixes or any(sku.startswith(self.sku_prefixes) for sku in skus))
            and self.min_grams <= grams
            and (self.max_grams is None or grams <= self.max_grams)
        )


class SourcingRule(Strict):
    """A word about some orders; it abstains from all others. The first rule that does not abstain decides.

    Attributes:
        name: what it is called when a decision is explained.
        only: no other place may serve these orders.
        never: these places may not.
        prefer: any other place counts as `amount` dearer.
        avoid: these places count as `amount` dearer.
    """

    name: Annotated[Text, Field(min_length=1, max_length=80)]
    when: When = When()
    only: Codes = ()
    never: Codes = ()
    prefer: Codes = ()
    avoid: Codes = ()
    amount: Counted = 0

    @model_validator(mode="after")
    def _says_something(self) -> SourcingRule:
        if not (self.only or self.never or self.prefer or self.avoid):
            raise ValueError("names no location: expected only, never, prefer or avoid")
        if bool(self.prefer or self.avoid) != bool(self.amount):
            raise ValueError("prefer and avoid need an amount, and only they do")
        if set(self.only) and set(self.only) <= set(self.never):
            raise ValueError("only and never leave no location")
        return self


class ChannelTerms(Strict):
    """What a channel allows.

    Attributes:
        locations: the only places its orders may come from; none named: all.
        may_split: whether an order may come in several parcels from several places.
        carriers: the only carriers that may collect its orders, by our names; none named: all.
        speeds: the faster speeds that may be chosen for its orders; an empty list: only the ordinary one; None: all.
    """

    locations: Codes = ()
    may_split: bool = True
    carriers: Codes = ()
    speeds: Codes | None = None

    def allowed(self, speeds: Iterable[str]) -> tuple[str, ...]:
        """Return those of a carrier's faster speeds that may be chosen."""
        return tuple(speed for speed in speeds if self.speeds is None or speed in self.speeds)


class QuoteTerms(Strict):
    """Which carriers are asked what parcels of an order would cost, before it is planned.

    Attributes:
        carriers: those that are asked; the others, and those that do not answer, are reckoned by the rate tables.
        good_minutes: how long an answer may be used again.
        wait_seconds: how long an order waits at most for an answer; an activity has to end long after it.
        most: the most questions for one order.
    """

    carriers: Annotated[Codes, Field(max_length=20)] = ()
    good_minutes: Annotated[int, Field(strict=True, gt=0, le=60 * 24 * 7)] = 240
    wait_seconds: Annotated[int, Field(strict=True, gt=0, le=5)] = 2
    most: Annotated[int, Field(strict=True, gt=0, le=60)] = 12


class SourcingPolicy(Strict):
    """How orders find their places. Amounts are minor units of `currency`.

    Attributes:
        flat_rate: what a parcel costs where there is no rate table.
        rates: what parcels cost.
        quotes: which carriers are asked instead.
        shipping_percent: how much shipping counts, in percent of its price.
        handling_percent: the same for the handling cost of locations.
        split: what each fulfillment order after the first counts.
        split_line: what each place after the first counts that one line comes from.
        late_day: what each begun day counts that a line leaves or arrives too late.
        rank: what one step of a location's rank counts.
        balance: what it counts to take the last units; less, the nearer to `spare_below` what is left.
        spare_below: a shelf with fewer units left runs low.
        backlog_days: a location whose backlog fills so many days of its capacity gets no more.
        full_minutes: after so long an order that waits for a full location looks again.
        not_found_minutes: for how long a location that did not find a SKU comes last for it. For as long it is not
            asked again for a line that it did not find, or that was damaged.
        busy_minutes: the same for a location that was too busy, whatever it is asked for.
        not_found: what leaves the books when units are not found: all that is not reserved there, or only these.
        rules: asked in order.
        channels: what single channels allow, by account.
        effort: how many plans are looked at before the best so far is taken.
    """

    currency: Currency = "EUR"
    flat_rate: Counted = 500
    rates: Annotated[tuple[RateTable, ...], Field(max_length=100)] = ()
    quotes: QuoteTerms = QuoteTerms()
    shipping_percent: Percent = 100
    handling_percent: Percent = 100
    split: Counted = 1000
    split_line: Counted = 2000
    late_day: Counted = 800
    rank: Counted = 1
    balance: Counted = 0
    spare_below: Annotated[int, Field(strict=True, ge=0, le=1_000_000)] = 3
    backlog_days: Annotated[int, Field(strict=True, gt=0, le=365)] = 3
    full_minutes: Annotated[int, Field(strict=True, gt=0, le=60 * 24)] = 15
    not_found_minutes: Minutes = 24 * 60
    busy_minutes: Minutes = 60
    not_found: Literal["shelf", "units"] = "shelf"
    rules: Annotated[tuple[SourcingRule, ...], Field(max_length=200)] = ()
    channels: Mapping[str, ChannelTerms] = Field(default_factory=dict[str, ChannelTerms])
    effort: Annotated[int, Field(strict=True, gt=0, le=1_000_000)] = 700

    @property
    def weighs(self) -> bool:
        """Whether the weight of goods matters at all."""
        by_rule = any(rule.when.min_grams or rule.when.max_grams is not None for rule in self.rules)
        return bool(self.rates or self.quotes.carriers) or by_rule

    def refused_for(self, reason: str) -> timedelta:
        """Return how long a location is not asked again for a line that it rejected for this reason."""
        minutes = self.busy_minutes if reason == "too_busy" else self.not_found_minutes
        return timedelta(minutes=max(minutes, self.full_minutes))


class PolicyVersion(Model):
    """One policy with its number, its author and when it begins to hold; it holds until a later one does."""

    version: int
    author: str
    valid_from: Moment
    comment: str = ""
    policy: SourcingPolicy


def read_sourcing(told: Mapping[str, object]) -> SourcingPolicy:
    """Read a policy from what an operator wrote.

    Raises:
        Refused: it is impossible; every field at fault is named.
    """
    try:
        return SourcingPolicy.model_validate(told)
    except ValidationError as error:
        faults = [f"{field_name(one['loc'])}: {one['msg'].removeprefix('Value error, ')}" for one in error.errors()]
        raise Refused("bad-policy", "; ".join(faults[:20])) from None


def require_known(
    policy: SourcingPolicy, locations: Iterable[Location], accounts: Collection[str], carriers: Collection[str]
) -> None:
    """Refuse a policy that names a location, channel or carrier that does not exist. Raises Refused naming fields."""
    faults = [
        *_unknown("location", _named_places(policy), {place.code for place in locations}),
        *_unknown("channel", _named_channels(policy), set(accounts)),
        *_unknown("carrier", [*_named_by_channels(policy, "carriers"), *_asked(policy)], set(carriers)),
        # A channel that sells labels is a carrier by the name of its account.
        *_unknown("carrier", _priced(policy), {*carriers, *accounts}),
    ]
    if faults:
        raise Refused("bad-policy", "; ".join(faults[:20]))


def require_sold(policy: SourcingPolicy, sold: Mapping[str, Collection[str]]) -> None:
    """Refuse a policy that lets a channel have a speed that no carrier of it sells. Raises Refused naming fields.

    Args:
        policy: the policy.
        sold: the faster speeds that there are, by channel.
    """
    faults = [
        fault
        for account, terms in policy.channels.items()
        for fault in _unknown(
            "speed", _numbered(f"channels.{account}.speeds", terms.speeds or ()), set(sold.get(account, ()))
        )
    ]
    if faults:
        raise Refused("bad-policy", "; ".join(faults[:20]))


def field_name(path: Iterable[str | int]) -> str:
    """Return a field as one writes it.

    >>> field_name(("rules", 0, "only", 1))
    'rules[0].only[1]'
    """
    name = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return name.removeprefix(".") or "policy"


def _unknown(what: str, named: Iterable[tuple[str, str]], known: set[str]) -> list[str]:
    there = ", ".join(sorted(known)[:20]) or "none"
    return [f"{field}: there is no {what} {name!r}; there are {there}" for field, name in named if name not in known]


def _numbered(field: str, names: Iterable[str]) -> list[tuple[str, str]]:
    """Return each name with the field in which it stands."""
    return [(f"{field}[{position}]", name) for position, name in enumerate(names)]


def _asked(policy: SourcingPolicy) -> list[tuple[str, str]]:
    return _numbered("quotes.carriers", policy.quotes.carriers)


def _priced(policy: SourcingPolicy) -> list[tuple[str, str]]:
    return [(f"rates[{number}].carrier", table.carrier) for number, table in enumerate(policy.rates) if table.carrier]


def _named_by_channels(policy: SourcingPolicy, word: str) -> list[tuple[str, str]]:
    return [
        named
        for account, terms in policy.channels.items()
        for named in _numbered(f"channels.{account}.{word}", getattr(terms, word))
    ]


def _named_places(policy: SourcingPolicy) -> list[tuple[str, str]]:
    named = [
        named
        for number, rule in enumerate(policy.rules)
        for word in ("only", "never", "prefer", "avoid")
        for named in _numbered(f"rules[{number}].{word}", getattr(rule, word))
    ]
    return named + _named_by_channels(policy, "locations")


def _named_channels(policy: SourcingPolicy) -> list[tuple[str, str]]:
    named = [
        named
        for number, rule in enumerate(policy.rules)
        for named in _numbered(f"rules[{number}].when.channels", rule.when.channels)
    ]
    return named + [(f"channels.{account}", account) for account in policy.channels]
