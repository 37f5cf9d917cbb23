"""Collecting: messages that lie with another party are stored, answered, and only then applied."""

from __future__ import annotations

from temporalio import activity

from activities.context import Context, beat
from activities.fact import apply_message
from activities.outage import skips
from domain.errors import CrossdockError, Unavailable
from domain.messages import CollectStart
from domain.ports.mailbox import Letter, Mailbox
from domain.ports.stores.inbox import InboxRow, InboxState, Received
from domain.values import Model

ROUNDS = 20
"""How often one run asks for more; what is left then is asked for by the next."""


class Collected(Model):
    """What a run brought: messages that were news, those that cannot be read; `out`: the system does not answer."""

    fresh: int = 0
    refused: int = 0
    out: bool = False


class CollectActivities:
    """Looks into mailboxes."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @activity.defn(name="collect_letters")
    @skips(Collected(out=True))
    async def collect(self, start: CollectStart) -> Collected:
        """Empty the mailbox of a location system."""
        return await collect_letters(self._context, start.system, self._context.parties.location(start.system))


async def collect_letters(context: Context, party: str, mailbox: Mailbox) -> Collected:
    """Store, answer and apply what lies in a party's mailbox.

    A message is answered once it is committed: whoever dies in between finds it again, and knows it by its body.
    """
    fresh = refused = 0
    for _ in range(ROUNDS):
        letters = await mailbox.fetch_letters()
        for letter in letters:
            refusal = _refusal(mailbox, letter)
            row = await _store(context, party, letter, refusal)
            await mailbox.answer_letter(letter, str(refusal) if refusal else "")
            fresh += row is not None
            refused += row is not None and refusal is not None
            if row is not None and refusal is None:
                await _apply(context, row)
        beat(fresh)
        if not letters:
            break
    return Collected(fresh=fresh, refused=refused)


def _refusal(mailbox: Mailbox, letter: Letter) -> CrossdockError | None:
    try:
        mailbox.read_webhook(letter.body)
    except CrossdockError as error:
        return error
    return None


async def _store(context: Context, party: str, letter: Letter, refusal: CrossdockError | None) -> InboxRow | None:
    """Commit a message, set aside where it cannot be read; None when it is no news."""
    message = Received(party=party, source="hook", subject="", body=letter.body)
    async with context.record.begin() as tx:
        (inbox_id,) = await tx.inbox.store((message,), context.now())
        if inbox_id is None:
            return None
        if refusal is not None:
            await tx.inbox.quarantine(inbox_id, refusal.code, str(refusal), context.now())
    return InboxRow(**message.model_dump(), inbox_id=inbox_id, state=InboxState.NEW)


async def _apply(context: Context, row: InboxRow) -> None:
    try:
        await apply_message(context, row)
    except Unavailable:
        return  # too early: the inbox loop applies it later
