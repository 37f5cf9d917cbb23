"""A write in several parts, of which a first was executed."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TypeVar

from domain.effect import Rejected, Unknown
from domain.errors import CrossdockError

Done = TypeVar("Done")


async def onward(sending: Awaitable[Done | Rejected | Unknown]) -> Done | Unknown:
    """Go on with it: whatever fails now means that we do not know what became of the whole."""
    try:
        outcome = await sending
    except CrossdockError as error:
        return Unknown(code=error.code)
    return Unknown(code=outcome.code) if isinstance(outcome, Rejected) else outcome
