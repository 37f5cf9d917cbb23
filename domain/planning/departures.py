"""Departures: when each place hands over what it is asked for now, and what that counts against each promise."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import product

from domain.calendar import hand_overs
from domain.planning.ground import Ground
from domain.planning.lanes import Lanes
from domain.snapshot import Demand, Snapshot

OPERATORS = frozenset({"closed", "full", "opens-too-late"})
"""Filters that end when a location takes work again."""

_MICRO = timedelta(microseconds=1)
_DAY_MICROS = timedelta(days=1) // _MICRO
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NEVER_LATE = -(1 << 62)

_FEW = 256
"""So many kinds fit into a byte each."""

Promise = tuple[datetime | None, datetime | None]
"""Until when a line has to leave, and until when to arrive."""

Journey = tuple[datetime | None, int]
"""When goods leave (None: they are picked up), and how many days they travel."""


class Departures:
    """What each place counts for any line of one promise: handling, lateness, and whether it is busy."""

    def __init__(self, late_day: int, journeys: list[Journey], kinds: list[int], handling: list[int]) -> None:
        self._late_day = late_day
        self.kinds = kinds
        self.handling = handling
        self._leaves = [_micros(leaves) for leaves, _ in journeys]
        self._arrives = [leaves + days * _DAY_MICROS for leaves, (_, days) in zip(self._leaves, journeys, strict=True)]
        self._known: dict[Promise, list[int]] = {}
        self._row: int | None = None

    def put_in_order(self, order: list[int]) -> None:
        """Number the places anew, and leave out all others."""
        kinds, handling = self.kinds, self.handling
        self.kinds, self.handling = [kinds[at] for at in order], [handling[at] for at in order]

    def put_last(self, numbers: Iterable[int], amount: int) -> None:
        """Let some places count so much more."""
        for number in numbers:
            self.handling[number] += amount

    def days_late(self, demand: Demand, number: int) -> int:
        """Return how many begun days after its promise a line leaves a place, or arrives from there."""
        return self._late(demand)[self.kinds[number]]

    def standings(self, demand: Demand, lanes: Lanes) -> int:
        """Return what each place counts for a line, beside scarce goods, as a row."""
        if self._row is None:
            self._row = lanes.pack(self.handling)
        late = [self._late_day * days for days in self._late(demand)]
        if not any(late):
            return self._row
        if len(late) > _FEW:
            return self._row + lanes.pack([late[kind] for kind in self.kinds])
        return self._row + lanes.looked_up(self._kind_bytes, late)

    def standing(self, demand: Demand, number: int) -> int:
        """Return what one place counts for a line, beside scarce goods."""
        return self.handling[number] + self._late_day * self.days_late(demand, number)

    def least(self, demand: Demand) -> int:
        """Return what any place counts for a line at least."""
        return self._least + self._late_day * min(self._late(demand), default=0)

    @cached_property
    def _kind_bytes(self) -> bytes:
        return bytes(self.kinds)

    @cached_property
    def _least(self) -> int:
        return min(self.handling, default=0)

    def _late(self, demand: Demand) -> list[int]:
        """Return how many days late each journey is for a line."""
        promise = (demand.ship_by, demand.deliver_by)
        known = self._known.get(promise)
        if known is None:
            known = [0] * len(self._leaves)
            for by, moments in zip(promise, (self._leaves, self._arrives), strict=True):
                if by is not None:
                    until = _micros(by)
                    known = list(map(max, known, [-((until - moment) // _DAY_MICROS) for moment in moments]))
            self._known[promise] = known
        return known


def departures_of(snapshot: Snapshot, ground: Ground, filtered: dict[str, str]) -> tuple[Departures, list[int]]:
    """Return when each place of the ground hands over, and which take work; why the others do not is added."""
    behind, out = _behind(snapshot, ground)
    filtered.update(dict.fromkeys((ground.codes[at] for at in out), "full"))
    closed = {at for at, until in ground.closing if until > snapshot.now}
    filtered.update(dict.fromkeys((ground.codes[at] for at in closed), "closed"))
    out |= closed
    moments: dict[datetime | None, int] = {}
    if snapshot.delivery == "ship":
        walks = [hand_overs(one, snapshot.now) for one in ground.of_clock]
        found = [[moments.setdefault(next(walk, None), len(moments))] for walk in walks]
        leaves = [found[clock][0] for clock in ground.clocks]
        for at, days in behind.items():
            clock = ground.clocks[at]
            ways = found[clock]
            while len(ways) <= days:
                ways.append(moments.setdefault(next(walks[clock], None), len(moments)))
            leaves[at] = ways[days]
        never = moments.get(None)
        for at, moment in enumerate(leaves) if never is not None else ():
            if moment == never and at not in out:
                filtered[ground.codes[at]] = "opens-too-late"
                out.add(at)
    else:
        moments[None], leaves = 0, [0] * len(ground.codes)
    speeds = len(ground.days)
    if speeds > 1:
        leaves = [moment * speeds + speed for moment, speed in zip(leaves, ground.speeds, strict=True)]
    journeys = list(product(moments, ground.days))
    departures = Departures(snapshot.policy.late_day, journeys, leaves, ground.handling)
    return departures, [at for at in range(len(leaves)) if at not in out] if out else list(range(len(leaves)))


def _behind(snapshot: Snapshot, ground: Ground) -> tuple[dict[int, int], set[int]]:
    """Return for the places that have work to send before how many days of it, and which of them get no more."""
    most = snapshot.policy.backlog_days if snapshot.only is None else None
    behind: dict[int, int] = {}
    out: set[int] = set()
    counted = ground.counted
    for code, backlog in snapshot.backlog.items():
        if code in counted:
            at, capacity = counted[code]
            days = backlog // capacity
            if most is not None and days >= most:
                out.add(at)
            elif days:
                behind[at] = days
    return behind, out


def _micros(moment: datetime | None) -> int:
    """Return a moment as one number, so that many are compared fast."""
    return _NEVER_LATE if moment is None else (moment - _EPOCH) // _MICRO
