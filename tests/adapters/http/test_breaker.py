"""While a party is out one probe at a time goes out, from whichever worker; its answer lets everybody through."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest

from adapters.http.breaker import FRESH_FOR, BreakingTransport, Gates
from domain.errors import Unavailable
from domain.outage import OPENS_AFTER, PROBE_LASTS
from tests.builders import NOW
from tests.fakes.record import FakeRecord

Answer = Callable[[httpx.Request], httpx.Response]


def dead(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("no", request=request)


def status(code: int) -> Answer:
    return lambda _request: httpx.Response(code)


class Town:
    """One party, and any number of workers that share a record and a clock."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.moment = NOW
        self.record = FakeRecord()
        self.sent = 0

    def gates(self) -> Gates:
        return Gates(self.record, lambda: self.moment)

    def worker(self, gates: Gates | None = None, party: str = "shop") -> httpx.AsyncClient:
        def take(request: httpx.Request) -> httpx.Response:
            self.sent += 1
            return self.answer(request)

        return httpx.AsyncClient(
            transport=BreakingTransport(httpx.MockTransport(take), party, gates or self.gates()), trust_env=False
        )

    def wait(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


async def ask(client: httpx.AsyncClient) -> int | str:
    """Return the status, or what it failed with."""
    try:
        return (await client.get("https://shop.example/")).status_code
    except Unavailable as error:
        return error.code
    except httpx.TransportError as error:
        return type(error).__name__


async def fail(client: httpx.AsyncClient, times: int = OPENS_AFTER) -> list[int | str]:
    return [await ask(client) for _ in range(times)]


@pytest.mark.parametrize("answer", [dead, status(500), status(503), status(504)])
async def test_failures_in_a_row_stop_every_worker(answer: Answer) -> None:
    town = Town(answer)
    async with town.worker() as one, town.worker() as other:
        await fail(one)
        assert town.sent == OPENS_AFTER
        assert await fail(one, 3) == ["outage:shop"] * 3
        assert await fail(other, 3) == ["outage:shop"] * 3
    assert town.sent == OPENS_AFTER


async def test_failures_of_several_workers_count_together() -> None:
    town = Town(dead)
    async with town.worker() as one, town.worker() as other:
        for _ in range(OPENS_AFTER):
            await ask(one)
            await ask(other)
        assert await ask(one) == await ask(other) == "outage:shop"
    assert town.sent <= OPENS_AFTER + 1, "at most what was sent by a worker that was not told yet"


async def test_a_request_that_surely_was_not_sent_hears_of_the_outage_it_opens() -> None:
    town = Town(dead)
    async with town.worker() as client:
        assert (await fail(client))[-2:] == ["ConnectError", "outage:shop"]


async def test_a_request_that_was_perhaps_executed_keeps_its_answer() -> None:
    town = Town(status(500))
    async with town.worker() as client:
        assert await fail(client) == [500] * OPENS_AFTER


@pytest.mark.parametrize("code", [200, 302, 400, 401, 403, 404, 409, 422, 429, 501])
async def test_what_was_understood_is_never_an_outage(code: int) -> None:
    town = Town(status(code))
    async with town.worker() as client:
        assert await fail(client, 4 * OPENS_AFTER) == [code] * 4 * OPENS_AFTER


async def test_an_answer_between_failures_begins_the_count_anew() -> None:
    town = Town(dead)
    async with town.worker() as client:
        for _ in range(3):
            town.answer = dead
            await fail(client, OPENS_AFTER - 1)
            town.answer = status(200)
            assert await ask(client) == 200


async def test_one_probe_goes_out_when_it_is_due_whoever_asks() -> None:
    town = Town(dead)
    async with town.worker() as one, town.worker() as other:
        await fail(one)
        town.wait(5)
        told = await asyncio.gather(*(ask(client) for client in (one, other) * 5))
        assert town.sent == OPENS_AFTER + 1
        assert set(told) == {"outage:shop"}
        town.wait(9)
        await fail(other, 3)
        assert town.sent == OPENS_AFTER + 1, "the pause has grown"
        town.wait(2)
        await fail(other, 3)
        assert town.sent == OPENS_AFTER + 2


async def test_the_answer_of_a_probe_lets_everybody_through() -> None:
    town = Town(dead)
    async with town.worker() as one, town.worker() as other:
        await fail(one)
        town.answer = status(404)
        town.wait(5)
        assert await ask(one) == 404
        assert await ask(one) == 404
        town.wait(FRESH_FOR.total_seconds() + 1)
        assert await ask(other) == 404
    assert [event.cause for event in town.record.state.events.values()] == ["outage:shop"]


async def test_a_prober_that_dies_is_followed_by_another() -> None:
    town = Town(dead)
    async with town.worker() as one, town.worker() as other:
        await fail(one)
        town.wait(5)

        def die(_request: httpx.Request) -> httpx.Response:
            raise asyncio.CancelledError

        town.answer = die
        with pytest.raises(asyncio.CancelledError):
            await ask(one)
        town.answer = status(200)
        assert await ask(other) == "outage:shop"
        town.wait(PROBE_LASTS.total_seconds() + 1)
        assert await ask(other) == 200


async def test_an_old_request_s_answer_does_not_end_an_outage() -> None:
    town = Town(dead)
    late = asyncio.Event()

    class Slow(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            del request
            await late.wait()
            return httpx.Response(200)

    gates = town.gates()
    slow = httpx.AsyncClient(transport=BreakingTransport(Slow(), "shop", gates))
    async with town.worker(gates) as client, slow:
        asked = asyncio.create_task(ask(slow))
        await asyncio.sleep(0)
        await fail(client)
        late.set()
        assert await asked == 200
        assert await ask(client) == "outage:shop"


async def test_one_party_s_outage_is_nobody_else_s() -> None:
    town = Town(dead)
    gates = town.gates()
    async with town.worker(gates) as shop, town.worker(gates, "swift") as swift:
        await fail(shop)
        town.answer = status(200)
        assert await ask(swift) == 200


async def test_a_party_that_is_well_costs_no_statement_while_the_loop_keeps_telling() -> None:
    town = Town(status(200))
    gates = town.gates()
    gates.learn(())
    town.record.begin = None  # type: ignore[method-assign,assignment] # whoever asks it, fails
    async with town.worker(gates) as client:
        assert await fail(client, 20) == [200] * 20


async def test_being_too_busy_here_is_not_the_other_side_s_outage() -> None:
    def busy(request: httpx.Request) -> httpx.Response:
        raise httpx.PoolTimeout("no", request=request)

    town = Town(busy)
    async with town.worker() as client:
        assert set(await fail(client, 3 * OPENS_AFTER)) == {"PoolTimeout"}


@pytest.mark.parametrize(("answer", "told"), [(status(500), 500), (status(200), 200), (dead, "ConnectError")])
async def test_what_was_answered_counts_though_the_record_cannot_keep_it(answer: Answer, told: int | str) -> None:
    town = Town(status(500))
    gates = town.gates()
    async with town.worker(gates) as client:
        await ask(client)

        def broken() -> None:
            raise Unavailable("record-unavailable")

        town.record.begin = broken  # type: ignore[method-assign,assignment]
        town.answer = answer
        assert await ask(client) == told
