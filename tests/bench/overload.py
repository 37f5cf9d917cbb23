"""An overload: more orders than one place can send in time, served in the order they came or by their slack.

Counted, never timed: a turn is a quarter of an hour of the place's day, whatever the machine.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from datetime import timedelta
from random import Random

from domain.promise import urgency

TURN = timedelta(minutes=15)
"""How long the place needs for one order."""

MARGIN = timedelta(hours=2)


@dataclass(frozen=True)
class Job:
    """One order: in which turn it comes, and up to which turn it has to be served."""

    number: int
    comes: int
    due: int

    @property
    def priority(self) -> int:
        """How urgent it was when it came, as the engine tells Temporal."""
        return urgency((self.due - self.comes - 1) * TURN, MARGIN)


def draw_jobs(seed: int, count: int, *, rush: float) -> list[Job]:
    """Draw orders that come `rush` times as fast as the place works; a fifth of them are due on the same day.

    Two fifths are due on the next day, the others within the week.
    """
    chance = Random(seed)  # noqa: S311 - reproducible, not secret
    jobs: list[Job] = []
    for number in range(count):
        comes = int(number / rush) if rush else 0
        first, last = chance.choices([(16, 32), (80, 104), (200, 600)], [1, 2, 2])[0]
        jobs.append(Job(number, comes, comes + chance.randint(first, last)))
    return jobs


def serve(jobs: list[Job], *, by_slack: bool) -> list[Job]:
    """Return the orders as one place serves them: one a turn, the most urgent first, else the first that came."""
    left, waiting, served = sorted(jobs, key=lambda job: job.number, reverse=True), list[tuple[int, int]](), list[Job]()
    by_number = {job.number: job for job in jobs}
    turn = 0
    while left or waiting:
        while left and left[-1].comes <= turn:
            job = left.pop()
            heapq.heappush(waiting, (job.priority if by_slack else 0, job.number))
        if waiting:
            served.append(by_number[heapq.heappop(waiting)[1]])
        turn += 1
    return served


def count_late(served: list[Job]) -> int:
    """Return how many orders were served after their last turn, when the place never rests."""
    turn, late = 0, 0
    for job in served:
        turn = max(turn, job.comes) + 1
        late += turn > job.due
    return late
