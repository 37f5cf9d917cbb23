"""The sandbox world as a program of its own: ``python -m infra.sandbox --port 8500 --gateway http://127.0.0.1:8400``."""

from __future__ import annotations

import argparse
import logging
import socket
import sys
from pathlib import Path

import uvicorn
from pydantic import ValidationError

from infra.sandbox.app import Stage, build_app
from infra.sandbox.faults import BreakableProtocol


def read_arguments(arguments: list[str]) -> tuple[str, int, Stage]:
    """Return host, port and the stage; wrong arguments end the program with status 2 and a message."""
    parser = argparse.ArgumentParser(prog="python -m infra.sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True, help="0 takes a free one and prints it")
    parser.add_argument("--gateway", default="", help="base URL that webhooks are sent to; without it none are sent")
    parser.add_argument("--journal", type=Path, help="JSON lines; the world goes on from what is in it")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--pace", type=float, default=0.2, help="seconds that one step of an actor takes, on average")
    parser.add_argument("--account", action="append", help="marketplace account, repeatable (sandbox-eu)")
    parser.add_argument("--token", default=Stage().token, help="what a seller's requests have to carry")
    parser.add_argument("--secret", default=Stage().secret, help="what webhooks are signed with")
    parser.add_argument("--account-secret", action="append", default=[], metavar="ACCOUNT=SECRET")
    parser.add_argument("--echo", action="store_true", help="also send webhooks about what Crossdock did itself")
    given = parser.parse_args(arguments)
    secrets = dict(pair.partition("=")[::2] for pair in given.account_secret)
    stage = Stage(
        gateway=given.gateway, accounts=given.account or ["sandbox-eu"], token=given.token, secret=given.secret,
        secrets=secrets, seed=given.seed, pace=given.pace, echoes=given.echo, journal=given.journal,
    )  # fmt: skip
    return given.host, given.port, stage


def main() -> None:
    """Serve the world until it is told to stop."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="sandbox: %(message)s")
    host, port, stage = read_arguments(sys.argv[1:])
    try:
        app = build_app(stage)
    except (ValidationError, OSError) as error:
        sys.exit(f"sandbox: the journal {stage.journal} cannot be gone on from; move it away. {error}")
    config = uvicorn.Config(
        app, host=host, port=port, http=BreakableProtocol, ws="none", access_log=False,
        log_level="warning", timeout_graceful_shutdown=2, timeout_keep_alive=60,
    )  # fmt: skip
    _Announcing(config).run()


class _Announcing(uvicorn.Server):
    """A server that prints where it listens, once it does."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for server in self.servers:
            for sock in server.sockets:
                print(f"sandbox world on http://{sock.getsockname()[0]}:{sock.getsockname()[1]}", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
