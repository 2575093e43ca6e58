"""Databases."""

from __future__ import annotations

from reconciler.catalog import spec, sql
from reconciler.catalog.snowflake.parameters import CONTAINER_PARAMETERS
from reconciler.model.values import Value


def _drop_public(name: str, wanted: Value) -> tuple[sql.Statement, ...]:
    return (sql.Statement(f'DROP SCHEMA IF EXISTS {name}."PUBLIC"'),) if str(wanted).lower() == "true" else ()


def _is_transient(observation: sql.Observation) -> Value:
    return "TRANSIENT" in (observation.row.get("options") or "")


_FIELDS = (
    sql.NAME,
    sql.COMMENT,
    sql.Property(
        "isTransient",
        spec.FLAG,
        default=False,
        change=spec.Change.REPLACE,
        place=sql.Place.PREFIX,
        words="TRANSIENT",
        shown_as="options",
        observe=_is_transient,
    ),
    # Acts right after CREATE: a schema PUBLIC made later is nobody's drift.
    sql.Property(
        "dropPublicSchemaOnCreation",
        spec.FLAG,
        default=False,
        change=spec.Change.CREATE_ONLY,
        place=sql.Place.NOWHERE,
        shown_as=None,
        after=_drop_public,
    ),
    *CONTAINER_PARAMETERS,
)

DATABASE = sql.SqlKind(
    token="snowflake:index/database:Database",
    words="DATABASE",
    scope=sql.Scope.ACCOUNT,
    source="Snowflake SQL reference: CREATE DATABASE, ALTER DATABASE, SHOW DATABASES",
    autoname=sql.AUTONAME,
    fields=_FIELDS,
    outputs=sql.outputs(_FIELDS, show=False),
    gaps=("replication",),
    parameters_of="IN DATABASE",
    shows=sql.columns(
        "created_on",
        "name",
        "is_default:flag~",
        "is_current:flag~",
        "origin",
        "owner",
        "comment",
        "options",
        "retention_time",
        "resource_group",
        "kind",
        "owner_role_type",
    ),
)
