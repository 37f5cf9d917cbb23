"""What channels were told, in memory; every run looks at all listings, which is slower and never wrong."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from domain.ports.stores.publication import ListingOffer, Progress
from domain.publication import Publication, PublicationState
from tests.fakes.state import State


class FakePublicationStore:
    """What channels were told, by account and listing."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def progress(self, account: str) -> Progress:
        """Return how far an account is published."""
        known = self._state.publishing.get(account)
        return known or Progress(since="", until="now", swept_at=None, wanted=0, swept=0)

    async def advance(self, account: str, progress: Progress) -> None:
        """Keep how far an account is published."""
        wanted = (await self.progress(account)).wanted
        self._state.publishing[account] = progress.model_copy(update={"since": progress.until, "wanted": wanted})

    async def want_sweep(self) -> None:
        """Let the next run of every account look at all its listings."""
        for account, known in self._state.publishing.items():
            self._state.publishing[account] = known.model_copy(update={"wanted": known.wanted + 1})

    async def offers(self, account: str, since: str | None, after: str, limit: int) -> tuple[ListingOffer, ...]:
        """Return a page of listings."""
        del since
        meant = {listing: means for (of, listing), means in self._state.listings.items() if of == account}
        told = {listing: row for (of, listing), row in self._state.publications.items() if of == account}
        offers = [
            ListingOffer(
                listing_id=listing,
                sku="" if means is None or self._state.retired_skus.get(means.sku) else means.sku,
                units=means.units if means else 1,
                told=told.get(listing),
            )
            for listing in sorted(meant.keys() | told.keys())
            if (means := meant.get(listing)) or told[listing].quantity or told[listing].state != PublicationState.TAKEN
        ]
        return tuple(offer for offer in offers if offer.listing_id > after)[:limit]

    async def begin(self, account: str, quantities: Mapping[str, int], now: datetime) -> dict[str, int]:
        """Note that these quantities are being told."""
        for listing_id, quantity in quantities.items():
            before = self._state.publications.get((account, listing_id))
            version = max(before.version + 1 if before else 0, int(now.timestamp() * 1000))
            changes = {"quantity": quantity, "version": version, "state": PublicationState.SENDING, "sent_at": now}
            fresh = Publication.model_validate({"account": account, "listing_id": listing_id, **changes})
            self._state.publications[account, listing_id] = before.model_copy(update=changes) if before else fresh
        return {listing_id: self._state.publications[account, listing_id].version for listing_id in quantities}

    async def settle(self, account: str, versions: Mapping[str, int], codes: Mapping[str, str], now: datetime) -> None:
        """Note what became of them, unless a greater version was begun since."""
        for listing_id, version in versions.items():
            row = self._state.publications[account, listing_id]
            if row.version == version:
                code = codes.get(listing_id, "no-outcome")
                self._state.publications[account, listing_id] = _failed(row, code) if code else _taken(row, now)


def _taken(row: Publication, now: datetime) -> Publication:
    changes = {"state": PublicationState.TAKEN, "code": "", "failures": 0, "taken": row.quantity, "taken_at": now}
    return row.model_copy(update=changes)


def _failed(row: Publication, code: str) -> Publication:
    changes = {"state": PublicationState.FAILED, "code": code, "failures": row.failures + 1}
    return row.model_copy(update=changes)
