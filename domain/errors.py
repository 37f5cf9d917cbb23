"""The closed vocabulary of what can go wrong, and who must act on it.

    CrossdockError
    ├── Unavailable    the other side cannot answer now; surely not executed   retry     nobody
    ├── Unauthorized   our credentials are refused                            no retry  operator
    ├── ContractBroken the other side does not speak as agreed                no retry  developer
    ├── Refused        the other side understood and said no                  no retry  operator
    ├── NotFound       what was asked for does not exist                      no retry  operator
    ├── Conflict       the state has moved on; what was asked no longer fits  no retry  operator
    ├── OutOfStock     the quantity cannot be promised                        no retry  seller
    └── Undeliverable  the address or the goods cannot be shipped             no retry  seller

An error raised by an adapter means *surely not executed*; "perhaps executed" is an outcome (`Unknown`), never an error.
Only `code` crosses into Temporal: it is a short slug and holds no personal data.
"""

from __future__ import annotations

from typing import ClassVar, Literal

Actor = Literal["nobody", "operator", "seller", "developer"]


class CrossdockError(Exception):
    """An expected failure.

    Attributes:
        code: a short slug such as ``http-429``; safe to show anywhere.
        retryable: whether trying again can help without anyone acting.
        actor: who has to act before it can go on.
    """

    retryable: ClassVar[bool] = False
    actor: ClassVar[Actor] = "operator"

    def __init__(self, code: str, words: str = "") -> None:
        super().__init__(words or code)
        self.code = code[:120]


class Unavailable(CrossdockError):
    """The other side cannot answer now; what was asked was surely not executed.

    Attributes:
        retry_after: seconds to wait as told by the other side, if it told.
    """

    retryable = True
    actor = "nobody"

    def __init__(self, code: str, words: str = "", retry_after: float | None = None) -> None:
        super().__init__(code, words)
        self.retry_after = retry_after


class Unauthorized(CrossdockError):
    """Our credentials are refused: an operator has to renew them."""


class ContractBroken(CrossdockError):
    """The other side does not speak as agreed: a developer has to look."""

    actor = "developer"


class Refused(CrossdockError):
    """The other side, or one of our own rules, understood the request and said no."""


class NotFound(CrossdockError):
    """What was asked for does not exist."""


class Conflict(CrossdockError):
    """The state has moved on, so that what was asked no longer fits."""


class OutOfStock(CrossdockError):
    """The quantity cannot be promised from any place."""

    actor = "seller"


class Undeliverable(CrossdockError):
    """The address or the goods cannot be shipped as they are."""

    actor = "seller"


LEAVES: tuple[type[CrossdockError], ...] = (
    Unavailable, Unauthorized, ContractBroken, Refused, NotFound, Conflict, OutOfStock, Undeliverable,
)  # fmt: skip
