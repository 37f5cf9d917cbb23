"""Nothing that goes to a location or a buyer can hold a price: a gift must not tell what it cost."""

from __future__ import annotations

import pytest
from pydantic import BaseModel

from domain.ports.location import ExpectReturn, RecallWork, ReleaseWork
from domain.ports.notifier import SendMessage
from domain.values import Money

_MONEY = ("price", "amount", "total", "money", "cost", "paid", "currency", "share")


def told(model: type[BaseModel]) -> set[str]:
    """Return every field of a message, and of what it is made of."""
    names = set(model.model_fields)
    for field in model.model_fields.values():
        for inner in (field.annotation, *getattr(field.annotation, "__args__", ())):
            if isinstance(inner, type) and issubclass(inner, BaseModel):
                assert inner is not Money
                names |= told(inner)
    return names


@pytest.mark.parametrize("message", [ReleaseWork, RecallWork, ExpectReturn, SendMessage])
def test_a_message_has_no_field_for_money(message: type[BaseModel]) -> None:
    assert not {name for name in told(message) for word in _MONEY if word in name}


def test_the_fields_of_inner_messages_are_looked_at_too() -> None:
    assert "title" in told(ReleaseWork)
