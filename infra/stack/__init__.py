"""The embedded stack of development, demo and tests: real servers under one folder."""

from infra.stack.children import Child, RunningChild
from infra.stack.errors import ChildDiedError, NotReadyError, PortTakenError, StackError, StackLockedError
from infra.stack.stack import Addresses, Stack

__all__ = [
    "Addresses",
    "Child",
    "ChildDiedError",
    "NotReadyError",
    "PortTakenError",
    "RunningChild",
    "Stack",
    "StackError",
    "StackLockedError",
]
