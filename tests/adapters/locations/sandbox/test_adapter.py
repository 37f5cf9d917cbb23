"""The locations' adapter against the real world."""

import json

import httpx
import pytest
from pydantic import SecretStr

from adapters.locations.sandbox import MANIFEST
from adapters.locations.sandbox.adapter import SandboxLocations
from domain.effect import Absent, CannotTell, Confirmed, Found, Rejected, Unknown
from domain.errors import ContractBroken
from domain.facts import Collected, HandedOver, LinesRejected, Picked, Ready, ReturnInspected, ReturnReceived
from domain.order import Delivery
from domain.ports.location import ExpectReturn, RecallWork, ReleaseWork, WorkLine
from domain.returns import Disposition
from tests.sandbox_world import Gateway, Json, SandboxWorld, Visitor, eventually, sent_at


@pytest.fixture
def locations(sandbox_world: SandboxWorld, client: httpx.AsyncClient, visitor: Visitor) -> SandboxLocations:
    del visitor
    return MANIFEST.factory(MANIFEST.settings.model_validate({"base_url": sandbox_world.url}), client)


def work(order: Json, location: str = "STORE-1", delivery: Delivery = "ship") -> ReleaseWork:
    lines = tuple(
        WorkLine(line_id=line["id"], sku=line["sku"], title=line["title"], quantity=line["quantity"])
        for line in order["lines"]
    )
    fulfillment_id = f"sandbox-eu/{order['id']}/F1"
    return ReleaseWork(
        reference=f"release:{fulfillment_id}#1", location=location, fulfillment_id=fulfillment_id, delivery=delivery,
        lines=lines, ship_by=None,
    )  # fmt: skip


def stop(write: ReleaseWork) -> RecallWork:
    return RecallWork(reference="recall:1#1", location=write.location, fulfillment_id=write.fulfillment_id)


def facts(locations: SandboxLocations, gateway: Gateway, kind: str) -> list[object]:
    return [fact for _, _, body in gateway.received if kind.encode() in body for fact in locations.read_webhook(body)]


async def test_work_is_released_once_found_and_recalled(locations: SandboxLocations, visitor: Visitor) -> None:
    visitor.put("/pace", paused=True)
    write = work(visitor.order("ship_by_staff"))
    assert await locations.find(write) == Absent()
    released = await locations.release(write)
    assert isinstance(released, Confirmed)
    assert await locations.release(write) == released
    assert await locations.find(write) == Found(confirmed=released)
    assert await locations.find(stop(write)) == Absent()
    assert isinstance(await locations.recall(stop(write)), Confirmed)
    assert isinstance(await locations.recall(stop(write)), Confirmed)
    assert isinstance(await locations.find(stop(write)), Found)
    assert len(visitor.journal("work.accepted")) == 1


async def test_unknown_work_counts_as_stopped(locations: SandboxLocations, visitor: Visitor) -> None:
    write = stop(work(visitor.order()))
    assert isinstance(await locations.recall(write), Confirmed)
    assert isinstance(await locations.find(write), Found)


async def test_goods_that_left_cannot_be_recalled(locations: SandboxLocations, visitor: Visitor) -> None:
    write = work(visitor.order(), "WH-AUTO")
    await locations.release(write)
    visitor.buy_label(write.fulfillment_id, "WH-AUTO")
    eventually(lambda: visitor.journal("work.handed_over"))
    assert await locations.recall(stop(write)) == Rejected(code="already-gone")


async def test_what_a_location_cannot_do_is_rejected(locations: SandboxLocations, visitor: Visitor) -> None:
    order = visitor.order()
    assert await locations.release(work(order, "WH-AUTO", "pickup")) == Rejected(code="no-pickup-here")
    assert await locations.release(work(order, "MOON")) == Rejected(code="not-found")


@pytest.mark.parametrize("kind", ["reset_after", "html", "error_500"])
async def test_a_release_whose_answer_is_lost_is_unknown_and_can_be_repeated(
    locations: SandboxLocations, visitor: Visitor, kind: str
) -> None:
    visitor.put("/pace", paused=True)
    write = work(visitor.order())
    visitor.post("/faults", operation="location.work.release", kind=kind)
    assert isinstance(await locations.release(write), Unknown)
    assert isinstance(await locations.find(write), Found)
    visitor.post("/faults", operation="location.work.find", kind="html")
    assert isinstance(await locations.find(write), CannotTell)
    assert isinstance(await locations.release(write), Confirmed)
    assert len(visitor.journal("work.accepted")) == 1


async def test_what_staff_report_is_read(locations: SandboxLocations, visitor: Visitor, gateway: Gateway) -> None:
    write = work(visitor.order("ship_by_staff"))
    await locations.release(write)
    eventually(lambda: gateway.events("staff.picked"))
    visitor.buy_label(write.fulfillment_id, "STORE-1")
    eventually(lambda: gateway.events("staff.handed_over"))
    assert facts(locations, gateway, "staff.picked") == [Picked(fulfillment_id=write.fulfillment_id)]
    assert facts(locations, gateway, "staff.handed_over") == [HandedOver(fulfillment_id=write.fulfillment_id)]
    staff = [(path, headers, body) for path, headers, body in gateway.received if b"staff." in body]
    assert {path for path, _, _ in staff} == {"/hooks/sandbox"}
    assert all(locations.verify_webhook(headers, body, sent_at(headers)) for _, headers, body in staff)


async def test_a_pickup_is_reported_ready_and_collected_with_a_pin(
    locations: SandboxLocations, visitor: Visitor, gateway: Gateway
) -> None:
    order = visitor.order("pickup")
    write = work(order, delivery="pickup")
    await locations.release(write)
    eventually(lambda: gateway.events("staff.ready"))
    assert facts(locations, gateway, "staff.ready") == [Ready(fulfillment_id=write.fulfillment_id)]
    mail = {
        "reference": "m",
        "recipient": order["buyer"]["email"],
        "template": "pickup-ready",
        "fields": {"pin": "0042"},
    }
    visitor.post("/mail", **mail)
    eventually(lambda: gateway.events("staff.collected"))
    pin = SecretStr("0042")
    assert facts(locations, gateway, "staff.collected") == [Collected(fulfillment_id=write.fulfillment_id, pin=pin)]


async def test_rejected_lines_carry_their_reason(
    locations: SandboxLocations, visitor: Visitor, gateway: Gateway
) -> None:
    order = visitor.order("staff_rejects")
    await locations.release(work(order))
    eventually(lambda: gateway.events("staff.rejected"))
    (fact,) = facts(locations, gateway, "staff.rejected")
    assert isinstance(fact, LinesRejected)
    (line,) = fact.lines
    assert (line.line_id, line.quantity, line.reason) == ("L1", order["lines"][0]["quantity"], "not_found")


async def test_an_announced_return_is_received_and_inspected(
    locations: SandboxLocations, visitor: Visitor, gateway: Gateway
) -> None:
    order = visitor.order("return_in_store")
    visitor.post("/deeds", deed="buyer.return", args={"order": order["id"], "course": "store"})
    line = WorkLine(line_id="L1", sku=order["lines"][0]["sku"], title="", quantity=1)
    rma = f"sandbox-eu/{order['id']}/R1"
    write = ExpectReturn(reference="release:R1#1", location="STORE-1", return_id=rma, lines=(line,))
    assert await locations.find(write) == Absent()
    assert isinstance(await locations.expect_return(write), Confirmed)
    assert isinstance(await locations.expect_return(write), Confirmed)
    assert isinstance(await locations.find(write), Found)
    eventually(lambda: gateway.events("staff.inspected"))
    assert facts(locations, gateway, "staff.received") == [ReturnReceived(return_id=rma)]
    (fact,) = facts(locations, gateway, "staff.inspected")
    assert isinstance(fact, ReturnInspected)
    assert [(one.line_id, one.quantity, one.disposition) for one in fact.lines] == [("L1", 1, Disposition.RESTOCKED)]


async def test_a_broken_report_is_refused_and_a_strange_one_ignored(locations: SandboxLocations) -> None:
    assert locations.read_webhook(b'{"type": "staff.danced"}') == ()
    rejected = {"type": "staff.rejected", "fulfillment_id": "f"}
    inspected = {"type": "staff.inspected", "return_id": "r", "tracking_number": ""}
    broken: list[object] = [
        None,
        {"type": "staff.picked"},
        rejected | {"lines": []},
        rejected | {"lines": [{"line_id": "1", "quantity": -1, "reason": "damaged"}]},
        rejected | {"lines": [{"line_id": "1", "quantity": 1, "reason": "bored"}]},
        inspected | {"lines": [{"line_id": "1", "quantity": 1, "disposition": "EATEN"}]},
    ]
    for body in broken:
        with pytest.raises(ContractBroken):
            locations.read_webhook(json.dumps(body).encode())
