"""The one world of a test run, anew for every test."""

from tests.sandbox_world import gateway, one_gateway, sandbox_world, visitor

__all__ = ["gateway", "one_gateway", "sandbox_world", "visitor"]
