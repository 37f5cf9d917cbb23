"""Dates per line and what is at risk."""

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Add nothing yet."""
