"""How workflows call activities: queues, time-outs and retries, named once, each with its why."""

from __future__ import annotations

from datetime import timedelta

from temporalio.common import RetryPolicy, SearchAttributeKey

RECORD_TIMEOUT = timedelta(seconds=20)
"""A step that only asks the record: it takes milliseconds, or the database is down and the retry waits for it."""

PARTY_TIMEOUT = timedelta(seconds=75)
"""A step that asks a party: longer than the send's own deadline of 30 s, so that its outcome is still written."""

WATCH_TIMEOUT = timedelta(minutes=2)
"""A page of promises, each with a transaction of its own when something is done about it."""

PULL_TIMEOUT = timedelta(minutes=10)
PULL_HEARTBEAT = timedelta(minutes=2)

RECORD_RETRY = RetryPolicy(initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(seconds=10))
"""The record comes back; until then nothing can be parked anyway, so it is asked for ever."""

PARTY_RETRY = RetryPolicy(
    initial_interval=timedelta(milliseconds=500), maximum_interval=timedelta(seconds=15), maximum_attempts=5
)
"""A party gets a few quick tries; then the order waits visibly, and asks again by policy."""

STAGE = SearchAttributeKey.for_keyword("OmsStage")
WAITS_FOR = SearchAttributeKey.for_keyword("OmsWaitsFor")
ATTENTION = SearchAttributeKey.for_bool("OmsAttention")
