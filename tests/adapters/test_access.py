"""Asking for a permission: a refusal is one, an answer of any other kind is not, and silence is neither."""

from __future__ import annotations

import pytest

from adapters.access import lacks, refusal
from domain.effect import Confirmed, Rejected, Unknown
from domain.errors import ContractBroken, CrossdockError, NotFound, Refused, Unauthorized, Unavailable


async def told(answer: object) -> object:
    if isinstance(answer, CrossdockError):
        raise answer
    return answer


@pytest.mark.parametrize("answer", [Confirmed(), Rejected(code="no-such-order"), NotFound("http-404"), Refused("x")])
async def test_who_is_told_that_there_is_no_such_thing_was_let_in(answer: object) -> None:
    assert await refusal(told(answer)) == ""
    assert not await lacks(told(answer))


async def test_a_permission_that_lacks_is_told_from_credentials_that_do_not_count() -> None:
    assert await lacks(told(Unauthorized("http-403")))
    assert await refusal(told(Unauthorized("http-401"))) == "http-401"
    with pytest.raises(Unauthorized):
        await lacks(told(Unauthorized("http-401")))


@pytest.mark.parametrize("answer", [Unknown(code="lost"), Unavailable("http-503"), ContractBroken("not-json")])
async def test_nobody_guesses_while_the_other_side_is_in_trouble(answer: object) -> None:
    with pytest.raises((Unavailable, ContractBroken)):
        await lacks(told(answer))
