"""The mailbox's adapter against the real world."""

import httpx
import pytest

from adapters.notifiers.sandbox import MANIFEST
from adapters.notifiers.sandbox.adapter import SandboxNotifier
from domain.effect import Absent, CannotTell, Confirmed, Found, Rejected, Unknown
from domain.errors import Unavailable
from domain.ports.notifier import MessageKind, SendMessage
from domain.values import Buyer
from tests.sandbox_world import SandboxWorld, Visitor


@pytest.fixture
def notifier(sandbox_world: SandboxWorld, client: httpx.AsyncClient, visitor: Visitor) -> SandboxNotifier:
    del visitor
    return MANIFEST.factory(MANIFEST.settings.model_validate({"base_url": sandbox_world.url}), client)


def message(email: str = "ada@example.test") -> SendMessage:
    return SendMessage(
        reference="message:cancelled:a/1#1", kind=MessageKind.CANCELLED, recipient=Buyer(name="Ada", email=email),
        order_number="#1", fields={"amount": "12.50 EUR"},
    )  # fmt: skip


async def test_a_message_arrives_once_and_is_found(notifier: SandboxNotifier, visitor: Visitor) -> None:
    assert await notifier.find(message()) == Absent()
    assert await notifier.send(message()) == Confirmed(remote_id=message().reference)
    assert await notifier.send(message()) == Confirmed(remote_id=message().reference)
    assert await notifier.find(message()) == Found(confirmed=Confirmed(remote_id=message().reference))
    (mail,) = visitor.get("/mail", buyer="ada@example.test")["messages"]
    assert (mail["template"], mail["fields"]) == ("cancelled", {"order_number": "#1", "amount": "12.50 EUR"})


async def test_a_buyer_without_an_address_cannot_be_told(notifier: SandboxNotifier) -> None:
    assert await notifier.send(message("")) == Rejected(code="no-email")
    assert await notifier.send(message("nobody")) == Rejected(code="bad-recipient")


async def test_a_lost_answer_is_unknown_and_a_throttled_request_was_not_executed(
    notifier: SandboxNotifier, visitor: Visitor
) -> None:
    visitor.post("/faults", operation="mail.send", kind="throttle")
    with pytest.raises(Unavailable):
        await notifier.send(message())
    visitor.post("/faults", operation="mail.send", kind="reset_after")
    assert isinstance(await notifier.send(message()), Unknown)
    visitor.post("/faults", operation="mail.find", kind="html")
    assert isinstance(await notifier.find(message()), CannotTell)
    assert isinstance(await notifier.find(message()), Found)
