"""Labels: drafted as a shipment, bought by one of its rates, and given back by a request for the money."""

from __future__ import annotations

from adapters.carriers.easypost import mapping, wire
from adapters.carriers.easypost.api import Api
from adapters.http import send
from adapters.parcels.gateway import choose, fetch_paper
from domain.effect import Absent, Confirmed, Finding, Found, Outcome, Rejected, Unknown
from domain.errors import CrossdockError, Refused, Unavailable, Undeliverable
from domain.ports.carrier import BuyLabel, VoidLabel

_PERHAPS_BOUGHT = frozenset({
    "SHIPMENT.POSTAGE.EXISTS", "SHIPMENT.PURCHASE.IN_PROGRESS", "SHIPMENT.POSTAGE.TIMED_OUT",
    "SHIPMENT.POSTAGE.NO_RESPONSE",
})  # fmt: skip
"""Refusals of a purchase after which there may be a label all the same."""
_VOID = Rejected(code="label-void")


class Labels:
    """The labels of one account."""

    def __init__(self, api: Api) -> None:
        self._api, self._settings = api, api.settings

    async def draft(self, write: BuyLabel) -> str:
        """Make a shipment, which costs nothing, and return its id.

        Raises:
            Undeliverable: EasyPost does not take the address.
            Refused: it does not take something else.
            Unavailable: nobody knows whether there is one; another does no harm.
        """
        request = self._api.request(
            "POST", "shipments", json=mapping.to_shipment(self._settings, write, write.reference)
        )
        made = await send(self._api.http, request, wire.Shipment, mapping.read_refusal)
        match made:
            case wire.Shipment():
                return made.id
            case Unknown():
                raise Unavailable(made.code, "no draft was told")
            case Rejected(undeliverable=True):
                raise Undeliverable(made.code, "EasyPost does not take this address")
            case Rejected():
                raise Refused(made.code, "EasyPost makes no draft of this")

    async def buy(self, write: BuyLabel) -> Outcome:
        """Buy the cheapest allowed service of a draft; one that is bought already is told as it is."""
        if not write.trace:
            return Rejected(code="no-draft")
        shipment = await self._api.shipment(write.trace)
        if shipment.postage_label is None:
            bought = await self._purchase(shipment, self._settings.allowed(write.speed))
            if not isinstance(bought, wire.Shipment):
                return bought
            shipment = bought
        if isinstance(mapping.from_refund(shipment), Found):
            return _VOID
        try:
            return await self._confirm(shipment)
        except CrossdockError as error:
            return Unknown(code=error.code, trace=shipment.id)

    async def find(self, write: BuyLabel) -> Finding:
        """Tell whether a draft was bought; without a draft nothing was."""
        shipment = await self._api.shipment(write.trace) if write.trace else None
        if shipment is None or shipment.postage_label is None:
            return Absent()
        if isinstance(mapping.from_refund(shipment), Found):
            return _VOID
        return Found(confirmed=await self._confirm(shipment))

    async def give_back(self, write: VoidLabel) -> Outcome:
        """Ask for the money back, unless that was done or the parcel is under way."""
        standing = await self.find_refund(write)
        if isinstance(standing, Absent):
            request = self._api.request("POST", "shipments", write.remote_id, "refund")
            told = await send(self._api.http, request, wire.Shipment, mapping.read_refusal)
            if not isinstance(told, wire.Shipment):
                return told
            standing = mapping.from_refund(told)
        if isinstance(standing, Found):
            return standing.confirmed
        return standing if isinstance(standing, Rejected) else Unknown(code="refund-not-told")

    async def find_refund(self, write: VoidLabel) -> Finding:
        """Tell whether a label was given back."""
        return mapping.from_refund(await self._api.shipment(write.remote_id))

    async def _purchase(self, draft: wire.Shipment, allowed: tuple[str, ...]) -> wire.Shipment | Rejected | Unknown:
        if draft.rates is None:
            raise Unavailable("easypost-draft-without-rates", "what the draft would cost was not told")
        offer = choose(mapping.to_offers(draft.rates, allowed), allowed)
        if offer is None:
            return Rejected(code="no-offer", undeliverable=not draft.rates)
        request = self._api.request("POST", "shipments", draft.id, "buy", json={"rate": {"id": offer.offer_id}})
        bought = await send(self._api.http, request, wire.Shipment, mapping.read_refusal)
        if isinstance(bought, wire.Shipment):
            missing = bought.postage_label is None
            return Unknown(code="label-not-told", trace=draft.id) if missing else bought
        unsure = isinstance(bought, Unknown) or bought.code in _PERHAPS_BOUGHT
        return Unknown(code=bought.code, trace=draft.id) if unsure else bought

    async def _confirm(self, shipment: wire.Shipment) -> Confirmed:
        paper = shipment.postage_label
        url = paper.label_url if paper else ""
        return mapping.from_shipment(shipment, await fetch_paper(self._api.http, url, self._settings.label_origins))
