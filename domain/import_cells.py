"""Cells of a file: what may be written where a number, a list, a kit or a time zone is expected."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from domain.errors import Refused
from domain.gtin import read_gtin
from domain.kit import KitPart
from domain.listing import Pack
from domain.location import Country
from domain.restriction import Restriction

MOST_UNITS = 1_000_000

_NOTHING = "-"
_PART = re.compile(r"(?P<sku>.+?)(?:\*(?P<units>\d{1,6}))?(?:@(?P<worth>\d{1,10}))?")


def _require_digits(value: object) -> object:
    """Refuse what only looks like a whole number: 1.000 is a thousand to some people and one to others."""
    text = value.strip() if isinstance(value, str) else ""
    if isinstance(value, str) and not (text.removeprefix("-").isdigit() and text.isascii()):
        raise ValueError("expected a whole number in digits only, such as 12")
    if isinstance(value, (bool, float)):
        raise ValueError("expected a whole number, such as 12")  # noqa: TRY004 - pydantic collects ValueErrors only
    return value


def _split(value: object) -> object:
    """Read a list from one cell: parted by |, nothing for a dash."""
    if not isinstance(value, str):
        return value
    return [part.strip() for part in value.split("|") if part.strip()] if value.strip() != _NOTHING else []


def _split_parts(value: object) -> object:
    """Read what a kit is made of from one cell, such as ``MUG*2|TEA@900``: units after *, worth after @."""
    texts = _split(value)
    if not isinstance(value, str) or not isinstance(texts, list):
        return value
    return [_read_part(str(text)) for text in texts]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] - split from text just now


def _read_part(text: str) -> dict[str, object]:
    part = _PART.fullmatch(text)
    if part is None:
        raise ValueError(f"expected parts such as MUG*2|TEA@900, each on one line, not {text!r}")
    return {"sku": part["sku"].strip(), "units": int(part["units"] or 1), "worth": int(part["worth"] or 1)}


def _empty_for_dash(value: object) -> object:
    return "" if isinstance(value, str) and value.strip() == _NOTHING else value


def _normal_gtin(text: str) -> str:
    try:
        return read_gtin(text) if text else ""
    except Refused as refused:
        raise ValueError(str(refused)) from None


def _text(most: int, *, least: int = 1) -> StringConstraints:
    return StringConstraints(min_length=least, max_length=most, pattern=r"^\P{Cc}*$")


def _empty_or(pattern: str) -> StringConstraints:
    return StringConstraints(pattern=rf"^({pattern})?$")


Code = Annotated[str, _text(100)]
PlaceCode = Annotated[str, _text(60)]
Words = Annotated[str, _text(500)]
ListingCode = Annotated[str, _text(2000)]
Account = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
Note = Annotated[str, _text(200, least=0), BeforeValidator(_empty_for_dash)]
Gtin = Annotated[str, _text(40, least=0), AfterValidator(_normal_gtin), BeforeValidator(_empty_for_dash)]
HsCode = Annotated[str, _empty_or(r"\d{6,10}"), BeforeValidator(_empty_for_dash)]
Origin = Annotated[str, _empty_or("[A-Z]{2}"), BeforeValidator(_empty_for_dash)]
Units = Annotated[int, BeforeValidator(_require_digits), Field(ge=0, le=MOST_UNITS)]
Grams = Annotated[int, BeforeValidator(_require_digits), Field(ge=0, le=10_000_000)]
PackSize = Annotated[Pack, BeforeValidator(_require_digits)]
Days = Annotated[tuple[date, ...], BeforeValidator(_split)]
Countries = Annotated[tuple[Country, ...], BeforeValidator(_split)]
Restrictions = Annotated[frozenset[Restriction], BeforeValidator(_split)]
KitParts = Annotated[tuple[KitPart, ...], BeforeValidator(_split_parts)]
