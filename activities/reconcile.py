"""Reconciliation: the channel, the record and Temporal are compared, and differences mended by ordinary steps."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from temporalio import activity

from activities.context import Context, beat
from activities.ending import wake
from activities.intake import refresh_order, take_pages
from activities.outage import skips
from activities.steps import PartOf, PullResult, tracking_scope
from activities.takeover import take_over
from activities.tracking import TrackingActivities, tracking_call
from domain.comparison import differences
from domain.effect import Absent, EffectKind, EffectState, effect_base
from domain.errors import ContractBroken, CrossdockError, NotFound, Refused, Unauthorized
from domain.messages import PullStart
from domain.order import ChannelOrder, OrderState, order_id
from domain.ports.marketplace import Marketplace, RawOrder
from domain.ports.stores.catalog import Mode
from domain.ports.stores.comparison import SentParcel

LOOK_BACK = timedelta(days=14)
"""How far back the channel is swept for orders that a pull has missed."""

UNTOUCHED_FOR = timedelta(seconds=60)
"""An open order this old is started once more: a running or completed workflow is left alone by that."""

SETTLED_FOR = timedelta(minutes=5)
"""What the channel was told less than this ago need not show there yet."""

_PAGE = 200
_MORE_LOOKS = 2
_NAMED = 100
"""Differences that are named at most: they travel in the workflow's result."""


class Sweep(PullResult):
    """What a comparison found and mended.

    Attributes:
        unlisted: orders of ours that the channel left out of its list, and that were fetched one by one.
        gone: those of them that the channel does not know.
        unread: those of them that the channel does not show as agreed.
        retold: tracking numbers that the channel had confirmed and did not know, told again.
        differs: lines and parcels that the channel shows otherwise than we keep them, in words; for a person.
    """

    unlisted: int = 0
    gone: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    retold: tuple[str, ...] = ()
    differs: tuple[str, ...] = ()


class ReconcileActivities:
    """Sweeps."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @activity.defn(name="reconcile_channel")
    @skips(Sweep(out=True))
    async def reconcile_channel(self, start: PullStart) -> Sweep:
        """List the last two weeks of the channel again, or more where asked, and hold the record against it.

        What a pull or a webhook has missed is taken in; an order that the list left out is fetched by itself; what the
        channel confirmed and does not know is told again, by the step that told it first.
        """
        now = self._context.now()
        async with self._context.record.begin() as tx:
            channel = await tx.catalog.channel(start.account)
        if channel.paused:
            return Sweep(paused=True)
        if channel.mode is Mode.LIVE:
            async for _ in take_over(self._context, start.account):
                beat(0)  # what a person's go-live left unfinished
        marketplace = await self._context.parties.marketplace(start.account)
        since = datetime.fromisoformat(start.since) if start.since else now - LOOK_BACK
        since = marketplace.capability.pull.within_reach(since, now)
        sweep, listed = await self._sweep_list(start.account, marketplace, since)
        sweep = await self._sweep_unlisted(start.account, marketplace, since, listed, sweep)
        for _ in range(_MORE_LOOKS if sweep.unlisted > len(sweep.gone) else 0):
            # A list that left out what we know may have left out what we do not know.
            again, _listed = await self._sweep_list(start.account, marketplace, since)
            sweep = sweep.model_copy(update={"fresh": sweep.fresh + again.fresh, "retold": sweep.retold + again.retold})
        return sweep

    async def _sweep_list(self, account: str, marketplace: Marketplace, since: datetime) -> tuple[Sweep, set[str]]:
        sweep = Sweep()
        listed: set[str] = set()
        async for page, fresh in take_pages(self._context, account, marketplace, since):
            listed |= {order_id(account, raw.channel_order_id) for raw in page.orders if raw.channel_order_id}
            shown = _read(marketplace, page.orders, account)
            retold = await self._retell(marketplace, shown)
            differs = await self._compare(marketplace, shown)
            sweep = Sweep(
                seen=sweep.seen + len(page.orders),
                fresh=sweep.fresh + fresh,
                retold=sweep.retold + retold,
                differs=(sweep.differs + differs)[:_NAMED],
            )
            beat(sweep.seen)
        return sweep, listed

    async def _sweep_unlisted(
        self, account: str, marketplace: Marketplace, since: datetime, listed: set[str], sweep: Sweep
    ) -> Sweep:
        """Fetch one by one the orders of ours that were not listed."""
        unlisted, gone, unread, retold, after = 0, sweep.gone, sweep.unread, sweep.retold, ""
        while True:
            async with self._context.record.begin() as tx:
                page = await tx.comparison.recorded_since(account, since, after, _PAGE)
            for known in (each for each in page if each not in listed):
                unlisted += 1
                try:
                    raw = await refresh_order(self._context, account, known.partition("/")[2])
                except NotFound:
                    gone = (*gone, known)
                except (ContractBroken, Refused):
                    unread = (*unread, known)
                else:
                    retold += await self._retell(marketplace, _read(marketplace, (raw,), account))
                beat(unlisted)
            if len(page) < _PAGE:
                seen = {"unlisted": unlisted, "gone": gone, "unread": unread, "retold": retold}
                return sweep.model_copy(update=seen)
            after = page[-1]

    async def _compare(self, marketplace: Marketplace, shown: dict[str, ChannelOrder]) -> tuple[str, ...]:
        """Name what the channel shows otherwise than we keep it; nobody but a person knows who is right."""
        async with self._context.record.begin() as tx:
            known = await tx.comparison.known(shown.keys())
        lines = marketplace.capability.cancels == "lines"
        return tuple(
            words for order in known for words in differences(order, shown[order.order_id], cancels_lines=lines)
        )

    async def _retell(self, marketplace: Marketplace, shown: dict[str, ChannelOrder]) -> tuple[str, ...]:
        """Tell again what the channel has confirmed and, asked for it by itself, does not know."""
        if not (marketplace.capability.confirms and shown):
            return ()
        async with self._context.record.begin() as tx:
            sent = await tx.comparison.sent(shown.keys())
        numbers = {known: {one.tracking_number for one in seen.shipments} for known, seen in shown.items()}
        lost = [
            parcel
            for parcel in sent
            if parcel.told_at is None or parcel.tracking_number not in numbers[parcel.order_id]
        ]
        return tuple(
            [
                parcel.tracking_number
                for parcel in lost
                if await self._tell_again(marketplace, parcel, numbers[parcel.order_id])
            ]
        )

    async def _tell_again(self, marketplace: Marketplace, parcel: SentParcel, shown: set[str]) -> bool:
        """Tell what was told before and is lost, or was being told again by a sweep that died."""
        settled = self._context.now() - SETTLED_FOR
        async with self._context.record.begin() as tx:
            effect = await tx.effects.latest(effect_base(EffectKind.TRACKING, parcel.parcel_id))
            fulfillment = await tx.fulfillments.load(parcel.fulfillment_id)
            parcels = {one.parcel_id: one for one in await tx.shipments.parcels(parcel.fulfillment_id)}
            asked = any(wait.scope == _scope(parcel) for wait in await tx.waits.of_order(parcel.order_id))
            asked &= (await tx.orders.load(parcel.order_id)).state is OrderState.OPEN
        if effect is None or max(effect.sent_at, parcel.told_at or effect.sent_at) > settled:
            return False
        if parcel.told_at is None:
            # The first time is the order's own business, and what was refused is a person's.
            first = effect.state is not EffectState.CONFIRMED and effect.key == f"{effect.base}#1"
            refused = asked and effect.state is EffectState.REJECTED
            return not first and not refused and await self._push(parcel)
        known = parcels[parcel.parcel_id]
        if known.numbers & shown:
            return False  # it is there, under a number that was corrected: a second shipment would be one too many
        as_told = known.model_copy(update={"tracking_number": parcel.tracking_number})
        call = tracking_call(marketplace, fulfillment, as_told)
        if not isinstance(await marketplace.find(call.phrase(effect.key)), Absent):
            return False
        async with self._context.record.begin() as tx:
            await tx.orders.load(parcel.order_id, lock=True)
            if parcel not in await tx.comparison.sent((parcel.order_id,)):
                return False  # another sweep was faster
            await tx.effects.supersede_effect(effect.key)
            await tx.comparison.forget_told(parcel.parcel_id)
        return await self._push(parcel)

    async def _push(self, parcel: SentParcel) -> bool:
        """Tell it by the step that told it first; what stops that stops no other parcel, and a later sweep goes on.

        Nobody can end a wait of a closed order: there the difference is named instead.
        """
        try:
            told = await TrackingActivities(self._context).push_tracking(
                PartOf(order_id=parcel.order_id, fulfillment_id=parcel.fulfillment_id)
            )
        except Unauthorized:
            raise
        except CrossdockError:
            return False
        async with self._context.record.begin() as tx:
            order = await tx.orders.load(parcel.order_id, lock=True)
            waits = any(wait.scope == _scope(parcel) for wait in await tx.waits.of_order(parcel.order_id))
            if waits and (order.state is not OrderState.OPEN or not told.ticket):
                # Left by a sweep: the order's workflow may have come past this step.
                await tx.waits.rewrite(parcel.order_id, _scope(parcel), {}, self._context.now())
                await wake(tx, parcel.order_id, order.ticket)
        return not told.ticket

    @activity.defn(name="adopt_orders")
    async def adopt_orders(self, account: str) -> int:
        """Start the workflow of every open order once more, so that one that was terminated is adopted again."""
        before = self._context.now() - UNTOUCHED_FOR
        adopted, after = 0, ""
        while True:
            async with self._context.record.begin() as tx:
                orders = await tx.orders.open_before(account, before, after, _PAGE)
                for known in orders:
                    await tx.outbox.start_order(known)
            adopted += len(orders)
            if not orders:
                return adopted
            after = orders[-1]


def _scope(parcel: SentParcel) -> str:
    return tracking_scope(parcel.fulfillment_id)


def _read(marketplace: Marketplace, orders: Iterable[RawOrder], account: str) -> dict[str, ChannelOrder]:
    """Read what can be read; the rest was set aside when it was taken in."""
    shown: dict[str, ChannelOrder] = {}
    for raw in orders:
        try:
            seen = marketplace.read_order(raw.body)
        except (ContractBroken, ValueError):
            continue
        shown[order_id(account, seen.channel_order_id)] = seen
    return shown
