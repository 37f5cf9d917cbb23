"""The port's methods: files that are dropped, looked up, fetched and answered."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta

import httpx

from adapters.locations.folder import mapping
from adapters.locations.folder.folder import OUT, REFUSED, TAKEN, WITHDRAWN, Folder
from adapters.locations.folder.settings import FolderSettings
from domain.effect import (
    Absent,
    CannotTell,
    Confirmed,
    Dedupe,
    DedupeClass,
    EffectKind,
    Finding,
    Found,
    NotYet,
    Outcome,
    Rejected,
    Unknown,
)  # fmt: skip
from domain.errors import CrossdockError
from domain.facts import Fact
from domain.ports.location import ExpectReturn, LocationCapability, LocationWrite, RecallWork, ReleaseWork
from domain.ports.mailbox import Letter

_SAME_FILE = DedupeClass(dedupe=Dedupe.NATIVE, key_life=timedelta(days=90))
_LOOK_AGAIN = 60.0


CAPABILITY = LocationCapability(
    needs_hand=True,
    labels_itself=True,
    pickup=True,
    dedupe={EffectKind.RELEASE: _SAME_FILE, EffectKind.RECALL: _SAME_FILE},
    tells_stock=True,
    mailbox=True,
)


class FolderLocations:
    """One folder; a write is a file under the one name of its subject, so that a repeat is the same file."""

    def __init__(self, settings: FolderSettings, http: httpx.AsyncClient) -> None:
        del http
        self._settings, self._folder = settings, Folder(settings.directory)

    @property
    def capability(self) -> LocationCapability:
        """What this location can do."""
        told = self._settings
        update = {"needs_hand": told.needs_hand, "labels_itself": told.labels_itself, "pickup": told.pickup}
        return CAPABILITY.model_copy(update=update)

    async def release(self, write: ReleaseWork) -> Outcome:
        """Leave the work for the location to take."""
        return await self._drop(mapping.file_name("release", write.fulfillment_id), mapping.to_work(write))

    async def expect_return(self, write: ExpectReturn) -> Outcome:
        """Leave the announcement for the location to take."""
        return await self._drop(mapping.file_name("return", write.return_id), mapping.to_expected(write))

    async def recall(self, write: RecallWork) -> Outcome:
        """Take work back that nobody took; otherwise ask by a file, whose way the look-up follows."""
        work = mapping.file_name("release", write.fulfillment_id)
        if await asyncio.to_thread(self._folder.withdraw, work):
            return Confirmed(remote_id=work)
        if await asyncio.to_thread(self._folder.where, work) != TAKEN:
            return Confirmed()
        wish = mapping.file_name("recall", write.fulfillment_id)
        await asyncio.to_thread(self._folder.drop, wish, mapping.to_recall(write))
        return Unknown(code="recall-left", trace=wish)

    async def find(self, write: LocationWrite) -> Finding:
        """Look where the file of this write lies."""
        try:
            return await asyncio.to_thread(self._find, write)
        except CrossdockError as error:
            return CannotTell(code=error.code)

    def verify_webhook(self, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
        """Believe nothing: files are fetched, not sent."""
        del headers, body, now
        return False

    def read_webhook(self, body: bytes) -> tuple[Fact, ...]:
        """Read a file."""
        return mapping.read_file(body)

    async def fetch_letters(self) -> tuple[Letter, ...]:
        """Return finished files."""
        return await asyncio.to_thread(self._folder.letters)

    async def answer_letter(self, letter: Letter, refusal: str) -> None:
        """Move a file out of the way."""
        await asyncio.to_thread(self._folder.answer, letter, refusal)

    async def _drop(self, name: str, content: bytes) -> Outcome:
        await asyncio.to_thread(self._folder.drop, name, content)
        return Confirmed(remote_id=name)

    def _find(self, write: LocationWrite) -> Finding:
        match write:
            case ReleaseWork():
                name = mapping.file_name("release", write.fulfillment_id)
            case ExpectReturn():
                name = mapping.file_name("return", write.return_id)
            case RecallWork():
                return self._find_recall(write)
        return Found(confirmed=Confirmed(remote_id=name)) if self._folder.where(name) else Absent()

    def _find_recall(self, write: RecallWork) -> Finding:
        work = self._folder.where(mapping.file_name("release", write.fulfillment_id))
        if work in {"", WITHDRAWN, REFUSED}:
            return Found(confirmed=Confirmed())
        wish = mapping.file_name("recall", write.fulfillment_id)
        findings: dict[str, Finding] = {
            OUT: NotYet(retry_after=_LOOK_AGAIN),
            TAKEN: Found(confirmed=Confirmed(remote_id=wish)),
            REFUSED: Rejected(code="already-gone"),
        }
        return findings.get(self._folder.where(wish), Absent())
