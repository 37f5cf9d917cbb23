"""Waking by cause at scale."""

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Add nothing yet."""
