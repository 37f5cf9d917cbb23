"""Documents of operators: three ways to write one, and what is said of those that cannot be read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from domain.errors import Refused
from domain.sourcing import read_sourcing
from workers.documents import read_document, read_file

ROOT = Path(__file__).parents[2]

SAME = {
    "policy.yaml": "split: 700\nrules:\n  - name: north\n    when: {countries: [NO, SE]}\n",
    "policy.toml": 'split = 700\n[[rules]]\nname = "north"\nwhen = {countries = ["NO", "SE"]}\n',
    "policy.JSON": '{"split": 700, "rules": [{"name": "north", "when": {"countries": ["NO", "SE"]}}]}',
}


@pytest.mark.parametrize("name", SAME)
def test_a_document_means_the_same_in_each_way_to_write_it(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text(SAME[name])
    assert read_file(path, "bad") == {"split": 700, "rules": [{"name": "north", "when": {"countries": ["NO", "SE"]}}]}


@pytest.mark.parametrize("name", SAME)
def test_the_mark_that_some_editors_write_before_a_text_is_no_part_of_it(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"\xef\xbb\xbf" + SAME[name].encode())
    assert read_file(path, "bad")["split"] == 700


def test_the_policy_of_the_guide_can_be_loaded() -> None:
    guide = (ROOT / "docs" / "sourcing.md").read_text()
    told = re.findall(r"```yaml\n(.*?)```", guide, re.DOTALL)
    policies = [read_sourcing(read_document(text, "bad-policy", "guide.yaml")) for text in told]
    assert policies[0].rules[0].only == ("WH-AUTO",)


@pytest.mark.parametrize("text", [SAME["policy.toml"], SAME["policy.JSON"]])
def test_without_an_ending_a_document_is_known_by_how_it_begins(text: str) -> None:
    assert read_document(text, "bad", "what was given")["split"] == 700


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.yaml", "split: 1\nkey: [s3cret", "a.yaml is no YAML: line 2"),
        ("a.yml", "key: s3cret\nkey: s3cret-too", "a.yml is no YAML: line 2, column 1"),
        ("a.yaml", "key: !!python/object/apply:os.getcwd []", "a.yaml is no YAML"),
        ("a.yaml", "- s3cret", "a.yaml holds no fields: expected some such as field: value"),
        ("a.yaml", "", "a.yaml holds no fields"),
        ("a.toml", "key = s3cret", "a.toml is no TOML"),
        ("a.json", '{"key": s3cret}', "a.json is no JSON: line 1, column 9"),
        ("a.json", '{"key":' + "[" * 100_000, "a.json is no JSON"),
        ("a.json", '"s3cret"', "a.json holds no fields"),
        ("no ending", "key: s3cret", "no ending is no TOML"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_place_and_without_what_stands_there(
    name: str, text: str, said: str
) -> None:
    with pytest.raises(Refused) as refused:
        read_document(text, "bad-settings", name)
    assert str(refused.value).startswith(said)
    assert (refused.value.code, "s3cret" in str(refused.value)) == ("bad-settings", False)


@pytest.mark.parametrize("content", [None, b"\xff\xfe", b"a" * 4_000_001])
def test_a_file_that_is_missing_too_large_or_no_text_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "policy.yaml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(Refused, match=r"policy\.yaml"):
        read_file(path, "bad-policy")
