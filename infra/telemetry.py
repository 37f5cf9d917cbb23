"""What the processes measure: OpenTelemetry traces and metrics, where the environment asks for them."""

import os
from collections.abc import Callable
from importlib.metadata import entry_points
from typing import Any

from opentelemetry import metrics, trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import MetricReader, PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor


def configure_telemetry(component: str) -> Callable[[], None]:
    """Export what OTEL_TRACES_EXPORTER and OTEL_METRICS_EXPORTER (otlp, console) ask for; by default nothing.

    Returns what flushes and ends it. Raises `LookupError` when the named exporter is not installed.
    """
    resource = Resource.create({"service.name": os.environ.get("OTEL_SERVICE_NAME", f"crossdock-{component}")})
    endings: list[Callable[[], None]] = []
    if spans := _load_exporter("traces"):
        tracers = TracerProvider(resource=resource, shutdown_on_exit=False)
        tracers.add_span_processor(BatchSpanProcessor(spans))
        trace.set_tracer_provider(tracers)
        endings.append(tracers.shutdown)
    if readings := _load_exporter("metrics"):
        reader = readings if isinstance(readings, MetricReader) else PeriodicExportingMetricReader(readings)
        meters = MeterProvider([reader], resource, shutdown_on_exit=False)
        metrics.set_meter_provider(meters)
        endings.append(meters.shutdown)

    def end() -> None:
        for ending in endings:
            ending()

    return end


def _load_exporter(signal: str) -> Any:  # noqa: ANN401 - exporters are plug-ins, known by their entry point only
    name = os.environ.get(f"OTEL_{signal.upper()}_EXPORTER", "none")
    if name == "none":
        return None
    for found in entry_points(group=f"opentelemetry_{signal}_exporter", name=name):
        return found.load()()
    raise LookupError(
        f"OTEL_{signal.upper()}_EXPORTER={name} is not installed: pip install opentelemetry-exporter-{name}"
    )
