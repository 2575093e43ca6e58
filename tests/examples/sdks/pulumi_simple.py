"""Package `simple`."""

from kinds import kind, provider

Provider = provider("simple")
Resource = kind("simple:index:Resource", "value")
