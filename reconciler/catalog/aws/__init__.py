"""Kinds of the `aws` package."""
