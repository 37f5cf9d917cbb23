"""The desk of one order: asks parties, waits for what lacks, tells the buyer, and keeps the Temporal UI readable."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import Priority, SearchAttributeUpdate
from temporalio.exceptions import ActivityError

from activities.message import MessageActivities
from activities.order import OrderActivities
from activities.steps import MessageRequest, Park, Patience, StepResult
from domain.messages import NOTIFIER_QUEUE
from domain.waits import advise
from workflows.failures import Failure, read_failure
from workflows.options import (
    ATTENTION,
    PARTY_RETRY,
    PARTY_TIMEOUT,
    RECORD_RETRY,
    RECORD_TIMEOUT,
    STAGE,
    WAITS_FOR,
)

Step = Callable[[Any, Any], Awaitable[StepResult]]

_LONG = timedelta(days=365)
_DEFAULT_PROBE = timedelta(minutes=2)


@dataclass(frozen=True)
class Ask:
    """A step that asks a party: for which part of the order, on whose queue, and what the Temporal UI calls it."""

    scope: str
    queue: str
    party: str
    step: Step
    arg: object
    summary: str


class Desk:
    """What the workflow of an order, and those of its returns and refunds, have in common."""

    def __init__(self, order_id: str) -> None:
        self.order_id = order_id
        self.woken = 0
        self.patience: Patience | None = None
        self.priority: int | None = None
        self._waits: dict[str, tuple[str, ...]] = {}
        self._attention = ""

    def wake(self, ticket: int) -> None:
        """Latch the greatest ticket that was ever woken."""
        self.woken = max(self.woken, ticket)

    async def ask_record(self, step: Step, arg: object, summary: str) -> StepResult:
        """Take a step that asks the record only."""
        return await workflow.execute_activity_method(
            step,
            arg,
            start_to_close_timeout=RECORD_TIMEOUT,
            retry_policy=RECORD_RETRY,
            summary=summary,
            priority=self._urgent(),
        )

    async def ask_party(self, ask: Ask, until: Callable[[], bool] = lambda: False) -> StepResult:
        """Take a step that asks a party; when it cannot go on it waits visibly, and is taken again when woken.

        A party that could not answer is asked again after the policy's `probe_after`. `until` ends the waiting: the
        result then still carries its ticket.
        """
        waited = False
        while True:
            probe = _LONG
            try:
                result = await self._try(ask.queue, ask.step, ask.arg, ask.summary)
            except ActivityError as error:
                failure = read_failure(error)
                result = await self._park(ask, failure)
                if failure.type == "Unavailable":
                    probe = self.patience.probe_after if self.patience else _DEFAULT_PROBE
            if result.ticket:
                waited = True
                await self._wait(ask.scope, result, probe, until)
            if not result.ticket or until():
                if waited:
                    await self._unpark(ask.scope)
                return result

    async def tell_buyer(self, request: MessageRequest) -> None:
        """Tell the buyer; a message that cannot be sent is given up visibly in the history, never in the way."""
        try:
            await self._try(NOTIFIER_QUEUE, MessageActivities.tell, request, f"tell the buyer: {request.kind.value}")
        except ActivityError as error:
            workflow.logger.warning("message %s given up: %s", request.kind.value, read_failure(error).code)

    def wait_for(self, scope: str, causes: tuple[str, ...]) -> None:
        """Show in the Temporal UI what this part of the order waits for; nothing when it goes on."""
        if causes:
            self._waits[scope] = causes
        else:
            self._waits.pop(scope, None)
        every = sorted({cause for scope_causes in self._waits.values() for cause in scope_causes})
        workflow.set_current_details(self._describe(every))
        self._mark(" ".join(every)[:200])

    def stage(self, value: str) -> None:
        """Show the stage of the order in lists of the Temporal UI; few times a life, since it costs the server."""
        _upsert([STAGE.value_set(value)])

    async def _try(self, queue: str, step: Step, arg: object, summary: str) -> StepResult:
        return await workflow.execute_activity_method(
            step,
            arg,
            task_queue=queue,
            start_to_close_timeout=PARTY_TIMEOUT,
            retry_policy=PARTY_RETRY,
            summary=summary,
            priority=self._urgent(),
        )

    def _urgent(self) -> Priority:
        """Return how urgent a step is by the last review; by default as when the workflow was started."""
        return Priority(priority_key=self.priority) if self.priority else Priority.default

    async def _park(self, ask: Ask, failure: Failure) -> StepResult:
        # Only a party that is away comes back by itself; everything else needs somebody to act.
        away = failure.type == "Unavailable"
        cause = f"adapter:{ask.party}" if away else f"conflict:{ask.party}:{failure.code}"
        park = Park(order_id=self.order_id, scope=ask.scope, cause=cause, code=failure.code)
        return await self.ask_record(OrderActivities.park, park, f"waits: {cause}")

    async def _unpark(self, scope: str) -> None:
        self.wait_for(scope, ())
        park = Park(order_id=self.order_id, scope=scope, cause="", code="")
        await self.ask_record(OrderActivities.unpark, park, "it goes on")

    async def _wait(self, scope: str, result: StepResult, probe: timedelta, until: Callable[[], bool]) -> None:
        self.wait_for(scope, (result.cause,))
        try:
            await workflow.wait_condition(
                lambda: self.woken >= result.ticket or until(),
                timeout=probe,
                timeout_summary=f"waits for {advise(self.order_id, result.cause).waits_for}"[:200],
            )
        except TimeoutError:
            return

    def _describe(self, causes: list[str]) -> str:
        if not causes:
            return ""
        # Without the blank line the Temporal UI shows no list.
        lines = [f"**{self.order_id} waits** for:", ""]
        for cause in causes:
            advice = advise(self.order_id, cause)
            lines.append(f"- {advice.waits_for}; cleared by {advice.cleared_by}: `{advice.command}`")
        return "\n".join(lines)

    def _mark(self, causes: str) -> None:
        """Let a saved filter find orders that wait for a person; nothing is sent while nothing changes."""
        if causes != self._attention:
            self._attention = causes
            _upsert([WAITS_FOR.value_set(causes), ATTENTION.value_set(bool(causes))])


def _upsert(updates: Sequence[SearchAttributeUpdate[Any]]) -> None:
    workflow.upsert_search_attributes(updates)  # pyright: ignore[reportUnknownMemberType] - the library's own generic
