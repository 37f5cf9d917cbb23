"""Answering a buyer's wish to give goods back."""

from __future__ import annotations

from pydantic import Field

from adapters.marketplaces.shopify import documents, wire
from adapters.marketplaces.shopify.api import AdminApi, gid
from domain.effect import Confirmed, Outcome, Rejected
from domain.errors import NotFound
from domain.ports.marketplace import AnswerReturn

_GRANTED = frozenset({"OPEN", "CLOSED"})
_LONGEST_NOTE = 500


class Return(wire.Words):
    """A return: REQUESTED, OPEN, CLOSED, DECLINED or CANCELED."""

    id: wire.Gid
    status: str = Field(min_length=1)


async def answer_return(api: AdminApi, write: AnswerReturn) -> Outcome:
    """Grant or decline it, unless that was done before."""
    answered = await find_answer(api, write)
    if answered is not None:
        return answered
    told: dict[str, object] = {"id": gid("Return", write.request_id), "notifyCustomer": True}
    if not write.granted:
        told |= {"declineReason": "OTHER", "declineNote": write.reason[:_LONGEST_NOTE]}
    made = await api.write(documents.APPROVE if write.granted else documents.DECLINE, input=told)
    return Confirmed(remote_id=write.request_id) if isinstance(made, wire.Made) else made


async def find_answer(api: AdminApi, write: AnswerReturn) -> Confirmed | Rejected | None:
    """Return how it was answered; None while it waits.

    Raises:
        NotFound: the store knows of no such wish.
    """
    found = await api.read_one(documents.RETURN, Return, id=gid("Return", write.request_id))
    if found is None:
        raise NotFound("shopify-no-such-return")
    if found.status == "REQUESTED":
        return None
    if found.status == "CANCELED" or (found.status in _GRANTED) is not write.granted:
        return Rejected(code=f"shopify-return-{found.status.lower()[:20]}")
    return Confirmed(remote_id=write.request_id)
