"""The TCP ports of the stack: whether one is free, who holds it, which ones to take."""

import socket
from contextlib import ExitStack

import psutil

from infra.settings import Settings
from infra.stack.errors import PortTakenError

LOOPBACK = "127.0.0.1"


def is_free(port: int) -> bool:
    """Whether a program could listen on this loopback port now."""
    with socket.socket() as probe:
        # Without it, a port whose last connections are still closing would look taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def pick_free(count: int) -> list[int]:
    """As many different ports as asked for, free at this moment."""
    with ExitStack() as held:
        probes = [held.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind((LOOPBACK, 0))
        return [probe.getsockname()[1] for probe in probes]


def describe_holder(port: int) -> str:
    """The program that listens on a port, as far as this user may know."""
    try:
        listeners = [c.pid for c in psutil.net_connections("tcp") if c.laddr and c.laddr.port == port and c.pid]
        return f"{psutil.Process(listeners[0]).name()} (pid {listeners[0]})" if listeners else "another program"
    except psutil.Error:
        return "another program"


def require_free(port: int, what: str, remedy: str) -> None:
    """Raise `PortTakenError` naming the holder when `what` cannot listen on its port."""
    if not is_free(port):
        raise PortTakenError(f"port {port} for {what} is taken by {describe_holder(port)}: stop it, or {remedy}")


def choose_ports(settings: Settings) -> Settings:
    """The same settings with a free port in place of every port 0."""
    open_fields = [
        name for name in type(settings).model_fields if name.endswith("_port") and not getattr(settings, name)
    ]
    return settings.model_copy(update=dict(zip(open_fields, pick_free(len(open_fields)), strict=True)))
