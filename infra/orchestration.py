"""What runs when: the Prefect work pool, and the deployment that loads flights.

Names go to a flow run as parameters, addresses as the run's environment,
credentials through an encrypted block that the parameters name: so nothing
secret is stored in the deployment, and a flow needs no access to this stack.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pulumi
import pulumi_prefect as prefect

from infra.access import FunctionalRoles
from infra.identity import Loader
from infra.lake import Landing
from infra.settings import Settings
from infra.warehouse import Layers, Warehouses

FLOW: Final = "load-flights"
ENTRYPOINT: Final = "flows/load_flights.py:load_flights"


@dataclass(frozen=True, slots=True)
class Orchestration:
    """What this stack put into Prefect."""

    pool: prefect.WorkPool
    deployment: prefect.Deployment
    connector: prefect.Block


def orchestration(
    settings: Settings,
    layers: Layers,
    warehouses: Warehouses,
    roles: FunctionalRoles,
    loader: Loader,
    landing: Landing,
) -> Orchestration:
    """Declare pool, connection, flow and deployment, wired to the resources that they use."""
    pool = prefect.WorkPool(
        "pool", name=settings.slug, type="process", description=f"Flows of the {settings.stack} environment"
    )
    connector = _connector(settings, layers, warehouses, roles, loader)
    flow = prefect.Flow("load-flights-flow", name=FLOW)
    parameters: dict[str, pulumi.Input[str]] = {
        "connection": connector.name,
        "database": layers.database.name,
        "flights_table": layers.flights.fully_qualified_name,
        "stage": landing.stage.fully_qualified_name,
        "file_format": landing.parquet.fully_qualified_name,
        "landing_url": landing.url,
        "silver_schema": layers.silver.fully_qualified_name,
        "gold_schema": layers.gold.fully_qualified_name,
        "load_role": roles.loader.name,
        "load_warehouse": warehouses.load.name,
        "transform_role": roles.transformer.name,
        "transform_warehouse": warehouses.transform.name,
    }
    deployment = prefect.Deployment(
        "load-flights",
        name=settings.stack,
        flow_id=flow.flow_id,
        description="Loads the flights of 2013 into bronze and builds silver and gold",
        version=flows_version(settings.root),
        entrypoint=ENTRYPOINT,
        pull_steps=[{"prefect.deployments.steps.set_working_directory": {"directory": str(settings.root)}}],
        work_pool_name=pool.name,
        # A pool that is replaced under its name lets go of its deployments: the id brings this one back.
        work_pool_id=pool.pool_id,
        work_queue_name="default",
        parameters=parameters,
        parameter_openapi_schema=parameter_schema(parameters),
        enforce_parameter_schema=True,
        job_variables={"env": dict(settings.worker_environment)},
        # A run started before its roles are granted would fail for no fault of its own.
        opts=pulumi.ResourceOptions(depends_on=[*roles.ready, *loader.granted]),
    )
    return Orchestration(pool, deployment, connector)


def publish_outputs(settings: Settings, outputs: Mapping[str, pulumi.Input[object]]) -> prefect.Variable:
    """Publish the stack's outputs to flows and people, under `<project>_<stack>_outputs`.

    A Prefect variable is readable by all: `outputs` must hold no secret.
    """
    name = f"{settings.slug}_outputs".replace("-", "_")
    return prefect.Variable("outputs", name=name, value=dict(outputs), tags=[settings.project, settings.stack])


def parameter_schema(parameters: Mapping[str, object]) -> dict[str, object]:
    """The JSON schema by which Prefect checks a run's parameters: these names, all texts, none besides.

    >>> parameter_schema({"database": "X"})["required"]
    ['database']
    """
    return {
        "title": "Parameters",
        "type": "object",
        "properties": {
            name: {"title": name, "type": "string", "position": position} for position, name in enumerate(parameters)
        },
        "required": list(parameters),
        "additionalProperties": False,
    }


def flows_version(root: Path) -> str:
    """A short digest of the flows' code: the deployment's version changes exactly when the code does."""
    digest = hashlib.sha256()
    for file in sorted((root / "flows").rglob("*.py")):
        digest.update(file.relative_to(root).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def _connector(
    settings: Settings, layers: Layers, warehouses: Warehouses, roles: FunctionalRoles, loader: Loader
) -> prefect.Block:
    """The connection as Prefect's own Snowflake blocks keep it, so that other flows can load it too."""
    credentials = prefect.Block(
        "snowflake-credentials",
        type_slug="snowflake-credentials",
        name=f"{settings.slug}-loader",
        data={
            "account": settings.account,
            "user": loader.user.name,
            "private_key": loader.private_key,
            "authenticator": "snowflake_jwt",
            "role": roles.loader.name,
        },
    )
    return prefect.Block(
        "snowflake-connector",
        type_slug="snowflake-connector",
        name=f"{settings.slug}-loader",
        data={
            "credentials": {"$ref": {"block_document_id": credentials.block_document_id}},
            "database": layers.database.name,
            "schema": layers.bronze.name,
            "warehouse": warehouses.load.name,
        },
    )
