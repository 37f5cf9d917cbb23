"""As much of JSON Schema as Amazon's models use: whether a document keeps to its own description."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, cast

Json = dict[str, Any]
_VERBS = ("get", "post", "put", "patch", "delete")
_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,), "array": (list,), "string": (str,),
    "integer": (int,), "number": (int, float), "boolean": (bool,),
}  # fmt: skip


class Description:
    """A Swagger model or a schema, as the vendor wrote it."""

    def __init__(self, file: Path) -> None:
        self.root: Any = json.loads(file.read_text())

    def complaints(self, document: Any, definition: str = "") -> list[str]:
        """Return what is wrong with a document, as far as this can tell."""
        described = self.root["definitions"][definition] if definition else self.root
        return list(self._check(document, described, definition or "it"))

    def operation(self, name: str) -> Any:
        """Return an operation by its id."""
        verbs: list[Json] = [path[verb] for path in self.root["paths"].values() for verb in _VERBS if verb in path]
        return next(one for one in verbs if one.get("operationId") == name)

    def _check(self, told: Any, described: Any, where: str) -> Iterator[str]:
        if described is False:
            yield f"{where} may not be there"
        if not isinstance(described, dict):
            return
        described = cast("Json", described)
        if "$ref" in described:
            yield from self._check(told, self.root["definitions"][described["$ref"].rpartition("/")[2]], where)
            return
        kind: str = described.get("type", "")
        if kind and not (isinstance(told, _TYPES[kind]) and (kind == "boolean" or not isinstance(told, bool))):
            yield f"{where} is no {kind}"
            return
        yield from self._check_value(told, described, where)
        if isinstance(told, dict):
            yield from self._check_fields(cast("Json", told), described, where)
        if isinstance(told, list):
            for number, row in enumerate(cast("list[Any]", told)):
                yield from self._check(row, described.get("items"), f"{where}.{number}")
        choices = described.get("oneOf", [])
        if choices and sum(not list(self._check(told, one, where)) for one in choices) != 1:
            yield f"{where} is not exactly one of its kinds"

    def _check_fields(self, told: Json, described: Json, where: str) -> Iterator[str]:
        fields = described.get("properties", {})
        yield from (f"{where}.{name} is missing" for name in described.get("required", ()) if name not in told)
        for name, value in told.items():
            if name in fields:
                yield from self._check(value, fields[name], f"{where}.{name}")

    def _check_value(self, told: Any, described: Json, where: str) -> Iterator[str]:
        if "enum" in described and told not in described["enum"]:
            yield f"{where} is none of {described['enum']}"
        if "const" in described and told != described["const"]:
            yield f"{where} is not {described['const']}"
        if described.get("format") == "date-time" and datetime.fromisoformat(told).tzinfo is None:
            yield f"{where} has no zone"
        if isinstance(told, list | str):
            sized = len(cast("str", told))
            if (
                not described.get("minItems", described.get("minLength", 0))
                <= sized
                <= described.get("maxItems", sized)
            ):
                yield f"{where} is too short or too long"
        if isinstance(told, int) and told < described.get("minimum", told):
            yield f"{where} is too small"
