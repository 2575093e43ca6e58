"""What does this stack's config ask for?

Reads `Pulumi.<stack>.yaml` once into frozen values, so that a wrong setting is
one clear error before any resource is declared. Everything else in `infra`
takes these values and never reads config itself.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pulumi

KEY_HINT: Final = "`make up` makes the sandbox's key; real accounts: `pulumi config set --secret loaderPrivateKey`"


@dataclass(frozen=True, slots=True)
class WarehouseSettings:
    """How large one workload's warehouse is, and after how many idle seconds it stops."""

    size: str
    auto_suspend_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkSettings:
    """The private way in: address ranges in CIDR notation.

    Attributes:
        subnets: availability zone -> range inside `cidr`.
        allowed: ranges besides `cidr` from which service users may connect.
        private_link: whether Snowflake is reached through AWS PrivateLink.
    """

    cidr: str
    subnets: Mapping[str, str]
    allowed: tuple[str, ...]
    private_link: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All that one environment's config says.

    Attributes:
        prefix: starts the name of every account-level Snowflake object.
        slug: the same for AWS and Prefect, in lower case with dashes.
        root: the project's directory, where workers find `flows/`.
        protect: whether data outlives mistakes: no deletion of the database and
            the bucket, and a month's grace for the secret.
        account: Snowflake account as drivers want it, `ORGANIZATION-ACCOUNT`.
        loader_private_key: PEM text (PKCS#8), always secret.
        worker_environment: what a flow run needs besides its parameters to
            reach the services; holds credentials for the sandbox only.
        prefect_url: address of the Prefect API.
    """

    project: str
    stack: str
    prefix: str
    slug: str
    root: Path
    protect: bool
    bucket: str
    account: str
    load: WarehouseSettings
    transform: WarehouseSettings
    serve: WarehouseSettings
    network: NetworkSettings
    loader_private_key: pulumi.Output[str]
    worker_environment: Mapping[str, str]
    prefect_url: str


def read_settings() -> Settings:
    """Read the config of the stack that runs.

    Raises:
        pulumi.RunError: a setting is missing or malformed; the text names it.
    """
    config = pulumi.Config()
    project, stack = pulumi.get_project(), pulumi.get_stack()
    slug = config.get("name") or f"{project}-{stack}"
    root = Path(pulumi.get_root_directory())
    snowflake, prefect = pulumi.Config("snowflake"), pulumi.Config("prefect")
    return Settings(
        project=project,
        stack=stack,
        prefix=slug.replace("-", "_").upper(),
        slug=slug.lower(),
        root=root,
        protect=config.get_bool("protect") is not False,
        bucket=config.require("bucket"),
        account=f"{snowflake.require('organizationName')}-{snowflake.require('accountName')}",
        load=_warehouse(config, "load"),
        transform=_warehouse(config, "transform"),
        serve=_warehouse(config, "serve"),
        network=_network(config),
        loader_private_key=_private_key(config, root),
        worker_environment=_worker_environment(pulumi.Config("aws"), snowflake),
        prefect_url=prefect.require("apiUrl"),
    )


def _warehouse(config: pulumi.Config, workload: str) -> WarehouseSettings:
    sizes = _mapping(config.get_object("warehouses"), "warehouses", known=("load", "transform", "serve"))
    chosen = _mapping(sizes.get(workload), f"warehouses.{workload}", known=("size", "autoSuspend"))
    where = f"warehouses.{workload}.autoSuspend"
    return WarehouseSettings(
        size=str(chosen.get("size", "XSMALL")), auto_suspend_s=_whole(chosen.get("autoSuspend", 60), where)
    )


def _network(config: pulumi.Config) -> NetworkSettings:
    known = ("cidr", "subnets", "allowed", "privateLink")
    network = _mapping(config.require_object("network"), "network", known=known)
    cidr = _range(network.get("cidr"), "network.cidr")
    subnets = _mapping(network.get("subnets"), "network.subnets")
    allowed = network.get("allowed", [])
    if not isinstance(allowed, list):
        raise _wrong("network.allowed", "a list of address ranges", allowed)
    return NetworkSettings(
        cidr=cidr,
        subnets={zone: _range(text, f"network.subnets.{zone}") for zone, text in sorted(subnets.items())},
        allowed=tuple(_range(text, "network.allowed") for text in allowed),
        private_link=_flag(network.get("privateLink", True), "network.privateLink"),
    )


def _private_key(config: pulumi.Config, root: Path) -> pulumi.Output[str]:
    """The loader's key: from encrypted config, or from a file that no commit holds (the sandbox)."""
    if (key := config.get_secret("loaderPrivateKey")) is not None:
        return key
    file = root / config.require("loaderPrivateKeyFile")
    if not file.is_file():
        raise pulumi.RunError(f"{pulumi.get_project()}:loaderPrivateKeyFile: there is no {file}.\nhint: {KEY_HINT}")
    return pulumi.Output.secret(file.read_text(encoding="ascii"))


def _worker_environment(aws: pulumi.Config, snowflake: pulumi.Config) -> Mapping[str, str]:
    """Where a flow run finds the services, when that is not their usual address.

    A worker on real infrastructure has an identity of its own: keys are handed
    over only with a replaced S3 address, where they open nothing but the sandbox.
    """
    environment = {"AWS_REGION": aws.require("region")}
    for name in ("host", "port", "protocol"):
        if value := snowflake.get(name):
            environment[f"SNOWFLAKE_{name.upper()}"] = value
    endpoints = aws.get_object("endpoints") or []
    if not isinstance(endpoints, list):
        raise _wrong("aws:endpoints", "a list of maps from service to address", endpoints)
    for endpoint in endpoints:
        if address := _mapping(endpoint, "aws:endpoints").get("s3"):
            environment["AWS_ENDPOINT_URL_S3"] = str(address)
            environment["AWS_ACCESS_KEY_ID"] = aws.require("accessKey")
            environment["AWS_SECRET_ACCESS_KEY"] = aws.require("secretKey")
    return environment


def _mapping(value: object, where: str, known: tuple[str, ...] = ()) -> Mapping[str, object]:
    """A map; with `known`, one of no other keys: a misspelt one would leave a default in force unseen."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _wrong(where, "a map", value)
    if known and (unknown := sorted(set(value) - set(known))):
        raise _wrong(where, f"no other keys than {', '.join(known)}", unknown[0])
    return value


def _whole(value: object, where: str) -> int:
    # `pulumi config set` writes text, so "60" is as good as 60.
    try:
        return int(str(value))
    except ValueError:
        raise _wrong(where, "a whole number of seconds", value) from None


def _flag(value: object, where: str) -> bool:
    match value:
        case True | "true":
            return True
        case False | "false":
            return False
        case _:
            raise _wrong(where, "true or false", value)


def _range(value: object, where: str) -> str:
    try:
        return str(ipaddress.ip_network(str(value)))
    except ValueError:
        raise _wrong(where, "an address range such as 10.20.0.0/16", value) from None


def _wrong(where: str, expected: str, found: object) -> pulumi.RunError:
    key = where if ":" in where else f"{pulumi.get_project()}:{where}"
    return pulumi.RunError(f"{key}: expected {expected}, found {json.dumps(found, default=str)}")
