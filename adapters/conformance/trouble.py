"""What is promised while the other side is in trouble: failures speak the engine's language, and no secret leaks."""

from __future__ import annotations

import ast
import contextlib
import importlib
import inspect
import json
import logging
import traceback
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from pydantic import BaseModel, SecretStr

from adapters.conformance import bodies, faults
from adapters.conformance.faults import Fault, Keeping, answering, as_json, kind_of
from adapters.conformance.promises import NOTHING_SENT, Promises, Scene, opened, promise
from adapters.conformance.worlds import CannotHappen, World
from domain.errors import ContractBroken, CrossdockError, Unauthorized, Unavailable

_TIMES = 8
_CLOCKS = frozenset({"sleep", "now", "utcnow", "today", "uuid4", "monotonic", "perf_counter"})
_CHANCES = frozenset({"random", "tenacity", "backoff", "sqlalchemy", "temporalio", "logging", "requests"})
_CLIENTS = frozenset({"AsyncClient", "Client", "AsyncHTTPTransport"})


class TroublePromises(Promises, ABC):
    """A party that may be in trouble; `ask` is anything that it answers when it is well."""

    @abstractmethod
    async def ask(self, scene: Scene) -> object:
        """Ask something; where the party is only told, tell it something new."""

    async def _asked(self, scene: Scene) -> object:
        answer = await self.ask(scene)
        if not scene.line.requests:
            raise CannotHappen(NOTHING_SENT)
        return answer

    @promise
    async def test_throttling_says_when_to_return(self, scene: Scene) -> None:
        await self._asked(scene)
        scene.line.strike(Fault("throttled", answering(scene.world.throttled, executed=False)))
        with pytest.raises(Unavailable) as caught:
            await self.ask(scene)
        assert caught.value.retry_after == scene.world.pause
        assert scene.line.struck == 1, "it tried again by itself"

    @promise
    async def test_refused_credentials_are_for_an_operator_to_mend(self, scene: Scene) -> None:
        await self._asked(scene)
        scene.line.strike(Fault("barred", answering(scene.world.barred, executed=False)))
        with pytest.raises(Unauthorized):
            await self.ask(scene)

    @promise
    async def test_a_fault_at_any_request_is_told_in_our_words(self, scene: Scene, world: World) -> None:
        del scene
        for fault in faults.EVERY:
            for at in range(_TIMES):
                async with opened(world) as fresh:
                    fresh.line.strike(fault, at, times=1)
                    with contextlib.suppress(CrossdockError):
                        await self.ask(fresh)
                    if not fresh.line.struck:
                        break

    @promise
    async def test_secrets_stay_secret(self, scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        told = [repr(scene.adapter), str(scene.adapter), repr(scene.world.manifest)]
        await self._asked(scene)
        for fault in faults.EVERY:
            scene.line.strike(fault)
            try:
                told.append(repr(await self.ask(scene)))
            except CrossdockError as error:
                told += [error.code, "".join(traceback.format_exception(error))]
        told += [
            record.getMessage() for record in caplog.records if not record.name.startswith(("httpcore", "asyncio"))
        ]
        for secret in _secrets_of(scene.world):
            assert not any(secret in text for text in told), "a secret is shown"

    @promise
    async def test_every_request_names_a_limit_that_was_declared(self, scene: Scene) -> None:
        limits = scene.world.manifest.limits
        if not limits:
            raise CannotHappen("no limits are declared")
        await self.ask(scene)
        unnamed = [
            request.url.path for request in scene.line.requests if request.extensions.get("operation") not in limits
        ]
        assert not unnamed, f"declared are {sorted(limits)}"

    @promise
    async def test_it_neither_waits_nor_rolls_dice_nor_speaks_to_others(self, scene: Scene) -> None:
        found = [
            f"{file.name}: {sin}" for file in _code_of(scene.adapter) for sin in _sins(ast.parse(file.read_text()))
        ]
        assert not found, "retries, clocks, chance and logs are the engine's part"

    @promise
    async def test_its_settings_refuse_what_they_do_not_know(self, scene: Scene) -> None:
        with pytest.raises(ValueError, match="not_a_setting"):
            scene.world.manifest.settings.model_validate({**scene.world.settings, "not_a_setting": 1})


class QuestionPromises(TroublePromises):
    """A party that is not only told but asked: `ask` is a read."""

    @promise
    async def test_an_outage_is_unavailable_and_asked_once(self, scene: Scene) -> None:
        await self._asked(scene)
        for fault in (*faults.UNSENT[:4], *faults.OUTAGES, *faults.LOST, faults.SLOW):
            scene.line.strike(fault)
            with pytest.raises(Unavailable):
                await self.ask(scene)
            assert scene.line.struck == 1, f"{fault.words}: it tried again by itself"
        scene.line.heal()
        await self.ask(scene)

    @promise
    async def test_an_answer_that_was_not_agreed_is_a_broken_contract(self, scene: Scene) -> None:
        await self._asked(scene)
        for fault in faults.SPOILT:
            scene.line.strike(fault)
            with pytest.raises(ContractBroken):
                await self.ask(scene)
        scene.line.heal()
        await self.ask(scene)

    @promise
    async def test_fields_that_nobody_knows_change_nothing(self, scene: Scene) -> None:
        before = await self._asked(scene)
        scene.line.strike(Fault("the vendor adds fields", _growing))
        after = await self.ask(scene)
        assert type(after) is type(before)

    @promise
    async def test_no_answer_brings_it_down(self, scene: Scene) -> None:
        await self._asked(scene)
        last = Keeping()
        scene.line.strike(Fault("kept", last.play))
        await self.ask(scene)
        for words, body in bodies.strange(last.body):
            scene.line.strike(Fault(words, answering(as_json(body), executed=False)))
            with contextlib.suppress(CrossdockError):
                await self.ask(scene)


async def _growing(request: httpx.Request, vendor: httpx.AsyncBaseTransport) -> httpx.Response:
    answer = await vendor.handle_async_request(request)
    body = await answer.aread()
    try:
        body = json.dumps(bodies.grown(json.loads(body))).encode()
    except ValueError:
        return answer
    return httpx.Response(answer.status_code, content=body, headers=kind_of(answer), request=request)


def _secrets_of(world: World) -> tuple[str, ...]:
    settings: BaseModel = world.manifest.settings.model_validate(world.settings)
    own = [value.get_secret_value() for _, value in settings if isinstance(value, SecretStr)]
    return (*filter(None, own), *world.more_secrets)


def _code_of(adapter: object) -> list[Path]:
    """Return the files of the folder in which the adapter stands."""
    module = importlib.import_module(type(adapter).__module__)
    return sorted(Path(inspect.getfile(module)).parent.glob("*.py"))


def _sins(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(attr=name)) if name in _CLOCKS | _CLIENTS:
                yield f"{name}() in line {node.lineno}"
            case ast.Call(func=ast.Name(id=name)) if name in _CLOCKS | _CLIENTS:
                yield f"{name}() in line {node.lineno}"
            case ast.Import(names=names):
                yield from (f"import {one.name}" for one in names if one.name.partition(".")[0] in _CHANCES)
            case ast.ImportFrom(module=str(module)) if module.partition(".")[0] in _CHANCES:
                yield f"from {module} import …"
            case _:
                pass
