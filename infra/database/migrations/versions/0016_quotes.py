"""What carriers quoted."""

from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Keep answers by what was asked; of the buyer there is only how the postal code begins."""
    # An empty origin and no weight: whether the carrier answers at all.
    op.execute("""
        CREATE TABLE quotes (
            carrier     text NOT NULL,
            origin      text NOT NULL,
            country     text NOT NULL,
            postal_zone text NOT NULL CHECK (length(postal_zone) <= 3),
            grams       integer NOT NULL CHECK (grams >= 0),
            amount      bigint CHECK (amount >= 0),
            currency    text NOT NULL,
            days        integer,
            code        text NOT NULL,
            asked_at    timestamptz NOT NULL,
            holds_until timestamptz NOT NULL,
            PRIMARY KEY (carrier, origin, country, postal_zone, grams),
            CHECK ((amount IS NULL) = (code <> ''))
        )""")
    op.execute("CREATE INDEX quotes_by_end ON quotes (holds_until)")
