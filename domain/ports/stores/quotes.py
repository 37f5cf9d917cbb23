"""How what carriers quoted is kept: by road and weight, and nothing of any buyer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from domain.quotes import Question, Quote


class QuoteStore(Protocol):
    """Answers of carriers, each for as long as it holds."""

    async def known(self, questions: Sequence[Question], now: datetime) -> dict[Question, Quote]:
        """Return what holds of these questions, also that somebody is asking (`ASKED`)."""
        ...

    async def take(self, questions: Sequence[Question], now: datetime, until: datetime) -> tuple[Question, ...]:
        """Become the one who asks; return what was taken: of which nothing holds, not even that somebody is asking.

        Nobody else takes it before `until`.
        """
        ...

    async def keep(self, quotes: Sequence[Quote]) -> None:
        """Keep answers, in place of earlier ones to the same questions."""
        ...
