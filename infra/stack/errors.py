"""The refusals of the embedded stack."""


class StackError(Exception):
    """The stack cannot start or go on; the message is for the operator and says what to do."""


class PortTakenError(StackError):
    """A port the stack needs is held by another program."""


class StackLockedError(StackError):
    """Another live stack uses the same data folder."""


class ChildDiedError(StackError):
    """A part of the stack ended although nobody stopped it."""


class NotReadyError(StackError):
    """A part of the stack runs but does not answer in time."""
