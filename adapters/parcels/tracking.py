"""What carriers call the steps of a parcel's journey: their own codes, and the order of scans.

A gateway's word counts; the carrier's own code speaks where the gateway has no word. A code that is in no table is
UNKNOWN: kept, and moves nothing. Which codes exist is told by the Track APIs of UPS and FedEx and by USPS Publication
199; what they mean to us is our reading.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType

from adapters.lenient import reading
from domain.shipment import TrackingEvent
from domain.shipment import TrackingStatus as Status


def _table(words: Mapping[Status, str]) -> Mapping[str, Status]:
    return MappingProxyType({code: status for status, codes in words.items() for code in codes.split()})


UPS = _table({
    Status.ANNOUNCED: "3 44 45 79 80 157 166",
    Status.ACCEPTED: "38 160 167 168 169",
    Status.IN_TRANSIT: "5 10 12 14 16 25 39 47 57 70 71 73 74 84 87 92 134 137 138 158 159 164 165",
    Status.OUT_FOR_DELIVERY: "6 21 37 72 78 89 91 146 162",
    Status.ATTEMPTED: "22 23 24 60 61 62 66 145",
    Status.TO_BE_COLLECTED: "17 40 144 161",
    Status.DELIVERED: "11 26 143",
    Status.EXCEPTION: "13 29 30 32 46 48 49 50 51 52 53 58 59 64 69 76 83 85 86 90 123 124 125 126 132 139",
    Status.RETURNING: "33 35 36 118 119",
    Status.SENT_BACK: "34 67 81",
    Status.LOST: "68 147 149",
    Status.CANCELLED: "7 43",
})  # fmt: skip
"""Status codes of UPS. Its letters for kinds of activity are left out: D also stands for out for delivery."""

FEDEX = _table({
    Status.ANNOUNCED: "OC OX EP",
    Status.ACCEPTED: "PU PX AP OF",
    Status.IN_TRANSIT: "IT IX AA AC AF AR AX DP EA EO FD LO Ow PF PL PM SF SP TR CC CP AO",
    Status.OUT_FOR_DELIVERY: "AD ED OD",
    Status.TO_BE_COLLECTED: "HL HP",
    Status.DELIVERED: "DL",
    Status.EXCEPTION: "DE SE CD DD DY PD",
    Status.RETURNING: "RS",
    Status.CANCELLED: "CA",
})  # fmt: skip

USPS = _table({
    Status.ANNOUNCED: "GX MA",
    Status.ACCEPTED: "03 TM PA 80",
    Status.IN_TRANSIT: "06 07 08 10 15 19 41 42 71 81 82 EF SF PC",
    Status.OUT_FOR_DELIVERY: "OF",
    Status.ATTEMPTED: "02 30 51 52 53 54 55 56",
    Status.TO_BE_COLLECTED: "14 16",
    Status.DELIVERED: "01 17 43",
    Status.EXCEPTION: "05 DX 44",
    Status.REFUSED: "04",
    Status.RETURNING: "09 21 22 23 24 25 26 27 28 29 31",
    Status.LOST: "11",
})  # fmt: skip

_OF_CARRIER = {"ups": UPS, "fedex": FEDEX, "usps": USPS, "stamps_com": USPS, "endicia": USPS}


def read_code(carrier: str, code: str) -> Status:
    """Return what a carrier's own code means; UNKNOWN where no table tells.

    >>> read_code("FedEx", "DL").value
    'delivered'
    """
    return _OF_CARRIER.get(carrier.lower(), {}).get(code, Status.UNKNOWN)


def in_order(scans: Iterable[tuple[str, Status, datetime]]) -> tuple[TrackingEvent, ...]:
    """Return scans, told by number, status and the carrier's own time, in the order of that time and each once.

    A parcel that is delivered after it turned round was delivered to its sender: it is SENT_BACK.

    Raises:
        ContractBroken: a moment lies beyond the calendar.
    """
    journey: list[TrackingEvent] = []
    returning = False
    for number, status, moment in sorted(set(scans), key=lambda scan: (scan[2], list(Status).index(scan[1]))):
        returning = returning or status is Status.RETURNING
        home = returning and status is Status.DELIVERED
        known = Status.SENT_BACK if home else status
        with reading("unreadable-scan"):
            journey.append(TrackingEvent(tracking_number=number, status=known, occurred_at=moment))
    return tuple(journey)
