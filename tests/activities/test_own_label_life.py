"""The life of a part at a place that labels itself, as its coroutine drives it: no carrier is asked for a label."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

import workflows.fulfillment as life_module
from activities.steps import Course, MessageRequest, Patience, StepResult
from domain.fulfillment import Stage
from domain.ports.notifier import MessageKind
from tests.activities.depot import ORDER, PART
from tests.builders import ACCOUNT
from workflows.desk import Ask, Desk, Step
from workflows.fulfillment import FulfillmentLife

PATIENCE = Patience(
    pickup_reminder_after=timedelta(days=1), pickup_expires_after=timedelta(days=2),
    delivery_watch_after=timedelta(days=10), return_expires_after=timedelta(days=30), probe_after=timedelta(minutes=2),
    follow_every=timedelta(hours=6),
)  # fmt: skip


class Story(Desk):
    """A desk that answers each step as it was told to, and waits as long as it was told to."""

    def __init__(self, answers: dict[str, list[StepResult]], signals: list[Stage]) -> None:
        super().__init__(ORDER)
        self.patience = PATIENCE
        self.asked: list[str] = []
        self.mails: list[MessageKind] = []
        self.waited: list[timedelta | None] = []
        self.answers, self.signals = answers, signals
        self.life: Any = None

    async def ask_party(self, ask: Ask, until: Callable[[], bool] = lambda: False) -> StepResult:
        del until
        name = ask.step.__name__
        self.asked.append(f"{name} at {ask.queue}")
        result = self.answers.get(name, [StepResult()]).pop(0)
        if result.ticket:
            self._hear()
        return result

    async def ask_record(self, step: Step, arg: object, summary: str) -> StepResult:
        del arg, summary
        self.asked.append(step.__name__)
        return self.answers[step.__name__].pop(0)

    async def tell_buyer(self, request: MessageRequest) -> None:
        self.mails.append(request.kind)

    def stage(self, value: str) -> None:
        del value

    async def wait_condition(self, condition: Callable[[], bool], **how: Any) -> None:
        """Wait for the next signal, or until the time is over."""
        self.waited.append(how.get("timeout"))
        if condition():
            return
        if self.signals and self.signals[0] is not Stage.PLANNED:
            self._hear()
        elif self.signals:
            self.signals.pop(0)
            raise TimeoutError
        assert condition(), self.asked

    def _hear(self) -> None:
        self.life.advance(self.signals.pop(0))


SILENCE = Stage.PLANNED
"""No signal, until the time is over."""


async def play(
    patch: pytest.MonkeyPatch, answers: dict[str, list[StepResult]], signals: list[Stage], **course: Any
) -> Story:
    story = Story(answers, signals)
    fields = {
        "fulfillment_id": PART, "delivery": "ship", "stage": Stage.PLANNED, "needs_hand": True, "location": "BER",
        "system": "depot", "carrier": "",
    }  # fmt: skip
    story.life = FulfillmentLife(story, ACCOUNT, Course.model_validate(fields | course))
    story.life.wanted_back = course.get("wanted_back", False)
    patch.setattr(life_module, "workflow", SimpleNamespace(wait_condition=story.wait_condition))
    await story.life.run()
    assert not story.signals
    return story


RELEASED = StepResult(stage=Stage.RELEASED, labels_itself=True)


@pytest.mark.parametrize("needs_hand", [True, False])
async def test_no_label_is_bought_and_the_parcel_is_followed(
    monkeypatch: pytest.MonkeyPatch, *, needs_hand: bool
) -> None:
    answers = {
        "release": [RELEASED],
        "push_tracking": [StepResult(stage=Stage.HANDED_OVER)],
        "follow": [StepResult(stage=Stage.HANDED_OVER), StepResult(stage=Stage.DELIVERED)],
    }
    signals = [*([Stage.PICKED] if needs_hand else []), Stage.HANDED_OVER, SILENCE, SILENCE]
    story = await play(monkeypatch, answers, signals, needs_hand=needs_hand)
    assert story.asked == [
        "release at location-depot", "push_tracking at channel-shop", "follow at location-depot",
        "follow at location-depot",
    ]  # fmt: skip
    assert story.waited[-1] == timedelta(hours=6)


async def test_a_place_whose_word_is_faster_than_our_release_is_still_known_to_label_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = {
        "release": [StepResult(ticket=3, cause="adapter:depot"), StepResult(stage=Stage.PICKED, labels_itself=True)],
        "push_tracking": [StepResult(stage=Stage.DELIVERED)],
    }
    story = await play(monkeypatch, answers, [Stage.PICKED, Stage.HANDED_OVER])
    assert story.asked == ["release at location-depot"] * 2 + ["push_tracking at channel-shop"]


async def test_a_channel_that_was_not_told_yet_is_told_at_the_next_stage(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = {"push_tracking": [StepResult(ticket=5, cause=f"tracking:{PART}"), StepResult(stage=Stage.DELIVERED)]}
    told = await play(monkeypatch, answers, [Stage.IN_TRANSIT], stage=Stage.HANDED_OVER, labels_itself=True)
    assert told.asked == ["push_tracking at channel-shop"] * 2


async def test_what_is_cancelled_is_recalled_and_nothing_is_voided(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = {
        "recall": [StepResult(stage=Stage.CANCELLING)],
        "finish_cancelling": [StepResult(stage=Stage.CANCELLED)],
    }
    story = await play(monkeypatch, answers, [], stage=Stage.CANCELLING, labels_itself=True, carrier="swift")
    assert story.asked == ["recall at location-depot", "finish_cancelling"]


async def test_nobody_is_asked_to_turn_round_what_is_not_our_label(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = {"push_tracking": [StepResult(stage=Stage.HANDED_OVER)]}
    story = await play(
        monkeypatch, answers, [Stage.DELIVERED], stage=Stage.HANDED_OVER, labels_itself=True, carrier="swift",
        wanted_back=True,
    )  # fmt: skip
    assert story.asked == ["push_tracking at channel-shop"]
    assert story.mails == [MessageKind.CANCEL_TOO_LATE]


async def test_a_label_that_was_not_needed_teaches_the_life_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = {"buy_label": [StepResult(labels_itself=True)], "push_tracking": [StepResult(stage=Stage.DELIVERED)]}
    story = await play(monkeypatch, answers, [Stage.HANDED_OVER], stage=Stage.PICKED, carrier="swift")
    assert story.asked == ["buy_label at carrier-swift", "push_tracking at channel-shop"]
