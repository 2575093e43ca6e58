"""A real Prefect server and worker."""
