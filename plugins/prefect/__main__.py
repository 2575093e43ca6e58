"""The Prefect provider as a plugin of any Pulumi engine."""

from pathlib import Path

from reconciler.providers.serving import server

server.main(
    "reconciler.providers.prefect.provider:PrefectProvider", Path(__file__).parents[2] / "sdks/prefect/schema.json"
)
