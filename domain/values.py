"""The small values everything else is made of: money, quantities, moments, addresses, ids."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Context, Decimal, DecimalException, Inexact, InvalidOperation, Overflow
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from domain.errors import Refused

MAX_QUANTITY = 100_000
MAX_AMOUNT = 10**15

# ISO 4217 minor-unit exponents. A currency that is not here is refused rather than guessed.
CURRENCY_EXPONENTS: dict[str, int] = {
    **dict.fromkeys(["AED", "AUD", "BGN", "BRL", "CAD", "CHF", "CNY", "CZK", "DKK", "EUR", "GBP", "HKD", "HUF"], 2),
    **dict.fromkeys(["IDR", "ILS", "INR", "MXN", "MYR", "NOK", "NZD", "PHP", "PLN", "RON", "SAR", "SEK", "SGD"], 2),
    **dict.fromkeys(["THB", "TRY", "TWD", "UAH", "USD", "ZAR"], 2),
    **dict.fromkeys(["CLP", "ISK", "JPY", "KRW", "PYG", "UGX", "VND", "XAF", "XOF"], 0),
    **dict.fromkeys(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"], 3),
}  # fmt: skip


# Bounded in digits and exponent, so that "1e300000" is refused at once, and never rounds.
_EXACT = Context(prec=40, Emax=40, Emin=-40, traps=[InvalidOperation, Inexact, Overflow])


class Model(BaseModel):
    """A frozen value; unknown fields are ignored so that messages can grow."""

    model_config = ConfigDict(frozen=True, extra="ignore")


def require_utc(moment: datetime) -> datetime:
    """Return the moment in UTC; a naive one is refused."""
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone")
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("a moment beyond the calendar") from error


def require_currency(code: str) -> str:
    """Return the ISO 4217 code; an unknown one is refused."""
    if code not in CURRENCY_EXPONENTS:
        raise ValueError(f"unknown currency {code[:8]!r}")
    return code


def forbid_nul(text: str) -> str:
    """Return the text; NUL and lone surrogates cannot be stored by PostgreSQL and are refused."""
    if "\x00" in text:
        raise ValueError("text holds a NUL byte")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("text holds half of a character")
    return text


Moment = Annotated[datetime, AfterValidator(require_utc)]
Currency = Annotated[str, AfterValidator(require_currency)]
Text = Annotated[str, AfterValidator(forbid_nul), StringConstraints(max_length=2000)]
Quantity = Annotated[int, Field(strict=True, gt=0, le=MAX_QUANTITY)]
Amount = Annotated[int, Field(strict=True, ge=0, le=MAX_AMOUNT)]
ExternalId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:#@+=-]{1,80}$")]
OrderId = Annotated[str, StringConstraints(max_length=180)]
FulfillmentId = Annotated[str, AfterValidator(forbid_nul), StringConstraints(min_length=1, max_length=200)]
SkuCode = Annotated[str, AfterValidator(forbid_nul), StringConstraints(min_length=1, max_length=100)]
LocationCode = Annotated[str, AfterValidator(forbid_nul), StringConstraints(min_length=1, max_length=60)]


class Money(Model):
    """An amount of one currency in its minor units (cents, yen, fils)."""

    amount: int = Field(strict=True, ge=-MAX_AMOUNT, le=MAX_AMOUNT)
    currency: Currency

    def __add__(self, other: Money) -> Money:
        self._same_currency(other)
        return Money(amount=self.amount + other.amount, currency=self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same_currency(other)
        return Money(amount=self.amount - other.amount, currency=self.currency)

    def __str__(self) -> str:
        exponent = CURRENCY_EXPONENTS[self.currency]
        return f"{Decimal(self.amount).scaleb(-exponent):.{exponent}f} {self.currency}"

    def _same_currency(self, other: Money) -> None:
        if other.currency != self.currency:
            raise Refused("currency-mismatch", f"{self.currency} and {other.currency} do not add up")

    @classmethod
    def from_major(cls, text: str, currency: str) -> Money:
        """Read a decimal in major units such as ``"12.50"``; more decimals than the currency has are refused."""
        exponent = CURRENCY_EXPONENTS[require_currency(currency)]
        try:
            scaled = _EXACT.scaleb(_EXACT.create_decimal(text), exponent)
        except DecimalException as error:
            raise ValueError(f"not an amount: {text[:20]!r}") from error
        if not scaled.is_finite() or scaled != scaled.to_integral_value(context=_EXACT):
            raise ValueError(f"{text[:20]!r} has more decimals than {currency}")
        return cls(amount=int(scaled), currency=currency)


class Address(Model):
    """Where a parcel goes. Personal: lives in the vault only."""

    name: Text
    street: Text
    city: Text
    postal_code: Text = ""
    region: Text = ""
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
    phone: Text = ""

    @property
    def gist(self) -> str:
        """What decides where a parcel goes, whatever the spaces and capitals."""
        parts = (self.name, self.street, self.city, self.postal_code, self.region, self.country)
        return "\n".join(" ".join(part.split()).casefold() for part in parts)


class Buyer(Model):
    """Who bought. Personal: lives in the vault only."""

    name: Text = ""
    email: Text = ""
    phone: Text = ""


_SIGNS = {
    b"%PDF-": "application/pdf",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"GIF8": "image/gif",
    b"\xff\xd8\xff": "image/jpeg",
    b"^XA": "application/zpl",
    b"~": "application/zpl",
    b"CT~~CD": "application/zpl",
    b"<svg": "image/svg+xml",
    b"<?xml": "image/svg+xml",
}
"""How the bytes of a paper begin."""


class Document(Model):
    """Bytes of a paper, such as a label, typed by what they are."""

    content: bytes
    media_type: str = "application/octet-stream"

    @classmethod
    def of(cls, content: bytes) -> Document:
        """Return a paper as it was received, typed by its bytes: what a sender calls them is not believed."""
        start = content[:1000].lstrip()
        kinds = (kind for sign, kind in _SIGNS.items() if start.startswith(sign))
        kind = next(kinds, "")
        drawn = kind != "image/svg+xml" or b"<svg" in start
        return cls(content=content, media_type=kind if kind and drawn else "application/octet-stream")
