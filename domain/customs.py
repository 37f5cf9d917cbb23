"""Customs: between which countries goods pass without papers. What is not listed here is a border."""

from __future__ import annotations

from functools import lru_cache

UNIONS: tuple[frozenset[str], ...] = (
    # The customs union of the European Union, with Monaco. Territories with codes of their own (GP, RE, AX, …) are
    # taxed apart from it, so that papers are needed even there.
    frozenset(
        "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MC MT NL PL PT RO SE SI SK".split()  # noqa: SIM905 - as it is read
    ),
    frozenset({"CH", "LI"}),
    frozenset({"GB", "IM"}),
    frozenset({"US", "PR"}),
)


@lru_cache(maxsize=4096)
def crosses_border(origin: str, destination: str) -> bool:
    """Tell whether customs want papers for goods between two countries, by their ISO 3166 codes.

    Places inside a country that are outside of its customs territory (the Canaries, Büsingen, Livigno) are not told
    apart: what goes there is held by the carrier's refusal, not here.

    >>> crosses_border("DE", "AT"), crosses_border("DE", "CH"), crosses_border("CH", "LI")
    (False, True, False)
    """
    return origin != destination and not any({origin, destination} <= union for union in UNIONS)
