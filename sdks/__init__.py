"""Generators of the SDKs beside this file; the SDKs themselves are generated."""
