"""The Prefect provider."""
