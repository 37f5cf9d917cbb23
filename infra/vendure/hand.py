"""A person at the shop's counter: does by hand, as its administrator, what Crossdock does, and looks what is there."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager

from infra.vendure import acts
from infra.vendure.graphql import Caller, Words, calling
from infra.vendure.install import StoreError
from infra.vendure.seen import SeenOrder, StockLevel, Variant, Variants
from infra.vendure.store import Store

PERMISSIONS = ("ReadOrder", "UpdateOrder", "ReadProduct", "UpdateProduct")


class Named(Words):
    """Anything with an id."""

    id: str


class Administrator:
    """The person. Each act raises StoreError when the shop refuses it."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def look_at(self, order_id: str) -> SeenOrder:
        """Return the order as it stands."""
        return await self._caller.ask(acts.ORDER, SeenOrder, id=order_id)

    async def fulfill(
        self,
        order_id: str,
        quantities: Mapping[str, int] | None = None,
        tracking_code: str = "BY-HAND",
    ) -> str:
        """Create a fulfillment, by line id or of all that is left, and return its id; it is Pending."""
        lines = await self._lines(order_id, quantities)
        arguments = [{"name": "method", "value": "By hand"}, {"name": "trackingCode", "value": tracking_code}]
        handler = {"code": "manual-fulfillment", "arguments": arguments}
        return (await self._caller.ask(acts.FULFILL, Named, input={"lines": lines, "handler": handler})).id

    async def move(self, fulfillment_id: str, state: str) -> None:
        """Move a fulfillment to Shipped, Delivered or Cancelled."""
        await self._caller.ask(acts.MOVE, Named, id=fulfillment_id, state=state)

    async def ship(self, order_id: str, quantities: Mapping[str, int] | None = None) -> str:
        """Fulfill and ship at once, and return the fulfillment's id."""
        fulfillment_id = await self.fulfill(order_id, quantities)
        await self.move(fulfillment_id, "Shipped")
        return fulfillment_id

    async def cancel(self, order_id: str, quantities: Mapping[str, int] | None = None) -> None:
        """Cancel units by line id, or the whole order with its shipping."""
        whole = quantities is None
        lines = None if whole else await self._lines(order_id, quantities)
        words = {"orderId": order_id, "lines": lines, "reason": "by hand", "cancelShipping": whole}
        await self._caller.ask(acts.CANCEL, Named, input=words)

    async def ask_refund(self, order_id: str, amount: int) -> str:
        """Ask for a refund of minor units, and return its id; it stays Pending until it is settled."""
        payment = (await self.look_at(order_id)).payments[0]
        words = {"paymentId": payment.id, "amount": amount, "reason": "by hand"}
        # The shop's own schema calls these outdated; its database refuses a refund without them.
        words |= {"lines": [], "shipping": 0, "adjustment": 0}
        return (await self._caller.ask(acts.REFUND, Named, input=words)).id

    async def settle_refund(self, refund_id: str) -> None:
        """Say that a refund was paid out."""
        await self._caller.ask(acts.SETTLE, Named, input={"id": refund_id, "transactionId": f"by-hand-{refund_id}"})

    async def refund(self, order_id: str, amount: int) -> str:
        """Refund minor units and settle it, and return the refund's id."""
        refund_id = await self.ask_refund(order_id, amount)
        await self.settle_refund(refund_id)
        return refund_id

    async def take_payment(self, order_id: str) -> None:
        """Take the money that was only authorized."""
        payment = (await self.look_at(order_id)).payments[0]
        await self._caller.ask(acts.TAKE, Named, id=payment.id)

    async def everything_on_sale(self) -> list[Variant]:
        """Return what the shop sells, by SKU."""
        return (await self._caller.ask(acts.VARIANTS, Variants)).items

    async def stock_of(self, sku: str) -> StockLevel:
        """Return what the shop has of a SKU."""
        return (await self._variant(sku)).stock_levels[0]

    async def set_stock(self, sku: str, on_hand: int) -> None:
        """Set how many units of a SKU are there."""
        variant = await self._variant(sku)
        words = {"id": variant.id, "stockOnHand": on_hand}
        await self._caller.ask(acts.SET_STOCK, list[Named], input=[words])

    async def variant_id(self, sku: str) -> str:
        """Return the shop's own id of a SKU, which is a listing's id."""
        return (await self._variant(sku)).id

    async def send_webhooks(self, address: str | None, secret: str = "", account: str = "") -> None:
        """Say where the shop's webhooks go from now on; None stops them."""
        channel = await self._caller.ask(acts.CHANNEL, Named)
        words = {"webhookUrl": address, "webhookSecret": secret, "webhookAccount": account}
        await self._caller.ask(acts.SET_CHANNEL, Named, input={"id": channel.id, "customFields": words})

    async def hire(self, email: str, password: str) -> None:
        """Give somebody access who may do what Crossdock does and nothing else."""
        role = {"code": email, "description": "fulfills orders", "permissions": PERMISSIONS}
        role_id = (await self._caller.ask(acts.ROLE, Named, input=role)).id
        told = {"emailAddress": email, "firstName": "Cross", "lastName": "Dock", "password": password}
        await self._caller.ask(acts.HIRE, Named, input=told | {"roleIds": [role_id]})

    async def _lines(self, order_id: str, quantities: Mapping[str, int] | None) -> list[dict[str, object]]:
        if quantities is None:
            quantities = (await self.look_at(order_id)).unfulfilled
        return [{"orderLineId": line_id, "quantity": quantity} for line_id, quantity in quantities.items()]

    async def _variant(self, sku: str) -> Variant:
        variants = await self._caller.ask(acts.VARIANT, Variants, sku=sku)
        if not variants.items:
            raise StoreError(f"the shop has no {sku!r}")
        return variants.items[0]


@asynccontextmanager
async def administrator(store: Store) -> AsyncGenerator[Administrator]:
    """Log in as the shop's administrator."""
    async with calling(store.admin_api) as caller:
        await caller.ask(acts.LOG_IN, Named, username=store.username, password=store.password)
        yield Administrator(caller)
