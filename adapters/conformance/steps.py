"""The way from a copied template to an adapter of its own: each test is red until its step is done."""

from __future__ import annotations

import inspect
import json
import re
from pathlib import Path
from typing import Any, ClassVar

from adapters.manifest import Manifest

_README_LINES = 40
_TEMPLATE = "sandbox"


class Steps:
    """Inherit this beside a new adapter, name its manifest, and go through what is red from top to bottom.

    Attributes:
        manifest: the adapter's.
    """

    manifest: ClassVar[Manifest[Any, Any]]

    @property
    def code(self) -> Path:
        """The adapter's folder."""
        return Path(inspect.getfile(self.manifest.factory)).parent

    @property
    def tests(self) -> Path:
        """The folder of its tests."""
        return Path(inspect.getfile(type(self))).parent

    def test_1_the_readme_says_where_the_vendor_documents_its_api(self) -> None:
        readme = (self.code / "README.md").read_text()
        assert "https://" in readme, "README.md: link the vendor's documentation; note limits, oddities and gaps"
        assert len(readme.splitlines()) <= _README_LINES, "README.md: keep what the next person needs"

    def test_2_the_settings_ask_for_what_this_vendor_wants(self) -> None:
        self._is_its_own(
            self.code / "settings.py", "ask for its address, its credentials (SecretStr), and what differs"
        )

    def test_3_there_are_examples_of_what_the_vendor_says(self) -> None:
        examples = [*(self.tests / "payloads").glob("*.json")]
        assert examples, (
            f"{self.tests / 'payloads'}: keep one answer of each kind, from its documentation or an account"
        )
        for example in examples:
            assert json.loads(example.read_bytes()), example

    def test_4_its_words_are_the_vendors_own(self) -> None:
        self._is_its_own(self.code / "wire.py", "name the fields as the examples do, and only those that are used")

    def test_5_its_words_are_mapped_to_ours(self) -> None:
        self._is_its_own(self.code / "mapping.py", "pure functions and tables; an unknown status is ContractBroken")

    def test_6_it_asks_the_vendor(self) -> None:
        self._is_its_own(
            self.code / "adapter.py", "go through the port method by method; unable.py has what it cannot do"
        )

    def test_7_its_world_plays_the_vendor(self) -> None:
        for file in self.tests.glob("*.py"):
            self._is_its_own(file, "answer as the vendor documents; what it refuses, refuse")

    def test_8_it_declares_the_published_limits(self) -> None:
        assert self.manifest.limits, "__init__.py: limits={operation: Limit(rate, burst)}; requests name theirs"

    def test_9_it_says_how_it_was_proved(self) -> None:
        assert self.manifest.tier != "own", "__init__.py: tier='examples', or 'live' once a real account was used"

    def _is_its_own(self, file: Path, what: str) -> None:
        """Ask that a file does not speak of the template, nor says the same in other names."""
        text, template = file.read_text(), file.parents[1] / _TEMPLATE / file.name
        lines = [number for number, line in enumerate(text.splitlines(), 1) if _TEMPLATE in line.lower()]
        assert not lines, f"{file.name}, lines {lines[:9]}: still the template; {what}"
        same = template.exists() and self._unnamed(text) == self._unnamed(template.read_text())
        assert not same, f"{file.name}: word for word the template; {what}"

    def _unnamed(self, text: str) -> str:
        return re.sub(f"{_TEMPLATE}|{self.manifest.name.replace('_', '_?')}", "", text, flags=re.IGNORECASE)
