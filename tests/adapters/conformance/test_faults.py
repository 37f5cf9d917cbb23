"""The faults do what their words say, once for all adapters."""

import httpx
import pytest

from adapters.conformance import faults
from adapters.conformance.faults import Fault, FaultyTransport
from adapters.http import make_client

_NOT_EXECUTED = (*faults.UNSENT, *faults.OUTAGES)


class Vendor:
    """Counts what it executed."""

    def __init__(self) -> None:
        self.executed = 0

    def answer(self, request: httpx.Request) -> httpx.Response:
        del request
        self.executed += 1
        return httpx.Response(200, json={"id": "made"})


async def outcome_of(line: FaultyTransport) -> str:
    async with make_client(line) as client:
        try:
            answer = await client.post("http://there/")
        except httpx.RequestError as error:
            return type(error).__name__
        return f"{answer.status_code} {answer.headers.get('content-type', '')}"


@pytest.mark.parametrize("fault", faults.EVERY, ids=lambda fault: fault.words)
async def test_a_fault_executes_or_not_and_never_answers_well(fault: Fault) -> None:
    vendor = Vendor()
    line = FaultyTransport(httpx.MockTransport(vendor.answer))
    line.strike(fault)
    outcome = await outcome_of(line)
    assert (vendor.executed, line.struck) == (0 if fault in _NOT_EXECUTED else 1, 1)
    spoilt = fault.words in {"truncated JSON", "another type at the top"}
    assert outcome != "200 application/json" or spoilt
    line.heal()
    assert await outcome_of(line) == "200 application/json"


async def test_a_fault_strikes_the_request_that_it_is_told_to() -> None:
    vendor = Vendor()
    line = FaultyTransport(httpx.MockTransport(vendor.answer))
    await outcome_of(line)
    line.strike(faults.UNSENT[0], at=1, times=1)
    assert [await outcome_of(line) for _ in range(3)].index("ConnectError") == 1
    assert (len(line.requests), line.struck, vendor.executed) == (4, 1, 3)
