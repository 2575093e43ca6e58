"""Account roles and database roles."""

from __future__ import annotations

from reconciler.catalog import sql

_ACCOUNT_FIELDS = (sql.NAME, sql.COMMENT)
_DATABASE_FIELDS = (sql.DATABASE, sql.NAME, sql.COMMENT)

ACCOUNT_ROLE = sql.SqlKind(
    token="snowflake:index/accountRole:AccountRole",
    words="ROLE",
    scope=sql.Scope.ACCOUNT,
    source="Snowflake SQL reference: CREATE ROLE, ALTER ROLE, SHOW ROLES",
    autoname=sql.AUTONAME,
    fields=_ACCOUNT_FIELDS,
    outputs=sql.outputs(_ACCOUNT_FIELDS),
    # The counts change whenever somebody grants: no drift of the role itself.
    shows=sql.columns(
        "created_on",
        "name",
        "is_default:flag~",
        "is_current:flag~",
        "is_inherited:flag~",
        "assigned_to_users:number~",
        "granted_to_roles:number~",
        "granted_roles:number~",
        "owner",
        "comment",
    ),
)

DATABASE_ROLE = sql.SqlKind(
    token="snowflake:index/databaseRole:DatabaseRole",
    words="DATABASE ROLE",
    scope=sql.Scope.DATABASE,
    source="Snowflake SQL reference: CREATE DATABASE ROLE, ALTER DATABASE ROLE, SHOW DATABASE ROLES",
    autoname=sql.AUTONAME,
    fields=_DATABASE_FIELDS,
    outputs=sql.outputs(_DATABASE_FIELDS),
    # SHOW DATABASE ROLES has no IN ACCOUNT, and its rows do not name the database.
    shows_in=sql.Scope.DATABASE,
    shows=sql.columns(
        "created_on",
        "name",
        "is_default:flag~",
        "is_current:flag~",
        "is_inherited:flag~",
        "granted_to_roles:number~",
        "granted_to_database_roles:number~",
        "granted_database_roles:number~",
        "owner",
        "comment",
        "owner_role_type",
    ),
)
