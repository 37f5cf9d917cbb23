"""Customs: between which countries goods pass without papers. What is not listed here is a border."""

from __future__ import annotations

from functools import lru_cache

UNIONS: tuple[frozenset[str], ...] = (
    # The customs union of the European Union, with Monaco and, for goods, Northern Ireland (XI). Territories with codes
    # of their own (GP, RE, AX, …) are taxed apart from it, so that papers are needed even there.
    frozenset(
        "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MC MT NL PL PT RO SE SI SK XI".split()  # noqa: SIM905 - as it is read
    ),
    frozenset({"CH", "LI"}),
    frozenset({"GB", "IM"}),
    frozenset({"US", "PR"}),
)

EXCLAVES: dict[str, dict[str, str]] = {
    "ES": {"35": "IC", "38": "IC", "51": "EA", "52": "EA"},
    "FI": {"22": "AX"},
    "FR": {"971": "GP", "972": "MQ", "973": "GF", "974": "RE", "975": "PM", "976": "YT", "977": "BL", "978": "MF",
           "986": "WF", "987": "PF", "988": "NC"},
    "GB": {"BT": "XI", "GY": "GG", "JE": "JE"},
    "NO": {"917": "SJ"},
    "US": {"008": "VI", "969": "GU", "09": "US-forces", "340": "US-forces", "962": "US-forces", "963": "US-forces",
           "964": "US-forces", "965": "US-forces", "966": "US-forces"},
}  # fmt: skip
"""Country → how postal codes begin in it of places beyond its customs border → their territory.

Three signs are all that is known of a postal code. A place that shares them with a town inside the border (Helgoland
with Cuxhaven, Büsingen with Singen, Livigno with Sondrio, Athos) is not among them: its parcels are for the carrier to
refuse, since the town's would be held without need.
"""


def territory_of(country: str, postal_zone: str) -> str:
    """Return the customs territory of an address, by its country and how its postal code begins.

    >>> territory_of("ES", "350"), territory_of("ES", "280"), territory_of("GB", "BT1")
    ('IC', 'ES', 'XI')
    """
    exclaves = EXCLAVES.get(country, {})
    return next((exclaves[start] for start in (postal_zone, postal_zone[:2]) if start in exclaves), country)


@lru_cache(maxsize=4096)
def crosses_border(origin: str, destination: str) -> bool:
    """Tell whether customs want papers for goods between two territories: countries by their ISO 3166 codes, or parts.

    >>> crosses_border("DE", "AT"), crosses_border("DE", "CH"), crosses_border("CH", "LI")
    (False, True, False)
    """
    return origin != destination and not any({origin, destination} <= union for union in UNIONS)
