"""How hard properties are tried: by count, never by the clock of a busy machine."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("crossdock", deadline=None, max_examples=60)
settings.load_profile("crossdock")
