"""Drivers that were ordered, and the parcels that go with them."""

from alembic import op

from domain.collection import CollectionState
from infra.database.migrations.words import one_of

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Let each parcel be in one collection at a time."""
    op.execute(f"""
        CREATE TABLE collections (
            collection_id text PRIMARY KEY,
            location      text NOT NULL REFERENCES locations,
            carrier       text NOT NULL,
            day           date NOT NULL,
            number        integer NOT NULL CHECK (number > 0),
            ready_at      timestamptz NOT NULL,
            closes_at     timestamptz NOT NULL,
            state         text NOT NULL {one_of("state", CollectionState)},
            code          text NOT NULL DEFAULT '',
            remote_id     text NOT NULL DEFAULT '',
            planned_at    timestamptz NOT NULL,
            settled_at    timestamptz,
            UNIQUE (location, carrier, day, number),
            CHECK (ready_at < closes_at)
        )""")
    op.execute("""
        CREATE TABLE collection_parcels (
            collection_id text NOT NULL REFERENCES collections,
            parcel_id     text NOT NULL REFERENCES parcels,
            remote_id     text NOT NULL,
            -- Not any more where the carrier said no, or where its driver left without it.
            held          boolean NOT NULL DEFAULT true,
            PRIMARY KEY (collection_id, parcel_id)
        )""")
    op.execute("CREATE UNIQUE INDEX one_driver_a_parcel ON collection_parcels (parcel_id) WHERE held")
    op.execute("CREATE INDEX collections_to_order ON collections (planned_at) WHERE state = 'ORDERING'")
    op.execute("""
        CREATE VIEW inv_effect_of_collection_in_doubt_unwatched AS
        SELECT e.key, e.state, e.touched_at FROM effects e
        WHERE e.kind = 'collection' AND e.state IN ('SENDING', 'UNKNOWN') AND NOT e.superseded
          AND e.touched_at < now() - interval '10 minutes'
          AND NOT EXISTS (SELECT FROM collections c
                          WHERE 'collection:' || c.collection_id = e.order_id AND c.state = 'ORDERING')""")
