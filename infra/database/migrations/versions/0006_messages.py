"""What came in, what was done outside, what is waited for, what Temporal has to be told, and who did what."""

from alembic import op

from domain.effect import EffectKind, EffectState
from domain.ports.stores.inbox import InboxState
from infra.database.migrations.words import one_of

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    _create_inbox()
    _create_effects()
    _create_waits()
    _create_outbox()
    op.execute("""
        CREATE TABLE audit (
            audit_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            order_id text NOT NULL,
            verb     text NOT NULL,
            actor    text NOT NULL,
            reason   text NOT NULL,
            at       timestamptz NOT NULL
        )""")
    op.execute("CREATE INDEX audit_by_order ON audit (order_id, audit_id)")
    op.execute("""
        CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit
        FOR EACH ROW EXECUTE FUNCTION refuse_change()""")
    for table, condition in (("outbox", ""), ("cause_events", ""), ("inbox", "WHEN (NEW.source = 'hook')")):
        op.execute(f"""
            CREATE TRIGGER wake_listeners AFTER INSERT ON {table} FOR EACH ROW {condition}
            EXECUTE FUNCTION wake_listeners()""")


def _create_inbox() -> None:
    op.execute(f"""
        CREATE TABLE inbox (
            inbox_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            party       text NOT NULL,
            source      text NOT NULL {one_of("source", ["pull", "hook"])},
            subject     text NOT NULL,
            fingerprint bytea NOT NULL UNIQUE,
            body        bytea,
            state       text NOT NULL {one_of("state", InboxState)},
            code        text NOT NULL DEFAULT '',
            words       bytea,
            -- The places of its facts that are applied, where it has several.
            applied     integer[] NOT NULL DEFAULT '{{}}',
            order_id    text,
            stored_at   timestamptz NOT NULL,
            -- Until then it is left alone: it was stored a moment ago, or could not be applied yet.
            due_at      timestamptz NOT NULL,
            finished_at timestamptz
        )""")
    op.execute("CREATE INDEX inbox_unfinished ON inbox (inbox_id, due_at) WHERE state = 'NEW'")
    op.execute("CREATE INDEX inbox_quarantined ON inbox (party, subject) WHERE state = 'QUARANTINED'")
    op.execute("CREATE INDEX inbox_by_order ON inbox (order_id)")


def _create_effects() -> None:
    op.execute(f"""
        CREATE TABLE effects (
            key              text PRIMARY KEY,
            base             text NOT NULL,
            generation       integer NOT NULL CHECK (generation > 0),
            kind             text NOT NULL {one_of("kind", EffectKind)},
            order_id         text NOT NULL,
            adapter          text NOT NULL,
            state            text NOT NULL {one_of("state", EffectState)},
            token            bigint NOT NULL CHECK (token > 0),
            fresh            boolean NOT NULL,
            superseded       boolean NOT NULL DEFAULT false,
            request          bytea,
            request_hash     bytea NOT NULL,
            code             text NOT NULL DEFAULT '',
            trace            text NOT NULL DEFAULT '',
            confirmed        jsonb,
            confirmed_digest text,
            sent_at          timestamptz NOT NULL,
            settled_at       timestamptz,
            -- By the database's own clock, for those who look for what stands still.
            touched_at       timestamptz NOT NULL DEFAULT now(),
            UNIQUE (base, generation)
        )""")
    op.execute("CREATE INDEX effects_by_order ON effects (order_id)")
    op.execute("CREATE INDEX effects_in_doubt ON effects (touched_at) WHERE state IN ('SENDING', 'UNKNOWN')")
    op.execute("""
        CREATE TRIGGER never_deleted BEFORE DELETE ON effects FOR EACH ROW EXECUTE FUNCTION refuse_change()""")
    op.execute("""
        CREATE TRIGGER confirmed_stays BEFORE UPDATE ON effects FOR EACH ROW
        WHEN (OLD.state = 'CONFIRMED' AND (NEW.state, NEW.key, NEW.base, NEW.request_hash, NEW.confirmed::text)
              IS DISTINCT FROM (OLD.state, OLD.key, OLD.base, OLD.request_hash, OLD.confirmed::text))
        EXECUTE FUNCTION refuse_change()""")


def _create_waits() -> None:
    op.execute("CREATE TABLE causes (cause text PRIMARY KEY)")
    op.execute("""
        CREATE TABLE cause_events (
            event_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            cause      text NOT NULL REFERENCES causes,
            cleared_at timestamptz NOT NULL
        )""")
    op.execute("CREATE INDEX cause_events_by_cause ON cause_events (cause, event_id)")
    op.execute("""
        CREATE TABLE waits (
            order_id text NOT NULL REFERENCES orders,
            scope    text NOT NULL,
            cause    text NOT NULL,
            ticket   bigint NOT NULL,
            code     text NOT NULL,
            since    timestamptz NOT NULL,
            -- Its place in line, copied from the order; see 0014.
            due      timestamptz NOT NULL DEFAULT 'infinity',
            place    text NOT NULL DEFAULT '',
            -- The least that helps it, and the latest event of the cause that came to it.
            units    integer NOT NULL DEFAULT 0 CHECK (units >= 0),
            called   bigint NOT NULL DEFAULT 0,
            -- When it was last let go on, or called to probe, while its party was out.
            called_at timestamptz,
            PRIMARY KEY (order_id, scope, cause)
        )""")
    op.execute("CREATE INDEX waits_in_line ON waits (cause, due, order_id)")
    op.execute("CREATE INDEX waits_of_whole_orders ON waits (order_id) WHERE scope = ''")


def _create_outbox() -> None:
    op.execute("""
        CREATE TABLE outbox (
            outbox_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            workflow    text NOT NULL,
            workflow_id text NOT NULL,
            signal      text NOT NULL,
            payload     text NOT NULL,
            dead        boolean NOT NULL DEFAULT false,
            written_at  timestamptz NOT NULL DEFAULT now()
        )""")
    op.execute("CREATE INDEX outbox_to_tell ON outbox (outbox_id) WHERE NOT dead")
    op.execute("""
        CREATE FUNCTION wake_listeners() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM pg_notify(CASE TG_TABLE_NAME WHEN 'cause_events' THEN 'crossdock_events'
                                                 ELSE 'crossdock_' || TG_TABLE_NAME END, '');
            RETURN NULL;
        END $$""")
