"""A channel that shows an order otherwise than we keep it is told of by line and parcel."""

from __future__ import annotations

from domain.comparison import KnownLine, KnownOrder, differences
from domain.order import ChannelOrder, ChannelShipment
from tests.builders import channel_line, channel_order

SEEN = channel_order(channel_line("1", 3), channel_line("2", 1))


def known(quantity: int = 3, told: int = 0, **changes: object) -> KnownOrder:
    lines = {
        "1": KnownLine(quantity=quantity, told_cancelled=told),
        "2": KnownLine(quantity=1, told_cancelled=0),
    }
    return KnownOrder.model_validate({"order_id": "shop/1", "lines": lines} | changes)


def told(ours: KnownOrder, seen: ChannelOrder = SEEN, *, cancels_lines: bool = True) -> list[str]:
    return [words.removeprefix("shop/1: ") for words in differences(ours, seen, cancels_lines=cancels_lines)]


def test_what_is_the_same_is_not_told() -> None:
    assert told(known()) == []


def test_other_quantities_and_lines_are_told() -> None:
    assert told(known(quantity=2)) == ["line 1 has 2 units here, 3 there"]
    assert told(known(), channel_order(channel_line("1", 3), channel_line("3"))) == [
        "line 2 is not there",
        "line 3 is not here",
    ]


def test_cancelled_units_that_the_channel_forgot_are_told_where_it_can_know_of_them() -> None:
    forgot = known(told=2)
    assert told(forgot) == ["line 1 has 2 cancelled here, 0 there"]
    assert told(forgot, cancels_lines=False) == []
    assert told(forgot, SEEN.model_copy(update={"cancelled": True})) == []
    more = channel_order(channel_line("1", 3, cancelled=3), channel_line("2", 1))
    assert told(forgot, more) == [], "what the channel cancelled is taken in, and is no difference"


def test_a_parcel_with_other_units_is_told_and_one_without_is_not() -> None:
    ours = known(sent={"T-1": {"1": 2}})
    shown = [ChannelShipment(tracking_number="T-1", quantities=units) for units in ({"1": 2}, {}, {"1": 1})]
    assert [told(ours, SEEN.model_copy(update={"shipments": (one,)})) for one in shown] == [
        [],
        [],
        ["parcel T-1 has other units here than there"],
    ]
    by_hand = ChannelShipment(tracking_number="OLD", quantities={"1": 1})
    assert told(ours, SEEN.model_copy(update={"shipments": (by_hand,)})) == []


def test_a_parcel_that_nobody_will_tell_any_more_is_told_until_the_channel_shows_it() -> None:
    lost = known(untold=("T-2", "T-1"))
    assert told(lost, SEEN.model_copy(update={"shipments": (ChannelShipment(tracking_number="T-1"),)})) == [
        "parcel T-2 is not there, and the channel does not take it any more"
    ]
