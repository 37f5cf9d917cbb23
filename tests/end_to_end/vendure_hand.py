"""A person at the shop's counter, who acts on an order while Crossdock carries it, and what must come of it."""

from __future__ import annotations

from dataclasses import dataclass

from domain.fulfillment import Stage
from domain.order import HoldReason, OrderState
from domain.ports.stores.order import KeptOrder
from domain.ports.stores.returns import ReturnRequest
from domain.returns import ReturnLine
from infra.vendure.buyer import PlacedOrder
from infra.vendure.install import StoreError
from tests.end_to_end.vendure_town import STORE, VendureTown, name_of

ACTS = ("refunds", "ships", "cancels", "cancels and refunds")
STAGES = ("unseen", "released", "labelled", "handed over", "delivered")
SKU, UNITS = "TOT-NVY", 2
GONE = ("handed over", "delivered")


@dataclass
class Life:
    """One order on which a person acts at one stage; `heard` tells whether the shop says so at once."""

    shop: VendureTown
    placed: PlacedOrder
    act: str
    stage: str
    heard: bool

    @property
    def in_time(self) -> bool:
        """Whether Crossdock learns of it before the goods leave."""
        return self.stage == "unseen" or (self.heard and self.stage not in GONE)

    @property
    def end(self) -> OrderState:
        """Where the order must end."""
        if self.act == "ships" or self.stage == "delivered":
            return OrderState.DELIVERED
        if self.act == "refunds":
            return OrderState.SENT_BACK if self.stage == "handed over" else OrderState.CANCELLED
        if self.in_time:
            return OrderState.CANCELLED
        # Too late to stop it: the carrier brings it back, unless nobody hears of it on the way.
        return OrderState.DELIVERED if self.stage == "handed over" and not self.heard else OrderState.SENT_BACK

    @property
    def refunds_due(self) -> int:
        """How many refunds the shop must show: the person's own, or ours for goods that came back."""
        if "refunds" in self.act:
            return 1
        return int(self.act == "cancels" and self.end is OrderState.SENT_BACK)

    @property
    def units_by_hand(self) -> int:
        """How many units the person has sent instead of us."""
        return UNITS if self.act == "ships" and self.in_time else 0

    async def begin(self) -> None:
        """Bring the order to its stage, and let the person act."""
        await self.bring()
        await self.shop.listen(webhooks=self.heard)
        for act in self.act.split(" and "):
            await self._do(act)

    async def bring(self) -> None:
        """Bring the order to its stage."""
        steps = {"released": self._release, "labelled": self._pick, "handed over": self._hand_over}
        steps["delivered"] = self._deliver
        for step in [steps[stage] for stage in STAGES[1 : STAGES.index(self.stage) + 1]]:
            await step()

    async def go_on(self) -> None:
        """Let everybody else go on with it; who was given money back by hand wants it from us, too."""
        if self.stage == "unseen":
            await self.shop.pull()
        if self.act == "refunds" and self.stage == "delivered":
            await self._bring_back()
        elif self.act == "refunds":
            if self.in_time:
                await self.shop.until_kept(self.placed, _is_held)
            else:
                await self.shop.until_stage(self.placed, *(set(Stage) - {Stage.PLANNED}))
            assert (await self.shop.cancel(self.placed)).done is (self.stage not in GONE)
        if self.end is OrderState.CANCELLED or (self.act == "ships" and self.in_time):
            # Staff who hurried could still hand over what is called back.
            await self.shop.until_rest(self.placed)
        elif self.end is OrderState.SENT_BACK:
            if self.stage == "released":
                await self._pick()
            if self.stage not in GONE:
                self.shop.act("staff.hand_over", work=await self.shop.work(self.placed))
            await self.shop.until_intercepted(self.placed)
        self.shop.pause(paused=False)

    async def _release(self) -> None:
        await self.shop.until_stage(self.placed, Stage.RELEASED)

    async def _pick(self) -> None:
        self.shop.act("staff.pick", work=await self.shop.work(self.placed))
        await self.shop.until_stage(self.placed, Stage.LABELLED)

    async def _hand_over(self) -> None:
        self.shop.act("staff.hand_over", work=await self.shop.work(self.placed))
        await self.shop.until_seen(self.placed, lambda seen: bool(seen.tracking_codes))

    async def _deliver(self) -> None:
        (tracking_code,) = (await self.shop.look(self.placed)).tracking_codes
        self.shop.act("parcel.scan", tracking_number=tracking_code, status="delivered")
        await self.shop.until_rest(self.placed)

    async def _do(self, act: str) -> None:
        person, order_id = self.shop.person, self.placed.id
        if act == "refunds":
            await person.refund(order_id, self.placed.total_with_tax)
        elif act == "cancels":
            await person.cancel(order_id)
        else:
            try:
                await person.ship(order_id)
            except StoreError:
                assert self.stage in GONE, "the shop let nobody ship it"

    async def _bring_back(self) -> None:
        """Give the goods back over the counter."""
        line = self.placed.line_of(SKU)
        request = ReturnRequest(
            order_id=name_of(self.placed),
            key=f"test:{self.placed.id}",
            course="store",
            lines=(ReturnLine(line_id=line, sku=SKU, quantity=UNITS),),
            location=STORE,
        )
        async with self.shop.town.context.record.begin() as tx:
            back = await tx.returns.open(request, self.shop.town.context.now())
        await self.shop.until_expected(back.return_id, self.placed)
        self.shop.act("counter.take", arrival=back.return_id)


def _is_held(order: KeptOrder) -> bool:
    """Tell whether goods that were paid back are kept from leaving, and the order waits for a word."""
    return order.waiting and [hold.reason for hold in order.holds] == [HoldReason.REFUNDED]
