"""Labels: drafted as a shipment without a service, purchased by one of its rates, and cancelled."""

from __future__ import annotations

from adapters.carriers.karrio import mapping, wire
from adapters.carriers.karrio.api import Api
from adapters.http import send
from adapters.parcels.gateway import choose
from domain.effect import Absent, Confirmed, Finding, Found, Outcome, Rejected, Unknown
from domain.errors import CrossdockError, Refused, Unavailable
from domain.ports.carrier import BuyLabel, VoidLabel

_BOUGHT_BEFORE = "state_error"
_CANCELLED = "cancelled"
_VOID = Rejected(code="label-void")


class Labels:
    """The labels of one server."""

    def __init__(self, api: Api) -> None:
        self._api, self._settings = api, api.settings

    async def draft(self, write: BuyLabel) -> str:
        """Make a shipment, which costs nothing, and return its id.

        Raises:
            Refused: the server does not take it.
            Unavailable: nobody knows whether there is one; another does no harm.
        """
        asked = mapping.to_shipment(self._settings, write, write.reference)
        request = self._api.request("POST", "shipments", json={**asked, "label_type": self._settings.label_format})
        match await send(self._api.http, request, wire.Shipment, mapping.read_refusal):
            case wire.Shipment() as made:
                return made.id
            case Unknown() as lost:
                raise Unavailable(lost.code, "no draft was told")
            case Rejected() as refusal:
                raise Refused(refusal.code, "Karrio makes no draft of this")

    async def buy(self, write: BuyLabel) -> Outcome:
        """Purchase the cheapest allowed service of a draft; one that is bought already is told as it is."""
        if not write.trace:
            return Rejected(code="no-draft")
        shipment = await self._api.shipment(write.trace)
        if shipment.status == mapping.DRAFT:
            bought = await self._purchase(shipment, self._settings.allowed(write.speed))
            if not isinstance(bought, wire.Shipment):
                return bought
            shipment = bought
        if shipment.status == _CANCELLED:
            return _VOID
        try:
            return await self._confirm(shipment)
        except CrossdockError as error:
            return Unknown(code=error.code, trace=shipment.id)

    async def find(self, write: BuyLabel) -> Finding:
        """Tell whether a draft was bought; without a draft nothing was."""
        shipment = await self._api.shipment(write.trace) if write.trace else None
        if shipment is None or shipment.status == mapping.DRAFT:
            return Absent()
        return _VOID if shipment.status == _CANCELLED else Found(confirmed=await self._confirm(shipment))

    async def give_back(self, write: VoidLabel) -> Outcome:
        """Cancel a shipment; a second time changes nothing there."""
        request = self._api.request("POST", "shipments", write.remote_id, "cancel", json={})
        told = await send(self._api.http, request, wire.Shipment, mapping.read_refusal)
        if not isinstance(told, wire.Shipment):
            return told
        return Confirmed(remote_id=told.id) if told.status == _CANCELLED else Unknown(code="cancel-not-told")

    async def find_void(self, write: VoidLabel) -> Finding:
        """Tell whether a shipment was cancelled."""
        cancelled = (await self._api.shipment(write.remote_id)).status == _CANCELLED
        return Found(confirmed=Confirmed(remote_id=write.remote_id)) if cancelled else Absent()

    async def _purchase(self, draft: wire.Shipment, allowed: tuple[str, ...]) -> wire.Shipment | Rejected | Unknown:
        offer = choose(mapping.to_offers(draft.rates, allowed), allowed)
        if offer is None:
            return Rejected(code="no-offer", undeliverable=not draft.rates)
        told = {"selected_rate_id": offer.offer_id, "label_type": self._settings.label_format}
        request = self._api.request("POST", "shipments", draft.id, "purchase", json=told)
        bought = await send(self._api.http, request, wire.Shipment, mapping.read_refusal)
        if isinstance(bought, wire.Shipment):
            missing = bought.status == mapping.DRAFT
            return Unknown(code="label-not-told", trace=draft.id) if missing else bought
        unsure = isinstance(bought, Unknown) or bought.code == _BOUGHT_BEFORE
        return Unknown(code=bought.code, trace=draft.id) if unsure else bought

    async def _confirm(self, shipment: wire.Shipment) -> Confirmed:
        return mapping.from_shipment(shipment, await self._api.paper(shipment))
