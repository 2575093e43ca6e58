"""Providers that run as plugins: processes that speak Pulumi's provider protocol over gRPC."""
