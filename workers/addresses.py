"""Where the running stack answers: written by `crossdock dev`, read by every other command on this machine."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ValidationError

from infra.settings import Settings

FILE = "addresses.json"


class StackAddresses(BaseModel):
    """The parts of one running stack. The database's address holds its password: the file is the owner's only."""

    database_url: str
    temporal: str
    ui_url: str | None = None
    gateway_url: str
    sandbox_url: str


def write_addresses(folder: Path, addresses: StackAddresses) -> None:
    """Write the file whole, readable by its owner only."""
    draft = folder / f"{FILE}.new"
    draft.touch(mode=0o600)
    draft.write_text(addresses.model_dump_json(indent=1))
    draft.replace(folder / FILE)


def read_addresses(settings: Settings) -> StackAddresses | None:
    """Return where the stack of this data folder answers, or answered; None when there is none."""
    try:
        return StackAddresses.model_validate_json((settings.data_dir / FILE).read_text())
    except (OSError, ValidationError):
        return None
