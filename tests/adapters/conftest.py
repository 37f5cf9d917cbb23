"""The one sandbox world of the adapters' tests, anew for every test, and the client that adapters share."""

from collections.abc import AsyncIterator

import httpx
import pytest

from adapters.http import make_client
from tests.sandbox_world import gateway, one_gateway, sandbox_world, visitor

__all__ = ["gateway", "one_gateway", "sandbox_world", "visitor"]


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with make_client() as made:
        yield made
