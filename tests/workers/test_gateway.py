"""The gateway, over real HTTP semantics on a real record: nothing is believed before it is verified and stored."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import AsyncGenerator, Mapping
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from pydantic import TypeAdapter

from activities.context import Context
from adapters.signature import is_genuine
from domain.errors import ContractBroken, NotFound, Unavailable
from domain.facts import Fact
from domain.policy import Policy
from tests.builders import NOW
from tests.fakes.record import FakeRecord
from tests.stores.scenes import receive, seed_catalog
from workers.gateway import MAX_BODY, Gateway

SECRET = "gateway-test"
_FACT: TypeAdapter[Fact] = TypeAdapter(Fact)


class _Reader:
    def verify_webhook(self, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
        return is_genuine(SECRET, headers, body, now)

    def read_webhook(self, body: bytes) -> tuple[Fact, ...]:
        try:
            return (_FACT.validate_json(body),)
        except ValueError as error:
            raise ContractBroken("unreadable") from error


class _Parties:
    async def webhooks(self, party: str) -> _Reader:
        if party != "shop":
            raise NotFound("no-party")
        return _Reader()


@pytest.fixture
def record() -> FakeRecord:
    return FakeRecord()


@pytest.fixture
async def client(record: FakeRecord) -> AsyncGenerator[httpx.AsyncClient]:
    parties: Any = _Parties()
    app = Gateway(Context(record, parties, Policy(), lambda: NOW)).app()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway") as client:
        yield client


def _signed(body: bytes, at: datetime = NOW, secret: str = SECRET) -> dict[str, str]:
    timestamp = str(int(at.timestamp()))
    digest = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return {"X-Crossdock-Timestamp": timestamp, "X-Crossdock-Signature": f"v1={digest}"}


PICKED = json.dumps({"kind": "picked", "fulfillment_id": "shop/none/F1"}).encode()


async def test_a_forged_message_leaves_no_trace(client: httpx.AsyncClient, record: FakeRecord) -> None:
    for headers in (
        {},
        _signed(PICKED, secret="wrong"),
        _signed(PICKED + b" "),
        _signed(PICKED, at=datetime(2020, 1, 1, tzinfo=UTC)),
    ):
        answer = await client.post("/hooks/shop", content=PICKED, headers=headers)
        assert (answer.status_code, answer.json()) == (401, {"code": "not-genuine"})
    assert await _stored(record) == []


async def test_an_unknown_party_is_answered_like_a_wrong_signature(client: httpx.AsyncClient) -> None:
    unknown = await client.post("/hooks/nobody", content=PICKED, headers=_signed(PICKED))
    forged = await client.post("/hooks/shop", content=PICKED, headers={})
    assert (unknown.status_code, unknown.content) == (forged.status_code, forged.content)


async def test_a_huge_body_is_refused_while_it_comes(client: httpx.AsyncClient, record: FakeRecord) -> None:
    body = b" " * (MAX_BODY + 1)
    assert (await client.post("/hooks/shop", content=body, headers=_signed(body))).status_code == 413
    assert await _stored(record) == []


async def test_a_genuine_message_nobody_can_read_is_kept_and_quarantined(
    client: httpx.AsyncClient, record: FakeRecord
) -> None:
    for body in (b"\x00\xff", b"<html>", b'{"kind": "nonsense"}', b"[" * 500):
        answer = await client.post("/hooks/shop", content=body, headers=_signed(body))
        assert (answer.status_code, answer.json()["code"]) == (202, "unreadable")
    assert await _stored(record) == ["QUARANTINED"] * 4


async def test_a_report_about_something_unknown_is_quarantined_with_its_reason(
    client: httpx.AsyncClient, record: FakeRecord
) -> None:
    answer = await client.post("/hooks/shop", content=PICKED, headers=_signed(PICKED))
    assert answer.status_code == 202
    assert await _stored(record) == ["QUARANTINED"]


async def test_a_message_that_comes_twice_is_known(client: httpx.AsyncClient, record: FakeRecord) -> None:
    await client.post("/hooks/shop", content=PICKED, headers=_signed(PICKED))
    again = await client.post("/hooks/shop", content=PICKED, headers=_signed(PICKED))
    assert (again.status_code, again.json()) == (202, {"code": "known"})
    assert len(await _stored(record)) == 1


async def test_nothing_is_acknowledged_that_could_not_be_stored(
    client: httpx.AsyncClient, record: FakeRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down() -> None:
        raise Unavailable("record-unavailable")

    monkeypatch.setattr(record, "begin", down)
    answer = await client.post("/hooks/shop", content=PICKED, headers=_signed(PICKED))
    assert answer.status_code == 503
    assert "retry-after" in answer.headers
    assert (await client.get("/health")).status_code == 503


async def test_a_gateway_whose_record_answers_is_healthy(client: httpx.AsyncClient) -> None:
    assert (await client.get("/health")).json() == {"code": "ready"}


async def _stored(record: FakeRecord) -> list[str]:
    found: list[str] = []
    async with record.begin() as tx:
        for inbox_id in range(1, 10):
            try:
                found.append((await tx.inbox.load(inbox_id)).state.value)
            except NotFound:
                return found
    return found


FEED = "/feeds/local-inventory"


async def _reading(
    record: FakeRecord, secret: str, path: str, host: str = "127.0.0.1", **headers: str
) -> httpx.Response:
    parties: Any = _Parties()
    app = Gateway(Context(record, parties, Policy(), lambda: NOW), secret).app()
    transport = httpx.ASGITransport(app, client=(host, 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        return await client.get(path, headers=headers)


async def test_the_local_inventory_is_served_as_a_table(record: FakeRecord) -> None:
    await seed_catalog(record)
    await receive(record, 2)
    answer = await _reading(record, "", FEED)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    assert answer.text.splitlines()[1:] == ["BER,TEA-1,2,limited_availability,buy"]


async def test_without_a_secret_the_feed_is_for_this_machine_only(record: FakeRecord) -> None:
    assert (await _reading(record, "", FEED, host="192.0.2.7")).status_code == 401
    proxied = await _reading(record, "", FEED, **{"X-Forwarded-For": "192.0.2.7"})
    assert proxied.status_code == 401


async def test_with_a_secret_the_feed_is_for_whoever_shows_it(record: FakeRecord) -> None:
    shown = {"Authorization": "Bearer s3cret"}
    assert (await _reading(record, "s3cret", FEED)).status_code == 401
    assert (await _reading(record, "s3cret", FEED, Authorization="Bearer guess")).status_code == 401
    assert (await _reading(record, "s3cret", FEED, host="192.0.2.7", **shown)).status_code == 200
