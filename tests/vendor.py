"""The vendors' own contracts and data, which lie beside the project and are never copied into it."""

from pathlib import Path

import pytest

_BESIDE = Path(__file__).parents[2] / "shared" / "contracts"


def contracts(path: str) -> Path:
    """Return a folder or file of the contracts, such as "channels/amazon"; the test is skipped where it is absent."""
    found = _BESIDE / path
    if not found.exists():
        pytest.skip(f"the vendor's contracts are not at {found}")
    return found
