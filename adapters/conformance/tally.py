"""A plugin of pytest that writes down what became of each promise; `crossdock adapters check` reads it."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import TypeAdapter

from domain.values import Model


class Told(Model):
    """What became of one promise.

    Attributes:
        adapter: the class that holds the adapter to it.
        outcome: kept (`why` may say how much was tried), skipped (`why` names what excuses it) or broken (`why` says
            how).
    """

    adapter: str
    promise: str
    outcome: str
    why: str = ""


TALLY: TypeAdapter[tuple[Told, ...]] = TypeAdapter(tuple[Told, ...])


class Tally:
    """Keeps what became of each test, and writes it at the end."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._told: dict[str, Told] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take down one test: how it was called, and whether its fixtures failed."""
        if report.when == "call" or report.outcome != "passed":
            outcome = {"passed": "kept", "skipped": "skipped", "failed": "broken"}[report.outcome]
            *_, adapter, name = ["", *report.nodeid.split("::")]
            promise = name.removeprefix("test_").replace("_", " ")
            self._told[report.nodeid] = Told(adapter=adapter, promise=promise, outcome=outcome, why=_why(report))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Take down what could not even be collected."""
        if report.failed:
            told = Told(adapter="", promise=f"collect {report.nodeid}", outcome="broken", why=_why(report))
            self._told[report.nodeid] = told

    def pytest_sessionfinish(self) -> None:
        """Write everything down."""
        self._path.write_bytes(TALLY.dump_json(tuple(self._told.values())))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer the option that says where to write."""
    parser.addoption("--tally", default="", help="write what became of each promise to this file, as JSON")


def pytest_configure(config: pytest.Config) -> None:
    """Begin."""
    if path := config.getoption("--tally"):
        config.pluginmanager.register(Tally(Path(path)), "crossdock-tally")


def _why(report: pytest.TestReport | pytest.CollectReport) -> str:
    told = report.longrepr
    if report.outcome == "passed" and isinstance(report, pytest.TestReport):
        return "; ".join(str(words) for name, words in report.user_properties if name == "told")
    if isinstance(told, tuple):
        return str(told[2]).removeprefix("Skipped: ")
    lines = [line.removeprefix("E").strip() for line in str(told or "").splitlines() if line.startswith("E ")]
    return "\n".join(line for line in lines[:6] if line)


def read_tally(path: Path) -> tuple[Told, ...]:
    """Return what was written down; nothing when the run did not come to its end."""
    return TALLY.validate_json(path.read_bytes()) if path.exists() else ()
