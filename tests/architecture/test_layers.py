"""Who may import whom."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.architecture.sources import LAYERS, ROOT, classes, python_files, tree

DOMAIN_MAY_IMPORT = frozenset(sys.stdlib_module_names) | {"pydantic", "domain"}


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5])
def test_there_is_a_contract(number: int) -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    assert any(contract["name"].startswith(f"{number}. ") for contract in contracts)


def test_every_contract_is_kept() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False)  # noqa: S603 - our own tool
    assert told.returncode == 0, told.stdout + told.stderr


def test_the_domain_imports_nothing_but_the_standard_library_and_pydantic() -> None:
    strange = {
        f"{file}: {name}"
        for file in python_files("domain")
        for name in _imported(file)
        if name.partition(".")[0] not in DOMAIN_MAY_IMPORT
    }
    assert not strange


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_says_nothing_in_its_init(layer: str) -> None:
    # For `workflows` it is a matter of speed: Temporal's sandbox runs the package anew for every workflow.
    assert (ROOT / layer / "__init__.py").read_text() == ""


def test_a_module_holds_one_workflow_class_at_most() -> None:
    crowded = {file: names for file in python_files("workflows") if len(names := _workflow_classes(file)) > 1}
    assert not crowded


def _imported(file: Path) -> list[str]:
    names: list[str] = []
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names.append(node.module or "")
    return names


def _workflow_classes(file: Path) -> list[str]:
    return [
        found.name
        for found in classes(file)
        if any("workflow.defn" in ast.unparse(decorator) for decorator in found.decorator_list)
    ]
