"""The Snowflake provider."""
