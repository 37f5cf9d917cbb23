"""Slips: the paper that lies in a parcel, and the one that a pickup waits under; no price is ever on them."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, cast

import reportlab  # pyright: ignore[reportMissingTypeStubs] - it has none
from reportlab.graphics import renderPDF  # pyright: ignore[reportMissingTypeStubs] - it has none
from reportlab.graphics.barcode import code128, qr  # pyright: ignore[reportMissingTypeStubs] - it has none
from reportlab.graphics.shapes import Drawing  # pyright: ignore[reportMissingTypeStubs] - it has none
from reportlab.lib.utils import simpleSplit  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType] - it has none
from reportlab.pdfbase import pdfmetrics, ttfonts  # pyright: ignore[reportMissingTypeStubs] - it has none
from reportlab.pdfgen.canvas import Canvas  # pyright: ignore[reportMissingTypeStubs] - it has none

from domain.errors import Refused
from domain.order import Delivery
from domain.values import Model

MM = 72 / 25.4
_WIDTH, _HEIGHT, _EDGE = 210 * MM, 297 * MM, 18 * MM
_FONT = Path(reportlab.__file__).parent / "fonts" / "Vera.ttf"
_BARS = 45
"""The longest id whose bars fit on the page wide enough for a scanner; the square code takes any."""


class SlipLine(Model):
    """Units to put into the parcel; `parts` are the SKUs that they are made of, where they are a kit."""

    sku: str
    title: str
    quantity: int
    parts: tuple[str, ...] = ()


class Slip(Model):
    """One fulfillment order on paper. `code` is what scanners read: it opens nothing without the buyer's PIN."""

    code: str
    delivery: Delivery
    order_number: str
    seller: str
    location: str
    recipient: tuple[str, ...]
    lines: tuple[SlipLine, ...]
    gift: bool = False


def draw_slips(slips: Iterable[Slip], font: Path | None = None) -> bytes:
    """Return a PDF with a page for each slip, and more where its lines need them.

    Args:
        slips: at least one.
        font: a TrueType file; without one, a font that knows the letters of western Europe.

    Raises:
        Refused: the font cannot be read, or cannot show a letter: a name in boxes is no name.
    """
    drawn = tuple(slips)
    face = _load(font or _FONT)
    _require_letters(face, drawn)
    file = io.BytesIO()
    canvas: Any = Canvas(file, pagesize=(_WIDTH, _HEIGHT), invariant=1)
    canvas.setTitle(", ".join(slip.order_number for slip in drawn)[:200])
    for slip in drawn:
        _Page(canvas, face).draw(slip)
    canvas.save()
    return file.getvalue()


def _load(font: Path) -> str:
    name, fonts = f"slip-{font}", cast("Any", pdfmetrics)
    try:
        fonts.registerFont(ttfonts.TTFont(name, str(font)))
    except (OSError, ttfonts.TTFError) as error:
        raise Refused("bad-font", f"{font} is no TrueType font that can be read: {error}") from None
    return name


def _require_letters(face: str, slips: tuple[Slip, ...]) -> None:
    known = cast("Any", pdfmetrics.getFont(face)).face.charToGlyph
    unknown = sorted({letter for slip in slips for text in _texts(slip) for letter in text if ord(letter) not in known})
    if unknown:
        shown = " ".join(unknown[:10])
        raise Refused("font-without-letter", f"the font has no {shown}: name one that has, such as DejaVuSans.ttf")


def _texts(slip: Slip) -> Iterator[str]:
    yield from (slip.code, slip.order_number, slip.seller, slip.location, *slip.recipient)
    for line in slip.lines:
        yield from (line.sku, line.title, *line.parts)


class _Page:
    """A pen that goes down a page, and on to the next."""

    def __init__(self, canvas: Any, face: str) -> None:  # noqa: ANN401 - the library has no types
        self._canvas, self._face, self._y = canvas, face, _HEIGHT - _EDGE

    def draw(self, slip: Slip) -> None:
        """Draw one slip to its end."""
        title = "Pickup" if slip.delivery == "pickup" else "Packing slip"
        self._codes(slip.code)
        self._write(f"{title} {slip.order_number}", 16)
        self._write(f"{slip.seller}, from {slip.location}", 10)
        self._write(slip.code, 10)
        self._skip(14)
        for text in slip.recipient:
            self._write(text, 12)
        if slip.gift:
            self._skip(6)
            self._write("A gift", 12)
        self._skip(14)
        for line in slip.lines:
            self._write(f"{line.quantity} x  {line.sku}  {line.title}", 11)
            for part in line.parts:
                self._write(f"      {part}", 9)
        self._canvas.showPage()

    def _codes(self, code: str) -> None:
        size = 36 * MM
        square = qr.QrCodeWidget(code, barLevel="M")
        left, low, right, high = square.getBounds()
        drawing: Any = Drawing(size, size, transform=[size / (right - left), 0, 0, size / (high - low), 0, 0])
        drawing.add(square)
        renderPDF.draw(drawing, self._canvas, _WIDTH - _EDGE - size, _HEIGHT - _EDGE - size)
        if len(code) <= _BARS:
            bars: Any = code128.Code128(code, barWidth=0.3 * MM, barHeight=14 * MM, quiet=True)
            bars.drawOn(self._canvas, _EDGE - 6 * MM, _EDGE)

    def _write(self, text: str, size: float) -> None:
        room = _WIDTH - 2 * _EDGE - 40 * MM
        for row in cast("list[str]", simpleSplit(text, self._face, size, room)):
            if self._y - size < _EDGE + 20 * MM:
                self._canvas.showPage()
                self._y = _HEIGHT - _EDGE
            self._y -= size * 1.4
            self._canvas.setFont(self._face, size)
            self._canvas.drawString(_EDGE, self._y, row)

    def _skip(self, points: float) -> None:
        self._y -= points
