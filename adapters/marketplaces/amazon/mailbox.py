"""The SQS queue in which Amazon leaves hints about changed orders, spoken to in its JSON protocol."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime

import httpx

from adapters.http import Raw, code_at, fetch_bytes, send
from adapters.lenient import reading
from adapters.marketplaces.amazon import jobs
from adapters.marketplaces.amazon.settings import AmazonQueueSettings
from adapters.marketplaces.amazon.signing import sign
from domain.effect import Rejected, Unknown
from domain.errors import NotFound, Refused, Unauthorized, Unavailable
from domain.ports.mailbox import Letter

_A_BATCH = 10
_MOST_BATCHES = 20
_HIDDEN_SECONDS = 120
_NO_RECEIPT = "crossdock-access-check"
_DENIED = "AccessDenied"


class Queue:
    """One queue."""

    def __init__(self, settings: AmazonQueueSettings, http: httpx.AsyncClient, clock: Callable[[], float]) -> None:
        self._settings, self._http, self._clock = settings, http, clock

    async def fetch_letters(self) -> tuple[Letter, ...]:
        """Return what lies there; what is not answered comes again after two minutes."""
        letters: list[Letter] = []
        for _ in range(_MOST_BATCHES):
            batch = await self._receive()
            letters += (Letter(receipt=one.receipt, body=one.body.encode()) for one in batch)
            if len(batch) < _A_BATCH:
                break
        return tuple(letters)

    async def answer_letter(self, letter: Letter) -> None:
        """Take a message out of the queue; one that is not there any more is answered.

        Raises:
            Unavailable: it perhaps still lies there.
        """
        told = await send(self._http, self._request("DeleteMessage", ReceiptHandle=letter.receipt), Raw)
        if not isinstance(told, Raw | Rejected):
            raise Unavailable(told.code)

    async def lacking(self) -> tuple[str, ...]:
        """Return the actions that we may not do; a message that is looked at stays where it is.

        Raises:
            Refused: there is no such queue.
            Unavailable: nobody can tell now.
        """
        look = await self._try("ReceiveMessage", MaxNumberOfMessages=1, VisibilityTimeout=0)
        if look not in {"", _DENIED}:
            raise Refused("amazon-no-queue", "SQS does not take the queue's address")
        # A receipt that nobody gave is refused for what it is, where deleting is allowed.
        tried = {"ReceiveMessage": look, "DeleteMessage": await self._try("DeleteMessage", ReceiptHandle=_NO_RECEIPT)}
        return tuple(f"sqs:{action}" for action, code in tried.items() if code == _DENIED)

    async def _try(self, action: str, **told: object) -> str:
        """Return the code of a refusal, empty where there is none."""
        try:
            outcome = await send(self._http, self._request(action, **told), Raw, _read_refusal)
        except Unauthorized:
            return _DENIED
        if isinstance(outcome, Unknown):
            raise Unavailable(outcome.code)
        return outcome.code if isinstance(outcome, Rejected) else ""

    async def _receive(self) -> list[jobs.Message]:
        request = self._request("ReceiveMessage", MaxNumberOfMessages=_A_BATCH, VisibilityTimeout=_HIDDEN_SECONDS)
        try:
            content = await fetch_bytes(self._http, request)
        except Refused as error:
            raise NotFound("amazon-no-queue", "SQS does not take the queue's address") from error
        with reading("amazon-unreadable-queue"):
            return jobs.Messages.model_validate_json(content).messages

    def _request(self, action: str, **told: object) -> httpx.Request:
        url = httpx.URL(str(self._settings.url))
        body = json.dumps({"QueueUrl": str(url), **told}).encode()
        headers = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": f"AmazonSQS.{action}"}
        request = self._http.build_request(
            "POST", url.copy_with(raw_path=b"/"), content=body, headers=headers, extensions={"operation": "queue"}
        )
        settings = self._settings
        region = url.host.split(".")[1] if url.host.count(".") > 1 else ""
        secret = settings.secret_access_key.get_secret_value()
        sign(request, datetime.fromtimestamp(self._clock(), UTC), (region, "sqs"), settings.access_key_id, secret)
        return request


def _read_refusal(status: int, body: bytes) -> Rejected:
    named = code_at(body, "__type")
    return Rejected(code=_DENIED if _DENIED in named else named or f"http-{status}")
