"""Two ways to run a GraphQL document over plain dictionaries: on the vendor's schema, and without any schema."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLResolveInfo,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    build_client_schema,
    parse,
    validate,
    value_from_ast_untyped,
)
from graphql.execution import execute_sync  # pyright: ignore[reportUnknownVariableType] - its middleware has no types

Rows = dict[str, Any]
Run = Callable[[str, Rows, Rows], Rows]
"""Runs a document with variables over the root, and returns the whole answer."""

parsed = cache(parse)


def read_schema(folder: Path, version: str) -> GraphQLSchema:
    """Read the schema of one version as the vendor publishes it."""
    return _read_schema(folder / "schema" / f"admin_{version}.json.gz")


@cache
def _read_schema(file: Path) -> GraphQLSchema:
    # Assumed to be valid: the vendor's deprecations break a rule that only matters to who writes a schema.
    return build_client_schema(json.loads(gzip.decompress(file.read_bytes()))["data"], assume_valid=True)


def on_schema(schema: GraphQLSchema) -> Run:
    """Return a way to run documents as the vendor would: validated, variables and answers held against the schema."""

    @cache
    def complaints(text: str) -> list[GraphQLError]:
        return validate(schema, parsed(text))

    def run(text: str, variables: Rows, root: Rows) -> Rows:
        found = complaints(text)
        if found:
            codes = [{"message": each.message, "extensions": {"code": "undefinedField"}} for each in found]
            return {"errors": codes}
        done = execute_sync(
            schema,
            parsed(text),
            root_value=root,
            variable_values=variables,
            field_resolver=_resolve_field,
            type_resolver=lambda source, _info, _type: source["__typename"],
        )
        told: Rows = {"data": done.data}
        if done.errors:
            told["errors"] = [_described(error) for error in done.errors]
        return told

    return run


def plain(text: str, variables: Rows, root: Rows) -> Rows:
    """Run a document without a schema: only what it asks for is answered."""
    operation = parsed(text).definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    try:
        return {"data": _select(operation.selection_set, root, variables)}
    except GraphQLError as error:
        return {"data": None, "errors": [_described(error)]}


def _described(error: GraphQLError) -> Rows:
    extensions = error.extensions or getattr(error.original_error, "extensions", None) or {"code": "invalidVariable"}
    return {"message": error.message, "extensions": extensions, "path": error.path}


def _resolve_field(source: Rows, info: GraphQLResolveInfo[Any], **arguments: Any) -> object:
    return _value(source, info.field_nodes[0], arguments, info.variable_values.coerced)


def _select(selected: SelectionSetNode, source: Rows, variables: Rows) -> Rows:
    told: Rows = {}
    for node in selected.selections:
        if isinstance(node, InlineFragmentNode):
            if node.type_condition and source.get("__typename") == node.type_condition.name.value:
                told |= _select(node.selection_set, source, variables)
        elif isinstance(node, FieldNode):
            told_with = node.arguments or ()
            arguments = {each.name.value: value_from_ast_untyped(each.value, variables) for each in told_with}
            value = _value(source, node, arguments, variables)
            told[(node.alias or node.name).value] = _below(node, value, variables)
    return told


def _below(node: FieldNode, value: Any, variables: Rows) -> Any:
    if isinstance(value, list | tuple):
        rows: Any = value  # pyright: ignore[reportUnknownVariableType] - JSON
        return [_below(node, each, variables) for each in rows]
    if node.selection_set is None or value is None:
        return value
    return _select(node.selection_set, value, variables)


def _value(source: Rows, node: FieldNode, arguments: Rows, variables: Mapping[str, Any]) -> object:
    value = source[node.name.value]
    if not callable(value):
        return value
    keys = [each for directive in node.directives or () for each in directive.arguments or ()]
    told = {each.name.value: value_from_ast_untyped(each.value, dict(variables)) for each in keys}
    return value(**arguments, **told)
