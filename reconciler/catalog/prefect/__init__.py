"""Kinds of the `prefect` package."""
