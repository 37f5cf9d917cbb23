"""A GTIN: the global trade item number, in whichever of its forms it was written, as the one form GTIN-14."""

from __future__ import annotations

from domain.errors import Refused

_SEPARATORS = str.maketrans("", "", " -")
_LENGTHS = (8, 12, 13, 14)
_UPC_E, _GTIN_14, _ISBN_10 = 8, 14, 10


def read_gtin(text: str) -> str:
    """Return the GTIN-14 of a UPC-A, UPC-E, EAN-8, EAN-13, ISBN-10, ISBN-13 or GTIN-14, checksum verified.

    Eight digits are an EAN-8; a leading 0 makes them a UPC-E, if its checksum holds, since GS1 gives no EAN-8 such a
    number outside of one store.

    Raises:
        Refused: other characters, another length, a wrong check digit, or zeros only.

    >>> read_gtin("0-306-40615-2"), read_gtin("4006381333931"), read_gtin("04252614")
    ('09780306406157', '04006381333931', '00042100005264')
    """
    digits = text.translate(_SEPARATORS).upper()
    if len(digits) == _ISBN_10:
        return _from_isbn(digits, text)
    if not (digits.isascii() and digits.isdigit()):
        raise _refused(text, "it may only hold digits, spaces and dashes")
    if len(digits) not in _LENGTHS:
        raise _refused(text, f"{len(digits)} digits: expected 8, 10 (ISBN), 12, 13 or 14")
    wide = _expand_upc_e(digits) if len(digits) == _UPC_E and digits[0] == "0" else None
    code = (wide if wide and _holds(wide) else digits).zfill(_GTIN_14)
    if not code.strip("0"):
        raise _refused(text, "zeros only name nothing")
    if not _holds(code):
        raise _refused(text, f"its check digit is {code[-1]}, expected {check_digit(code[:-1])}")
    return code


def find_gtin(text: str) -> str:
    """Return the GTIN-14 that a channel wrote, or nothing where that is none: a bad one must not stop an order.

    >>> find_gtin("4006381333931"), find_gtin("4006381333932"), find_gtin("n/a")
    ('04006381333931', '', '')
    """
    try:
        return read_gtin(text) if text else ""
    except Refused:
        return ""


def check_digit(digits: str) -> str:
    """Return the check digit that follows these digits: weights 3 and 1 from the right, filled up to ten.

    >>> check_digit("400638133393")
    '1'
    """
    total = sum(int(digit) * (1 if place % 2 else 3) for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def _holds(code: str) -> bool:
    return check_digit(code[:-1]) == code[-1]


def _from_isbn(digits: str, text: str) -> str:
    body, check = digits[:-1], digits[-1]
    if not (digits.isascii() and body.isdigit() and (check.isdigit() or check == "X")):
        raise _refused(text, "an ISBN-10 is nine digits and a digit or X")
    expected = -sum(int(digit) * weight for digit, weight in zip(body, range(10, 1, -1), strict=True)) % 11
    if check != "0123456789X"[expected]:
        raise _refused(text, f"its check digit is {check}, expected {'0123456789X'[expected]}")
    return f"0978{body}{check_digit('0978' + body)}"


def _expand_upc_e(digits: str) -> str:
    """Return the UPC-A that a UPC-E leaves zeros out of; its last digit but one says where they were."""
    system, body, how, check = digits[0], digits[1:6], digits[6], digits[7]
    if how in "012":
        middle = f"{body[:2]}{how}0000{body[2:]}"
    elif how == "3":
        middle = f"{body[:3]}00000{body[3:]}"
    elif how == "4":
        middle = f"{body[:4]}00000{body[4]}"
    else:
        middle = f"{body}0000{how}"
    return f"{system}{middle}{check}"


def _refused(text: str, why: str) -> Refused:
    return Refused("bad-gtin", f"{text[:40]!r} is no GTIN: {why}")
