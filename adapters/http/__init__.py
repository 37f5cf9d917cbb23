"""The one way to speak HTTP: bounded in time, size, place and pace, and failing in our words.

`make_client` is the plain client; `make_party_client` is an account's own, whose requests pass four gates on their
way out: the addresses it may reach, the vendor's limits, the breaker, the cap on answers. An adapter builds requests
with the client it is given, names the limit in their extensions (``{"operation": "searchOrders", "cost": 1}``), and
passes them to `fetch` (reads) or `send` (writes).
"""

from __future__ import annotations

from adapters.http.breaker import Gates
from adapters.http.client import MAX_BYTES, PartyLine, make_client, make_party_client
from adapters.http.exchange import Raw, code_at, complaints, fetch, fetch_bytes, fetch_headed, parse, send
from adapters.http.limiter import believe
from adapters.http.reach import Reach, reach_of

__all__ = [
    "MAX_BYTES", "Gates", "PartyLine", "Raw", "Reach", "believe", "code_at", "complaints", "fetch", "fetch_bytes",
    "fetch_headed", "make_client", "make_party_client", "parse", "reach_of", "send",
]  # fmt: skip
