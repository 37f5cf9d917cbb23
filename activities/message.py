"""Telling a buyer: once per subject, and never in the way of an order."""

from __future__ import annotations

from temporalio import activity

from activities.context import Context
from activities.effect import Call, claim, settled
from activities.steps import MessageRequest, StepResult
from domain.effect import Confirmed, EffectKind
from domain.errors import NotFound
from domain.ports.notifier import MessageKind, SendMessage
from domain.ports.stores import Transaction
from domain.values import Buyer


class MessageActivities:
    """Messages to buyers."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @activity.defn(name="tell_buyer")
    async def tell(self, request: MessageRequest) -> StepResult:
        """Send one message; an outcome nobody can look up is left as it is: a message is not worth a second one."""
        notifier = self._context.parties.notifier()
        async with self._context.record.begin() as tx:
            order = await tx.orders.load(request.order_id)
            buyer = await _buyer(tx, request.order_id)
            fields = await _fields(tx, request)
            call = Call(
                kind=EffectKind.MESSAGE,
                subject=f"{request.kind.value}:{request.subject}",
                order_id=request.order_id,
                adapter="notifier",
                phrase=lambda key: SendMessage(
                    reference=key,
                    kind=request.kind,
                    recipient=buyer,
                    order_number=order.number or order.channel_order_id,
                    fields=fields,
                ),
                send=notifier.send,
                find=notifier.find,
                dedupe=notifier.capability.dedupe[EffectKind.MESSAGE],
            )
            effect = await claim(tx, call, self._context)
        async with settled(self._context, effect, call) as (_tx, outcome):
            return StepResult(done=isinstance(outcome, Confirmed))


async def _buyer(tx: Transaction, order_id: str) -> Buyer:
    try:
        return await tx.vault.buyer(order_id)
    except NotFound:
        return Buyer()


async def _fields(tx: Transaction, request: MessageRequest) -> dict[str, str]:
    """Return what the template shows. The PIN is made here and goes to the buyer only."""
    fields: dict[str, str] = {}
    if request.kind in {MessageKind.PICKUP_READY, MessageKind.PICKUP_REMINDER}:
        part = await tx.fulfillments.load(request.fulfillment_id)
        fields = {
            "pin": await tx.vault.pickup_pin(request.fulfillment_id),
            "location": part.location,
            "fulfillment": request.fulfillment_id,
        }
    if request.return_id:
        fields["rma"] = request.return_id
    if request.expected:
        fields["expected"] = request.expected
    return fields
