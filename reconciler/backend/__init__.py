"""Stacks on disk."""
