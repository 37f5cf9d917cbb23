"""Holds values against the schemas of a vendor's OpenAPI, as far as they use it; strictly: no field may be unknown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

_KINDS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "array": (list,),
    "object": (dict,),
}


class Contract:
    """One OpenAPI document."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self.operations: dict[str, Mapping[str, Any]] = {
            operation["operationId"]: {**operation, "path": path, "method": method.upper()}
            for path, methods in document["paths"].items()
            for method, operation in methods.items()
            if isinstance(operation, dict) and "operationId" in operation
        }

    def request_schema(self, operation: str, kind: str = "application/json") -> Mapping[str, Any] | None:
        """Return what an operation wants to be sent, or None when it is nothing."""
        body = self.operations[operation].get("requestBody")
        return self.resolve(body["content"][kind]["schema"]) if body else None

    def resolve(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """Follow references."""
        while "$ref" in schema:
            found: Any = self._document
            for step in schema["$ref"].removeprefix("#/").split("/"):
                found = found[step]
            schema = found
        return schema

    def complaints(self, value: Any, schema: Mapping[str, Any], at: str = "body") -> Iterator[str]:
        """Yield what is wrong with a value."""
        schema = self.resolve(schema)
        kind = schema.get("type", "object" if "properties" in schema else "")
        if kind and (not isinstance(value, _KINDS[kind]) or (isinstance(value, bool) and kind != "boolean")):
            yield f"{at} is {value!r} and no {kind}"
            return
        if "enum" in schema and value not in schema["enum"]:
            yield f"{at} is {value!r}, none of {schema['enum']}"
        if isinstance(value, list):
            for number, row in enumerate(cast("list[Any]", value)):
                yield from self.complaints(row, schema["items"], f"{at}.{number}")
        if isinstance(value, dict):
            yield from self._fields(cast("dict[str, Any]", value), schema, at)

    def _fields(self, value: dict[str, Any], schema: Mapping[str, Any], at: str) -> Iterator[str]:
        known = schema.get("properties", {})
        yield from (f"{at}.{name} is missing" for name in schema.get("required", ()) if name not in value)
        for name, inner in value.items():
            if name in known:
                yield from self.complaints(inner, known[name], f"{at}.{name}")
            else:
                yield f"{at}.{name} is not in the contract"
