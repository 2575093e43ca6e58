"""What holds for every test."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# How long a draw or an example takes says something of the machine's other work, and nothing of the code.
settings.register_profile("shared-machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared-machine")
