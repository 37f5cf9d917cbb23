"""Bulk imports: who imported what, and rows beside the record until they are checked and merged."""

from alembic import op

from domain.imports import ImportKind
from infra.database.migrations.words import one_of

revision = "0013"
down_revision = "0012"

# Unlogged: what a crash loses here is read again from the file. No constraints but the order of rows:
# whatever is wrong with one has to be told by its number, not by the error of a whole stretch.
STAGED = {
    "import_skus": """
        sku text, title text, brand text, gtin text, weight_grams integer, restrictions text[], hs_code text,
        origin text, retired boolean, components text, written boolean NOT NULL DEFAULT false""",
    "import_listings": "account text, listing_id text, sku text, units integer",
    "import_locations": "code text, entry text",
    "import_stock": "sku text, location text, on_hand integer, safety integer",
    "import_problems": "field text NOT NULL, wrong text NOT NULL, remedy text NOT NULL",
}


def upgrade() -> None:
    op.execute(f"""
        CREATE TABLE imports (
            import_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            kind        text NOT NULL {one_of("kind", ImportKind)},
            name        text NOT NULL DEFAULT '',
            actor       text NOT NULL,
            opened_at   timestamptz NOT NULL,
            closed_at   timestamptz,
            written     integer,
            refused     integer
        )""")
    op.execute("CREATE INDEX holds_by_order ON holds (order_id)")
    for table, columns in STAGED.items():
        op.execute(f"CREATE UNLOGGED TABLE {table} (import_id bigint NOT NULL, row integer NOT NULL, {columns})")
        op.execute(f"CREATE INDEX {table}_by_row ON {table} (import_id, row)")
