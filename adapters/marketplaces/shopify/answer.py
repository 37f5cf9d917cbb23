"""What Shopify answers to any document: the fields asked for, errors under HTTP 200, and what it cost."""

from __future__ import annotations

import re
from typing import Any

from pydantic import AliasPath, Field, ValidationError

from adapters.marketplaces.shopify import wire
from adapters.marketplaces.shopify.settings import SCOPES
from domain.errors import ContractBroken, CrossdockError, Unauthorized, Unavailable

_SCOPE = re.compile(r"\b(?:read|write)_[a-z_]+\b")
_NOT_IN_SLUG = re.compile(r"[^A-Za-z0-9_]+")
_PASSING = frozenset({"INTERNAL_SERVER_ERROR", "SERVICE_UNAVAILABLE", "TIMEOUT"})
_LONGEST_PAUSE = 60.0
_USUAL_PAUSE = 1.0


class Extensions(wire.Words):
    """What stands beside an error."""

    code: wire.MaybeText = ""
    required_access: wire.MaybeText = ""


class Failure(wire.Words):
    """What went wrong."""

    message: wire.MaybeText = ""
    extensions: Extensions = Extensions()


class Answer(wire.Words):
    """One answer: its fields, or why there are none, or both."""

    fields: dict[str, Any] | None = Field(default=None, validation_alias="data")
    told: Any = Field(default=None, validation_alias=AliasPath("data", "told"))
    errors: tuple[Failure, ...] = ()
    cost: Any = Field(default=None, validation_alias=AliasPath("extensions", "cost"))

    @property
    def code(self) -> str:
        """The code of the first error; empty where there is none, or none with a code."""
        return next((each.extensions.code for each in self.errors), "")

    def failure(self) -> CrossdockError | None:
        """Return what went wrong, in our words: a read whose answer has any error is not believed."""
        if not self.errors:
            return None
        first = self.errors[0]
        if first.extensions.code == "THROTTLED":
            return Unavailable("shopify-throttled", retry_after=self._pause())
        if first.extensions.code in {"ACCESS_DENIED", "SHOP_INACTIVE"}:
            return _unauthorized(first)
        return (Unavailable if first.extensions.code in _PASSING else ContractBroken)(slug(first.extensions.code))

    def _pause(self) -> float:
        """Return the seconds until the bucket holds what was asked for."""
        try:
            cost = wire.Cost.model_validate(self.cost)
        except ValidationError:
            return _USUAL_PAUSE
        missing = cost.requested_query_cost - cost.currently_available
        return min(max(missing / cost.restore_rate, 0.0), _LONGEST_PAUSE)


def _unauthorized(failure: Failure) -> Unauthorized:
    """Return what the operator has to do: the scope that is missing stands in the code."""
    any_of = _SCOPE.findall(f"{failure.extensions.required_access} {failure.message}")
    if not any_of:
        return Unauthorized(slug(failure.extensions.code), "Shopify does not allow this to the app, or to this store")
    scope = next((each for each in any_of if each in SCOPES), any_of[0])
    words = f"the app lacks the access scope {scope}: grant it to the app, install it again, and renew the token"
    return Unauthorized(f"shopify-needs-{scope}", words)


def slug(code: str) -> str:
    """Return a code of ours for one of Shopify's.

    >>> slug("CHANGE_FROM_QUANTITY_STALE"), slug("undefinedField"), slug("")
    ('shopify-change-from-quantity-stale', 'shopify-undefinedfield', 'shopify-error')
    """
    return "shopify-" + (_NOT_IN_SLUG.sub("-", code).strip("-").lower().replace("_", "-")[:80] or "error")
