"""What lines mean, in memory."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from domain.errors import NotFound, Refused
from domain.gtin import find_gtin
from domain.listing import Alias, Candidate, Listing, Rule, Rung, check_claims, fold_case
from domain.ports.stores.listing import Answers, WantedLine
from domain.suggestion import KnownSku
from tests.fakes.kit import FakeKitStore
from tests.fakes.state import State
from tests.fakes.wait import FakeWaitStore


class FakeListingStore:
    """Listings, aliases and rules; authors and times are not read back."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._kits = FakeKitStore(state)
        self._waits = FakeWaitStore(state)

    async def answers(self, account: str, lines: Iterable[WantedLine]) -> Answers:
        """Return every candidate of these lines on every rung."""
        candidates = tuple(answer for line in lines for answer in self._candidates(account, line))
        kits = await self._kits.load(answer.sku for answer in candidates)
        held = {answer.sku for answer in candidates} | {part.sku for parts in kits.values() for part in parts}
        retired = frozenset(held & self._state.retired_skus.keys())
        return Answers(candidates=candidates, kits=kits, retired=retired, natures=self._state.natures(held))

    async def mappings(self, account: str, listing_ids: Iterable[str]) -> dict[str, Listing]:
        """Return what these listings mean now."""
        found = {listing_id: self._state.listings.get((account, listing_id)) for listing_id in listing_ids}
        return {listing_id: listing for listing_id, listing in found.items() if listing}

    async def save(self, account: str, listings: Iterable[Listing], author: str, now: datetime) -> None:
        """Map listings, in place of what they meant, and clear their causes."""
        del author
        told = list(listings)
        check_claims(told, {})
        for listing in sorted(told, key=lambda listing: listing.sku):
            self._require_sold(listing.sku)
        waited_for = {wait.cause for wait in self._state.waits.values()}
        for listing in told:
            self._state.listings[account, listing.listing_id] = listing
            if (cause := f"sku:{account}:{listing.listing_id}") in waited_for:
                await self._waits.clear(cause, now)

    async def end(self, account: str, listing_id: str, now: datetime) -> bool:
        """End what a listing means."""
        del now
        return self._state.listings.pop((account, listing_id), None) is not None

    async def aliases(self, account: str | None = None) -> tuple[Alias, ...]:
        """Return the aliases of one account, or all there are."""
        return tuple(alias for key, alias in sorted(self._state.aliases.items()) if account in {None, key[0]})

    async def save_alias(self, alias: Alias, author: str, now: datetime) -> None:
        """Name a SKU, in place of what the name meant."""
        del author, now
        self._require_sold(alias.sku)
        self._state.aliases[alias.account, alias.code] = alias

    async def end_alias(self, account: str, code: str, now: datetime) -> bool:
        """End an alias."""
        del now
        return self._state.aliases.pop((account, code), None) is not None

    async def rules(self, account: str | None = None) -> tuple[Rule, ...]:
        """Return the rules of an account, or all, in their order."""
        return tuple(rule for key, rule in sorted(self._state.rules.items()) if account in {None, key[0]})

    async def save_rule(self, rule: Rule, author: str, now: datetime) -> None:
        """Add a rule, in place of the one at its position."""
        del author, now
        self._state.rules[rule.account, rule.position] = rule

    async def end_rule(self, account: str, position: int, now: datetime) -> bool:
        """End a rule."""
        del now
        return self._state.rules.pop((account, position), None) is not None

    async def wake(self, now: datetime) -> int:
        """Clear the causes of all lines that wait for a SKU and have a candidate now."""
        causes = {wait.cause for wait in self._state.waits.values() if self._has_candidate(wait.order_id, wait.cause)}
        for cause in sorted(causes):
            await self._waits.clear(cause, now)
        return len(causes)

    async def similar(self, words: str, limit: int) -> tuple[KnownSku, ...]:
        """Return SKUs that share words with a text, those that share most first."""
        wanted = _words(words)
        known = [sku for sku in self._state.known_skus.values() if sku.sku not in self._state.retired_skus]
        shared = {sku: len(wanted & _words(f"{sku.title} {sku.brand} {sku.sku}")) for sku in known}
        found = sorted((sku for sku in known if shared[sku]), key=lambda sku: (-shared[sku], sku.sku))
        return tuple(found[:limit])

    def _candidates(self, account: str, line: WantedLine) -> list[Candidate]:
        state = self._state
        found: list[tuple[Rung, str, int, int]] = []
        if mapped := state.listings.get((account, line.listing_id)):
            found.append((Rung.LISTING, mapped.sku, mapped.units, 0))
        if line.channel_sku in state.weights:
            found.append((Rung.SELLER_SKU, line.channel_sku, 1, 0))
        found += [
            (Rung.GTIN, sku.sku, 1, 0) for sku in state.known_skus.values() if line.gtin and sku.gtin == line.gtin
        ]
        found += [
            (Rung.ALIAS, alias.sku, alias.units, 0 if alias.account else 1)
            for alias in state.aliases.values()
            if alias.account in {account, ""} and _names(alias, line)
        ]
        found += [
            (Rung.RULE, sku, 1, rule.position)
            for rule in state.rules.values()
            if rule.account == account
            for sku in state.weights
            if (code := rule.rewrite(line.channel_sku if rule.reads == "sku" else line.listing_id))
            and code == (fold_case(sku) if rule.folds_case else sku)
        ]
        return [
            Candidate(
                line_id=line.line_id, rung=rung, sku=sku, units=units, place=place, retired=sku in state.retired_skus
            )
            for rung, sku, units, place in found
        ]

    def _has_candidate(self, order_id: str, cause: str) -> bool:
        order = self._state.orders[order_id]
        return any(
            cause == f"sku:{order.account}:{line.listing_id}"
            and self._candidates(order.account, WantedLine.model_validate(line.model_dump()))
            for line in order.lines
            if line.sku is None
        )

    def _require_sold(self, sku: str) -> None:
        if sku not in self._state.weights:
            raise NotFound("no-sku", f"no SKU {sku}")
        if sku in self._state.retired_skus:
            raise Refused("retired-sku", f"{sku} is retired and cannot be sold any more")


def _names(alias: Alias, line: WantedLine) -> bool:
    return alias.code == line.channel_sku or bool(line.gtin and find_gtin(alias.code) == line.gtin)


def _words(text: str) -> set[str]:
    return set(text.lower().translate(str.maketrans("-_./,", "     ")).split())
