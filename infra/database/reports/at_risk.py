"""What may be late, longest at risk first: the same list that the watch goes through."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.lateness import AtRisk, RiskMark
from infra.database.promise import AT_RISK
from infra.database.reports.reading import fetch

Told = TypeVar("Told")

_PAGE = 200


async def list_at_risk(
    connection: AsyncConnection, now: datetime, limit: int, tell: Callable[[AtRisk], Told | None]
) -> list[Told]:
    """Return up to `limit` of what was at risk at a moment, as `tell` puts it; what it has no word for is left out."""
    told: list[Told] = []
    after: RiskMark | None = None
    while len(told) < limit:
        bound = {"since": after and after.since, "subject": after.subject if after else ""}
        page = await fetch(connection, AtRisk, AT_RISK, now=now, limit=_PAGE, **bound)
        told += [words for risk in page if (words := tell(risk)) is not None]
        if len(page) < _PAGE:
            break
        after = page[-1].mark
    return told[:limit]
