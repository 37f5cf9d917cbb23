"""The command line: everything an operator does from a terminal."""

from __future__ import annotations


def main() -> None:
    """Run the command that the arguments name; leaves with an exit code of `workers.cli.errors.ExitCode`."""
    from workers.cli.app import app

    app(prog_name="crossdock")
