"""What is promised about messages that lie with the other side: none is lost, and each is answered once for all."""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod

import pytest

from adapters.conformance import bodies, faults, sheets
from adapters.conformance.bad_input import is_json, is_refused
from adapters.conformance.promises import Promises, Scene, needs, promise
from adapters.conformance.vital import Vital
from domain.errors import CrossdockError, NotFound
from domain.ports.mailbox import Letter


class MailboxPromises(Promises, ABC):
    """A party that may leave messages to be fetched; `leave` leaves one."""

    @abstractmethod
    async def leave(self, scene: Scene) -> None:
        """Let the party leave a message that means something to us."""

    @promise
    async def test_a_letter_lies_there_until_it_is_answered(self, scene: Scene) -> None:
        needs(scene.capability, "mailbox")
        await self.leave(scene)
        assert await _bodies(scene)
        await scene.world.finish_jobs()
        letters: tuple[Letter, ...] = await scene.adapter.fetch_letters()
        assert letters, "it was read once and never came again: a crash would lose it"
        for letter in letters:
            assert scene.adapter.read_webhook(letter.body), "it means nothing to the adapter"
            await scene.adapter.answer_letter(letter, "")
        assert await _bodies(scene) == []

    @promise
    async def test_a_letter_is_set_aside_for_a_reason(self, scene: Scene) -> None:
        needs(scene.capability, "mailbox")
        await self.leave(scene)
        for letter in await scene.adapter.fetch_letters():
            await scene.adapter.answer_letter(letter, "the order is not known here")
        assert await _bodies(scene) == []

    @promise
    async def test_a_letter_whose_answer_was_lost_can_be_answered_again(self, scene: Scene) -> None:
        needs(scene.capability, "mailbox")
        await self.leave(scene)
        for letter in await scene.adapter.fetch_letters():
            scene.line.strike(faults.LOST[0], times=1)
            with contextlib.suppress(CrossdockError):
                await scene.adapter.answer_letter(letter, "")
            scene.line.heal()
            await scene.adapter.answer_letter(letter, "")
        assert await _bodies(scene) == []

    @promise
    async def test_a_letter_of_another_shape_is_refused_or_means_nothing(self, scene: Scene) -> None:
        needs(scene.capability, "mailbox")
        await self.leave(scene)
        letter: Letter = (await scene.adapter.fetch_letters())[0]
        shapes = (bodies.broken(letter.body), bodies.strange(letter.body)) if is_json(letter.body) else (
            sheets.misnamed(letter.body), sheets.bad(letter.body, Vital()))  # fmt: skip
        made = [body for shape in shapes for _, body in shape]
        before = len(scene.line.requests)
        for body in made:
            if not is_refused(scene.adapter.read_webhook, body):
                assert isinstance(scene.adapter.read_webhook(body), tuple)
        assert len(scene.line.requests) == before, "a letter was answered with requests"

    @promise
    async def test_without_a_mailbox_there_are_no_letters(self, scene: Scene) -> None:
        if scene.capability.mailbox:
            return
        assert await scene.adapter.fetch_letters() == ()
        with pytest.raises(NotFound):
            await scene.adapter.answer_letter(Letter(receipt="1", body=b"{}"), "")


async def _bodies(scene: Scene) -> list[bytes]:
    await scene.world.finish_jobs()
    letters: tuple[Letter, ...] = await scene.adapter.fetch_letters()
    return [letter.body for letter in letters]
