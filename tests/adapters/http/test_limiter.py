"""A party's limits are kept by all workers together, and what it tells of them is believed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import httpx
import pytest

from adapters.http.limiter import LimitingTransport, believe
from adapters.manifest import Limit
from domain.errors import Unavailable
from domain.ports.stores import Record
from domain.ports.stores.allowance import Draw, Grant
from tests.builders import NOW
from tests.fakes.record import FakeRecord

Answer = Callable[[httpx.Request], httpx.Response]
SLOW = {"list": Limit(rate=0.5, burst=3)}
FAST = {"list": Limit(rate=40, burst=80)}


class Town:
    """A clock that only sleeping moves, and any number of workers that share a record."""

    def __init__(self, limits: dict[str, Limit], answer: Answer = lambda _request: httpx.Response(200)) -> None:
        self.moment = NOW
        self.record = FakeRecord()
        self.sent: list[datetime] = []
        self.slept: list[float] = []
        self._limits, self._answer = limits, answer

    def worker(self, record: Record | None = None) -> httpx.AsyncClient:
        def take(request: httpx.Request) -> httpx.Response:
            self.sent.append(self.moment)
            return self._answer(request)

        transport = LimitingTransport(
            httpx.MockTransport(take), "shop", self._limits, record or self.record, lambda: self.moment, self._sleep
        )
        return httpx.AsyncClient(transport=transport)

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.moment += timedelta(seconds=seconds)


async def ask(client: httpx.AsyncClient, operation: str = "list", cost: float = 1) -> httpx.Response:
    request = client.build_request("GET", "https://shop.example/", extensions={"operation": operation, "cost": cost})
    return await client.send(request)


async def wait_of(town: Town, client: httpx.AsyncClient) -> float:
    """Return the seconds that a request has to wait, here or elsewhere."""
    before = town.moment
    try:
        await ask(client)
    except Unavailable as error:
        return error.retry_after or 0
    return (town.moment - before).total_seconds()


class CountingRecord(FakeRecord):
    def __init__(self) -> None:
        super().__init__()
        self.begun = 0

    def begin(self):  # noqa: ANN201 - as it is in the base class
        self.begun += 1
        return super().begin()


async def test_an_operation_without_a_declared_limit_asks_nobody() -> None:
    record = CountingRecord()
    town = Town(SLOW)
    async with town.worker(record) as client:
        for _ in range(50):
            await ask(client, "other")
        await client.get("https://shop.example/")
    assert record.begun == 0


async def test_a_short_wait_is_slept_and_a_long_one_is_the_order_s() -> None:
    town = Town(SLOW)
    async with town.worker() as client:
        for _ in range(4):
            await ask(client)
        town.moment = NOW
        with pytest.raises(Unavailable) as caught:
            await ask(client)
    assert town.slept == [2.0]
    assert len(town.sent) == 4
    assert (caught.value.code, caught.value.retry_after) == ("limit:list", 4.0)


async def test_workers_share_one_bucket() -> None:
    town = Town(SLOW)
    async with town.worker() as one, town.worker() as other:
        for client in (one, other, one):
            await ask(client)
        await ask(other)
    assert town.slept == [2.0]


async def test_a_fast_limit_asks_the_record_once_for_many_requests() -> None:
    record = CountingRecord()
    town = Town(FAST)
    async with town.worker(record) as client:
        await asyncio.gather(*(ask(client) for _ in range(20)))
    assert len(town.sent) == 20
    assert record.begun == 1


async def test_all_workers_together_never_exceed_the_limit_in_any_window() -> None:
    town = Town({"list": Limit(rate=8, burst=20)})
    async with town.worker() as one, town.worker() as other:
        for number in range(400):
            try:
                await ask(one if number % 3 else other)
            except Unavailable as error:
                town.moment += timedelta(seconds=error.retry_after or 0)
            if number % 7 == 0:
                town.moment += timedelta(seconds=0.3)
    assert len(town.sent) > 200
    for first in range(len(town.sent)):
        for last in range(first, len(town.sent)):
            passed = (town.sent[last] - town.sent[first]).total_seconds()
            assert last - first + 1 <= 20 + 8 * passed + 1e-6


async def test_units_that_were_drawn_and_not_used_are_worth_nothing_later() -> None:
    record = CountingRecord()
    town = Town(FAST)
    async with town.worker(record) as client:
        await ask(client)
        town.moment += timedelta(seconds=5)
        await ask(client)
    assert record.begun == 2


async def test_a_dear_request_takes_its_points_and_no_more_than_fit_in_the_bucket() -> None:
    town = Town(SLOW)
    async with town.worker() as client:
        await ask(client, cost=50)
        with pytest.raises(Unavailable) as caught:
            await ask(client, cost=3)
    assert caught.value.retry_after == 6.0


@pytest.mark.parametrize(
    ("answer", "pause"),
    [
        (httpx.Response(429, headers={"Retry-After": "30"}), 30),
        (httpx.Response(503, headers={"Retry-After": "30"}), 30),
        (httpx.Response(200, headers={"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "30"}), 30),
        (httpx.Response(200, headers={"X-RateLimit-Remaining": "0"}), 2),
        (httpx.Response(429), 2),
    ],
)
async def test_a_party_that_asks_for_patience_gets_it_from_every_worker(answer: httpx.Response, pause: float) -> None:
    town = Town(SLOW, lambda _request: httpx.Response(answer.status_code, headers=answer.headers))
    async with town.worker() as one, town.worker() as other:
        await ask(one)
        assert await wait_of(town, other) == pause


@pytest.mark.parametrize("told", ["Wed, 21 Oct 2026 07:28:00 GMT", "1790000000", "nan", "-5", ""])
async def test_a_moment_or_nonsense_instead_of_seconds_is_not_believed(told: str) -> None:
    headers = {"X-RateLimit-Remaining": "2", "X-RateLimit-Reset": told, "Retry-After": told}
    town = Town(SLOW, lambda _request: httpx.Response(200, headers=headers))
    async with town.worker() as client:
        await ask(client)
        await ask(client)
    assert town.slept == []


async def test_the_vendor_s_own_rate_takes_the_place_of_the_published_one() -> None:
    town = Town(SLOW, lambda _request: httpx.Response(200, headers={"x-amzn-RateLimit-Limit": "0.25"}))
    async with town.worker() as one, town.worker() as other:
        for _ in range(3):
            await ask(one)
        with pytest.raises(Unavailable) as caught:
            await ask(other)
    assert caught.value.retry_after == 4.0


async def test_what_a_body_tells_of_the_points_that_are_left_is_believed() -> None:
    town = Town({"list": Limit(rate=50, burst=1000)})
    async with town.worker() as one, town.worker() as other:
        await believe(await ask(one), left=10, rate=5)
        with pytest.raises(Unavailable) as caught:
            await ask(other, cost=60)
    assert caught.value.retry_after == 10.0


async def test_a_hint_without_a_limit_is_nothing() -> None:
    town = Town({})
    async with town.worker() as client:
        await believe(await ask(client), left=0)
        await ask(client)
    assert len(town.sent) == 2


async def test_an_answer_counts_though_the_record_cannot_keep_what_it_tells() -> None:
    class Forgetful(FakeRecord):
        used = False

        def begin(self):  # noqa: ANN202 - as it is in the base class
            if self.used:
                raise Unavailable("record-unavailable")
            self.used = True
            return super().begin()

    town = Town(SLOW, lambda _request: httpx.Response(429, headers={"Retry-After": "9"}))
    async with town.worker(Forgetful()) as client:
        assert (await ask(client)).status_code == 429


def test_a_draw_and_its_grant_are_plain_numbers() -> None:
    draw = Draw(party="shop", operation="list", rate=1, burst=1, cost=1, most=1, patience=1)
    assert Draw.model_validate_json(draw.model_dump_json()) == draw
    assert Grant(granted=0, wait=1).wait == 1
