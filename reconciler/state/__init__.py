"""The durable record: snapshots, journal, checkpoints, secrets."""
