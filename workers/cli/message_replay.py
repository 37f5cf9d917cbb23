"""A message in quarantine, taken in once more."""

from __future__ import annotations

from activities.context import Context
from activities.fact import apply_message
from activities.intake import replay
from domain.errors import Conflict, Unavailable
from domain.ports.stores.inbox import InboxState


async def replay_message(context: Context, inbox_id: int, actor: str, reason: str) -> InboxState:
    """Take a quarantined message in again and return its state: NEW when a party it needs does not answer now.

    Raises:
        NotFound: there is no such message.
        Conflict: it is not in quarantine.
    """
    async with context.record.begin() as tx:
        row = await tx.inbox.load(inbox_id)
        if row.state is not InboxState.QUARANTINED:
            raise Conflict("not-quarantined", f"message {inbox_id} is {row.state.value}, not in quarantine")
        await tx.audit.note(f"inbox:{inbox_id}", "replay", actor, reason, context.now())
    if row.source == "pull":
        return InboxState(await replay(context, inbox_id))
    async with context.record.begin() as tx:
        await tx.inbox.replay(inbox_id)
        row = await tx.inbox.load(inbox_id)
    try:
        await apply_message(context, row)
    except Unavailable:
        return InboxState.NEW
    async with context.record.begin() as tx:
        return (await tx.inbox.load(inbox_id)).state
