"""The Admin API as we use it: reads that fail in our words, and writes whose outcome has three values."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import RootModel, TypeAdapter, ValidationError

from adapters.http import fetch, send
from adapters.lenient import reading
from adapters.marketplaces.vendure import documents, wire
from adapters.marketplaces.vendure.mapping import slug
from adapters.marketplaces.vendure.session import Answer, Session
from adapters.onward import onward
from domain.effect import Confirmed, Outcome, Rejected, Unknown
from domain.errors import ContractBroken, NotFound, Refused, Unavailable

# Codes with which Vendure refuses before it does anything, or after undoing what it did.
_REFUSALS = frozenset(
    {
        "BAD_USER_INPUT",
        "CHANNEL_NOT_FOUND",
        "ENTITY_NOT_FOUND",
        "GRAPHQL_VALIDATION_FAILED",
        "ILLEGAL_OPERATION",
        "USER_INPUT_ERROR",
    },
)
_DONE_BEFORE = frozenset({"ITEMS_ALREADY_FULFILLED_ERROR"})


Shape = TypeVar("Shape")


class RawOrNone(RootModel[dict[str, Any] | None]):
    """Something unread, or nothing."""


class AdminApi:
    """One administrator's access to one channel of a shop."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def read(self, document: str, shape: type[Shape], **variables: object) -> Shape:
        """Return the field that the document asks for.

        Raises:
            Unavailable: the shop does not answer, or failed inside.
            Unauthorized: the shop refuses us.
            ContractBroken: the answer is not of this shape, or the document is not of this shop's schema.
        """
        try:
            answer = await self._session.ask(fetch, document, variables)
            if answer.code:
                raise (Refused if answer.code in _REFUSALS else Unavailable)(slug(answer.code))
        except (NotFound, Refused) as error:
            raise ContractBroken(error.code) from error
        if not answer.has_field:
            # Null would mean that there is no such thing.
            raise ContractBroken("vendure-unexpected-shape")
        with reading("vendure-unexpected-shape"):
            return TypeAdapter(shape).validate_python(answer.field)

    async def write(self, document: str, **variables: object) -> Outcome:
        """Run a mutation that answers with an id or an error code.

        Raises:
            Unavailable: it was surely not executed.
            Unauthorized: the shop refuses us.
        """
        answer = await self._session.ask(send, document, variables)
        if not isinstance(answer, Answer):
            return answer
        if answer.code:
            return (Rejected if answer.code in _REFUSALS else Unknown)(code=slug(answer.code))
        try:
            made = wire.Made.model_validate(answer.field)
        except ValidationError:
            return Unknown(code="vendure-unexpected-shape")
        if made.error_code:
            return Rejected(code=slug(made.error_code), already_done=made.error_code in _DONE_BEFORE)
        return Confirmed(remote_id=made.id)

    async def write_on(self, document: str, **variables: object) -> Outcome:
        """Run a later mutation of a write whose first was executed, as `onward` says."""
        return await onward(self.write(document, **variables))

    async def fetch_raw(self, order_id: str) -> dict[str, Any]:
        """Fetch one order, unread.

        Raises:
            NotFound: the shop has no such order.
        """
        told = await self.read(documents.ORDER, RawOrNone, id=order_id)
        if told.root is None:
            raise NotFound("vendure-no-such-order")
        return told.root

    async def fetch(self, order_id: str) -> wire.Order:
        """Fetch one order.

        Raises:
            NotFound: the shop has no such order.
            ContractBroken: it is not readable.
        """
        told = await self.fetch_raw(order_id)
        with reading("vendure-unreadable-order"):
            return wire.Order.model_validate(told)

    async def fetch_after_write(self, order_id: str) -> wire.Order | Unknown:
        """Fetch an order that was just written to: from here on a failure means that we do not know."""
        return await onward(self.fetch(order_id))
