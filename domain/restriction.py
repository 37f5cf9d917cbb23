"""A restriction: why goods may not go just anywhere, in just any way. A closed list; nothing handles one by default."""

from __future__ import annotations

from enum import StrEnum

from domain.values import Model


class Restriction(StrEnum):
    """What goods demand of whoever stores, sends, hands over or takes them back."""

    AGE_16 = "age-16"
    AGE_18 = "age-18"
    AEROSOL = "aerosol"
    BATTERY = "lithium-battery"
    CORROSIVE = "corrosive"
    FLAMMABLE = "flammable"
    FOOD_CHILLED = "food-chilled"
    FOOD_FROZEN = "food-frozen"
    MEDICINE = "medicine"
    LOT = "lot"
    SERIAL = "serial"


AGE = frozenset({Restriction.AGE_16, Restriction.AGE_18})
"""Whoever gets these has to show how old they are."""

TRACED = frozenset({Restriction.LOT, Restriction.SERIAL})
"""Of these somebody has to keep which lot or which single piece went to whom."""


class Nature(Model):
    """What is known of a SKU beside its stock; `declared`: customs can be told its HS code and country of origin."""

    restrictions: frozenset[Restriction] = frozenset()
    declared: bool = False
