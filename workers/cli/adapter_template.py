"""How an adapter begins: as a copy of the sandbox's, under a name of its own."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator
from pathlib import Path

from adapters.catalog import FOLDERS, adapter_names
from adapters.manifest import Party
from domain.values import Model
from workers.cli.errors import Problem, misused

_NAME = re.compile(r"[a-z][a-z0-9_]{1,30}")
_KINDS: dict[str, Party] = {"marketplace": "marketplace", "carrier": "carrier"}
_COPIED_TESTS = ("simulator.py", "test_conformance.py")
_STEPS = '''"""What is left to do until {name} is no copy any more: go through what is red from top to bottom."""

from adapters.conformance.steps import Steps
from {module} import MANIFEST


class Test{camel}Steps(Steps):
    manifest = MANIFEST
'''
_LIVE = '''"""{camel} in earnest: skipped unless an account is lent."""

from adapters.conformance.live import {suite}
from {module} import MANIFEST


class Test{camel}Live({suite}):
    manifest = MANIFEST
'''
_SUITES: dict[Party, str] = {"marketplace": "MarketplaceLive", "carrier": "CarrierLive"}


class Made(Model):
    """What was made: files from the project's folder on, and the tests that lead through the work."""

    files: tuple[str, ...]
    steps: str


def copy_template(kind: str, name: str, root: Path) -> Made:
    """Copy the sandbox's adapter and its tests; nothing that is there is touched.

    Raises:
        Problem: there is no template here, or something of this name.
    """
    party = _KINDS.get(kind)
    if party is None:
        raise misused(f"{kind}: there is a template for {' and for '.join(_KINDS)}")
    if not _NAME.fullmatch(name) or keyword.iskeyword(name):
        raise misused(f"{name}: a name is of small letters, digits and _, such as acme or acme_eu")
    folder = FOLDERS[party].rpartition(".")[2]
    code, tests = Path("adapters", folder), Path("tests", "adapters", folder)
    if not (root / code / "sandbox").is_dir() or not (root / tests / "sandbox").is_dir():
        remedy = "run it in a checkout of the project, or give --root"
        raise Problem(f"there is no template below {root.resolve()}", code="no-template", remedy=remedy)
    if name in adapter_names(party) or (root / code / name).exists() or (root / tests / name).exists():
        raise Problem(f"there is a {party} {name} already", code="adapter-exists", remedy="choose another name")
    texts = dict(_texts(root, code, tests, party, name))
    for file, text in texts.items():
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_text(text)
    return Made(files=tuple(str(file) for file in texts), steps=str(tests / name / "test_steps.py"))


def _texts(root: Path, code: Path, tests: Path, party: Party, name: str) -> Iterator[tuple[Path, str]]:
    sources = [(code, sorted((root / code / "sandbox").glob("*.[pm]*"))),
               (tests, [root / tests / "sandbox" / one for one in _COPIED_TESTS])]  # fmt: skip
    for target, files in sources:
        for file in files:
            yield target / name / file.name, _renamed(file.read_text(), party, name)
    words = {"name": name, "module": f"{FOLDERS[party]}.{name}", "camel": _camel(name)}
    yield tests / name / "test_live.py", _LIVE.format(suite=_SUITES[party], **words)
    yield tests / name / "test_steps.py", _STEPS.format(**words)


def _renamed(text: str, party: Party, name: str) -> str:
    """Return a text of the template under the new name; what else it says of the sandbox stays: it is to be done."""
    text = text.replace(f"{FOLDERS[party]}.sandbox", f"{FOLDERS[party]}.{name}")
    text = text.replace(f'"{party}", "sandbox"', f'"{party}", "{name}"').replace(
        "sandbox-unreadable", f"{name}-unreadable"
    )
    return re.sub(r"\b(Test)?Sandbox(?!Inside)(?=[A-Z])", lambda found: f"{found[1] or ''}{_camel(name)}", text)


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))
