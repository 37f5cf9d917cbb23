"""The buyers' mailbox in the sandbox world."""

from __future__ import annotations

from adapters.manifest import Manifest
from adapters.notifiers.sandbox.adapter import CAPABILITY, SandboxNotifier
from adapters.notifiers.sandbox.settings import SandboxNotifierSettings

MANIFEST = Manifest("notifier", "sandbox", SandboxNotifierSettings, SandboxNotifier, capability=CAPABILITY, tier="own")
