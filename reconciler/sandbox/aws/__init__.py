"""AWS by moto."""
