"""What may be promised: set-asides, incoming goods, ceilings, publication."""

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add nothing yet."""
