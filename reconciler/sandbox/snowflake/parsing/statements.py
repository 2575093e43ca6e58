"""Statements as values: what the parser read, before anything is decided about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from reconciler.sandbox.snowflake.vocabulary.identifiers import Name
from reconciler.sandbox.snowflake.vocabulary.kinds import SandboxKind
from reconciler.sandbox.snowflake.vocabulary.properties import Raw


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table definition; `type` is canonical ("NUMBER(38,0)")."""

    name: str
    type: str
    nullable: bool = True
    default: str | None = None
    comment: str | None = None
    autoincrement: tuple[int, int] | None = None
    primary_key: bool = False
    unique_key: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Create:
    """CREATE of one object. `query` is the text after AS, `source_text` the whole statement."""

    kind: SandboxKind
    name: Name
    or_replace: bool = False
    if_not_exists: bool = False
    modifiers: frozenset[str] = frozenset()
    properties: Mapping[str, Raw] = field(default_factory=dict)
    columns: tuple[Column, ...] = ()
    column_names: tuple[str, ...] = ()
    query: str | None = None
    copy_grants: bool = False
    source_text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """DROP of one object."""

    kind: SandboxKind
    name: Name
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class Rename:
    """RENAME TO."""

    to: Name


@dataclass(frozen=True, slots=True)
class SetProperties:
    """SET key = value …"""

    properties: Mapping[str, Raw]


@dataclass(frozen=True, slots=True)
class UnsetProperties:
    """UNSET key, …"""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AddToList:
    """ADD or REMOVE of items of one list property (network policies, warehouses' none)."""

    property: str
    items: tuple[str, ...]
    remove: bool = False


@dataclass(frozen=True, slots=True)
class Suspend:
    """ALTER WAREHOUSE … SUSPEND, or RESUME [IF SUSPENDED], or ABORT ALL QUERIES."""

    verb: str
    if_suspended: bool = False


@dataclass(frozen=True, slots=True)
class ManagedAccess:
    """ALTER SCHEMA … ENABLE or DISABLE MANAGED ACCESS."""

    enabled: bool


@dataclass(frozen=True, slots=True)
class AddColumns:
    """ALTER TABLE … ADD COLUMN."""

    columns: tuple[Column, ...]
    if_not_exists: bool = False


@dataclass(frozen=True, slots=True)
class DropColumns:
    """ALTER TABLE … DROP COLUMN."""

    names: tuple[str, ...]
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class RenameColumn:
    """ALTER TABLE … RENAME COLUMN."""

    name: str
    to: str


@dataclass(frozen=True, slots=True)
class AlterColumn:
    """One column's change; None leaves a thing alone. `default` "" drops it."""

    name: str
    type: str | None = None
    nullable: bool | None = None
    drop_default: bool = False
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class AlterColumns:
    """ALTER TABLE … ALTER COLUMN, one or several."""

    changes: tuple[AlterColumn, ...]


@dataclass(frozen=True, slots=True)
class ClusterBy:
    """ALTER TABLE … CLUSTER BY (…), or DROP CLUSTERING KEY (empty)."""

    expressions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PrimaryKey:
    """ALTER TABLE … ADD PRIMARY KEY (…), or DROP PRIMARY KEY (empty)."""

    columns: tuple[str, ...]


Action: TypeAlias = (
    Rename
    | SetProperties
    | UnsetProperties
    | AddToList
    | Suspend
    | ManagedAccess
    | AddColumns
    | DropColumns
    | RenameColumn
    | AlterColumns
    | ClusterBy
    | PrimaryKey
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alter:
    """ALTER of one object. `name` is () for the session's own warehouse or the current account."""

    kind: SandboxKind
    name: Name
    action: Action
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class AlterSession:
    """ALTER SESSION SET or UNSET."""

    settings: Mapping[str, Raw] = field(default_factory=dict)
    unset: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Use:
    """USE ROLE, WAREHOUSE, DATABASE or SCHEMA (`kind`); "" for the bare form (database or schema)."""

    kind: str
    name: Name


@dataclass(frozen=True, slots=True)
class UseSecondaryRoles:
    """USE SECONDARY ROLES ALL or NONE."""

    mode: str


@dataclass(frozen=True, slots=True)
class Grantee:
    """Who gets it: ROLE, DATABASE ROLE or USER, by name."""

    kind: SandboxKind
    name: Name


@dataclass(frozen=True, slots=True)
class OnObject:
    """ON one object; the account when `name` is ()."""

    kind: SandboxKind
    name: Name


@dataclass(frozen=True, slots=True)
class OnMany:
    """ON ALL or FUTURE objects of a kind in a database or schema."""

    kind: SandboxKind
    container: SandboxKind
    name: Name
    future: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """GRANT or REVOKE of privileges; `privileges` is ("ALL",) for ALL PRIVILEGES."""

    privileges: tuple[str, ...]
    on: OnObject | OnMany
    grantee: Grantee
    with_option: bool = False
    revoke: bool = False
    option_only: bool = False
    current_grants: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantRole:
    """GRANT or REVOKE of a role or database role."""

    role: Grantee
    grantee: Grantee
    revoke: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Show:
    """SHOW of a kind. `container` is what stands after IN: the account, or a named object, or nothing."""

    kind: SandboxKind
    like: str | None = None
    container: OnObject | None = None
    starts_with: str | None = None
    limit: int | None = None
    start_after: str | None = None
    terse: bool = False


@dataclass(frozen=True, slots=True)
class ShowColumns:
    """SHOW COLUMNS [LIKE] [IN …]."""

    like: str | None
    container: OnObject | None


@dataclass(frozen=True, slots=True)
class ShowGrants:
    """SHOW GRANTS; `direction` is "on", "to" or "of"; no target means the session's user."""

    direction: str
    target: OnObject | None


@dataclass(frozen=True, slots=True)
class ShowFutureGrants:
    """SHOW FUTURE GRANTS IN a container or TO a role."""

    direction: str
    target: OnObject


@dataclass(frozen=True, slots=True)
class ShowParameters:
    """SHOW PARAMETERS; `target` is None for the session."""

    like: str | None
    target: OnObject | None


@dataclass(frozen=True, slots=True)
class Describe:
    """DESC of one object."""

    kind: SandboxKind
    name: Name


@dataclass(frozen=True, slots=True)
class StagePath:
    """@stage/path; `name` is () for the user's own stage."""

    name: Name
    path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyInto:
    """COPY INTO a table. `select` holds, for the transforming form, the select list's text per column."""

    table: Name
    columns: tuple[str, ...] = ()
    source: StagePath
    alias: str = ""
    select: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    pattern: str | None = None
    file_format: Mapping[str, Raw] = field(default_factory=dict)
    options: Mapping[str, Raw] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ListStage:
    """LIST @stage."""

    source: StagePath
    pattern: str | None = None


@dataclass(frozen=True, slots=True)
class Data:
    """Anything for the data engine: queries, DML, transactions."""

    sql: str
    verb: str


Statement: TypeAlias = (
    Create
    | Drop
    | Alter
    | AlterSession
    | Use
    | UseSecondaryRoles
    | Grant
    | GrantRole
    | Show
    | ShowColumns
    | ShowGrants
    | ShowFutureGrants
    | ShowParameters
    | Describe
    | CopyInto
    | ListStage
    | Data
)
