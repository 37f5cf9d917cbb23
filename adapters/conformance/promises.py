"""What all promises stand on: how one is written, what excuses it, and the scene in which it is kept."""

from __future__ import annotations

import functools
import inspect
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from itertools import count
from typing import Any, Concatenate, ParamSpec, TypeVar

import httpx
import pytest
import pytest_asyncio

from adapters.conformance.faults import FaultyTransport
from adapters.conformance.worlds import CannotHappen, World
from adapters.http import make_client, reach_of
from adapters.http.reach import ReachTransport
from domain.effect import EffectKind

P = ParamSpec("P")
S = TypeVar("S")

NOTHING_SENT = "nothing is sent over HTTP"


class Scene:
    """An adapter in front of its world, with a line between them that can fail; the adapter has sent nothing yet.

    Attributes:
        adapter: made by the manifest's own factory.
        line: what counts requests, and lets faults strike.
    """

    def __init__(self, world: World, line: FaultyTransport, adapter: object) -> None:
        self.world: Any = world
        self.line = line
        self.adapter: Any = adapter
        self._numbers = count(1)

    @property
    def capability(self) -> Any:  # noqa: ANN401  each port has its own
        """What the adapter claims."""
        return self.adapter.capability

    def new_number(self) -> int:
        """Return a number that was not there before in this scene."""
        return next(self._numbers)

    def new_reference(self, kind: EffectKind) -> str:
        """Return a reference like those of the ledger."""
        return f"{kind.value}:shop-eu/1001/F{self.new_number()}:1"


@asynccontextmanager
async def opened(world: World) -> AsyncGenerator[Scene]:
    """Put a new adapter in front of a world; what it may not reach in earnest, it does not reach here."""
    line = FaultyTransport(world.transport)
    manifest = world.manifest
    settings = manifest.settings.model_validate(world.settings)
    reach = reach_of(settings, manifest.hosts, allow_private=True)
    async with make_client(_Named(ReachTransport(line, manifest.name, reach), frozenset(manifest.limits))) as http:
        yield Scene(world, line, manifest.factory(settings, http))


class _Named(httpx.AsyncBaseTransport):
    """Lets a request pass that names one of the limits, where there are any: another would be kept to none."""

    def __init__(self, inner: httpx.AsyncBaseTransport, limits: frozenset[str]) -> None:
        self._inner, self._limits = inner, limits

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request. Raises AssertionError."""
        operation = str(request.extensions.get("operation", ""))
        assert not self._limits or operation in self._limits, f"{operation!r} is none of the manifest's limits"
        return await self._inner.handle_async_request(request)


class Promises:
    """Promises of one port. An author inherits them and gives a fixture `world`; none can be taken back."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        kept = {name for base in cls.__mro__[1:] for name in vars(base) if name.startswith("test_") or name == "scene"}
        if taken := sorted(kept & vars(cls).keys()):
            raise TypeError(
                f"{cls.__name__} overrides {', '.join(taken)}: a promise is kept, or excused by a capability"
            )

    @pytest_asyncio.fixture
    async def scene(self, world: World) -> AsyncIterator[Scene]:
        """Put the adapter in front of the author's world."""
        async with opened(world) as scene:
            yield scene


def promise(
    test: Callable[Concatenate[S, P], Awaitable[None]],
) -> Callable[Concatenate[S, P], Coroutine[Any, Any, None]]:
    """Make a test of a promise: what cannot happen at a vendor excuses it."""

    @functools.wraps(test)
    async def kept(self: S, *args: P.args, **kwargs: P.kwargs) -> None:
        try:
            await test(self, *args, **kwargs)
        except CannotHappen as excuse:
            pytest.skip(str(excuse))

    return pytest.mark.asyncio(kept)


def needs(capability: object, *names: str) -> None:
    """Excuse a promise by a capability that the adapter does not claim.

    Raises:
        CannotHappen: one of them is false, nothing or empty.
    """
    for name in names:
        if not getattr(capability, name):
            raise CannotHappen(f"{name} is not claimed")


def promises_of(suite: type[Promises]) -> dict[str, str]:
    """Return the promises of a port by the names of their tests, as sentences."""
    found = inspect.getmembers(suite, inspect.isfunction)
    return {name: name.removeprefix("test_").replace("_", " ") for name, _ in found if name.startswith("test_")}
