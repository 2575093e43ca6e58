"""The provider's settings: stack config of the `aws` namespace, read into values.

Scalars arrive as strings and objects as JSON text; explicit provider resources
may pass them as they are. Pure: the environment is handed in.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from reconciler.contract.protocol import CheckFailure
from reconciler.model import values
from reconciler.model.values import PropertyMap, Value

USED: Final = (
    "region",
    "accessKey",
    "secretKey",
    "token",
    "profile",
    "endpoints",
    "s3UsePathStyle",
    "defaultTags",
    "ignoreTags",
    "maxRetries",
)
# Checks that the public provider makes before its first call and that this one never makes.
WITHOUT_EFFECT: Final = (
    "skipCredentialsValidation",
    "skipMetadataApiCheck",
    "skipRegionValidation",
    "skipRequestingAccountId",
    "version",
    "pluginDownloadURL",
    "userAgents",
)
# boto3 fails without credentials; a loopback service takes any, and must never see real ones.
LOOPBACK_KEY: Final = "sandbox"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Where to talk and as whom.

    Attributes:
        region: "" when neither config nor environment says; the profile may.
        endpoints: service -> address, for services that are not at AWS's own.
        max_retries: None for the default.
    """

    region: str = ""
    access_key: str = ""
    secret_key: str = ""
    token: str = ""
    profile: str = ""
    endpoints: Mapping[str, str] = field(default_factory=dict)
    path_style: bool = False
    default_tags: Mapping[str, str] = field(default_factory=dict)
    ignored_tag_keys: tuple[str, ...] = ()
    ignored_tag_prefixes: tuple[str, ...] = ()
    max_retries: int | None = None

    def endpoint(self, service: str) -> str:
        """The address of a service, "" for AWS's own.

        A service that is not listed follows the others when those are all on
        this machine: a sandbox's settings never reach the real cloud.
        """
        if service in self.endpoints:
            return self.endpoints[service]
        addresses = tuple(self.endpoints.values())
        return addresses[0] if addresses and all(is_loopback(address) for address in addresses) else ""

    def ignores_tag(self, key: str) -> bool:
        """Is this tag left to others?"""
        return key in self.ignored_tag_keys or any(key.startswith(prefix) for prefix in self.ignored_tag_prefixes)


def is_loopback(address: str) -> bool:
    """Does the address mean this machine?

    >>> is_loopback("http://127.0.0.1:18720"), is_loopback("https://s3.amazonaws.com")
    (True, False)
    """
    host = urlsplit(address).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def violations(inputs: PropertyMap) -> tuple[CheckFailure, ...]:
    """Settings that are wrong, or that this provider does not have."""
    found: list[CheckFailure] = []
    for name, value in sorted(values.reveal_map(inputs).items()):
        if value is None or name.startswith("__") or name in WITHOUT_EFFECT or values.has_unknown(value):
            continue
        if name not in USED:
            found.append(CheckFailure(name, f"is not supported; supported: {', '.join(USED)}"))
        elif name in ("endpoints", "defaultTags", "ignoreTags") and _parsed(value) is None:
            found.append(CheckFailure(name, "expected a JSON object (endpoints: a list of objects)"))
    return tuple(found)


def parse(inputs: PropertyMap, environment: Mapping[str, str]) -> Settings:
    """Read the settings; what config leaves out comes from the environment.

    Unknowns (in previews) count as left out.
    """
    given = {
        name: value for name, value in values.reveal_map(inputs).items() if not values.has_unknown(value) and value
    }
    ignored = _parsed(given.get("ignoreTags"))
    ignored = ignored if isinstance(ignored, Mapping) else {}
    retries = _text(given, "maxRetries")
    return Settings(
        region=_text(given, "region") or environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION") or "",
        access_key=_text(given, "accessKey"),
        secret_key=_text(given, "secretKey"),
        token=_text(given, "token"),
        profile=_text(given, "profile"),
        endpoints=_endpoints(_parsed(given.get("endpoints"))),
        path_style=_text(given, "s3UsePathStyle").lower() == "true",
        default_tags=_default_tags(_parsed(given.get("defaultTags"))),
        ignored_tag_keys=_texts(ignored.get("keys")),
        ignored_tag_prefixes=_texts(ignored.get("keyPrefixes")),
        max_retries=int(retries) if retries.isdigit() else None,
    )


def _parsed(value: Value) -> Value:
    if not isinstance(value, str):
        return value
    try:
        return values.freeze(json.loads(value))
    except ValueError:
        return None


def _text(given: PropertyMap, name: str) -> str:
    value = given.get(name)
    return "" if value is None else str(value)


def _texts(value: Value) -> tuple[str, ...]:
    return tuple(str(item) for item in value) if isinstance(value, tuple) else ()


def _endpoints(value: Value) -> dict[str, str]:
    blocks = value if isinstance(value, tuple) else (value,)
    return {
        service: address
        for block in blocks
        if isinstance(block, Mapping)
        for service, address in block.items()
        if isinstance(address, str) and address
    }


def _default_tags(value: Value) -> dict[str, str]:
    tags = value.get("tags") if isinstance(value, Mapping) else None
    return {key: str(item) for key, item in tags.items()} if isinstance(tags, Mapping) else {}
