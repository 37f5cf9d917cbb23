"""What every adapter promises, as tests that are inherited and never overridden; needs pytest, unlike the adapters."""

import pkgutil

import pytest

pytest.register_assert_rewrite(*(f"{__name__}.{module.name}" for module in pkgutil.iter_modules(__path__)))
