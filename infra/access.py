"""Who may do what.

Two kinds of role. *Access roles* hold privileges, one per thing and way of
using it: a layer read or written, a warehouse used. *Functional roles* are what
people and services get; they hold no privilege of their own, only access roles,
and all of them roll up to SYSADMIN. So "what can a reader do" is one short list
below, and a privilege is granted in one place.

    loader       bronze written, the load warehouse
    transformer  bronze read, silver and gold written, the transform warehouse
    reader       gold read, the serve warehouse
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_snowflake as snowflake

from infra.lake import Landing
from infra.settings import Settings
from infra.warehouse import Layers, Warehouses

ROOT_ROLE: Final = "SYSADMIN"


@dataclass(frozen=True, slots=True)
class FunctionalRoles:
    """The roles that people and services are given.

    Attributes:
        ready: every grant below them; what uses a role at deploy time waits for it.
    """

    loader: snowflake.AccountRole
    transformer: snowflake.AccountRole
    reader: snowflake.AccountRole
    ready: tuple[pulumi.Resource, ...]


class _Grants:
    """Declares roles and grants under readable logical names, and remembers them."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self.declared: list[pulumi.Resource] = []

    def role(self, name: str, comment: str) -> snowflake.AccountRole:
        return snowflake.AccountRole(
            f"{name}-role", name=f"{self._prefix}_{name.replace('-', '_').upper()}", comment=comment
        )

    def inherit(self, parent: tuple[str, pulumi.Input[str]], child: tuple[str, snowflake.AccountRole]) -> None:
        """Give the parent all that the child may do."""
        self.declared.append(
            snowflake.GrantAccountRole(
                f"{parent[0]}-has-{child[0]}", role_name=child[1].name, parent_role_name=parent[1]
            )
        )

    def database(self, name: str, role: snowflake.AccountRole, database: snowflake.Database) -> None:
        self._privileges(
            f"{name}-on-database", role, ["USAGE"], object_={"object_type": "DATABASE", "object_name": database.name}
        )

    def warehouse(self, name: str, role: snowflake.AccountRole, warehouse: snowflake.Warehouse) -> None:
        self._privileges(
            f"{name}-on-warehouse",
            role,
            ["USAGE"],
            object_={"object_type": "WAREHOUSE", "object_name": warehouse.name},
        )

    def schema(
        self, name: str, role: snowflake.AccountRole, schema: snowflake.Schema, privileges: Sequence[str]
    ) -> None:
        self._privileges(f"{name}-on-schema", role, privileges, schema={"schema_name": schema.fully_qualified_name})

    def future_tables(
        self, name: str, role: snowflake.AccountRole, schema: snowflake.Schema, privileges: Sequence[str]
    ) -> None:
        future = {"object_type_plural": "TABLES", "in_schema": schema.fully_qualified_name}
        self._privileges(f"{name}-on-future-tables", role, privileges, schema_object={"future": future})

    def inside(
        self,
        name: str,
        role: snowflake.AccountRole,
        object_type: str,
        full_name: pulumi.Input[str],
        privileges: Sequence[str],
    ) -> None:
        """Grant on one object that lives in a schema."""
        self._privileges(
            f"{name}-on-{object_type.lower().replace(' ', '-')}",
            role,
            privileges,
            schema_object={"object_type": object_type, "object_name": full_name},
        )

    def _privileges(
        self,
        logical: str,
        role: snowflake.AccountRole,
        privileges: Sequence[str],
        *,
        object_: dict[str, pulumi.Input[str]] | None = None,
        schema: dict[str, pulumi.Input[str]] | None = None,
        schema_object: dict[str, object] | None = None,
    ) -> None:
        self.declared.append(
            snowflake.GrantPrivilegesToAccountRole(
                logical,
                account_role_name=role.name,
                privileges=list(privileges),
                on_account_object=object_,
                on_schema=schema,
                on_schema_object=schema_object,
            )
        )


def roles(settings: Settings, layers: Layers, warehouses: Warehouses, landing: Landing) -> FunctionalRoles:
    """Declare the whole hierarchy."""
    grants = _Grants(settings.prefix)
    bronze_read = _reads(grants, "bronze", layers.database, layers.bronze)
    # Bronze's tables are all declared by the stack, so each is granted by name.
    grants.inside("bronze-read", bronze_read, "TABLE", layers.flights.fully_qualified_name, ["SELECT"])
    bronze_write = _writes(grants, "bronze", bronze_read)
    grants.inside("bronze-write", bronze_write, "TABLE", layers.flights.fully_qualified_name, ["INSERT", "DELETE"])
    grants.inside("bronze-write", bronze_write, "STAGE", landing.stage.fully_qualified_name, ["USAGE"])
    grants.inside("bronze-write", bronze_write, "FILE FORMAT", landing.parquet.fully_qualified_name, ["USAGE"])

    silver_read = _reads(grants, "silver", layers.database, layers.silver)
    grants.future_tables("silver-read", silver_read, layers.silver, ["SELECT"])
    silver_write = _writes(grants, "silver", silver_read)
    grants.schema("silver-write", silver_write, layers.silver, ["CREATE TABLE"])

    gold_read = _reads(grants, "gold", layers.database, layers.gold)
    grants.future_tables("gold-read", gold_read, layers.gold, ["SELECT"])
    gold_write = _writes(grants, "gold", gold_read)
    grants.schema("gold-write", gold_write, layers.gold, ["CREATE TABLE"])

    load, transform, serve = (
        _uses(grants, name, warehouse)
        for name, warehouse in (
            ("load", warehouses.load),
            ("transform", warehouses.transform),
            ("serve", warehouses.serve),
        )
    )
    loader = _functional(grants, "loader", "Brings files into bronze", {"bronze-write": bronze_write, "load-use": load})
    transformer = _functional(
        grants,
        "transformer",
        "Builds silver and gold from bronze",
        {
            "bronze-read": bronze_read,
            "silver-write": silver_write,
            "gold-write": gold_write,
            "transform-use": transform,
        },
    )
    reader = _functional(grants, "reader", "Asks gold questions", {"gold-read": gold_read, "serve-use": serve})
    return FunctionalRoles(loader, transformer, reader, ready=tuple(grants.declared))


def _reads(
    grants: _Grants, layer: str, database: snowflake.Database, schema: snowflake.Schema
) -> snowflake.AccountRole:
    name = f"{layer}-read"
    role = grants.role(name, f"Access: reads {layer}")
    grants.database(name, role, database)
    grants.schema(name, role, schema, ["USAGE"])
    return role


def _writes(grants: _Grants, layer: str, reads: snowflake.AccountRole) -> snowflake.AccountRole:
    name = f"{layer}-write"
    role = grants.role(name, f"Access: writes {layer}, and reads it")
    grants.inherit((name, role.name), (f"{layer}-read", reads))
    return role


def _uses(grants: _Grants, workload: str, warehouse: snowflake.Warehouse) -> snowflake.AccountRole:
    name = f"{workload}-use"
    role = grants.role(name, f"Access: runs on the {workload} warehouse")
    grants.warehouse(name, role, warehouse)
    return role


def _functional(
    grants: _Grants, name: str, comment: str, access: dict[str, snowflake.AccountRole]
) -> snowflake.AccountRole:
    role = grants.role(name, comment)
    for child in access.items():
        grants.inherit((name, role.name), child)
    grants.inherit(("sysadmin", ROOT_ROLE), (name, role))
    return role
