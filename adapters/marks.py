"""Our reference in a text that a channel keeps with a refund or a cancellation, where it has no field for one."""

from __future__ import annotations

import re

_MARK = re.compile(r"\(crossdock (\S+)\)$")


def mark(reason: str, reference: str, limit: int | None = None) -> str:
    """Return a reason that carries our reference; where the channel keeps no more, it is cut to `limit` characters.

    >>> mark("too late", "refund:shop/1/R1:1"), mark("too late", "refund:shop/1/R1:1", 34)
    ('too late (crossdock refund:shop/1/R1:1)', 'too (crossdock refund:shop/1/R1:1)')
    """
    tail = f"(crossdock {reference})"
    kept = reason if limit is None else reason[: max(limit - len(tail) - 1, 0)]
    return f"{kept} {tail}".lstrip()


def reference_in(text: str) -> str:
    """Return our reference in a text, or nothing when a person wrote it.

    >>> reference_in("too late (crossdock refund:shop/1/R1:1)"), reference_in("sorry")
    ('refund:shop/1/R1:1', '')
    """
    found = _MARK.search(text)
    return found[1] if found else ""
