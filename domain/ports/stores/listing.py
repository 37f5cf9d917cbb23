"""How is kept what lines mean: listings, aliases and rules, and who waits because a line means nothing yet."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from pydantic import Field

from domain.kit import KitPart
from domain.listing import Alias, Candidate, Listing, Rule
from domain.restriction import Nature
from domain.suggestion import KnownSku
from domain.values import Model


class WantedLine(Model):
    """A line whose SKU is looked for; `gtin` is a GTIN-14, or empty when the channel wrote none that holds."""

    line_id: str
    listing_id: str
    channel_sku: str
    gtin: str = ""


class Answers(Model):
    """Everything the catalogue has to say about some lines, read at once.

    Attributes:
        kits: every kit that a candidate is, or holds, with its parts.
        retired: the retired SKUs among all of these.
        natures: what is known of all of these beside their stock.
    """

    candidates: tuple[Candidate, ...] = ()
    kits: dict[str, tuple[KitPart, ...]] = Field(default_factory=dict[str, tuple[KitPart, ...]])
    retired: frozenset[str] = frozenset()
    natures: dict[str, Nature] = Field(default_factory=dict[str, Nature])


class ListingStore(Protocol):
    """What lines mean. Whatever is mapped, named or ruled keeps its author and its period."""

    async def answers(self, account: str, lines: Iterable[WantedLine]) -> Answers:
        """Return every candidate of these lines on every rung, in one statement."""
        ...

    async def mappings(self, account: str, listing_ids: Iterable[str]) -> dict[str, Listing]:
        """Return what these listings mean now."""
        ...

    async def save(self, account: str, listings: Iterable[Listing], author: str, now: datetime) -> None:
        """Map listings, in place of what they meant, and clear the causes among theirs that anybody waits for.

        Raises:
            NotFound: a SKU does not exist.
            Refused: a SKU is retired.
        """
        ...

    async def end(self, account: str, listing_id: str, now: datetime) -> bool:
        """End what a listing means; False when it means nothing."""
        ...

    async def aliases(self, account: str | None = None) -> tuple[Alias, ...]:
        """Return the aliases of one account (empty: those of all accounts), or (None) all there are."""
        ...

    async def save_alias(self, alias: Alias, author: str, now: datetime) -> None:
        """Name a SKU, in place of what the name meant. Raises as `save`."""
        ...

    async def end_alias(self, account: str, code: str, now: datetime) -> bool:
        """End an alias; False when there is none."""
        ...

    async def rules(self, account: str | None = None) -> tuple[Rule, ...]:
        """Return the rules of an account, or all, in their order."""
        ...

    async def save_rule(self, rule: Rule, author: str, now: datetime) -> None:
        """Add a rule, in place of the one at its position."""
        ...

    async def end_rule(self, account: str, position: int, now: datetime) -> bool:
        """End a rule; False when there is none."""
        ...

    async def wake(self, now: datetime) -> int:
        """Clear the causes of all lines that wait for a SKU and have a candidate now; return how many causes.

        It comes after the change, in its transaction: whoever finds a line unmatched locks `catalog_gate` first, so
        that either it sees the change or this sees its wait.
        """
        ...

    async def similar(self, words: str, limit: int) -> tuple[KnownSku, ...]:
        """Return SKUs that share words with a text, rare words first."""
        ...


def catalog_gate(account: str) -> str:
    """Return the cause that is locked by who finds a line of an account unmatched, and by who changes its catalogue.

    >>> catalog_gate("shop")
    'sku:shop:'
    """
    return f"sku:{account}:"
