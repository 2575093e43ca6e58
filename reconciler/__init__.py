"""A Pulumi deployment engine in pure Python, with its CLI, state and providers."""
