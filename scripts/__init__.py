"""What `make` runs between installing and being done; each module is one step, and none knows the engine."""
