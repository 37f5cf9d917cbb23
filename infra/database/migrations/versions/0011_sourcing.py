"""Locations in detail, policies and recorded decisions."""

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add nothing yet."""
