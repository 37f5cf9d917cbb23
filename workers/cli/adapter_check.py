"""Holding adapters to their promises: pytest runs in a process of its own, and tells what became of each."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import adapters
from adapters.catalog import FOLDERS, adapter_names, load_manifest
from adapters.manifest import Manifest, Party
from domain.errors import NotFound
from domain.values import Model
from workers.cli.adapter_cards import PARTIES
from workers.cli.errors import ExitCode, Problem, misused

_PLAIN = ("-q", "-p", "no:cacheprovider", "-p", "adapters.conformance.tally", "-o", "addopts=",
          "--import-mode=importlib", "-o", "asyncio_mode=auto")  # fmt: skip
_STOPPED = 2
_HELD: tuple[Party, ...] = tuple(kind for kind in PARTIES if kind != "notifier")


class Promised(Model):
    """One promise of one adapter: kept, skipped with what excuses it, or broken with how."""

    party: str
    adapter: str
    promise: str
    outcome: str
    why: str = ""


def check_adapter(name: str, party: str, *, live: bool) -> tuple[Promised, ...]:
    """Return what became of every promise of the adapters of this name; `live`: the real vendor is asked first.

    Raises:
        Problem: pytest is not here, the adapter has no promises, they could not be tried, or no account was lent.
        NotFound: there is no such adapter.
    """
    if find_spec("pytest") is None or find_spec("pytest_asyncio") is None:
        raise Problem("promises are tried by pytest", code="no-pytest", remedy="pip install 'crossdock[check]'")
    if party and party not in PARTIES:
        raise misused(f"--party {party}: there are {', '.join(PARTIES)}")
    held = [load_manifest(kind, name) for kind in _HELD if party in {"", kind} and name in adapter_names(kind)]
    if not held:
        known = ", ".join(sorted({one for kind in _HELD for one in adapter_names(kind)}))
        raise NotFound("no-adapter", f"no adapter {name!r} that makes promises; there are: {known}")
    return tuple(told for manifest in held for told in _check(manifest, live=live))


def _check(manifest: Manifest[Any, Any], *, live: bool) -> list[Promised]:
    where, root = _place(manifest)
    asked = _ask_in_earnest(manifest, _live_tests(manifest, where), root) if live else []
    return [*asked, *_try(manifest, where, root, dict(os.environ))]


def _ask_in_earnest(manifest: Manifest[Any, Any], where: list[str], root: Path) -> list[Promised]:
    """Try what is asked of the real vendor; that nobody could be asked is no success."""
    from adapters.conformance.live import LIVE, variable_of

    told = _try(manifest, where, root, os.environ | {LIVE: "1"})
    if all(one.outcome == "skipped" for one in told):
        reasons = "; ".join(dict.fromkeys(one.why for one in told))
        remedy = f'{variable_of(manifest)}="$(cat account.json)" crossdock adapters check {manifest.name} --live'
        raise Problem(
            f"{manifest.name} was not asked in earnest: {reasons}", code="no-live-account", remedy=remedy,
            exit_code=ExitCode.USAGE,
        )  # fmt: skip
    return told


def _try(manifest: Manifest[Any, Any], where: list[str], root: Path, environment: Mapping[str, str]) -> list[Promised]:
    from adapters.conformance.tally import read_tally

    with tempfile.TemporaryDirectory(prefix="crossdock-check-") as folder:
        tally = Path(folder, "tally.json")
        ran = subprocess.run(  # noqa: S603  our own interpreter
            [sys.executable, "-m", "pytest", *_PLAIN, "--tally", str(tally), *where],
            cwd=root, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        told = read_tally(tally)
    if not told or (ran.returncode >= _STOPPED and not any(one.outcome == "broken" for one in told)):
        tail = "\n".join((ran.stderr or ran.stdout).splitlines()[-8:])
        raise Problem(f"the promises of {manifest.name} could not be tried:\n{tail}", code="not-tried")
    return [Promised(party=manifest.party, **one.model_dump()) for one in told]


def _place(manifest: Manifest[Any, Any]) -> tuple[list[str], Path]:
    """Return what pytest is asked to run, and from where."""
    if manifest.conformance:
        return ["--pyargs", manifest.conformance], Path.cwd()
    root = Path(adapters.__file__).parents[1]
    folder = FOLDERS[manifest.party].rpartition(".")[2]
    file = root / "tests" / "adapters" / folder / manifest.name / "test_conformance.py"
    if not file.exists():
        remedy = "write it after docs/adapters.md, or name its module in Manifest.conformance"
        raise Problem(f"{manifest.name} has no promises to keep: there is no {file}", code="no-promises", remedy=remedy)
    # What it sells beside its own port is held to promises of its own.
    return [str(file), *map(str, sorted(file.parent.glob("test_conformance_*.py")))], root


def _live_tests(manifest: Manifest[Any, Any], where: list[str]) -> list[str]:
    """Return what pytest is asked to run in front of the real vendor."""
    if manifest.conformance:
        live = ".".join([*manifest.conformance.split(".")[:-1], "test_live"])
        there, wanted = find_spec(live) is not None, ["--pyargs", live]
    else:
        live = str(Path(where[-1]).parent / "test_live.py")
        there, wanted = Path(live).exists(), [live]
    if not there:
        raise Problem(
            f"{manifest.name} has no live tests: there is no {live}", code="no-live-tests",
            remedy="leave --live out, or write them after docs/adapters.md",
        )  # fmt: skip
    return wanted
