"""Broken adapters that say what is not so, or do what nobody asked for."""

from collections.abc import Mapping
from datetime import UTC, datetime

import httpx

from adapters.http import fetch
from adapters.marketplaces.mirakl.adapter import MiraklMarketplace
from adapters.marketplaces.mirakl.settings import MiraklSettings
from adapters.marketplaces.sandbox import wire
from adapters.marketplaces.sandbox.adapter import CAPABILITY, SandboxMarketplace
from domain.effect import (
    Absent,
    CannotTell,
    Confirmed,
    Dedupe,
    DedupeClass,
    EffectKind,
    Finding,
    Found,
    Outcome,
    Rejected,
    Unknown,
)
from domain.errors import ContractBroken, CrossdockError, Unauthorized, Unavailable
from domain.facts import Fact, OrderChanged
from domain.ports.marketplace import (
    Access,
    AcknowledgeOrder,
    CancelLines,
    ConfirmShipment,
    OfferedStock,
    OrderPage,
    RawOrder,
    RefundPayment,
    StockResult,
    Write,
)


class AsksByDoing(SandboxMarketplace):
    """It finds out whether it may accept orders by accepting one."""

    async def check_access(self) -> Access:
        page = await self.list_orders(datetime.min.replace(tzinfo=UTC), None)
        for raw in page.orders:
            await self.acknowledge(AcknowledgeOrder(channel_order_id=raw.channel_order_id, reference="trial"))
        return await super().check_access()


class SeesNothingLack(MiraklMarketplace):
    async def check_access(self) -> Access:
        return (await super().check_access()).model_copy(update={"missing": ()})


class BlamesThePermissionBeside(MiraklMarketplace):
    async def check_access(self) -> Access:
        access = await super().check_access()
        return access.model_copy(update={"missing": tuple(one.replace("CANCEL", "REFUND") for one in access.missing)})


class ClaimsLabels(MiraklMarketplace):
    def __init__(self, settings: MiraklSettings, http: httpx.AsyncClient) -> None:
        super().__init__(settings, http)
        self.capability = self.capability.model_copy(update={"sells_labels": True})


class ConfirmsLostAnswers(SandboxMarketplace):
    async def confirm_shipment(self, write: ConfirmShipment) -> Outcome:
        outcome = await super().confirm_shipment(write)
        return Confirmed() if isinstance(outcome, Unknown) else outcome


class RejectsLostAnswers(SandboxMarketplace):
    async def refund(self, write: RefundPayment) -> Outcome:
        outcome = await super().refund(write)
        return Rejected(code=outcome.code) if isinstance(outcome, Unknown) else outcome


class RaisesLostAnswers(SandboxMarketplace):
    async def cancel_lines(self, write: CancelLines) -> Outcome:
        outcome = await super().cancel_lines(write)
        if isinstance(outcome, Unknown):
            raise Unavailable(outcome.code)
        return outcome


class RetriesInside(SandboxMarketplace):
    async def confirm_shipment(self, write: ConfirmShipment) -> Outcome:
        outcome = await super().confirm_shipment(write)
        return await super().confirm_shipment(write) if isinstance(outcome, Unknown) else outcome


class IgnoresTheReference(SandboxMarketplace):
    async def _find(self, write: Write, what: str) -> Finding:
        request = self._request("GET", f"/orders/{write.channel_order_id}/{what}")
        made = (await fetch(self._http, request, wire.Rows)).rows
        return Found(confirmed=Confirmed(remote_id=made[0].id)) if made else Absent()


class FindsNothing(SandboxMarketplace):
    async def find(self, write: Write) -> Finding:
        del write
        return Absent()


class FindsEverything(SandboxMarketplace):
    async def find(self, write: Write) -> Finding:
        return Found(confirmed=Confirmed(remote_id=write.reference))


class NeverKnows(SandboxMarketplace):
    async def find(self, write: Write) -> Finding:
        del write
        return CannotTell()


class ClaimsKeysItDoesNotSend(SandboxMarketplace):
    capability = CAPABILITY.model_copy(
        update={"dedupe": {**CAPABILITY.dedupe, EffectKind.REFUND: DedupeClass(dedupe=Dedupe.NATIVE)}}
    )


class SaysNothingOfRepeats(SandboxMarketplace):
    capability = CAPABILITY.model_copy(update={"dedupe": {}})


class ClaimsRefunds(SandboxMarketplace):
    async def refund(self, write: RefundPayment) -> Outcome:
        del write
        return Rejected(code="not-implemented")


class HidesThatItCancels(SandboxMarketplace):
    capability = CAPABILITY.model_copy(update={"cancels": "nothing"})


class ShipsEverything(SandboxMarketplace):
    async def confirm_shipment(self, write: ConfirmShipment) -> Outcome:
        order = self.read_order((await self.fetch_order(write.channel_order_id)).body)
        return await super().confirm_shipment(
            write.model_copy(update={"quantities": {line.line_id: line.quantity for line in order.lines}})
        )


class AcknowledgesOnlyInWords(SandboxMarketplace):
    async def acknowledge(self, write: AcknowledgeOrder) -> Outcome:
        return Confirmed(remote_id=write.channel_order_id)


class SwallowsThrottling(SandboxMarketplace):
    async def list_orders(self, since: datetime, cursor: str | None) -> OrderPage:
        try:
            return await super().list_orders(since, cursor)
        except Unavailable:
            return OrderPage(orders=(), next_cursor=None, watermark=None)


class ForgetsWhenToReturn(SandboxMarketplace):
    async def list_orders(self, since: datetime, cursor: str | None) -> OrderPage:
        try:
            return await super().list_orders(since, cursor)
        except Unavailable as error:
            raise Unavailable(error.code) from error


class TakesThrottlingForUnknown(SandboxMarketplace):
    async def refund(self, write: RefundPayment) -> Outcome:
        try:
            return await super().refund(write)
        except CrossdockError as error:
            return Unknown(code=error.code)


class TriesAgainWhenBarred(SandboxMarketplace):
    async def list_orders(self, since: datetime, cursor: str | None) -> OrderPage:
        try:
            return await super().list_orders(since, cursor)
        except Unauthorized as error:
            raise Unavailable("http-401") from error


class LeaksItsToken(SandboxMarketplace):
    async def list_orders(self, since: datetime, cursor: str | None) -> OrderPage:
        try:
            return await super().list_orders(since, cursor)
        except ContractBroken as error:
            raise ContractBroken(error.code, f"with {self._headers['Authorization']}") from None


class SpeaksLibrary(SandboxMarketplace):
    async def list_orders(self, since: datetime, cursor: str | None) -> OrderPage:
        request = self._request("GET", "/orders", params={"updated_since": since.isoformat()})
        (await self._http.send(request)).json()["orders"].count(0)
        return await super().list_orders(since, cursor)


class TrustsIds(SandboxMarketplace):
    async def fetch_order(self, channel_order_id: str) -> RawOrder:
        told = await fetch(self._http, self._request("GET", f"/orders/{channel_order_id}"), wire.Document)
        return RawOrder(channel_order_id=channel_order_id, body=told.model_dump_json().encode())


class AddsStock(SandboxMarketplace):
    _had = 0

    async def publish_stock(self, rows: tuple[OfferedStock, ...]) -> tuple[StockResult, ...]:
        self._had += max((row.quantity for row in rows), default=0)
        return await super().publish_stock(tuple(row.model_copy(update={"quantity": self._had}) for row in rows))


class LosesTheBatch(SandboxMarketplace):
    async def publish_stock(self, rows: tuple[OfferedStock, ...]) -> tuple[StockResult, ...]:
        told = await super().publish_stock(rows)
        code = next((one.code for one in told if one.code), "")
        return tuple(one.model_copy(update={"code": code}) for one in told)


class PublishesOnlyTheFirstPart(SandboxMarketplace):
    async def publish_stock(self, rows: tuple[OfferedStock, ...]) -> tuple[StockResult, ...]:
        return await super().publish_stock(rows[:500])


class BelievesForgeries(SandboxMarketplace):
    def verify_webhook(self, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
        del body, now
        return bool(headers.get("x-crossdock-signature"))


class BelievesOldHooks(SandboxMarketplace):
    def verify_webhook(self, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
        del now
        told = datetime.fromtimestamp(int(headers["x-crossdock-timestamp"]), tz=UTC)
        return super().verify_webhook(headers, body, told)


class ForgetsWhatTheSignatureCovers(SandboxMarketplace):
    """It verifies only the beginning of a body."""

    def verify_webhook(self, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
        return any(super(ForgetsWhatTheSignatureCovers, self).verify_webhook(headers, body[:end], now)
                   for end in range(len(body) + 1))  # fmt: skip


class StumblesOverWebhooks(SandboxMarketplace):
    def read_webhook(self, body: bytes) -> tuple[Fact, ...]:
        start = body.index(b'"order_id": "') + len(b'"order_id": "')
        return (OrderChanged(channel_order_id=body[start : body.index(b'"', start)].decode()),)
