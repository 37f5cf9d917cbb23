"""The port's methods: ask, parse, map."""

from __future__ import annotations

from datetime import timedelta

import httpx

from adapters.http import code_at, fetch, send
from adapters.notifiers.sandbox import wire
from adapters.notifiers.sandbox.settings import SandboxNotifierSettings
from domain.effect import (
    Absent,
    CannotTell,
    Confirmed,
    Dedupe,
    DedupeClass,
    EffectKind,
    Finding,
    Found,
    Outcome,
    Rejected,
)  # fmt: skip
from domain.errors import CrossdockError
from domain.ports.notifier import NotifierCapability, SendMessage

CAPABILITY = NotifierCapability(
    dedupe={EffectKind.MESSAGE: DedupeClass(dedupe=Dedupe.NATIVE, key_life=timedelta(days=365))}
)


class SandboxNotifier:
    """Writes into the buyers' mailbox."""

    capability = CAPABILITY

    def __init__(self, settings: SandboxNotifierSettings, http: httpx.AsyncClient) -> None:
        self._http = http
        self._url = f"{str(settings.base_url).rstrip('/')}/mail"
        self._headers = {"Authorization": f"Bearer {settings.token.get_secret_value()}"}

    async def send(self, write: SendMessage) -> Outcome:
        """Send the message; a repeated reference is not delivered again there."""
        if not write.recipient.email:
            return Rejected(code="no-email")
        wish = {
            "reference": write.reference,
            "recipient": write.recipient.email,
            "template": write.kind.value,
            "fields": {"order_number": write.order_number, **write.fields},
        }
        request = self._http.build_request("POST", self._url, headers=self._headers, json=wish)
        mail = await send(self._http, request, wire.Mail, _read_refusal)
        return Confirmed(remote_id=mail.id) if isinstance(mail, wire.Mail) else mail

    async def find(self, write: SendMessage) -> Finding:
        """Look a message up by its reference."""
        params = {"reference": write.reference}
        request = self._http.build_request("GET", self._url, headers=self._headers, params=params)
        try:
            mails = (await fetch(self._http, request, wire.Mails)).messages
        except CrossdockError as error:
            return CannotTell(code=error.code)
        return Found(confirmed=Confirmed(remote_id=mails[0].id)) if mails else Absent()


def _read_refusal(status: int, body: bytes) -> Rejected:
    return Rejected(code=code_at(body, "error", "code") or f"http-{status}")
