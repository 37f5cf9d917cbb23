"""Slips are read as a scanner reads them: drawn on paper first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pypdfium2  # pyright: ignore[reportMissingTypeStubs] - it has none
import pytest
import zxingcpp

from domain.errors import Refused
from infra.slips import Slip, SlipLine, draw_slips

CODE = "shop-eu/1001/F1"


def slip(**changes: Any) -> Slip:
    fields: dict[str, Any] = {
        "code": CODE,
        "delivery": "ship",
        "order_number": "#1001",
        "seller": "shop-eu",
        "location": "Berlin",
        "recipient": ("Ada Köch", "Hauptstraße 1", "10115 Berlin", "DE"),
        "lines": (SlipLine(sku="TEA", title="A fine tea", quantity=2, parts=("2 x  LEAVES",)),),
    }
    return Slip.model_validate(fields | changes)


def pages(paper: bytes) -> list[tuple[str, dict[str, str]]]:
    """Return the words of each page, and its codes by their kind."""
    document: Any = pypdfium2.PdfDocument(paper)
    found: list[tuple[str, dict[str, str]]] = []
    for page in document:
        image = page.render(scale=3).to_pil()
        codes = {barcode.format.name: barcode.text for barcode in zxingcpp.read_barcodes(image)}
        found.append((page.get_textpage().get_text_range(), codes))
    return found


def test_both_codes_of_a_slip_are_read_by_a_scanner() -> None:
    ((_, codes),) = pages(draw_slips([slip()]))
    assert codes == {"QRCode": CODE, "Code128": CODE}


def test_a_long_id_has_the_square_code_alone() -> None:
    code = f"a-shop-with-a-very-long-name/{'9' * 80}/F1"
    ((_, codes),) = pages(draw_slips([slip(code=code)]))
    assert codes == {"QRCode": code}


def test_a_packing_slip_says_who_gets_what() -> None:
    ((words, _),) = pages(draw_slips([slip()]))
    for word in ("Packing slip #1001", "Ada Köch", "Hauptstraße 1", "2 x TEA A fine tea", "2 x LEAVES", CODE):
        assert word in " ".join(words.split()), word


def test_a_pickup_slip_and_a_gift_say_so() -> None:
    (pickup, _), (gift, _) = pages(draw_slips([slip(delivery="pickup"), slip(gift=True)]))
    assert ("Pickup #1001" in pickup, "A gift" in pickup) == (True, False)
    assert "A gift" in gift


def test_no_slip_can_show_a_price() -> None:
    names = {*Slip.model_fields, *SlipLine.model_fields}
    assert not {name for name in names for word in ("price", "amount", "total", "currency") if word in name}


def test_many_lines_go_on_on_further_pages_none_lost() -> None:
    lines = tuple(SlipLine(sku=f"SKU-{number:03}", title="long words " * 20, quantity=1) for number in range(60))
    drawn = pages(draw_slips([slip(lines=lines), slip(code="shop-eu/1001/F2")]))
    words = "".join(words for words, _ in drawn[:-1])
    assert all(f"SKU-{number:03}" in words for number in range(60))
    assert [codes["QRCode"] for _, codes in drawn if codes] == [CODE, "shop-eu/1001/F2"]


def test_the_same_slip_is_the_same_paper() -> None:
    assert draw_slips([slip()]) == draw_slips([slip()])


def test_a_letter_that_the_font_cannot_show_is_refused_with_what_helps() -> None:
    with pytest.raises(Refused, match=r"has no .*Ж.*DejaVuSans"):
        draw_slips([slip(recipient=("Женя",))])


def test_a_file_that_is_no_font_is_refused(tmp_path: Path) -> None:
    (tmp_path / "font.ttf").write_text("no font")
    for font in (tmp_path / "font.ttf", tmp_path / "missing.ttf"):
        with pytest.raises(Refused, match="no TrueType font"):
            draw_slips([slip()], font)
