"""Retention: what nobody needs any more is forgotten after the policy's time, in small batches."""

from __future__ import annotations

from activities.context import Context

_BATCH = 500


async def sweep_once(context: Context) -> int:
    """Forget one batch of each kind of leftover; return of how many kinds there may be more."""
    before = context.now() - context.policy.leftovers_kept_for
    async with context.record.begin() as tx:
        gone = [
            await tx.retention.forget_dead_tellings(before, _BATCH),
            await tx.retention.forget_messages_of_nobody(before, _BATCH),
            await tx.retention.forget_causes(_BATCH),
            await tx.retention.forget_quotes(context.now(), _BATCH),
        ]
    return sum(count == _BATCH for count in gone)
