"""What a line means: listings, aliases, rules, kits, and the components frozen at the match."""

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add nothing yet."""
