"""What is promised about messages that come in: only genuine ones are believed, and only what they say."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from datetime import timedelta

import pytest

from adapters.conformance import bodies
from adapters.conformance.promises import Promises, Scene, promise
from adapters.conformance.worlds import CannotHappen
from domain.errors import ContractBroken

_OLD = timedelta(days=2)
_SIGNATURES = ("sign", "hmac", "auth")
"""How headers that carry a signature are named."""

_CLAIMS = ("webhooks", "pushes")


class WebhookPromises(Promises):
    """A party that may send webhooks."""

    @promise
    async def test_a_genuine_webhook_is_believed_and_read(self, scene: Scene) -> None:
        for body in _bodies(scene):
            headers = scene.world.sign(body, scene.world.now)
            assert scene.adapter.verify_webhook(headers, body, scene.world.now), body
            assert scene.adapter.read_webhook(body), f"it means nothing to the adapter: {body!r}"

    @promise
    async def test_a_forged_webhook_is_not_believed(self, scene: Scene) -> None:
        now = scene.world.now
        for body in _bodies(scene):
            genuine = scene.world.sign(body, now)
            assert not scene.adapter.verify_webhook({}, body, now), "without any header"
            for forged in _forged(genuine):
                assert not scene.adapter.verify_webhook(forged, body, now), forged

    @promise
    async def test_without_webhooks_nothing_is_believed(self, scene: Scene) -> None:
        with contextlib.suppress(CannotHappen):
            if _bodies(scene):
                return
        assert not scene.adapter.verify_webhook({}, b"{}", scene.world.now)

    @promise
    async def test_a_webhook_whose_body_was_changed_or_truncated_is_not_believed(self, scene: Scene) -> None:
        if not scene.world.signs_body:
            raise CannotHappen("the vendor sends a secret along, and signs nothing")
        now = scene.world.now
        for body in _bodies(scene):
            genuine = scene.world.sign(body, now)
            for changed in (body + b" ", body[:-1], body[: len(body) // 2], b"", body.replace(b"1", b"2") + b"\n"):
                assert not scene.adapter.verify_webhook(genuine, changed, now), changed

    @promise
    async def test_a_webhook_that_is_replayed_late_is_not_believed(self, scene: Scene) -> None:
        body, now = _bodies(scene)[0], scene.world.now
        if not scene.world.signs_moment:
            raise CannotHappen("its signature covers no moment: a repeat is told by the body's own id")
        for off in (_OLD, -_OLD):
            assert not scene.adapter.verify_webhook(scene.world.sign(body, now - off), body, now), off

    @promise
    async def test_nonsense_for_a_signature_is_not_believed_and_brings_nothing_down(self, scene: Scene) -> None:
        body, now = _bodies(scene)[0], scene.world.now
        genuine = scene.world.sign(body, now)
        for nonsense in ("", " ", "0", "\x00", "é" * 40, "v1=", "=" * 9, "9" * 5_000, "nan", "-1"):
            for name in genuine:
                shown = {**genuine, name: nonsense}
                # A header that is not signed may say anything.
                if any(scene.adapter.verify_webhook({**genuine, name: other}, body, now) for other in ("x", "y")):
                    continue
                assert not scene.adapter.verify_webhook(shown, body, now), shown

    @promise
    async def test_a_webhook_of_another_shape_is_read_as_nothing_or_refused(self, scene: Scene) -> None:
        for body in _bodies(scene):
            spoilt = [*bodies.broken(body), *(bodies.strange(body) if _is_json(body) else ())]
            for words, bad in spoilt:
                try:
                    facts = scene.adapter.read_webhook(bad)
                except ContractBroken:
                    continue
                assert isinstance(facts, tuple), f"{words}: {facts!r}"

    @promise
    async def test_reading_webhooks_asks_and_changes_nothing(self, scene: Scene) -> None:
        before = len(scene.line.requests)
        for body in _bodies(scene):
            scene.adapter.verify_webhook(scene.world.sign(body, scene.world.now), body, scene.world.now)
            assert scene.adapter.read_webhook(body) == scene.adapter.read_webhook(body)
        assert len(scene.line.requests) == before, "a webhook was answered with requests"

    @promise
    async def test_fields_that_nobody_knows_change_nothing_in_a_webhook(self, scene: Scene) -> None:
        for body in filter(_is_json, _bodies(scene)):
            more = json.dumps(bodies.grown(json.loads(body))).encode()
            assert scene.adapter.read_webhook(more) == scene.adapter.read_webhook(body)


def _bodies(scene: Scene) -> tuple[bytes, ...]:
    """Return the world's webhooks; who claims to send some has to show them."""
    try:
        shown: tuple[bytes, ...] = scene.world.webhook_bodies()
    except CannotHappen as gap:
        if any(getattr(scene.capability, name, False) for name in _CLAIMS):
            pytest.fail(f"it claims to send webhooks, but its world cannot show one: {gap}")
        raise
    return shown


def _forged(genuine: Mapping[str, str]) -> list[dict[str, str]]:
    """Return the headers with the signature taken away, or changed in one sign."""
    forged: list[dict[str, str]] = []
    for name in [name for name in genuine if any(word in name for word in _SIGNATURES)] or genuine:
        told, middle = genuine[name], len(genuine[name]) // 2
        other = told[:middle] + ("A" if told[middle] != "A" else "B") + told[middle + 1 :]
        forged += [{key: value for key, value in genuine.items() if key != name}, {**genuine, name: other}]
    return forged


def _is_json(body: bytes) -> bool:
    try:
        return isinstance(json.loads(body), dict | list)
    except ValueError:
        return False
