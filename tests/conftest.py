"""What holds for every test."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# As the command sets it: gRPC's handlers of fork may crash a plugin that is started.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")

# How long a draw or an example takes says something of the machine's other work, and nothing of the code.
settings.register_profile("shared-machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared-machine")
