"""Parties are made once, each with a client of its own that keeps to what is agreed; secrets stay where they are."""

from __future__ import annotations

import dataclasses
import json
import logging
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from temporalio.api.failure.v1 import Failure
from temporalio.converter import DataConverter
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput

from adapters.http import fetch, send
from adapters.marketplaces.sandbox import MANIFEST
from adapters.marketplaces.sandbox.adapter import CAPABILITY
from adapters.marketplaces.sandbox.wire import Made, Page
from domain.errors import Refused
from domain.ports.stores.catalog import Channel
from infra.interceptor import FailureInterceptor
from infra.logs import configure_logging
from tests.builders import ACCOUNT, NOW
from tests.fakes.record import FakeRecord
from workers import parties as parties_module
from workers.parties import ConfiguredParties, PartiesFile, PartyEntry

# By name: a stack trace shows the lines of this file.
TOKEN, QUERY, BODY, USER, ANSWER = SECRETS = tuple(f"hunter2-{what}" for what in ("tk", "qu", "body", "us", "told"))
URL = f"https://{USER}:{USER}@there.example/orders?api_key={QUERY}"
Answer = Callable[[httpx.Request], httpx.Response]


def parties_of(
    answer: Answer, *, allow_private: bool = False, base_url: str = "https://there.example"
) -> ConfiguredParties:
    entry = {
        "adapter": "sandbox",
        "settings": {"base_url": base_url, "token": TOKEN},
        "allow_private": allow_private,
    }
    file = PartiesFile.model_validate({"locations": {"staff": entry}, "notifier": entry})
    return ConfiguredParties(FakeRecord(), file, lambda: NOW, httpx.MockTransport(answer))


async def test_each_party_has_one_adapter_and_a_client_of_its_own() -> None:
    parties = parties_of(lambda _request: httpx.Response(200))
    assert parties.location("staff") is parties.location("staff")
    assert len({id(client) for client in clients(parties, "staff", "notifier")}) == 2
    await parties.aclose()
    assert all(client.is_closed for client in clients(parties, "staff", "notifier"))


async def test_a_party_without_tls_is_refused_unless_the_operator_allowed_it() -> None:
    sent: list[httpx.Request] = []

    def take(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200)

    for allowed in (False, True):
        parties = parties_of(take, allow_private=allowed, base_url="http://10.0.0.5:8080")
        (client,) = clients(parties, "staff")
        if allowed:
            await client.get("http://10.0.0.5:8080/work")
        else:
            with pytest.raises(Refused):
                await client.get("http://10.0.0.5:8080/work")
    assert len(sent) == 1


async def test_a_channel_keeps_whether_it_may_be_private() -> None:
    parties = parties_of(lambda _request: httpx.Response(200))
    settings = json.dumps({"base_url": "http://10.0.0.5:8080", "account": ACCOUNT})
    async with parties.record.begin() as tx:
        await tx.catalog.save_channel(
            Channel(account=ACCOUNT, adapter="sandbox", settings=settings, allow_private=True)
        )
    marketplace = await parties.marketplace(ACCOUNT)
    client: httpx.AsyncClient = vars(marketplace)["_http"]
    assert (await client.get("http://10.0.0.5:8080/")).status_code == 200


async def test_a_channel_that_is_to_sell_labels_and_offers_none_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    class Boastful:
        capability = CAPABILITY.model_copy(update={"sells_labels": True})

    def make(_settings: object, _http: httpx.AsyncClient) -> Any:
        return Boastful()

    def card(_party: str, _name: str) -> object:
        return dataclasses.replace(MANIFEST, factory=make)

    monkeypatch.setattr(parties_module, "load_manifest", card)
    parties = parties_of(lambda _request: httpx.Response(200))
    entry = PartyEntry(adapter="sandbox", settings={"base_url": "https://there.example", "account": ACCOUNT})
    with pytest.raises(Refused, match="offers none to be bought") as refused:
        parties.try_out(ACCOUNT, entry)
    assert refused.value.code == parties_module.NO_LABELS


async def test_settings_that_do_not_fit_are_named_and_not_shown() -> None:
    parties = parties_of(lambda _request: httpx.Response(200))
    async with parties.record.begin() as tx:
        settings = json.dumps({"base_url": "https://there.example", "account": ACCOUNT, "tokn": "hunter2-token"})
        await tx.catalog.save_channel(Channel(account=ACCOUNT, adapter="sandbox", settings=settings))
    with pytest.raises(Refused) as caught:
        await parties.marketplace(ACCOUNT)
    assert "tokn" in str(caught.value)
    assert "hunter2" not in repr(caught.value) + str(caught.value)
    assert caught.value.__context__ is None or caught.value.__suppress_context__


def test_a_file_of_parties_that_does_not_fit_is_named_and_not_shown(tmp_path: Path) -> None:
    file = tmp_path / "parties.toml"
    file.write_text('[carriers.north]\nsettings = { token = "hunter2-token" }\n')
    with pytest.raises(Refused) as caught:
        PartiesFile.read(file)
    assert "carriers.north.adapter" in str(caught.value)
    assert "hunter2" not in str(caught.value)


def say(status: int, body: object, **headers: str) -> Answer:
    content = body if isinstance(body, str) else json.dumps(body)
    kept = {"Content-Type": "application/json"} | {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _request: httpx.Response(status, text=content, headers=kept)


def fail(kind: type[httpx.RequestError]) -> Answer:
    def answer(request: httpx.Request) -> httpx.Response:
        raise kind(f"no way to {request.url}", request=request)

    return answer


def stumble(request: httpx.Request) -> httpx.Response:
    raise ValueError(f"a defect: {request.url} {dict(request.headers)} {request.content!r}")


@pytest.mark.parametrize(
    "answer",
    [
        say(200, ANSWER, Content_Type="text/html"),
        say(200, {"orders": ANSWER, "id": [ANSWER]}),
        say(302, ANSWER, Location=f"https://there.example/?token={ANSWER}"),
        say(401, ANSWER),
        say(429, ANSWER),
        say(500, ANSWER),
        fail(httpx.ConnectError),
        fail(httpx.ReadError),
        stumble,
    ],
)
async def test_no_secret_reaches_a_log_an_error_or_a_history(
    answer: Answer, capsys: pytest.CaptureFixture[str]
) -> None:
    parties = parties_of(answer)
    (client,) = clients(parties, "staff")
    told: list[str] = []
    with all_logs():
        for step in (read, write):
            told += [await history_of(step, client) for _ in range(7)]
    logged = capsys.readouterr().err
    assert not [secret for secret in SECRETS for text in (*told, logged) if secret in text], told


async def read(client: httpx.AsyncClient) -> object:
    request = client.build_request("GET", URL, headers={"Authorization": f"Bearer {TOKEN}"})
    return await fetch(client, request, Page)


async def write(client: httpx.AsyncClient) -> object:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    return await send(client, client.build_request("POST", URL, headers=headers, json={"pin": BODY}), Made)


async def history_of(step: Callable[[httpx.AsyncClient], Awaitable[object]], client: httpx.AsyncClient) -> str:
    """Return everything that Temporal would keep of a step, and what the error says of itself."""

    class Step(ActivityInboundInterceptor):
        async def execute_activity(self, input: ExecuteActivityInput) -> object:  # noqa: A002 - the library's
            del input
            return await step(client)

    taken = FailureInterceptor().intercept_activity(Step(cast("ActivityInboundInterceptor", None)))
    try:
        kept = await taken.execute_activity(cast("ExecuteActivityInput", None))
    except Exception as error:  # noqa: BLE001 - whatever it is, Temporal keeps it
        failure, converter = Failure(), DataConverter.default
        converter.failure_converter.to_failure(error, converter.payload_converter, failure)
        return f"{failure} {error!r} {error}"
    return repr(kept)


def clients(parties: ConfiguredParties, *names: str) -> list[httpx.AsyncClient]:
    """Return the clients of these parties."""
    made = [parties.notifier() if name == "notifier" else parties.location(name) for name in names]
    return [vars(adapter)["_http"] for adapter in made]


@contextmanager
def all_logs() -> Generator[None]:
    """Log everything as a worker does, down to the least important."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in ("httpx", "httpcore")}
    try:
        configure_logging("debug")
        yield
    finally:
        root.handlers = handlers
        root.setLevel(level)
        for name, before in levels.items():
            logging.getLogger(name).setLevel(before)
