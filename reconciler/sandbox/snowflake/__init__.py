"""Snowflake's control plane in front of fakesnow."""
