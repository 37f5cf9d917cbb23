"""The port's methods: ask, parse, map."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import httpx

from adapters import signature
from adapters.http import fetch, send
from adapters.marketplaces.sandbox import mapping, wire
from adapters.marketplaces.sandbox.labels import SandboxLabels
from adapters.marketplaces.sandbox.settings import SandboxMarketplaceSettings
from adapters.unable import UnableMarketplace
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
)  # fmt: skip
from domain.errors import CrossdockError
from domain.facts import Fact
from domain.order import ChannelOrder
from domain.ports.marketplace import (
    Access,
    AcknowledgeOrder,
    AnswerReturn,
    CancelLines,
    ConfirmPickup,
    ConfirmShipment,
    MarketplaceCapability,
    OfferedStock,
    OrderPage,
    PullRule,
    RawOrder,
    RefundPayment,
    StockResult,
    Write,
)  # fmt: skip

_ROWS_A_REQUEST = 500
_REPEATABLE = DedupeClass(dedupe=Dedupe.NATIVE, key_life=timedelta(days=365))
_BY_REFERENCE = DedupeClass(dedupe=Dedupe.REFERENCE)
CAPABILITY = MarketplaceCapability(
    acknowledges=True,
    confirms_lines=True,
    confirms_unnumbered=True,
    cancelling_refunds=False,
    refunds=True,
    answers_returns=True,
    confirms_pickup=True,
    tells_buyer=False,
    publishes_stock=True,
    versions_stock=True,
    pull=PullRule(overlap=timedelta(seconds=2)),
    dedupe={
        EffectKind.ACKNOWLEDGE: _REPEATABLE,
        EffectKind.PICKUP: _REPEATABLE,
        EffectKind.TRACKING: _BY_REFERENCE,
        EffectKind.CANCEL: _BY_REFERENCE,
        EffectKind.REFUND: _BY_REFERENCE,
        EffectKind.RETURN_ANSWER: _REPEATABLE,
    },
)


_LISTED: dict[type[Write], str] = {
    ConfirmShipment: "shipments",
    ConfirmPickup: "pickup",
    CancelLines: "cancel",
    RefundPayment: "refunds",
}
"""Where each kind of write shows, by its reference."""


class SandboxMarketplace(UnableMarketplace):
    """One account on the sandbox's marketplace."""

    capability = CAPABILITY

    def __init__(self, settings: SandboxMarketplaceSettings, http: httpx.AsyncClient) -> None:
        self._settings, self._http = settings, http
        self._root = f"{str(settings.base_url).rstrip('/')}/marketplace/{quote(settings.account, safe='')}"
        self._headers = {"Authorization": f"Bearer {settings.token.get_secret_value()}"}
        told = {"carriers": settings.carriers, "sells_labels": settings.sells_labels}
        self.capability = self.capability.model_copy(update={name: terms for name, terms in told.items() if terms})

    @property
    def labels(self) -> SandboxLabels:
        """Return the carrier that it is for its orders."""
        return SandboxLabels(self._settings, self._http)

    async def check_access(self) -> Access:
        """Tell whose account it is; the one token lets everything be done."""
        await self.list_orders(datetime.max.replace(tzinfo=UTC), None)
        return Access(remote_account=self._root)

    async def list_orders(self, since: datetime, cursor: str | None) -> OrderPage:
        """List what changed at or after `since`."""
        params = {"updated_since": since.isoformat()} | ({"cursor": cursor} if cursor else {})
        page = await fetch(self._http, self._request("GET", "/orders", params=params), wire.Page)
        orders = tuple(mapping.raw_order(document) for document in page.orders)
        return OrderPage(
            orders=orders, next_cursor=page.next_cursor, watermark=None if page.next_cursor else page.as_of
        )

    async def fetch_order(self, channel_order_id: str) -> RawOrder:
        """Fetch one order as it stands."""
        told = await fetch(self._http, self._request("GET", _of(channel_order_id)), wire.Document)
        return mapping.raw_order(told.model_dump(mode="json"))

    def read_order(self, body: bytes) -> ChannelOrder:
        """Read a raw order."""
        return mapping.read_order(body, self._settings.time_zone)

    async def acknowledge(self, write: AcknowledgeOrder) -> Outcome:
        """Accept the order as a whole; a repeat changes nothing there."""
        if write.refused:
            return Rejected(code="cannot-refuse-lines")
        return await self._write(write.channel_order_id, "acknowledge", {})

    async def confirm_shipment(self, write: ConfirmShipment) -> Outcome:
        """Report a shipment."""
        wish = {"carrier": write.carrier, "tracking_number": write.tracking_number}
        return await self._write(write.channel_order_id, "shipments", _counted(write) | wish)

    async def confirm_pickup(self, write: ConfirmPickup) -> Outcome:
        """Report a pickup; a repeated reference changes nothing there."""
        wish = {"status": "collected" if write.collected else "ready"}
        return await self._write(write.channel_order_id, "pickup", _counted(write) | wish)

    async def cancel_lines(self, write: CancelLines) -> Outcome:
        """Cancel units."""
        return await self._write(write.channel_order_id, "cancel", _counted(write) | {"reason": write.reason})

    async def refund(self, write: RefundPayment) -> Outcome:
        """Give money back."""
        wish = {"amount": write.amount, "currency": write.currency, "reason": write.reason}
        return await self._write(write.channel_order_id, "refunds", _counted(write) | wish)

    async def answer_return(self, write: AnswerReturn) -> Outcome:
        """Grant or decline a return; the same answer again changes nothing there."""
        wish: dict[str, object] = {"granted": write.granted, "reason": write.reason}
        return await self._write(write.channel_order_id, f"returns/{quote(write.request_id, safe='')}/answer", wish)

    async def find(self, write: Write) -> Finding:
        """Look a write up by its reference; that an order is acknowledged shows in its status."""
        try:
            if isinstance(write, AcknowledgeOrder):
                return await self._find_acknowledged(write)
            if isinstance(write, AnswerReturn):
                return await self._find_answer(write)
            return await self._find(write, _LISTED[type(write)])
        except CrossdockError as error:
            return CannotTell(code=error.code)

    async def publish_stock(self, rows: tuple[OfferedStock, ...]) -> tuple[StockResult, ...]:
        """Set absolute quantities, as many a request as are allowed."""
        results: list[StockResult] = []
        for start in range(0, len(rows), _ROWS_A_REQUEST):
            results += await self._publish(rows[start : start + _ROWS_A_REQUEST])
        return tuple(results)

    def verify_webhook(self, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
        """Check the signature."""
        return signature.is_genuine(self._settings.webhook_secret.get_secret_value(), headers, body, now)

    def read_webhook(self, body: bytes) -> tuple[Fact, ...]:
        """Read what happened."""
        return mapping.read_event(body)

    async def _write(self, order_id: str, what: str, wish: dict[str, object]) -> Outcome:
        request = self._request("POST", f"{_of(order_id)}/{what}", json=wish)
        made = await send(self._http, request, wire.Made, mapping.read_refusal)
        return Confirmed(remote_id=made.id) if isinstance(made, wire.Made) else made

    async def _find(self, write: Write, what: str) -> Finding:
        request = self._request("GET", f"{_of(write.channel_order_id)}/{what}", params={"reference": write.reference})
        made = (await fetch(self._http, request, wire.Rows)).rows
        return Found(confirmed=Confirmed(remote_id=made[0].id)) if made else Absent()

    async def _find_acknowledged(self, write: AcknowledgeOrder) -> Finding:
        told = await fetch(self._http, self._request("GET", _of(write.channel_order_id)), wire.Document)
        return Absent() if told.status == "new" else Found(confirmed=Confirmed(remote_id=told.id))

    async def _find_answer(self, write: AnswerReturn) -> Finding:
        request = self._request("GET", f"{_of(write.channel_order_id)}/returns")
        asked = (await fetch(self._http, request, wire.ReturnRequests)).rows
        answers = {one.id: one.answer for one in asked}
        done = answers.get(write.request_id) == ("granted" if write.granted else "declined")
        return Found(confirmed=Confirmed(remote_id=write.request_id)) if done else Absent()

    async def _publish(self, rows: tuple[OfferedStock, ...]) -> list[StockResult]:
        request = self._request("PUT", "/stock", json=mapping.to_stock(rows))
        told = await send(self._http, request, wire.StockRows, mapping.read_refusal)
        if isinstance(told, Rejected | Unknown):
            return [StockResult(listing_id=row.listing_id, code=told.code) for row in rows]
        codes = {row.listing_id: "" if row.outcome == "ok" else row.outcome for row in told.rows}
        return [StockResult(listing_id=row.listing_id, code=codes.get(row.listing_id, "no-outcome")) for row in rows]

    def _request(self, method: str, path: str, **parts: object) -> httpx.Request:
        return self._http.build_request(method, self._root + path, headers=self._headers, **parts)  # pyright: ignore[reportArgumentType] - params or json


def _of(channel_order_id: str) -> str:
    return f"/orders/{quote(channel_order_id, safe='')}"


def _counted(write: ConfirmShipment | ConfirmPickup | CancelLines | RefundPayment) -> dict[str, object]:
    return {"reference": write.reference, "lines": mapping.to_lines(write.quantities)}
