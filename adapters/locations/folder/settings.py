"""What an operator must provide to exchange files with a location."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, field_validator


class FolderSettings(BaseModel):
    """One folder, for one or several locations.

    Attributes:
        directory: the shared folder, by its full path; it has to exist, so that a share that is not mounted is noticed.
        needs_hand: whether people at its locations report pick and hand-over.
        labels_itself: whether they send with labels of their own, and report their tracking numbers.
        pickup: whether buyers can collect there.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    directory: Path
    needs_hand: bool = True
    labels_itself: bool = False
    pickup: bool = False

    @field_validator("directory")
    @classmethod
    def _require_full_path(cls, directory: Path) -> Path:
        if not directory.is_absolute() or ".." in directory.parts:
            raise ValueError("expected the full path of a folder, such as /srv/crossdock/warehouse")
        return directory
