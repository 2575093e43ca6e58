"""Nothing is left."""
