"""A channel that leaves rows out of its lists and forgets writes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from activities.context import Context
from activities.reconcile import ReconcileActivities, Sweep
from activities.steps import PartOf
from activities.tracking import TrackingActivities
from adapters.marketplaces.sandbox.adapter import CAPABILITY
from domain.effect import Absent, Confirmed, Finding, Found, Outcome
from domain.errors import NotFound
from domain.fulfillment import Stage
from domain.messages import PullStart
from domain.order import ChannelOrder, ChannelShipment
from domain.policy import Policy
from domain.ports.marketplace import ConfirmShipment, OrderPage, RawOrder
from domain.ports.stores import Record
from tests.builders import ACCOUNT, NOW, channel_line, channel_order, fulfillment
from tests.stores.scenes import add_part, walk

PAGE = 100


@dataclass
class Market:
    """A channel that leaves rows out of its lists and takes writes that it forgets, as often as it is told to."""

    record: Record
    rows_lost: float = 0.0
    writes_lost: float = 0.0
    orders: dict[str, ChannelOrder] = field(default_factory=dict[str, ChannelOrder])
    luck: Random = field(default_factory=lambda: Random(7))  # noqa: S311 - chance that repeats
    now: datetime = NOW
    capability: Any = CAPABILITY

    @property
    def context(self) -> Context:
        parties: Any = self
        return Context(self.record, parties, Policy(), lambda: self.now)

    async def marketplace(self, account: str) -> Any:
        assert account == ACCOUNT
        return self

    async def list_orders(self, since: datetime, cursor: str | None) -> OrderPage:
        start = int(cursor or 0)
        numbers = sorted(number for number, seen in self.orders.items() if seen.updated_at >= since)
        page = [number for number in numbers[start : start + PAGE] if self.luck.random() >= self.rows_lost]
        more = start + PAGE < len(numbers)
        return OrderPage(
            orders=tuple([await self.fetch_order(number) for number in page]),
            next_cursor=str(start + PAGE) if more else None,
            watermark=None if more else self.now,
        )

    async def fetch_order(self, channel_order_id: str) -> RawOrder:
        if channel_order_id not in self.orders:
            raise NotFound("http-404")
        body = self.orders[channel_order_id].model_dump_json().encode()
        return RawOrder(channel_order_id=channel_order_id, body=body)

    def read_order(self, body: bytes) -> ChannelOrder:
        return ChannelOrder.model_validate_json(body)

    async def confirm_shipment(self, write: ConfirmShipment) -> Outcome:
        if self.luck.random() >= self.writes_lost:
            order = self.orders[write.channel_order_id]
            sent = ChannelShipment(
                reference=write.reference, tracking_number=write.tracking_number, quantities=dict(write.quantities)
            )
            self.orders[write.channel_order_id] = order.model_copy(update={"shipments": (*order.shipments, sent)})
        return Confirmed(remote_id=write.tracking_number)

    async def find(self, write: ConfirmShipment) -> Finding:
        shown = [one.tracking_number for one in self.orders[write.channel_order_id].shipments]
        return Found(confirmed=Confirmed()) if write.tracking_number in shown else Absent()

    def sell(self, *numbers: str) -> None:
        for number in numbers:
            self.orders[number] = channel_order(channel_line(), channel_order_id=number, placed_at=NOW, updated_at=NOW)

    async def sweep(self) -> Sweep:
        return await ReconcileActivities(self.context).reconcile_channel(PullStart(account=ACCOUNT))

    async def send(self, number: str) -> None:
        """Let an order leave, and tell the channel."""
        part = await add_part(self.record, fulfillment(f"{ACCOUNT}/{number}"))
        await walk(self.record, part, Stage.HANDED_OVER)
        async with self.record.begin() as tx:
            parcel = await tx.shipments.plan_parcel(part, "swift", self.now)
            label = Confirmed(remote_id=f"L-{number}", tracking_number=f"T-{number}")
            await tx.shipments.keep_label(parcel.parcel_id, label, self.now)
        told = PartOf(order_id=f"{ACCOUNT}/{number}", fulfillment_id=part)
        await TrackingActivities(self.context).push_tracking(told)

    async def send_in_vain(self, number: str) -> None:
        """Let an order leave; the channel confirms that it knows, and forgets it."""
        self.writes_lost = 1.0
        await self.send(number)
        self.writes_lost = 0.0

    async def differences(self) -> list[str]:
        """Compare everything, order by order, without the engine's help."""
        async with self.record.begin() as tx:
            known = set(await tx.comparison.recorded_since(ACCOUNT, NOW - timedelta(days=1), "", 10_000))
            sent = await tx.comparison.sent(known)
        shown = {f"{ACCOUNT}/{number}": seen for number, seen in self.orders.items()}
        tracked = {
            (key, one.tracking_number, units)
            for key, seen in shown.items()
            for one in seen.shipments
            for units in one.quantities.values()
        }
        ours = {(one.order_id, one.tracking_number, 1) for one in sent}
        return sorted(map(str, (known ^ shown.keys()) | (tracked ^ ours)))
