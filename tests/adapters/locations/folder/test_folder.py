"""The shared folder under crashes, links, and names that lead elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from adapters.locations.folder import folder as module
from adapters.locations.folder.folder import MAX_BYTES, Folder
from domain.errors import ContractBroken, NotFound, Unavailable
from domain.ports.mailbox import Letter

NAME = "release-1.csv"

dies = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
"""Whoever dies closes no file."""


class _Killed(BaseException):
    """The machine dies here."""


def run_until(step: Callable[[], object], line: int) -> bool:
    """Run a step and die before the given line of the folder's code; False when it ended earlier."""
    lines = iter(range(line + 1))

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        if frame.f_code.co_filename != module.__file__:
            return None
        if event == "line" and next(lines, None) is None:
            raise _Killed
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        step()
    except _Killed:
        return True
    finally:
        sys.settrace(before)
    return False


def crash_points(fresh: Callable[[], Callable[[], object]]) -> Iterator[None]:
    """Do a step, each time dead before another line; the step is a new one for each."""
    line = 0
    while run_until(fresh(), line):
        yield
        line += 1
    assert line > 20, "it dies at many lines"


def files(root: Path) -> dict[str, str]:
    """Return what lies where, finished."""
    found = (path for path in root.rglob("*") if path.is_file() and not path.name.startswith("."))
    return {str(path.relative_to(root)): path.read_text() for path in found}


def roots(tmp_path: Path) -> Iterator[Path]:
    for number in range(10_000):
        root = tmp_path / str(number)
        root.mkdir()
        yield root


def leave(root: Path, name: str, content: bytes) -> Path:
    (root / "in").mkdir(exist_ok=True)
    (root / "in" / name).write_bytes(content)
    return root / "in" / name


@dies
def test_a_file_is_dropped_once_wherever_one_dies(tmp_path: Path) -> None:
    places = roots(tmp_path)
    root = tmp_path

    def fresh() -> Callable[[], object]:
        nonlocal root
        root = next(places)
        return lambda: Folder(root).drop(NAME, b"whole")

    for _ in crash_points(fresh):
        assert files(root) in ({}, {f"out/{NAME}": "whole"})
        Folder(root).drop(NAME, b"whole")
        assert files(root) == {f"out/{NAME}": "whole"}


def test_a_file_that_was_taken_is_not_dropped_again(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    for part in ("taken", "refused", "withdrawn"):
        folder.drop(f"{part}.csv", b"1")
        (tmp_path / part).mkdir(exist_ok=True)
        (tmp_path / "out" / f"{part}.csv").rename(tmp_path / part / f"{part}.csv")
        folder.drop(f"{part}.csv", b"2")
        assert folder.where(f"{part}.csv") == part
    assert set(files(tmp_path).values()) == {"1"}


@dies
@pytest.mark.parametrize("refusal", ["", "row 2 is odd"])
def test_a_report_is_answered_once_wherever_one_dies(tmp_path: Path, refusal: str) -> None:
    places = roots(tmp_path)
    root = tmp_path

    def fresh() -> Callable[[], object]:
        nonlocal root
        root = next(places)
        leave(root, "picked-1.csv", b"F1")
        (letter,) = Folder(root).letters()
        return lambda: Folder(root).answer(letter, refusal)

    for _ in crash_points(fresh):
        reports = [name for name in files(root) if name.endswith(".csv")]
        assert len(reports) == 1, "it lies in exactly one place"
        for letter in Folder(root).letters():
            Folder(root).answer(letter, refusal)
        assert Folder(root).letters() == ()
        after = files(root)
        (report,) = (name for name in after if name.endswith(".csv"))
        assert report.startswith("rejected/" if refusal else "archive/")
        assert after.get(f"{report}.reason.txt") == (f"{refusal}\n" if refusal else None)


def test_work_is_taken_back_or_taken_never_both(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.drop(NAME, b"1")
    assert folder.withdraw(NAME)
    assert not folder.withdraw(NAME)
    assert files(tmp_path) == {f"withdrawn/{NAME}": "1"}


def test_only_finished_plain_files_are_reports(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("root:x:0:0")
    root = tmp_path / "share"
    root.mkdir()
    whole = leave(root, "picked-1.csv", b"F1")
    for name in (".picked-2.csv", "picked-3.csv.tmp", "notes.txt"):
        leave(root, name, b"F2")
    (root / "in" / "picked-4.csv").symlink_to(secret)
    (root / "in" / "picked-5.csv").mkdir()
    assert [letter.receipt for letter in Folder(root).letters()] == [whole.name]


def test_two_reports_with_the_same_words_are_two(tmp_path: Path) -> None:
    leave(tmp_path, "picked-1.csv", b"F1")
    leave(tmp_path, "picked-2.csv", b"F1")
    first, second = Folder(tmp_path).letters()
    assert first.body != second.body


def test_a_report_that_was_written_over_since_is_left_for_the_next_look(tmp_path: Path) -> None:
    leave(tmp_path, "picked-1.csv", b"F1")
    (letter,) = Folder(tmp_path).letters()
    leave(tmp_path, "picked-1.csv", b"F2")
    Folder(tmp_path).answer(letter, "")
    assert files(tmp_path) == {"in/picked-1.csv": "F2"}
    (again,) = Folder(tmp_path).letters()
    assert again.body != letter.body


def test_a_name_that_was_used_before_replaces_nothing_in_the_archive(tmp_path: Path) -> None:
    for content in (b"F1", b"F2"):
        leave(tmp_path, "picked-1.csv", content)
        (letter,) = Folder(tmp_path).letters()
        Folder(tmp_path).answer(letter, "")
    assert sorted(files(tmp_path).values()) == ["F1", "F2"]


@pytest.mark.parametrize("receipt", ["", "..", "../secret.csv", "/etc/passwd", "a/b.csv"])
def test_a_receipt_leads_nowhere_else(tmp_path: Path, receipt: str) -> None:
    with pytest.raises(NotFound):
        Folder(tmp_path).answer(Letter(receipt=receipt, body=b""), "")


def test_a_part_that_is_a_link_is_not_entered(tmp_path: Path) -> None:
    root, elsewhere = tmp_path / "share", tmp_path / "elsewhere"
    root.mkdir()
    elsewhere.mkdir()
    (root / "out").symlink_to(elsewhere)
    with pytest.raises(ContractBroken, match="a link"):
        Folder(root).drop(NAME, b"1")
    assert list(elsewhere.iterdir()) == []


def test_a_large_report_is_read_only_as_far_as_shows_that_it_is(tmp_path: Path) -> None:
    leave(tmp_path, "picked-1.csv", b"x" * (MAX_BYTES + 1000))
    (letter,) = Folder(tmp_path).letters()
    assert len(letter.body) == len(b"picked-1.csv\n") + MAX_BYTES + 1
    Folder(tmp_path).answer(letter, "too large")
    assert Folder(tmp_path).letters() == ()


def test_a_share_that_is_not_mounted_is_not_made_up(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        Folder(tmp_path / "missing").drop(NAME, b"1")
    with pytest.raises(Unavailable):
        Folder(tmp_path / "missing").letters()
    assert not (tmp_path / "missing").exists()
