"""What the vendor says an operation costs at most: one point an object, the size of each connection, ten a mutation."""

from __future__ import annotations

from typing import Any

from graphql import (
    FieldNode,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

from tests.adapters.marketplaces.shopify.engine import parsed

MUTATION = 10
OF_A_VARIABLE = 20


def requested_cost(schema: GraphQLSchema, text: str) -> int:
    operation = parsed(text).definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    root: Any = schema.get_root_type(operation.operation)
    base = MUTATION if operation.operation.value == "mutation" else 0
    return base + _cost(schema, root, operation.selection_set)


def _cost(schema: GraphQLSchema, parent: Any, selected: SelectionSetNode) -> int:
    total = 0
    for node in selected.selections:
        if isinstance(node, InlineFragmentNode):
            total += _cost(schema, schema.type_map[node.type_condition.name.value], node.selection_set)  # pyright: ignore[reportOptionalMemberAccess] - ours name a type
        elif isinstance(node, FieldNode) and node.selection_set is not None:
            kind = schema.type_map[str(parent.fields[node.name.value].type).strip("[]!")]
            size = _size(node)
            below = _cost(schema, kind, node.selection_set)
            # `nodes` of a connection and `pageInfo` cost by the connection, which has counted them.
            own = 0 if node.name.value in {"nodes", "pageInfo"} else 2 if size else 1
            total += own + (size or 1) * below + (size if size and "nodes" in str(node.selection_set.selections) else 0)
    return total


def _size(node: FieldNode) -> int:
    for argument in node.arguments or ():
        if argument.name.value == "first":
            return int(argument.value.value) if isinstance(argument.value, IntValueNode) else OF_A_VARIABLE
    return 0
