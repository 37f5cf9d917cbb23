"""The columns of every kind of file."""

from __future__ import annotations

from typing import NamedTuple


class Sheet(NamedTuple):
    """One kind of file that a location leaves.

    Attributes:
        kind: the fact that it is.
        shared: columns in which all rows say the same.
        rows: where the rows go in the fact; empty where a file has one row.
        columns: what each row says for itself.
        optional: columns that may be left out.
    """

    kind: str
    shared: tuple[str, ...]
    rows: str = ""
    columns: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()


_WORK, _RETURN = ("fulfillment_id",), ("return_id", "tracking_number")
_OWN_LABEL = ("tracking_number", "carrier")
_RECEIPT, _SOLD = ("location", "receipt", "occurred_at"), ("line", "sku", "quantity")

SHEETS = {
    "picked": Sheet("picked", _WORK),
    "ready": Sheet("ready", _WORK),
    "shipped": Sheet("handed-over", (*_WORK, *_OWN_LABEL), "lines", ("line_id", "quantity"), _OWN_LABEL),
    "collected": Sheet("collected", ("fulfillment_id", "pin")),
    "rejected": Sheet("lines-rejected", _WORK, "lines", ("line_id", "quantity", "reason", "sku"), ("sku",)),
    "return-received": Sheet("return-received", _RETURN, optional=_RETURN),
    "return-inspected": Sheet(
        "return-inspected", _RETURN, "lines", ("line_id", "quantity", "disposition"), optional=_RETURN
    ),
    "stock-counted": Sheet("stock-counted", ("location", "counted_at", "whole"), "rows", ("sku", "units")),
    "stock-changed": Sheet(
        "stock-changed", ("location",), "changes", ("sequence", "sku", "delta", "reason", "occurred_at")
    ),
    "till-sold": Sheet("till-sold", _RECEIPT, "lines", _SOLD),
    "till-returned": Sheet("till-returned", _RECEIPT, "lines", _SOLD),
}
"""By the words with which a file's name begins."""

UNKEPT = frozenset({"lot", "condition", "serial"})
"""Columns of stock that nobody keeps yet: a file that has one is refused, so that nobody believes it was kept."""

NUMBERS = frozenset({"quantity", "units", "delta", "sequence"})
MOMENTS = frozenset({"counted_at", "occurred_at"})
YES_OR_NO = {"yes": True, "no": False}

WORK = ("fulfillment_id", "location", "delivery", "ship_by", "line_id", "sku", "title", "quantity")
RECALL = ("fulfillment_id", "location")
EXPECTED = ("return_id", "location", "line_id", "sku", "title", "quantity")
"""The columns of what we leave."""
