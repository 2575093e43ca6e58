"""Benchmarks: one command each, a line per bar."""
