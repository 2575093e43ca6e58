"""Runs the program."""
