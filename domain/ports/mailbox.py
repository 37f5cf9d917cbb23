"""The port to a mailbox: messages that lie with the other side until we have stored them, as in a queue or a folder."""

from __future__ import annotations

from typing import Protocol

from domain.ports.webhook import WebhookReader
from domain.values import Model


class Letter(Model):
    """One message as it lies there.

    Attributes:
        receipt: names it for the answer.
        body: read as a webhook's is; two messages that both count have different bodies, for a repeat is no news.
    """

    receipt: str
    body: bytes


class Mailbox(WebhookReader, Protocol):
    """A party that is asked for its messages. Failures as for a marketplace."""

    async def fetch_letters(self) -> tuple[Letter, ...]:
        """Return some messages that nobody has answered yet; the same one may come again, and in any order."""
        ...

    async def answer_letter(self, letter: Letter, refusal: str) -> None:
        """Say that a message is stored, or set aside for the reason given: it does not come again.

        Called after the message was committed, and once more when its answer may have been lost.
        """
        ...
