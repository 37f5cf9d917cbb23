"""What of a body is vital: where it says what we act on."""

from __future__ import annotations

from domain.values import Model


class Vital(Model):
    """Where a body says what we act on: by paths such as "lines.0.quantity", or by the columns of a sheet.

    A body in which one of them is missing, or is of another type, has to be refused.

    Attributes:
        texts: ids, currency, status.
        words: what has to be there and of its type, but may say anything, such as an open list of words.
        amounts: money, as numbers or as text.
        quantities: counted units.
        moments: dates with a time; where the vendor tells none with a zone, it documents which one is meant.
        rows: lists without which there is nothing, such as the lines of an order.
    """

    texts: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    amounts: tuple[str, ...] = ()
    quantities: tuple[str, ...] = ()
    moments: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
