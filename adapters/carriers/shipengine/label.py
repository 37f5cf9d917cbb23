"""Labels: bought under a key of ours, found again by it, and given back."""

from __future__ import annotations

from adapters.carriers.shipengine import mapping, wire
from adapters.carriers.shipengine.api import Api
from adapters.http import send
from adapters.parcels.gateway import choose
from domain.effect import Absent, Confirmed, Finding, Found, NotYet, Outcome, Rejected, Unknown
from domain.errors import ContractBroken, CrossdockError, NotFound, Unavailable
from domain.ports.carrier import BuyLabel, VoidLabel

_SECONDS = 5.0
"""How long to wait for a label that is being made."""


class Labels:
    """The labels of one account."""

    def __init__(self, api: Api) -> None:
        self._api, self._settings = api, api.settings

    async def buy(self, write: BuyLabel) -> Outcome:
        """Buy the cheapest allowed service; rates are asked for only where there is a choice."""
        level = await self._choose(write)
        if isinstance(level, Rejected):
            return level
        asked = mapping.to_label(self._settings, write, level, write.reference)
        request = self._api.request("POST", "labels", json=asked)
        label = await send(self._api.http, request, wire.Label, mapping.read_refusal)
        if not isinstance(label, wire.Label):
            return label
        try:
            standing = await self._stand(label)
        except CrossdockError as error:
            return Unknown(code=error.code)
        match standing:
            case Found():
                return standing.confirmed
            case NotYet():
                return Unknown(code="in-the-making", trace=label.label_id)
            case Rejected():
                return standing

    async def find(self, write: BuyLabel) -> Finding:
        """Tell how the label of our key stands."""
        try:
            label = await self._api.label(
                "external_shipment_id", mapping.external_id(write.reference), label_download_type="inline"
            )
        except NotFound:
            return Absent()
        return await self._stand(label)

    async def give_back(self, write: VoidLabel) -> Outcome:
        """Void a label; an answer alone does not mean that it was granted."""
        request = self._api.request("PUT", "labels", write.remote_id, "void")
        told = await send(self._api.http, request, wire.Voided, mapping.read_refusal)
        if not isinstance(told, wire.Voided):
            return told
        try:
            voided = told.approved or (await self._api.label(write.remote_id)).voided
        except CrossdockError as error:
            return Unknown(code=error.code)
        reason = (told.reason_code or "void-refused")[:80]
        return Confirmed(remote_id=write.remote_id) if voided else Rejected(code=reason)

    async def find_void(self, write: VoidLabel) -> Finding:
        """Tell whether a label was given back."""
        voided = (await self._api.label(write.remote_id)).voided
        return Found(confirmed=Confirmed(remote_id=write.remote_id)) if voided else Absent()

    async def _choose(self, write: BuyLabel) -> str | Rejected:
        allowed = self._settings.allowed(write.speed)
        if len(allowed) == 1:
            return allowed[0]
        if not allowed:
            return Rejected(code="no-offer")
        asked = self._api.request("POST", "rates", json=mapping.to_question(self._settings, write, allowed))
        answer = await send(self._api.http, asked, wire.RateAnswer, mapping.read_refusal)
        if isinstance(answer, Unknown):
            raise Unavailable(answer.code, "no rates were told")
        if isinstance(answer, Rejected):
            return answer
        rates = [rate for rate in answer.rate_response.rates if not rate.error_messages]
        offer = choose(mapping.to_offers(rates, allowed), allowed)
        return offer.level if offer else Rejected(code="no-offer", undeliverable=not rates)

    async def _stand(self, label: wire.Label) -> Found | NotYet | Rejected:
        if label.status == "processing":
            return NotYet(retry_after=_SECONDS)
        if label.status == "error":
            return Rejected(code="label-error")
        if label.voided:
            return Rejected(code="label-void")
        if label.status != "completed":
            raise ContractBroken("shipengine-unknown-status", "a label is in a state that nobody documented")
        return Found(confirmed=await self._api.confirm(label))
