"""`crossdock dev`: everything on this machine, until Ctrl-C."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

import typer

from workers.cli import output
from workers.cli.command import EXIT_CODES, explained, told_plainly
from workers.cli.errors import misused
from workers.cli.options import AsJson

if TYPE_CHECKING:
    from infra.settings import Settings
    from workers.stack import RunningStack

STUCK_FILTER = 'OmsAttention = true AND ExecutionStatus = "Running"'

PolicyFile = Annotated[
    Path | None, typer.Option("--policy", metavar="FILE", help="TOML file with waiting times; see domain/policy.py.")
]
DemoPolicy = Annotated[bool, typer.Option("--demo-policy", help="Let days pass in seconds.")]


app = typer.Typer()


def dev(policy: PolicyFile = None, demo_policy: DemoPolicy = False, as_json: AsJson = False) -> None:
    """Run PostgreSQL, Temporal with its UI, the sandbox world, gateway and worker on this machine, until Ctrl-C.

    Everything is kept in CROSSDOCK_DATA_DIR (.crossdock), and goes on from there the next time.
    """
    with told_plainly(as_json=as_json):
        from workers.stack import running_stack

        settings = _choose_policy(policy, demo_policy=demo_policy)
        try:
            with running_stack(settings, tell=lambda words: typer.echo(f"… {words}", err=True)) as running:
                _show(running, as_json=as_json)
                running.stack.watch()
        except KeyboardInterrupt:
            typer.echo("stopped; `crossdock dev` goes on from here", err=True)


app.command("dev", help=explained(dev, "crossdock dev --demo-policy"), epilog=EXIT_CODES)(dev)


def ui_link(ui_url: str | None) -> str | None:
    """Return where the Temporal UI lists the workflows that wait."""
    return f"{ui_url}/namespaces/default/workflows?query={quote(STUCK_FILTER)}" if ui_url else None


def _choose_policy(policy: Path | None, *, demo_policy: bool) -> Settings:
    from domain.policy import DEMO_POLICY
    from infra.settings import load_settings
    from workers.stack import write_policy

    settings = load_settings()
    if policy and demo_policy:
        raise misused("--policy and --demo-policy exclude each other")
    if policy and not policy.is_file():
        raise misused(f"--policy: there is no file {policy}")
    if demo_policy:
        policy = write_policy(DEMO_POLICY, settings.data_dir / "demo-policy.toml")
    return settings.model_copy(update={"policy_file": policy.absolute()}) if policy else settings


def _show(running: RunningStack, *, as_json: bool) -> None:
    from infra.stack.ports import LOOPBACK
    from workers.stack import has_sandbox

    stuck, settings, addresses = ui_link(running.addresses.ui_url), running.settings, running.addresses
    if as_json:
        shown = addresses.model_dump(exclude={"database_url"}) | {"stuck_orders_url": stuck}
        output.show_json(**shown, data_dir=settings.data_dir)
        return
    output.show_table(
        ("Part", "Address"),
        [
            ("Temporal UI", addresses.ui_url),
            ("  orders that wait", stuck),
            ("Temporal", addresses.temporal),
            ("Gateway", addresses.gateway_url),
            *([("Sandbox world", addresses.sandbox_url)] if has_sandbox(settings) else []),
            ("PostgreSQL", settings.database_url and f"{LOOPBACK}:{settings.postgres_port}"),
            ("Logs", settings.data_dir / "logs"),
        ],
    )
    output.say("Ready. In another terminal: crossdock orders list. Ctrl-C stops everything.")
