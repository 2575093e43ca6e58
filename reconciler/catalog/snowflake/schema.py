"""Schemas."""

from __future__ import annotations

from reconciler.catalog import spec, sql, sqltext
from reconciler.catalog.snowflake.parameters import CONTAINER_PARAMETERS
from reconciler.model.values import PropertyMap, Value


def _has_option(words: str, observation: sql.Observation) -> Value:
    options = [option.strip() for option in (observation.row.get("options") or "").split(",")]
    return "true" if words in options else "false"


def _is_transient(observation: sql.Observation) -> Value:
    return _has_option("TRANSIENT", observation)


def _is_managed(observation: sql.Observation) -> Value:
    return _has_option("MANAGED ACCESS", observation)


def _switch_managed_access(alter: str, _live: Value, wanted: Value) -> tuple[sql.Statement, ...]:
    # There is no UNSET for it: the default is disabled.
    verb = "ENABLE" if str(wanted).lower() == "true" else "DISABLE"
    return (sql.Statement(f"{alter} {verb} MANAGED ACCESS"),)


def _pause_pipes(name: str, wanted: Value) -> tuple[sql.Statement, ...]:
    return (sql.Statement(f"ALTER SCHEMA {name} SET PIPE_EXECUTION_PAUSED = {str(wanted).upper()}"),)


def _is_public(inputs: PropertyMap) -> bool:
    # CREATE DATABASE makes this one.
    return sqltext.bare(str(inputs.get("name"))) == "PUBLIC"


_FIELDS = (
    sql.DATABASE,
    sql.NAME,
    sql.COMMENT,
    sql.Property(
        "isTransient",
        spec.TriState(),
        default="false",
        change=spec.Change.REPLACE,
        place=sql.Place.PREFIX,
        words="TRANSIENT",
        shown_as="options",
        observe=_is_transient,
    ),
    sql.Property(
        "withManagedAccess",
        spec.TriState(),
        default="false",
        place=sql.Place.SUFFIX,
        words="WITH MANAGED ACCESS",
        shown_as="options",
        observe=_is_managed,
        alter=_switch_managed_access,
    ),
    # ALTER alone takes it. Source: ALTER SCHEMA … SET PIPE_EXECUTION_PAUSED.
    sql.parameter("pipeExecutionPaused", spec.FLAG, place=sql.Place.NOWHERE, after=_pause_pipes),
    *CONTAINER_PARAMETERS,
)

SCHEMA = sql.SqlKind(
    token="snowflake:index/schema:Schema",
    words="SCHEMA",
    scope=sql.Scope.DATABASE,
    source="Snowflake SQL reference: CREATE SCHEMA, ALTER SCHEMA, SHOW SCHEMAS",
    autoname=sql.AUTONAME,
    fields=_FIELDS,
    outputs=sql.outputs(_FIELDS),
    parameters_of="IN SCHEMA",
    adopts=_is_public,
    shows=sql.columns(
        "created_on",
        "name",
        "is_default:flag~",
        "is_current:flag~",
        "database_name",
        "owner",
        "comment",
        "options",
        "retention_time",
        "owner_role_type",
    ),
)
