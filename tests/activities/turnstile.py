"""A turnstile: actors take one step at a time, in an order that the test chooses, until every order was tried."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Iterator, Mapping
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from random import Random

from domain.ports.stores import Record, Transaction

_ACTOR: ContextVar[str] = ContextVar("actor", default="")

Acts = Coroutine[None, None, None]
Aside = Callable[[], Awaitable[bool]]
Choose = Callable[[list[str]], str]


@dataclass
class _Parked:
    """An actor before its next step."""

    may_go: Callable[[], bool]
    opened: asyncio.Event


class Turnstile:
    """Where actors wait for their turn. Whoever is no actor passes freely: set-up and assertions are not the play."""

    def __init__(self) -> None:
        self._parked: dict[str, _Parked] = {}
        self._news = asyncio.Event()

    async def turn(self, may_go: Callable[[], bool] = lambda: True) -> None:
        """Wait until this actor is chosen; it is not as long as it may not go."""
        actor = _ACTOR.get()
        if not actor:
            assert may_go(), "nobody is left who could change that"
            return
        parked = self._parked[actor] = _Parked(may_go, asyncio.Event())
        self._news.set()
        await parked.opened.wait()

    async def play(self, actors: Mapping[str, Acts], choose: Choose, after_step: Aside, when_still: Aside) -> list[str]:
        """Let the actors act until nobody can and `when_still` does nothing more; return who was left waiting."""
        tasks = {name: asyncio.create_task(self._act(name, acts), name=name) for name, acts in actors.items()}
        try:
            await self._until_parked(tasks)
            while True:
                ready = sorted(name for name, parked in self._parked.items() if parked.may_go())
                if ready:
                    self._parked.pop(choose(ready)).opened.set()
                    await self._until_parked(tasks)
                    await after_step()
                elif not await when_still():
                    return sorted(self._parked)
        finally:
            for task in tasks.values():
                task.cancel()
            await asyncio.gather(*tasks.values(), return_exceptions=True)

    async def _act(self, name: str, acts: Acts) -> None:
        _ACTOR.set(name)
        try:
            await acts
        finally:
            acts.close()
            self._news.set()

    async def _until_parked(self, tasks: Mapping[str, asyncio.Task[None]]) -> None:
        while True:
            for name, task in tasks.items():
                if task.done():
                    task.result()
                elif name not in self._parked:
                    break
            else:
                return
            await self._news.wait()
            self._news.clear()
            await asyncio.sleep(0)


class SteppedRecord:
    """A record of which each transaction is one step of its actor."""

    def __init__(self, record: Record, turnstile: Turnstile) -> None:
        self._record, self._turnstile = record, turnstile

    @asynccontextmanager
    async def begin(self) -> AsyncGenerator[Transaction]:
        """Wait for the turn, then open a transaction."""
        await self._turnstile.turn()
        async with self._record.begin() as tx:
            yield tx


def every_order() -> Iterator[Choose]:
    """Yield one way to choose after the other, until all orders of steps were played."""
    prefix: list[int] = []
    while True:
        trail: list[tuple[int, int]] = []
        yield _follow(prefix, trail)
        while trail and trail[-1][0] + 1 == trail[-1][1]:
            trail.pop()
        if not trail:
            return
        prefix = [*(place for place, _ in trail[:-1]), trail[-1][0] + 1]


def some_orders(count: int, seed: int) -> Iterator[Choose]:
    """Yield this many ways to choose at random; the same seed yields the same ones."""
    for number in range(count):
        chance = Random(f"{seed}/{number}")  # noqa: S311 - reproducible, not secret
        yield chance.choice


def _follow(prefix: list[int], trail: list[tuple[int, int]]) -> Choose:
    def choose(ready: list[str]) -> str:
        place = prefix[len(trail)] if len(trail) < len(prefix) else 0
        trail.append((place, len(ready)))
        return ready[place]

    return choose
