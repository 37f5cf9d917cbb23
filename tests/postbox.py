"""A place where a shop's webhooks arrive, on a loopback port."""

import asyncio
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ARRIVAL_SECONDS = 60.0


@dataclass(frozen=True)
class Letter:
    """One request as it came; header names are lower case."""

    headers: dict[str, str]
    body: bytes


@dataclass
class Postbox:
    """What has arrived so far, and what the sender has to know."""

    address: str = ""
    secret: str = "a-secret-for-webhooks"
    account: str = "vendure-eu"
    letters: list[Letter] = field(default_factory=list[Letter])

    async def wait_for(self, count: int) -> list[Letter]:
        """Return what has arrived once it is at least `count` letters."""
        async with asyncio.timeout(ARRIVAL_SECONDS):
            while len(self.letters) < count:  # noqa: ASYNC110  letters come from another thread
                await asyncio.sleep(0.02)
        return self.letters


@contextmanager
def open_postbox() -> Generator[Postbox]:
    """Accept posts inside the block."""
    box = Postbox()

    class Slot(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            box.letters.append(Letter({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(HTTPStatus.NO_CONTENT)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  named by the library
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Slot) as server:
        box.address = f"http://127.0.0.1:{server.server_port}/hooks"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield box
        server.shutdown()
