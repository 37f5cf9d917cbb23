"""What we sell, where we sell it, and where it lies."""

from alembic import op

from domain.ports.stores.catalog import Mode
from infra.database.migrations.words import one_of

revision = "0001"
down_revision = None


def upgrade() -> None:
    _create_channels()
    _create_skus()
    _create_locations()


def _create_channels() -> None:
    op.execute(f"""
        CREATE TABLE channels (
            account   text PRIMARY KEY CHECK (account ~ '^[a-z0-9][a-z0-9-]{{0,39}}$'),
            adapter   text NOT NULL,
            settings  bytea NOT NULL,
            paused    boolean NOT NULL,
            watermark timestamptz,
            listed_at timestamptz,
            mode      text NOT NULL DEFAULT 'live' {one_of("mode", Mode)},
            live_from timestamptz,
            -- An operator lets it be on a private address, and without TLS.
            allow_private boolean NOT NULL DEFAULT false,
            remote_account text NOT NULL DEFAULT '',
            -- What its adapter says, kept here since planning asks nobody outside.
            carriers     text[] NOT NULL DEFAULT '{{}}',
            sells_labels boolean NOT NULL DEFAULT false
        )""")
    op.execute("""
        CREATE UNIQUE INDEX remote_accounts_once ON channels (adapter, remote_account) WHERE remote_account <> ''""")


def _create_skus() -> None:
    op.execute("CREATE TABLE products (product_id text PRIMARY KEY, title text NOT NULL)")
    op.execute("""
        CREATE TABLE skus (
            sku          text PRIMARY KEY,
            product_id   text NOT NULL REFERENCES products,
            weight_grams integer NOT NULL CHECK (weight_grams >= 0),
            brand        text NOT NULL DEFAULT '',
            gtin         text CHECK (gtin ~ '^[0-9]{14}$'),
            retired      boolean NOT NULL DEFAULT false,
            restrictions text[] NOT NULL DEFAULT '{}',
            hs_code      text NOT NULL DEFAULT '' CHECK (hs_code ~ '^([0-9]{6,10})?$'),
            origin       text NOT NULL DEFAULT '' CHECK (origin ~ '^([A-Z]{2})?$')
        )""")
    op.execute("""
        CREATE TABLE listings (
            mapping_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            account     text NOT NULL,
            listing_id  text NOT NULL,
            sku         text NOT NULL REFERENCES skus,
            units       integer NOT NULL DEFAULT 1 CHECK (units > 0),
            author      text NOT NULL,
            valid_from  timestamptz NOT NULL,
            valid_until timestamptz CHECK (valid_until >= valid_from)
        )""")
    op.execute("CREATE UNIQUE INDEX one_meaning_per_listing ON listings (account, listing_id) WHERE valid_until IS NULL")


def _create_locations() -> None:
    op.execute("""
        CREATE TABLE locations (
            code       text PRIMARY KEY,
            name       text NOT NULL,
            system     text NOT NULL,
            needs_hand boolean NOT NULL,
            ships      boolean NOT NULL,
            pickup     boolean NOT NULL,
            rank       integer NOT NULL,
            carrier    text NOT NULL,
            open       boolean NOT NULL,
            time_zone  text NOT NULL,
            country    text NOT NULL CHECK (country ~ '^[A-Z]{2}$'),
            hours      text NOT NULL,
            cut_off    text NOT NULL,
            holidays   date[] NOT NULL,
            closed_until   timestamptz,
            daily_capacity integer CHECK (daily_capacity > 0),
            handling       bigint NOT NULL CHECK (handling >= 0),
            handling_line  bigint NOT NULL CHECK (handling_line >= 0),
            serves     text[] NOT NULL,
            handles    text[] NOT NULL
        )""")
