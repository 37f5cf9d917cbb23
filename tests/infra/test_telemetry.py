"""Telemetry leaves the process only when it is asked to."""

import subprocess
import sys

import pytest

from infra.telemetry import configure_telemetry

SPAN = """
from opentelemetry import trace
from infra.telemetry import configure_telemetry
end = configure_telemetry("worker")
with trace.get_tracer("test").start_as_current_span("buy label"):
    pass
end()
"""


def test_nothing_is_exported_unless_asked_for() -> None:
    configure_telemetry("test")()


def test_an_exporter_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "nowhere")
    with pytest.raises(LookupError, match="OTEL_TRACES_EXPORTER=nowhere"):
        configure_telemetry("test")


def test_a_named_exporter_gets_the_spans_of_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "console")
    argv = [sys.executable, "-c", SPAN]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=True)  # noqa: S603 - our own program
    assert '"name": "buy label"' in done.stdout
    assert "crossdock-worker" in done.stdout
