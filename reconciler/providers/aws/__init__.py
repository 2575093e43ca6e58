"""The AWS provider."""
