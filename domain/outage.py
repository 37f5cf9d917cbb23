"""An outage: since when a party does not answer, and when it is asked again by one request at a time.

It begins with failures in a row that nobody's request can be blamed for: no connection, no answer, an internal error.
What the other side understood and refused is an answer. While the outage is open one request is let through from
time to time, the probe; its answer ends the outage.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from domain.errors import Unavailable
from domain.values import Model, Moment
from domain.waits import CauseKind

OPENS_AFTER = 5
"""Failures in a row: as many as the tries that one step is given, so that one lost packet stops nobody."""

WITHIN = timedelta(seconds=60)
"""Failures that are further apart are not one outage."""

PROBE_LASTS = timedelta(seconds=30)
"""Whoever probes and is not heard of for so long has died: longer than any exchange takes."""

CALLED_LASTS = timedelta(seconds=10)
"""Whoever was called to probe and has not asked by then is left out: the next one is called."""

_FIRST_PAUSE = timedelta(seconds=5)
_LONGEST_PAUSE = timedelta(seconds=60)
_PREFIX = f"{CauseKind.OUTAGE.value}:"
_PASSES = re.compile(
    rf"{_PREFIX}.+|limit:.+|no-connection|no-answer-in-time|connection-lost|too-busy-here|http-(429|50[02-9])"
)


class Outage(Model):
    """What is known of a party that failed.

    Attributes:
        failures: how often it failed in a row.
        opened_at: since when nothing but probes goes out; None while there were too few failures for that.
        probes: how many probes have failed.
        probe_at: from when on the next one may go out; pushed on while one is under way.
    """

    party: str
    failures: int
    failed_at: Moment
    opened_at: Moment | None = None
    probes: int = 0
    probe_at: Moment | None = None

    def lets_through(self, now: datetime) -> bool:
        """Tell whether a request may try to be the next probe, or needs not to be one."""
        return self.opened_at is None or self.probe_at is None or self.probe_at <= now

    def refusal(self, now: datetime) -> Unavailable:
        """Return what a request hears that is not let through: surely not executed."""
        wait = max((self.probe_at - now).total_seconds(), 1) if self.probe_at else 1
        return Unavailable(outage_cause(self.party), f"{self.party} does not answer", retry_after=wait)


def after_failure(known: Outage | None, party: str, now: datetime, *, probing: bool) -> Outage:
    """Return what is known after one more failure; a failed probe makes the pause before the next one longer."""
    if known is None or (known.opened_at is None and now - known.failed_at > WITHIN):
        return Outage(party=party, failures=1, failed_at=now)
    probes = known.probes + probing
    failed = known.model_copy(update={"failures": known.failures + 1, "failed_at": now, "probes": probes})
    if known.opened_at is None and failed.failures < OPENS_AFTER:
        return failed
    if known.opened_at is not None and not probing:
        return failed
    pause = min(_FIRST_PAUSE * 2 ** min(probes, 10), _LONGEST_PAUSE)
    return failed.model_copy(update={"opened_at": known.opened_at or now, "probe_at": now + pause})


def outage_cause(party: str) -> str:
    """Return the cause of what waits for a party to answer again; also the code of the error that says so.

    >>> outage_cause("shop-eu")
    'outage:shop-eu'
    """
    return f"{_PREFIX}{party}"


def party_out(code: str) -> str:
    """Return the party whose outage a code or cause names; empty when it names none.

    >>> party_out("outage:shop-eu"), party_out("http-500")
    ('shop-eu', '')
    """
    return code.removeprefix(_PREFIX) if code.startswith(_PREFIX) else ""


def passes(code: str) -> bool:
    """Tell whether what a code names passes by itself, so that asking later is better than asking a person.

    >>> passes("http-503"), passes("no-lookup")
    (True, False)
    """
    return _PASSES.fullmatch(code) is not None
