"""Tracking numbers: which couriers' numbers one can be, told by its shape and its check digit.

The shapes and check digits are those that the couriers publish (UPU S10, USPS Publication 199, DPD label specification
2.4.1) and that are collected in public as tracking_number_data.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

Check = Callable[[str], str]
"""Computes the check digit of a serial number."""


def _value(character: str) -> int:
    return int(character) if character.isdigit() else (ord(character) - 3) % 10


def _mod10(serial: str, even: int = 1, odd: int = 1) -> str:
    """Weigh the characters at even and odd places, the first being even, and complete the sum to ten."""
    total = sum(_value(one) * (odd if place % 2 else even) for place, one in enumerate(serial))
    return str(-total % 10)


def _mod10_backwards(serial: str) -> str:
    return _mod10(serial[::-1], even=3)


def _with_lead(lead: str, check: Check, serial: str) -> str:
    """Compute with a lead that belongs to the number although it may be left out."""
    return check(serial if serial.startswith(lead) else lead + serial)


def _mod7(serial: str) -> str:
    return str(int(serial) % 7)


def _mod11(weights: tuple[int, ...], serial: str) -> str:
    total = sum(int(digit) * weights[place % len(weights)] for place, digit in enumerate(serial))
    return str(total % 11 % 10)


def _luhn(serial: str) -> str:
    doubled = (sum(divmod(int(digit) * 2, 10)) for digit in serial[::-2])
    return str(-(sum(doubled) + sum(map(int, serial[-2::-2]))) % 10)


def _s10(serial: str) -> str:
    total = sum(int(digit) * weight for digit, weight in zip(serial, (8, 6, 4, 2, 3, 5, 9, 7), strict=True))
    return {10: "0", 11: "5"}.get(11 - total % 11, str(11 - total % 11))


def _mod37(serial: str) -> str:
    """Compute the check character of ISO 7064 MOD 37,36."""
    carry = 36
    for one in serial:
        carry = (carry + int(one, 36) - 1) % 36 + 1
        carry = carry * 2 % 37
    return "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[(37 - carry) % 36]


_by_1_3, _by_3_1, _by_1_2 = (partial(_mod10, even=even, odd=odd) for even, odd in ((1, 3), (3, 1), (1, 2)))
_fedex_12, _fedex_14 = partial(_mod11, (3, 1, 7)), partial(_mod11, (1, 7, 3))

_NO_COUNTRY = r"(?!AA|Q[M-Z]|X[A-Z]|ZZ)"  # what ISO 3166 leaves to its users
_ZIP = r"(?:420\d{5}(?:\d{4})?)?"


class _Shape(NamedTuple):
    """How a courier's numbers look: `(serial)(check)` in groups where there is a check digit."""

    courier: str
    pattern: str
    check: Check | None = None


_SHAPES = (
    _Shape("ups", r"1Z([0-9A-Z]{15})(\d)", _by_1_2),
    _Shape("ups", r"[AHJKTV](\d{9})(\d)", _by_1_2),
    _Shape("usps", r"(\d{19})(\d)", _by_3_1),
    _Shape("usps", _ZIP + r"(91\d{19})(\d)", _by_3_1),
    _Shape("usps", _ZIP + r"(\d{19})(\d)", partial(_with_lead, "91", _by_3_1)),
    _Shape("usps", _ZIP + r"(94\d{3}(?:\d{16}|\d{20}|9\d{23}))(\d)", _mod10_backwards),
    _Shape("usps", _ZIP + r"((?:92\d{3}9|93\d{3}[0-8]|95\d{4})(?:\d{15}|\d{19}))(\d)", _by_3_1),
    _Shape("fedex", r"(\d{11})(\d)", _fedex_12),
    _Shape("fedex", r"(\d{14})(\d)", _by_1_3),
    _Shape("fedex", r"\d\d(\d{15})(\d)", _by_3_1),
    _Shape("fedex", r"96\d{5}(\d{14})(\d)", _by_1_3),
    _Shape("fedex", r"96\d{18}(\d{13})(\d)", _fedex_14),
    _Shape("fedex", r"[0-8]\d{19}(\d{13})(\d)", _fedex_14),
    _Shape("fedex", r"3\d{15}(\d{11})(\d)\d{4}", _fedex_12),
    _Shape("dhl", r"(\d{9,10})(\d)", _mod7),
    _Shape("dhl", r"J[A-Z]{2,3}\d{9,10}"),
    _Shape("dhl", r"(?:GM|LX|RX|UV|CN|SG|TH|IN|HK|MY)(?=.*\d)[0-9A-Z]{10,39}"),
    _Shape("dhl", r"\d{14}"),
    _Shape("s10", rf"[A-Z]{{2}}(\d{{8}})(\d){_NO_COUNTRY}[A-Z]{{2}}", _s10),
    _Shape("dpd", r"(\d{27}|\d{14})([0-9A-Z])", _mod37),
    _Shape("canada_post", r"(\d{15})(\d)", _by_3_1),
    _Shape("purolator", r"([0-5]\d{10})(\d)", _luhn),
    _Shape("purolator", r"[A-Z]{3}\d{9}"),
    _Shape("old_dominion", r"((?:77[78]|072|780)\d{7}|80\d{8})(\d)", _luhn),
    _Shape("ontrac", r"C(\d{13})(\d)", partial(_with_lead, "4", _by_1_2)),
    _Shape("ontrac", r"D(\d{13})(\d)", partial(_with_lead, "5", _by_1_2)),
    _Shape("amazon", r"TB[ACM]\d{12}|[AFC]\d{10}"),
    _Shape("canpar", r"[CDKLSUXZ]\d{21}"),
    _Shape("gofo", r"GFUS\d{14}"),
    _Shape("landmark", r"LTN\d{8}N1"),
    _Shape("lasership", r"L[AIEHNX][1-3]\d{7}|1LS7[12]\d{10}|1LS7[12]\d\d01[1-4]\d{6}-1|1LSCX[0-9A-Z]{10}"),
    _Shape("speedee", r"SP\d{18}"),
    _Shape("yodel", r"JJ?D\d{16}"),
    _Shape("yunexpress", r"YT\d{16}"),
)  # fmt: skip

_UNMISTAKABLE = re.compile(r"1Z[0-9A-Z]+|[A-Z]{2}\d{8,10}[A-Z]{2}|(?:420\d{5}(?:\d{4})?)?9[1-6]\d{18,32}|[CD]\d{14}")
"""Beginnings that only one courier uses: a number like this that no shape accepts was mistyped.

Bare digits are never called mistyped: any small carrier may number its parcels so.
"""


def couriers_of(number: str) -> frozenset[str]:
    """Return the couriers whose number this can be; spaces do not count.

    >>> sorted(couriers_of("1Z 5R8 939 03 5756 712 7"))
    ['ups']
    """
    bare = _bare(number)
    return frozenset(shape.courier for shape in _SHAPES if _fits(shape, bare))


def is_mistyped(number: str, courier: str = "") -> bool:
    """Tell whether a number that a person typed is surely not what stands on a parcel.

    Of a courier that is named and known, it is also one that looks like its numbers and has a wrong check digit.

    >>> is_mistyped("986578788854"), is_mistyped("986578788854", "FedEx")
    (False, True)
    """
    bare = _bare(number)
    if couriers_of(number):
        return False
    named = courier.strip().lower().replace(" ", "_")
    alike = any(shape.courier == named and re.fullmatch(shape.pattern, bare, re.ASCII) for shape in _SHAPES)
    return alike or _UNMISTAKABLE.fullmatch(bare) is not None


def require_well_typed(number: str, courier: str = "") -> str:
    """Return the number without spaces around it; one that is surely mistyped is refused.

    For what people type only: what a carrier itself says is believed as it is.
    """
    if is_mistyped(number, courier):
        raise ValueError("this is no tracking number: its check digit is wrong; read it from the label again")
    return number.strip()


def _bare(number: str) -> str:
    return "".join(number.split()).upper()


def _fits(shape: _Shape, bare: str) -> bool:
    match = re.fullmatch(shape.pattern, bare, re.ASCII)
    return match is not None and (shape.check is None or shape.check(match[1]) == match[2])
