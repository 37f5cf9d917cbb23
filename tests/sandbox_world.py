"""The sandbox world of a test, as a real process; a conftest that needs it imports the fixtures."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Self, cast

import httpx
import pytest

ROOT = Path(__file__).parents[1]
ADDRESS = {"name": "Ada Koch", "line1": "Lindenweg 7", "city": "Hamburg", "postal_code": "20457", "country": "DE"}
PATIENCE_SECONDS = 60

Json = dict[str, Any]


class Gateway:
    """Takes the world's webhooks and keeps them; answers as told."""

    def __init__(self) -> None:
        self.received: list[tuple[str, dict[str, str], bytes]] = []
        self.answers: list[int] = []
        gateway = self

        class Taker(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(length := int(self.headers["content-length"]))
                if len(body) < length:
                    return  # whoever sent it died in mid-sentence
                headers = {name.lower(): value for name, value in self.headers.items()}
                gateway.received.append((self.path, headers, body))
                self.send_response(gateway.answers.pop(0) if gateway.answers else 204)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name is the library's
                del format, args

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Taker)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def events(self, kind: str = "") -> list[Json]:
        bodies = [cast("Json", json.loads(body)) for _, _, body in self.received]
        return [body for body in bodies if body["type"].startswith(kind)]

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def sent_at(headers: dict[str, str]) -> datetime:
    """When a webhook was sent, by its own timestamp."""
    return datetime.fromtimestamp(int(headers["x-crossdock-timestamp"]), UTC)


class SandboxWorld:
    """One world; `kill` and `start` again keep its journal and its port."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.journal = folder / "journal.jsonl"
        self._options = options
        self._port: str = "0"
        self.url: str = ""
        self._running: subprocess.Popen[str] | None = None

    def start(self) -> Self:
        arguments = ["--port", self._port, "--journal", str(self.journal), *self._options]
        self._running = subprocess.Popen(  # noqa: S603  our own program
            [sys.executable, "-m", "infra.sandbox", *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert self._running.stdout
        self.url = self._running.stdout.readline().strip().rpartition(" ")[2]
        assert self.url, "the world did not start"
        self._port = self.url.rpartition(":")[2]
        return self

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def _end(self, how: int) -> None:
        if self._running is not None:
            os.kill(self._running.pid, how)
            self._running.wait(PATIENCE_SECONDS)
            if self._running.stdout:
                self._running.stdout.close()
            self._running = None


class Visitor:
    """A person with a browser in the world: asks, and gets JSON."""

    def __init__(self, url: str) -> None:
        token = {"Authorization": "Bearer sandbox-token"}
        self.http = httpx.Client(base_url=url, headers=token, trust_env=False, timeout=PATIENCE_SECONDS)

    def get(self, path: str, **query: str | int) -> Json:
        return self._read(self.http.get(path, params=query))

    def post(self, path: str, /, **body: object) -> Json:
        return self._read(self.http.post(path, json=body))

    def put(self, path: str, /, **body: object) -> Json:
        return self._read(self.http.put(path, json=body))

    def order(self, script: str = "ship", **more: object) -> Json:
        return self.post("/marketplace/sandbox-eu/orders", script=script, **more)

    def release(self, order: Json, location: str, kind: str = "ship", part: str = "F1") -> str:
        """Release all lines to a location and return the fulfillment order's id."""
        fulfillment_id = f"sandbox-eu/{order['id']}/{part}"
        lines = [{"line_id": line["id"], "sku": line["sku"], "quantity": line["quantity"]} for line in order["lines"]]
        self.post(f"/locations/{location}/work", fulfillment_id=fulfillment_id, kind=kind, lines=lines)
        return fulfillment_id

    def buy_label(self, fulfillment_id: str, location: str, carrier: str = "sandbox-swift", **more: object) -> Json:
        wish = {"reference": f"label:{fulfillment_id}/P1:1", "address": ADDRESS, "weight_grams": 500} | more
        return self.post(f"/carriers/{carrier}/labels", location=location, **wish)

    def journal(self, kind: str = "") -> list[Json]:
        return self.get("/journal", kind=kind)["entries"]

    def _read(self, answer: httpx.Response) -> Json:
        assert answer.is_success, f"{answer.status_code} {answer.text[:300]}"
        return cast("Json", answer.json())


def eventually(check: Callable[[], object]) -> None:
    """Wait until the check returns something true."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not check():
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.02)


@pytest.fixture(scope="session")
def one_gateway() -> Iterator[Gateway]:
    receiver = Gateway()
    yield receiver
    receiver.stop()


@pytest.fixture(scope="session")
def sandbox_world(tmp_path_factory: pytest.TempPathFactory, one_gateway: Gateway) -> Iterator[SandboxWorld]:
    """The one world of a test run, whose actors move fast; `visitor` makes it begin anew."""
    world = SandboxWorld(tmp_path_factory.mktemp("world"), "--gateway", one_gateway.url, "--pace", "0.02").start()
    yield world
    world.stop()


@pytest.fixture
def visitor(sandbox_world: SandboxWorld, one_gateway: Gateway) -> Iterator[Visitor]:
    """Somebody in a world in which nothing has happened yet."""
    person = Visitor(sandbox_world.url)
    person.http.delete("/faults")
    person.post("/reset", seconds=0.02, paused=False)
    eventually(lambda: person.get("/health")["under_way"] == 0)
    one_gateway.received.clear()
    one_gateway.answers.clear()
    yield person
    person.http.close()


@pytest.fixture
def gateway(visitor: Visitor, one_gateway: Gateway) -> Gateway:
    """What received this test's webhooks."""
    del visitor
    return one_gateway
