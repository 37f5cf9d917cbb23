"""What is wrong with staged rows that only the others and the record can tell: statements that find and refuse them."""

from __future__ import annotations

from sqlalchemy import TextClause, text

from domain.imports import ImportKind
from infra.database.import_merges import BOOKED_AS


def _refusing(table: str, condition: str, field: str, wrong: str, remedy: str) -> TextClause:
    """Return the statement that takes every staged row which meets a condition out, with what is wrong with it."""
    return text(f"""
        WITH bad AS (
            DELETE FROM {table} s WHERE s.import_id = :import_id AND {condition} RETURNING s.*
        )
        INSERT INTO import_problems (import_id, row, field, wrong, remedy)
        SELECT s.import_id, s.row, '{field}', {wrong}, {remedy} FROM bad s""")  # noqa: S608 - of constants below


def _twice(table: str, key: str, field: str, words: str) -> TextClause:
    """Refuse all rows that say something about one thing: nobody knows which of them counts."""
    return text(f"""
        WITH twice AS (
            SELECT {key}, min(row) AS first, max(row) AS last FROM {table} WHERE import_id = :import_id
            GROUP BY {key} HAVING count(*) > 1
        ), bad AS (
            DELETE FROM {table} s USING twice
            WHERE s.import_id = :import_id AND ({_of("s", key)}) = ({_of("twice", key)})
            RETURNING s.*, twice.first, twice.last
        )
        INSERT INTO import_problems (import_id, row, field, wrong, remedy)
        SELECT s.import_id, s.row, '{field}', {words} || ' stands in row '
               || CASE s.row WHEN s.first THEN s.last ELSE s.first END || ' as well', 'keep one of them'
        FROM bad s""")  # noqa: S608 - of constants below


def _of(table: str, key: str) -> str:
    return ", ".join(f"{table}.{column.strip()}" for column in key.split(","))


def _no_sku(table: str) -> TextClause:
    return _refusing(
        table, "NOT EXISTS (SELECT FROM skus WHERE skus.sku = s.sku)", "sku",
        "'there is no SKU ' || s.sku", "'correct it, or import the SKU first: crossdock import skus'",
    )  # fmt: skip


CHECKS: dict[ImportKind, tuple[TextClause, ...]] = {
    ImportKind.SKUS: (
        _twice("import_skus", "sku", "sku", "s.sku"),
        _refusing(
            "import_skus",
            """s.components IS NOT NULL AND EXISTS (
                SELECT FROM jsonb_to_recordset(CAST(s.components AS jsonb)) AS part(sku text)
                WHERE NOT EXISTS (SELECT FROM skus WHERE skus.sku = part.sku)
                  AND NOT EXISTS (SELECT FROM import_skus o WHERE o.import_id = :import_id AND o.sku = part.sku))""",
            "components", "s.sku || ' is made of a SKU that is neither here nor in the catalogue'",
            "'add a row for each SKU that it is made of'",
        ),
        _refusing(
            "import_skus",
            """s.components <> '[]' AND EXISTS (
                SELECT FROM inventory_levels level WHERE level.sku = s.sku AND level.on_hand > 0)""",
            "components", "s.sku || ' lies in stock itself'", "'count it to 0 before it becomes a kit'",
        ),
    ),
    ImportKind.LISTINGS: (
        _twice("import_listings", "account, listing_id", "listing_id", "s.listing_id || ' of ' || s.account"),
        _refusing(
            "import_listings", "NOT EXISTS (SELECT FROM channels c WHERE c.account = s.account)", "account",
            "'there is no channel ' || s.account", "'see crossdock channels list'",
        ),
        _no_sku("import_listings"),
        _refusing(
            "import_listings", "EXISTS (SELECT FROM skus WHERE skus.sku = s.sku AND skus.retired)", "sku",
            "s.sku || ' is retired'", "'name a SKU that is still sold'",
        ),
    ),
    ImportKind.LOCATIONS: (_twice("import_locations", "code", "code", "s.code"),),
    ImportKind.STOCK: (
        _twice("import_stock", "sku, location", "sku", "s.sku || ' at ' || s.location"),
        _no_sku("import_stock"),
        _refusing(
            "import_stock", "NOT EXISTS (SELECT FROM locations l WHERE l.code = s.location)", "location",
            "'there is no location ' || s.location", "'correct it, or import the location first'",
        ),
        _refusing(
            "import_stock", "EXISTS (SELECT FROM kit_parts k WHERE k.kit = s.sku)", "sku",
            "s.sku || ' is a kit and has no stock of its own'", "'count what it is made of'",
        ),
    ),
}  # fmt: skip

BELOW_RESERVED = text(f"""
    WITH bad AS (
        DELETE FROM import_stock s USING inventory_levels level
        WHERE s.import_id = :import_id AND s.row > :after AND s.row <= :upto
          AND level.sku = s.sku AND level.location = s.location AND level.condition = '' AND level.lot = ''
          AND s.on_hand < level.reserved
          AND NOT EXISTS (SELECT FROM stock_movements WHERE key = {BOOKED_AS})
        RETURNING s.*, level.reserved
    )
    INSERT INTO import_problems (import_id, row, field, wrong, remedy)
    SELECT import_id, row, 'on_hand', on_hand || ' are fewer than the ' || reserved || ' reserved for orders',
           'count again, or free them: crossdock stock show ' || sku
    FROM bad""")  # noqa: S608 - of a constant
"""Looked at without a lock before anything is written, and once more under the levels' locks."""
