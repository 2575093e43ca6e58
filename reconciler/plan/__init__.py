"""Decisions; pure."""
