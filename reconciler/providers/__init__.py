"""Providers of ours, one package per service."""
