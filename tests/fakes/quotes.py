"""Quotes in memory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from domain.quotes import ASKED, Question, Quote
from tests.fakes.state import State


class FakeQuoteStore:
    """Answers of carriers, each for as long as it holds."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def known(self, questions: Sequence[Question], now: datetime) -> dict[Question, Quote]:
        """Return what holds of these questions."""
        kept = self._state.quotes
        return {one: kept[one] for one in questions if one in kept and kept[one].holds_until > now}

    async def take(self, questions: Sequence[Question], now: datetime, until: datetime) -> tuple[Question, ...]:
        """Become the one who asks; return what was taken."""
        held = await self.known(questions, now)
        taken = tuple(question for question in questions if question not in held)
        for question in taken:
            self._state.quotes[question] = Quote(question=question, code=ASKED, asked_at=now, holds_until=until)
        return taken

    async def keep(self, quotes: Sequence[Quote]) -> None:
        """Keep answers, in place of earlier ones to the same questions."""
        self._state.quotes.update({quote.question: quote for quote in quotes})
