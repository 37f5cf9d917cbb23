"""`crossdock gateway`: the process that takes webhooks in."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from workers.cli import command
from workers.cli.worker import STOP_SIGNALS

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from infra.settings import Settings

app = typer.Typer()


@command.add(app, "gateway", "CROSSDOCK_GATEWAY_PORT=8400 crossdock gateway --host 0.0.0.0")
async def gateway(host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1") -> None:
    """Take webhooks in at /hooks/PARTY until SIGTERM or Ctrl-C; /health tells whether the record answers.

    The port is CROSSDOCK_GATEWAY_PORT. Put a proxy with TLS in front of it.
    """
    from infra.logs import configure_logging
    from infra.stack.ports import require_free
    from infra.telemetry import configure_telemetry
    from workers.cli.parts import opened_house
    from workers.gateway import Gateway

    configure_logging()
    end_telemetry = configure_telemetry("gateway")
    try:
        async with opened_house() as house:
            port = house.settings.gateway_port
            require_free(port, "the gateway", "set CROSSDOCK_GATEWAY_PORT to a free port")
            await _serve(Gateway(house.context, _feed_secret(house.settings)).app(), host, port)
    finally:
        end_telemetry()


def _feed_secret(settings: Settings) -> str:
    return settings.feed_secret.get_secret_value() if settings.feed_secret else ""


async def _serve(application: Starlette, host: str, port: int) -> None:
    import uvicorn

    class Server(uvicorn.Server):
        @contextmanager
        def capture_signals(self) -> Generator[None]:
            # The library's own way raises each signal again at the end, before the record is closed.
            for number in STOP_SIGNALS:
                asyncio.get_running_loop().add_signal_handler(number, self._stop)
            yield

        def _stop(self) -> None:
            self.should_exit = True

    config = uvicorn.Config(
        application,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=10,
    )
    await Server(config).serve()
