"""The Prefect provider's own settings: stack config of the namespace `prefect`, and where else they come from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from reconciler.catalog import spec


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting; `variable` is the environment variable that Prefect's own client reads for it."""

    field: spec.Field
    variable: str


SETTINGS: Final = (
    Setting(
        spec.Field("apiUrl", doc="The API's address, usually ending in `/api`; for Prefect Cloud, the workspace's."),
        "PREFECT_API_URL",
    ),
    Setting(spec.Field("apiKey", secret=True, doc="An API key of Prefect Cloud."), "PREFECT_API_KEY"),
    Setting(
        spec.Field("apiAuthString", secret=True, doc="`user:password` of a server that asks for basic authentication."),
        "PREFECT_API_AUTH_STRING",
    ),
    Setting(
        spec.Field("customHeaders", spec.MapOf(spec.TEXT), secret=True, doc="Headers to send with every request."),
        "PREFECT_CLIENT_CUSTOM_HEADERS",
    ),
)
