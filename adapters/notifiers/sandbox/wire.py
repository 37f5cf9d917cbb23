"""The mailbox's own words."""

from __future__ import annotations

from pydantic import BaseModel


class Mail(BaseModel):
    """A message that was delivered."""

    id: str


class Mails(BaseModel):
    """All messages found."""

    messages: list[Mail]
