"""The port to a mailbox: messages that lie with the other side until we have stored them, as in a queue or a folder."""

from __future__ import annotations

from typing import Protocol

from domain.values import Model


class Letter(Model):
    """One message as it lies there; `receipt` names it for the answer, `body` is read as a webhook's is."""

    receipt: str
    body: bytes


class Mailbox(Protocol):
    """A party that is asked for its messages. Failures as for a marketplace."""

    async def fetch_letters(self) -> tuple[Letter, ...]:
        """Return messages that nobody has answered yet; the same one may come again, and in any order."""
        ...

    async def answer_letter(self, letter: Letter, refusal: str) -> None:
        """Say that a message is stored, or set aside for the reason given: it does not come again.

        Called after the message was committed, and once more when its answer may have been lost.
        """
        ...
