"""The watch on the real server: it tells whom it owes a word, and each run goes on where the one before ended."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from temporalio import activity
from temporalio.client import Client, Schedule, ScheduleActionStartWorkflow, ScheduleSpec
from temporalio.exceptions import ApplicationError
from temporalio.worker import Worker

from activities.steps import MessageRequest, StepResult, WatchPage, WatchRequest
from domain.lateness import RiskMark
from domain.messages import NOTIFIER_QUEUE, WATCH_WORKFLOW
from domain.ports.notifier import MessageKind
from tests.builders import NOW
from tests.end_to_end.town import eventually
from workers.worker import sandboxed
from workflows.watch import PAGES, WatchWorkflow

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]


class Stage:
    """The steps of a watch over a list without end, of which every promise owes one buyer a word."""

    def __init__(self) -> None:
        self.asked: list[WatchRequest] = []
        self.told: list[str] = []

    @activity.defn(name="clear_dates")
    async def clear_dates(self) -> int:
        return 0

    @activity.defn(name="watch_promises")
    async def watch(self, request: WatchRequest) -> WatchPage:
        self.asked.append(request)
        number = int(request.after.subject) + 1 if request.after else 1
        order_id = "unreachable" if number == 2 else f"shop/{number}"
        word = MessageRequest(order_id=order_id, kind=MessageKind.DELAYED, subject=order_id)
        return WatchPage(after=RiskMark(since=NOW + timedelta(minutes=number), subject=str(number)), owed=(word,))

    @activity.defn(name="tell_buyer")
    async def tell(self, request: MessageRequest) -> StepResult:
        if request.order_id == "unreachable":
            raise ApplicationError("no", non_retryable=True)
        self.told.append(request.order_id)
        return StepResult()


async def test_each_run_is_bounded_goes_on_where_the_last_ended_and_says_who_was_told(temporal_client: Client) -> None:
    stage, queue = Stage(), uuid.uuid4().hex  # noqa: TID251 - a test's own queue
    workflows = Worker(
        temporal_client, task_queue=queue, workflows=[WatchWorkflow], activities=[stage.clear_dates, stage.watch],
        workflow_runner=sandboxed(),
    )  # fmt: skip
    action = ScheduleActionStartWorkflow(WATCH_WORKFLOW, id=f"watch-{queue}", task_queue=queue)
    async with workflows, Worker(temporal_client, task_queue=NOTIFIER_QUEUE, activities=[stage.tell]):
        schedule = await temporal_client.create_schedule(queue, Schedule(action=action, spec=ScheduleSpec()))
        try:
            for run in (1, 2):
                await schedule.trigger()
                await eventually(lambda pages=run * PAGES: _has_asked(stage, pages), 60)
                await eventually(lambda runs=run: _has_run(temporal_client, queue, runs), 60)
        finally:
            await schedule.delete()
    marks = [int(request.after.subject) if request.after else 0 for request in stage.asked]
    assert marks == list(range(2 * PAGES)), "the second run began where the first had ended"
    assert stage.told == [f"shop/{number}" for number in range(1, 2 * PAGES + 1) if number != 2]
    assert [request.told for request in stage.asked[1:4]] == [("shop/1",), (), ("shop/3",)]


async def _has_asked(stage: Stage, pages: int) -> bool:
    return len(stage.asked) >= pages


async def _has_run(client: Client, schedule_id: str, runs: int) -> bool:
    described = await client.get_schedule_handle(schedule_id).describe()
    return described.info.num_actions >= runs and not described.info.running_actions
