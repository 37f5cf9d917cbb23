"""Reading what others write loosely: nothing for no text, numbers as text, lists with holes; but never a guess.

Numbers are read as they are written, not as binary fractions, so that money stays exact.
"""

from __future__ import annotations

import json
import re
from collections.abc import Generator
from contextlib import contextmanager
from decimal import Decimal
from typing import Annotated, Any, NoReturn, Self, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, RootModel, StringConstraints, ValidationError

from adapters.http import complaints
from domain.errors import ContractBroken

_NUMBER = re.compile(r"-?\d{1,30}(\.\d{1,30})?")
_MOST_WORDS = 500


@contextmanager
def reading(code: str) -> Generator[None]:
    """Read something of theirs; of what cannot be read the error tells which fields, and not what they hold.

    Raises:
        ContractBroken: with this code: it is not of the shape, or does not add up.
    """
    try:
        yield
    except ValidationError as error:
        raise ContractBroken(code, complaints(error)) from None
    except ValueError as error:
        raise ContractBroken(code, str(error)[:_MOST_WORDS]) from None


def loads(body: str | bytes | bytearray) -> Any:  # noqa: ANN401  JSON, unread
    """Read JSON, its fractions as decimals.

    Raises:
        ContractBroken: it is none.
    """
    try:
        return json.loads(body, parse_float=Decimal, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise ContractBroken("not-json", "the body is not readable JSON") from None


def dumps(document: object) -> bytes:
    """Write what `loads` read, the same for the same document; fractions become text, which keeps them exact."""
    return json.dumps(document, ensure_ascii=True, separators=(",", ":"), default=str).encode()


def fields(value: object) -> dict[str, Any]:
    """Return the fields of a JSON object; of anything else, none."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def rows(value: object) -> list[Any]:
    """Return the rows of a JSON list, or of the object that PHP makes of a list with holes; of anything else, none."""
    return cast("list[Any]", value) if isinstance(value, list) else list(fields(value).values())


class Exact(BaseModel):
    """Something whose JSON is read by `loads`."""

    @classmethod
    def model_validate_json(cls, json_data: str | bytes | bytearray, **options: Any) -> Self:  # noqa: ANN401  pydantic's
        """Read JSON without turning its numbers into binary fractions."""
        return cls.model_validate(loads(json_data), **options)


class Loose(Exact):
    """Another party's words: what we do not know of them is ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)


class Rows(Exact, RootModel[list[dict[str, Any]]]):
    """A list of objects, unread."""


class Document(Exact, RootModel[dict[str, Any]]):
    """An object as it came, unread."""


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number")


def _text(told: object) -> object:
    """Return text; PHP and its like say false or an empty list where there is none."""
    if told is None or told is False or told in ([], {}):
        return ""
    return str(told) if isinstance(told, int | Decimal) and told is not True else told


def _id(told: object) -> object:
    return str(told) if isinstance(told, int) and not isinstance(told, bool) else told


def _amount(told: object) -> str:
    text = str(told) if isinstance(told, int | Decimal | str) and not isinstance(told, bool) else ""
    if not _NUMBER.fullmatch(text):
        raise ValueError("not an amount")
    return text


def _count(told: object) -> int:
    if isinstance(told, Decimal) and told == told.to_integral_value():
        return int(told)
    if isinstance(told, int) and not isinstance(told, bool):
        return told
    raise ValueError("not a number of units")


def _word(told: object) -> object:
    return told if isinstance(told, str) else ""


def _rows(told: object) -> object:
    """Return rows; PHP writes a list with holes as an object, and nothing as null or false."""
    if told is None or told is False:
        return ()
    return tuple(cast("dict[str, object]", told).values()) if isinstance(told, dict) else told


MaybeText = Annotated[str, BeforeValidator(_text)]
Id = Annotated[str, BeforeValidator(_id), StringConstraints(pattern=r"^[A-Za-z0-9_.:#@+=-]{1,80}$")]
Word = Annotated[str, BeforeValidator(_word)]
"""A key, or nothing when it is no text."""
Amount = Annotated[str, BeforeValidator(_amount)]
"""Major units as they were written, such as "12.50"."""
Count = Annotated[int, BeforeValidator(_count)]
MaybeRows = BeforeValidator(_rows)
"""Marks a tuple of rows that may be absent."""
