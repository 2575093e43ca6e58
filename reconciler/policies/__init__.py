"""Policy packs: found, started, configured, asked."""
