"""How a part of the world answers HTTP: a function from path, query and body to JSON, and refusals with a code."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TypeVar

from pydantic import BaseModel, JsonValue, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from infra.sandbox.world import World

B = TypeVar("B", bound=BaseModel)
Answer = tuple[int, JsonValue]


class RefusedRequest(Exception):
    """The world understood and says no; nothing was changed."""

    def __init__(self, status: int, code: str, message: str = "") -> None:
        super().__init__(message or code)
        self.status, self.code, self.message = status, code, message or code


class Call:
    """One request: its path, its query, its body and the world it is about."""

    def __init__(self, world: World, request: Request, body: bytes) -> None:
        self.world, self.path, self.query = world, request.path_params, request.query_params
        self._body = body

    def read(self, model: type[B]) -> B:
        """Return the body as this model; a body that does not fit is refused with 422."""
        try:
            return model.model_validate_json(self._body or b"{}")
        except ValidationError as error:
            raise RefusedRequest(422, "invalid-request", str(error.errors(include_url=False)[0])) from error


Play = Callable[[Call], Answer]


def route(method: str, path: str, name: str, play: Play) -> Route:
    """Return a route of the world. Its name is the operation that faults are switched on for."""

    async def endpoint(request: Request) -> JSONResponse:
        world: World = request.app.state.world
        call = Call(world, request, await request.body())
        try:
            status, content = play(call)
        except RefusedRequest as refusal:
            return JSONResponse({"error": {"code": refusal.code, "message": refusal.message}}, refusal.status)
        finally:
            world.flush()
        return JSONResponse(content, status)

    return Route(path, endpoint, methods=[method], name=name)


def found(record: B | None, what: str) -> B:
    """Return the record; an absent one is refused with 404."""
    if record is None:
        raise RefusedRequest(404, "not-found", f"no such {what}")
    return record


def dump(record: BaseModel) -> JsonValue:
    """Return a record as JSON."""
    return json.loads(record.model_dump_json())
