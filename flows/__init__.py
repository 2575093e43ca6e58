"""Prefect flows that run on the environment; they take names as parameters and know nothing of how it was made."""
