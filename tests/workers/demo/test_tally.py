"""The tally counts every order of ours once, in its last state."""

from domain.order import OrderState
from workers.demo.tally import NOT_OURS, RecordedOrder, tally_orders


def recorded(*states: OrderState) -> list[RecordedOrder]:
    return [RecordedOrder(channel_order_id=str(number), state=state) for number, state in enumerate(states)]


def test_every_last_state_is_counted_once() -> None:
    rows = recorded(*OrderState)
    ours = {row.channel_order_id for row in rows if row.state not in NOT_OURS}
    counts = tally_orders(ours, rows, returned=2)
    assert counts.model_dump() == {
        "at_channel": 6,
        "recorded": 6,
        "delivered": 1,
        "collected": 1,
        "cancelled": 3,
        "returned": 2,
        "waiting": 1,
        "lost": 0,
        "duplicated": 0,
    }


def test_goods_that_were_lost_or_sent_back_count_as_cancelled() -> None:
    rows = recorded(OrderState.LOST, OrderState.SENT_BACK, OrderState.CANCELLED)
    assert tally_orders({"0", "1", "2"}, rows, returned=0).cancelled == 3


def test_test_orders_and_orders_of_others_are_left_out() -> None:
    counts = tally_orders(set(), recorded(OrderState.TEST, OrderState.EXTERNAL), returned=0)
    assert (counts.recorded, counts.cancelled, counts.lost) == (0, 0, 0)


def test_an_order_that_only_the_channel_knows_is_lost() -> None:
    counts = tally_orders({"0", "gone"}, recorded(OrderState.DELIVERED), returned=0)
    assert (counts.at_channel, counts.recorded, counts.lost) == (2, 1, 1)


def test_an_order_that_is_recorded_twice_is_duplicated_and_breaks_the_sum() -> None:
    rows = [*recorded(OrderState.DELIVERED), *recorded(OrderState.OPEN)]
    counts = tally_orders({"0"}, rows, returned=0)
    assert (counts.at_channel, counts.recorded, counts.duplicated) == (1, 2, 1)
