"""Package `random`: its password, which any run makes anew from the same inputs."""

from kinds import kind, provider

Provider = provider("random")
RandomPassword = kind("random:index:RandomPassword", "length", "result")
