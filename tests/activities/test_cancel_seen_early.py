"""Our own cancellation, seen on the channel before the step that sent it came to its end, still owes its refund."""

from activities.cancellation import cancel_subject, cancel_units, everything, untold
from activities.observation import observe
from domain.effect import EffectKind, EffectState, effect_base
from domain.ports.stores.effect import EffectIntent, Settlement
from tests.builders import ACCOUNT, NOW, channel_order
from tests.fakes.record import FakeRecord
from tests.stores.scenes import load, record_order


async def _cancel_and_send(record: FakeRecord, order_id: str, ends: EffectState | None) -> None:
    async with record.begin() as tx:
        order = await tx.orders.load(order_id, lock=True)
        await cancel_units(tx, order, everything(order), NOW, told=False)
        order = await tx.orders.load(order_id)
        base = effect_base(EffectKind.CANCEL, cancel_subject(order, untold(order)))
        intent = EffectIntent(base=base, kind=EffectKind.CANCEL, order_id=order_id, adapter=ACCOUNT, request=b"{}")
        effect = await tx.effects.claim(intent, NOW)
        if ends is not None:
            await tx.effects.settle(effect.key, effect.token, Settlement(state=ends, code="lost"), NOW)


async def _told_after_a_look(record: FakeRecord, order_id: str) -> bool:
    async with record.begin() as tx:
        order = await tx.orders.load(order_id, lock=True)
        await observe(tx, order, channel_order(cancelled=True), NOW)
    return not untold(await load(record, order_id))


async def test_what_we_are_cancelling_ourselves_is_left_to_the_step_that_does_it() -> None:
    for ends in (None, EffectState.UNKNOWN):
        record = FakeRecord()
        order_id = await record_order(record)
        await _cancel_and_send(record, order_id, ends)
        assert not await _told_after_a_look(record, order_id)


async def test_what_surely_was_not_sent_is_a_person_s_cancellation() -> None:
    record = FakeRecord()
    order_id = await record_order(record)
    await _cancel_and_send(record, order_id, EffectState.PLANNED)
    assert await _told_after_a_look(record, order_id)
