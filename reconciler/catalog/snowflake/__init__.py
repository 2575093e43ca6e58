"""Kinds of the `snowflake` package."""
