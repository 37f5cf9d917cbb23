"""Our reference in the reason of a refund: the one text that the shop stores in the same breath as the refund."""

from __future__ import annotations

import re

_MARK = re.compile(r"\(crossdock (\S+)\)$")


def mark(reason: str, reference: str) -> str:
    """Return a reason that carries our reference.

    >>> mark("too late", "refund:shop/1/R1:1")
    'too late (crossdock refund:shop/1/R1:1)'
    """
    return f"{reason} (crossdock {reference})".lstrip()


def reference_in(reason: str) -> str:
    """Return our reference in a reason, or nothing when a person gave it.

    >>> reference_in("too late (crossdock refund:shop/1/R1:1)")
    'refund:shop/1/R1:1'
    """
    found = _MARK.search(reason)
    return found[1] if found else ""
