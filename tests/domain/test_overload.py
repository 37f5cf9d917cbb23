"""Too many orders for one place: served by slack, at most half as many are late as in the order in which they came."""

from __future__ import annotations

import pytest

from tests.bench.overload import count_late, draw_jobs, serve


@pytest.mark.parametrize(("rush", "count"), [(1.5, 600), (2, 300), (2, 600)])
@pytest.mark.parametrize("seed", range(10))
def test_served_by_slack_at_most_half_as_many_orders_are_late(seed: int, rush: float, count: int) -> None:
    jobs = draw_jobs(seed, count, rush=rush)
    in_turn, by_slack = (serve(jobs, by_slack=wanted) for wanted in (False, True))
    assert sorted(job.number for job in by_slack) == [job.number for job in in_turn]
    assert count_late(in_turn) > count // 10
    assert count_late(by_slack) <= count_late(in_turn) / 2


def test_where_nobody_hurries_nobody_is_late_either_way() -> None:
    jobs = draw_jobs(1, 300, rush=0.9)
    assert [count_late(serve(jobs, by_slack=wanted)) for wanted in (False, True)] == [0, 0]
