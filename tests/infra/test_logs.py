"""Logs are JSON lines in which no secret and no body survives."""

import json
import logging

import pytest

from infra.logs import JsonLines, Redaction, configure_logging


def _line(message: str, *args: object, error: str = "", **extra: object) -> str:
    record = logging.makeLogRecord({"name": "test", "levelno": 20, "levelname": "INFO", "msg": message, **extra})
    record.args = args
    if error:
        try:
            int(error)
        except ValueError as caught:
            record.exc_info = (ValueError, caught, caught.__traceback__)
    assert Redaction().filter(record)
    return JsonLines().format(record)


def test_a_line_says_when_how_bad_who_and_what() -> None:
    line = json.loads(_line("took %s order(s)", 3, channel="shop"))
    assert line["message"] == "took 3 order(s)"
    assert (line["level"], line["logger"], line["channel"]) == ("info", "test", "shop")
    assert line["at"].endswith("+00:00")


@pytest.mark.parametrize(
    "line",
    [
        _line("open postgresql://crossdock:hunter2@127.0.0.1/x"),
        _line("sent Authorization: Bearer hunter2"),
        _line("get /orders?api_token=hunter2&page=2"),
        _line("told hunter2@example.com"),
        _line("got %s", {"name": "hunter2"}),
        _line("got %s", b"hunter2"),
        _line("got one", body="hunter2"),
        _line("got one", order={"name": "hunter2"}),
        _line("broke", error="hunter2"),
    ],
)
def test_neither_secret_nor_body_reaches_the_log(line: str) -> None:
    assert "hunter2" not in line


def test_an_exception_shows_its_type_and_stack() -> None:
    line = json.loads(_line("broke", error="hunter2"))
    assert line["error"] == "ValueError"
    assert "test_logs" in line["stack"]


def test_a_whole_program_logs_redacted_lines(capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        root.handlers = []
        configure_logging("debug")
        logging.getLogger("anyone").debug("sent token=%s", "hunter2")
    finally:
        root.handlers = handlers
        root.setLevel(level)
    assert json.loads(capsys.readouterr().err)["message"] == "sent token=[redacted]"
