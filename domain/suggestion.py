"""A suggestion: which SKU an unmatched line may mean, how sure that is, and why. A person decides, never the score."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from domain.listing import MAX_PACK
from domain.values import Model

MOST = 5
SURE = 0.6
"""Below this score a suggestion is shown, but accepted only by name."""

_PACK = re.compile(
    r"\b(?:pack|set|box|case|bundle|lot)s? of (\d{1,5})\b|\b(\d{1,5}) ?(?:er|pack|packs|pcs|pc|pieces|count|ct|stuck)\b"
    r"|\b(\d{1,5}) ?x(?= |$)|(?:^| )x ?(\d{1,5})\b|\b(\d{1,5}) ?x(?=\d)"
)
_SIZE = re.compile(r"\b(\d{1,7}(?:[.,]\d{1,3})?) ?(mg|kg|g|ml|cl|l|mm|cm|m|gb|tb|mb|mah|w|oz|lb|inch)\b")
_BASE = {
    "mg": ("g", 0.001), "g": ("g", 1.0), "kg": ("g", 1000.0), "oz": ("g", 28.35), "lb": ("g", 453.6),
    "ml": ("ml", 1.0), "cl": ("ml", 10.0), "l": ("ml", 1000.0),
    "mm": ("mm", 1.0), "cm": ("mm", 10.0), "m": ("mm", 1000.0), "inch": ("mm", 25.4),
    "mb": ("mb", 1.0), "gb": ("mb", 1000.0), "tb": ("mb", 1_000_000.0),
    "mah": ("mah", 1.0), "w": ("w", 1.0),
}  # fmt: skip
_WORD = re.compile(r"[^\W_]+")


class Offer(Model):
    """What a channel says of a line that nobody can match."""

    title: str
    channel_sku: str = ""
    gtin: str = ""


class KnownSku(Model):
    """What we say of a SKU."""

    sku: str
    title: str
    brand: str = ""
    gtin: str = ""


class Suggestion(Model):
    """A SKU that may be meant: `units` of it, a score from 0 to 1, and what speaks for and against it."""

    sku: str
    units: int
    score: float
    reasons: tuple[str, ...]


def rank(offer: Offer, known: Iterable[KnownSku], most: int = MOST) -> tuple[Suggestion, ...]:
    """Return the best suggestions, the best first; SKUs that nothing speaks for are left out."""
    offered = _Reading(offer.title, offer.channel_sku)
    found = [_suggest(offer, offered, sku) for sku in known]
    return tuple(sorted((one for one in found if one.score > 0), key=lambda one: (-one.score, one.sku))[:most])


def is_sure(suggestions: tuple[Suggestion, ...]) -> bool:
    """Tell whether the best suggestion may be accepted unnamed: good enough, and better than every other."""
    scores = [suggestion.score for suggestion in suggestions]
    return bool(scores) and scores[0] >= SURE and scores[0] not in scores[1:]


class _Reading:
    """A text taken apart: its words, its sizes, how many are in the pack, and the letters of its code."""

    def __init__(self, title: str, code: str) -> None:
        text = _simplify(title)
        packs = [int(next(filter(None, found.groups()))) for found in _PACK.finditer(text)]
        self.pack = min(packs[0], MAX_PACK) if packs and packs[0] else 1
        rest = _PACK.sub(" ", text)
        self.sizes = {_size(found) for found in _SIZE.finditer(rest)}
        self.words = frozenset(_WORD.findall(_SIZE.sub(" ", rest)))
        self.numbers = frozenset(word for word in self.words if word.isdigit())
        self.letters = _trigrams(_simplify(code))


def _suggest(offer: Offer, offered: _Reading, sku: KnownSku) -> Suggestion:
    ours = _Reading(sku.title, sku.sku)
    reasons: list[str] = []
    score = _similarity(offered, ours, _simplify(sku.brand), reasons)
    for judge in (_judge_sizes, _judge_numbers):
        score *= judge(offered, ours, reasons)
    if offer.gtin and offer.gtin == sku.gtin:
        score = max(score, 0.95)
        reasons.append("the same GTIN")
    units, factor = _judge_pack(offered.pack, ours.pack, reasons)
    return Suggestion(sku=sku.sku, units=units, score=round(score * factor, 3), reasons=tuple(reasons))


def _similarity(offered: _Reading, ours: _Reading, brand: str, reasons: list[str]) -> float:
    """Return how alike words, brand and codes are; what neither side says counts neither way."""
    common = offered.words & ours.words
    evidence = [(0.6, _dice(offered.words, ours.words))]
    if common:
        reasons.append(f"words in common: {', '.join(sorted(common))}")
    if offered.letters and ours.letters:
        alike = _dice(offered.letters, ours.letters)
        evidence.append((0.25, alike))
        if alike >= 0.5:  # noqa: PLR2004 - half of the letters
            reasons.append("the codes are alike")
    brand_words = frozenset(_WORD.findall(brand))
    if brand_words:
        named = brand_words <= offered.words
        evidence.append((0.15, float(named)))
        reasons.append(f"brand: {brand}" if named else f"brand {brand} is not named")
    return sum(weight * value for weight, value in evidence) / sum(weight for weight, _ in evidence)


def _judge_sizes(offered: _Reading, ours: _Reading, reasons: list[str]) -> float:
    units = {unit for unit, _ in offered.sizes} & {unit for unit, _ in ours.sizes}
    if not units:
        return 1.0
    if any(unit in units for unit, _ in offered.sizes ^ ours.sizes):
        reasons.append("another size")
        return 0.4
    reasons.append("the same size")
    return 1.0


def _judge_numbers(offered: _Reading, ours: _Reading, reasons: list[str]) -> float:
    if offered.numbers and ours.numbers and not offered.numbers & ours.numbers:
        reasons.append("other numbers")
        return 0.7
    return 1.0


def _judge_pack(offered: int, ours: int, reasons: list[str]) -> tuple[int, float]:
    if offered == ours:
        return 1, 1.0
    if offered % ours == 0:
        reasons.append(f"a pack of {offered} is {offered // ours} units")
        return offered // ours, 1.0
    reasons.append(f"a pack of {offered} is not made of packs of {ours}")
    return 1, 0.3


def _size(found: re.Match[str]) -> tuple[str, float]:
    unit, factor = _BASE[found[2]]
    return unit, round(float(found[1].replace(",", ".")) * factor, 3)


def _simplify(text: str) -> str:
    """Return the text without case and accents, with one blank for whatever parts its words."""
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    return re.sub(
        r"[^\w.,]+|_|(?<!\d)[.,]|[.,](?!\d)", " ", bare.casefold().replace("\N{MULTIPLICATION SIGN}", "x")
    ).strip()


def _trigrams(code: str) -> frozenset[str]:
    bare = code.replace(" ", "")
    return frozenset(bare[start : start + 3] for start in range(max(len(bare) - 2, 1))) if bare else frozenset()


def _dice(one: frozenset[str], other: frozenset[str]) -> float:
    return 2 * len(one & other) / (len(one) + len(other)) if one or other else 0.0
