"""Folders and ports of stacks that must not meet."""

from pathlib import Path

import pytest

from infra.settings import Settings


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """An own folder and free ports, and nothing external."""
    monkeypatch.setenv("TEMPORAL_CONFIG_FILE", "/dev/null")
    for name in ("TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE", "TEMPORAL_API_KEY", "TEMPORAL_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    return Settings(
        data_dir=tmp_path / "stack", postgres_port=0, temporal_port=0, ui_port=0, gateway_port=0, sandbox_port=0
    )
