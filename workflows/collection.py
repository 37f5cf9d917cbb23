"""CollectionWorkflow: one driver of a carrier, until the carrier has said yes or no."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from activities.collection import CollectionActivities
    from domain import messages as names
    from domain.collection import CollectionState
    from domain.messages import Answer, CollectionStart, Retry, carrier_queue
    from workflows.failures import read_failure
    from workflows.options import PARTY_RETRY, PARTY_TIMEOUT, RECORD_RETRY, RECORD_TIMEOUT

_PROBE = timedelta(minutes=2)
"""How soon a carrier that could not be asked is asked again; once the window is over there is nothing to ask for."""


@workflow.defn(name=names.COLLECTION_WORKFLOW)
class CollectionWorkflow:
    """Orders one driver."""

    @workflow.init
    def __init__(self, start: CollectionStart) -> None:
        self._start = start
        self._asked_again = False

    @workflow.run
    async def run(self, start: CollectionStart) -> CollectionState:
        """Ask until there is an answer; wait for a person where nobody can tell whether a driver was ordered."""
        while True:
            self._asked_again = False
            state = await self._ask()
            if state is not None and state is not CollectionState.ORDERING:
                await workflow.wait_condition(workflow.all_handlers_finished)
                return state
            await self._wait(None if state else _PROBE)
            if workflow.info().is_continue_as_new_suggested():
                await workflow.wait_condition(workflow.all_handlers_finished)
                workflow.continue_as_new(start)

    @workflow.update(name=names.RETRY, description='Order it again: {"actor": "you", "reason": "why"}')
    async def retry(self, verb: Retry) -> Answer:
        """Ask again; with `happened` a driver of whom nobody could tell is settled first."""
        answer = await workflow.execute_activity_method(
            CollectionActivities.retry,
            args=[self._start, verb],
            start_to_close_timeout=RECORD_TIMEOUT,
            retry_policy=RECORD_RETRY,
            summary=f"{verb.actor}: {verb.reason}"[:200],
        )
        self._asked_again = self._asked_again or answer.done
        return answer

    async def _ask(self) -> CollectionState | None:
        """Return what the carrier said; None where it could not be asked."""
        try:
            return await workflow.execute_activity_method(
                CollectionActivities.order_driver,
                self._start,
                task_queue=carrier_queue(self._start.carrier),
                start_to_close_timeout=PARTY_TIMEOUT,
                retry_policy=PARTY_RETRY,
                summary=f"order a driver of {self._start.carrier}",
            )
        except ActivityError as error:
            code = read_failure(error).code
        await workflow.execute_activity_method(
            CollectionActivities.note,
            args=[self._start, code],
            start_to_close_timeout=RECORD_TIMEOUT,
            retry_policy=RECORD_RETRY,
            summary=f"not ordered yet: {code}",
        )
        return None

    async def _wait(self, probe: timedelta | None) -> None:
        what = "an answer" if probe else "a person who looks there"
        wanted = self._start.collection_id
        workflow.set_current_details(f"**{wanted} waits** for {what}: `crossdock collections retry {wanted}`")
        try:
            await workflow.wait_condition(
                lambda: self._asked_again, timeout=probe, timeout_summary=f"waits for {self._start.carrier}"
            )
        except TimeoutError:
            return
