"""Which permissions we have over there: each is asked for by what needs it, in a way that can change nothing."""

from __future__ import annotations

from collections.abc import Awaitable

from domain.effect import Unknown
from domain.errors import NotFound, Refused, Unauthorized, Unavailable

CREDENTIALS, PERMISSION = "http-401", "http-403"
"""The codes by which most vendors tell that they do not know us, and that we may not do this."""


async def refusal(asked: Awaitable[object]) -> str:
    """Return the code by which we are refused; empty where we are let, though there is nothing of that kind.

    Raises:
        Unavailable: nobody can tell now.
        ContractBroken: the answer is not what was agreed.
    """
    try:
        answer = await asked
    except Unauthorized as error:
        return error.code
    except (NotFound, Refused):
        return ""
    if isinstance(answer, Unknown):
        raise Unavailable(answer.code)
    return ""


async def lacks(asked: Awaitable[object]) -> bool:
    """Tell whether a permission lacks for this; failures as for `refusal`.

    Raises:
        Unauthorized: it is our credentials that are refused.
    """
    code = await refusal(asked)
    if code not in {"", PERMISSION}:
        raise Unauthorized(code)
    return code == PERMISSION
