"""One import as the command line runs it: with a bar while it lasts, and everything that is wrong told at its end."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import typer

from activities.importing import Imported, Importer, ImportWish, Progress
from domain.import_problem import RowProblem
from infra.table import RefusedRows, Table, open_table
from workers.cli import output
from workers.cli.errors import ExitCode, misused
from workers.cli.parts import opened_house

SHOWN = 20
"""Problems that are shown; the file of refused rows has them all."""


async def import_file(wish: ImportWish, file: str, errors: Path | None, encoding: str | None, *, as_json: bool) -> None:
    """Import a file and tell what became of it; ends with 1 when rows were refused.

    Raises:
        Refused: this is no such file, or no such table.
        Problem: the file of refused rows would replace the file itself, or cannot be written.
    """
    if errors is not None:
        _require_another(errors, file)
        _require_writable(errors)
    with open_table(wish.kind, file, sys.stdin.buffer, encoding) as table, _shown_progress(table) as tell:
        async with opened_house() as house:
            importer = Importer(house.context.record, wish, house.context.now, tell)
            try:
                await importer.read(table.rows())
                done = await importer.settle(table.digest)
                shown = await _write_problems(importer, table, errors, done)
            except BaseException:
                await importer.close()
                raise
            await importer.close(done)
    _tell(wish, done, shown, errors, as_json=as_json)
    if done.refused:
        raise typer.Exit(ExitCode.FAILED)


def _require_another(errors: Path, file: str) -> None:
    if Path(file).exists() and errors.exists() and errors.samefile(file):
        raise misused("--errors names the file itself", "name another file")


def _require_writable(errors: Path) -> None:
    """Find out before anything is imported: afterwards nobody could be told which rows were refused."""
    is_new = not errors.exists()
    try:
        with errors.open("a"):
            pass
    except OSError as error:
        raise misused(f"--errors: {errors} cannot be written: {error.strerror}", "name another file") from None
    if is_new:
        errors.unlink()


async def _write_problems(importer: Importer, table: Table, errors: Path | None, done: Imported) -> list[RowProblem]:
    """Write refused rows, if asked; return the first problems."""
    shown: list[RowProblem] = []
    if not done.refused:
        return shown
    if errors is None:
        async for problem in importer.problems():
            shown.append(problem)
            if len(shown) == SHOWN:
                break
        return shown
    # Bytes that are no text in its encoding go back as they came.
    with errors.open("w", encoding="utf-8", errors="surrogateescape", newline="") as target:
        refused = RefusedRows(table, target)
        async for problem in importer.problems():
            refused.add(problem)
            if len(shown) < SHOWN:
                shown.append(problem)
        refused.finish()
    return shown


@contextmanager
def _shown_progress(table: Table) -> Generator[Progress]:
    """Show a bar on a terminal: bytes of the file while it is read, then rows."""
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    console = Console(stderr=True)
    rows = TextColumn("{task.fields[rows]:,} rows")
    columns = (TextColumn("{task.description}"), BarColumn(), rows, TimeElapsedColumn())
    with Bars(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:
        task = bars.add_task("reading", total=max(table.size, 1), rows=0)
        read = 0

        def tell(what: str, rows: int) -> None:
            nonlocal read
            read = rows if what != "importing" else read
            total, done = (table.size, table.position) if what == "reading" else (read, rows)
            bars.update(task, description=what, total=max(total, 1), completed=done, rows=rows)

        yield tell


def _tell(wish: ImportWish, done: Imported, shown: list[RowProblem], errors: Path | None, *, as_json: bool) -> None:
    if as_json:
        output.show_json(**done.model_dump(mode="json"), dry_run=wish.dry_run, problems=shown)
        return
    output.say(_summary(wish, done))
    for problem in shown:
        output.say(str(problem))
    if done.refused > len({problem.row for problem in shown}):
        output.say(f"and more: {done.refused} rows in all")
    if done.refused:
        output.say(f"refused rows are in {errors}: correct them and import that file" if errors else _ADVICE)


_ADVICE = "with --errors FILE the refused rows are written to a file, to be corrected and imported again"


def _summary(wish: ImportWish, done: Imported) -> str:
    if wish.dry_run:
        return f"{done.rows} rows of {done.kind.value} read, {done.refused} would be refused; nothing was imported"
    if wish.whole and done.refused:
        return f"{done.rows} rows of {done.kind.value} read, {done.refused} wrong; nothing was imported"
    return (
        f"{done.rows} rows of {done.kind.value} read: {done.written} imported, {done.unchanged} as they were, "
        f"{done.refused} refused"
    )
