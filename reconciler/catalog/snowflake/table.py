"""Tables: columns are added, dropped and changed in place, never by making the table anew."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from reconciler.catalog import spec, sql, sqltext
from reconciler.catalog.snowflake import data_types
from reconciler.model.values import PropertyMap, Unknown, Value, reveal

_IDENTITY: Final = re.compile(r"IDENTITY START (-?\d+) INCREMENT (-?\d+)")


def render_columns(columns: Value) -> str:
    """The columns between the parentheses of CREATE TABLE.

    >>> render_columns(({"name": "ID", "type": "NUMBER(38,0)", "nullable": False},))
    '"ID" NUMBER(38,0) NOT NULL'
    """
    return ", ".join(_render_column(column) for column in _columns(columns))


def _render_column(column: PropertyMap) -> str:
    words = [sqltext.quote(str(column["name"])), str(column["type"]).upper()]
    if column.get("collate"):
        words.append(f"COLLATE {sqltext.literal(str(column['collate']))}")
    if column.get("nullable") in (False, "false"):
        words.append("NOT NULL")
    default, identity = column.get("default"), column.get("identity")
    if isinstance(default, Mapping):
        words.append(f"DEFAULT {_render_default(default)}")
    if isinstance(identity, Mapping):
        words.append(f"IDENTITY START {identity.get('startNum', 1)} INCREMENT {identity.get('stepNum', 1)}")
    if column.get("maskingPolicy"):
        words.append(f"WITH MASKING POLICY {sqltext.requalified(str(column['maskingPolicy']))}")
    if column.get("comment"):
        words.append(f"COMMENT {sqltext.literal(str(column['comment']))}")
    return " ".join(words)


def _render_default(default: PropertyMap) -> str:
    if default.get("sequence"):
        return f"{sqltext.requalified(str(default['sequence']))}.NEXTVAL"
    if default.get("expression"):
        return str(default["expression"])
    return sqltext.literal(str(default.get("constant", "")))


def alter_columns(alter: str, live: Value, wanted: Value) -> tuple[sql.Statement, ...]:
    """Statements that take a table's columns from live to wanted.

    Types first, since Snowflake may refuse them for the rows that are there; new
    columns before old ones go, since it keeps no table without columns (1432).
    """
    before = {str(column["name"]): column for column in _columns(live)}
    after = {str(column["name"]): column for column in _columns(wanted)}
    kept = [
        (f"{alter} ALTER COLUMN {sqltext.quote(name)}", before[name], column)
        for name, column in after.items()
        if name in before
    ]
    texts = [
        f"{column_alter} SET DATA TYPE {str(new['type']).upper()}"
        for column_alter, old, new in kept
        if not data_types.same(str(old["type"]), str(new["type"]))
    ]
    texts += [f"{alter} ADD COLUMN {_render_column(column)}" for name, column in after.items() if name not in before]
    texts += [f"{alter} DROP COLUMN {sqltext.quote(name)}" for name in before if name not in after]
    for column_alter, old, new in kept:
        texts += _alter_column(column_alter, old, new)
    return tuple(sql.Statement(text) for text in texts)


def _refuses(live: Value, wanted: Value) -> str:
    """A type that ALTER cannot reach needs a new table, which would lose the rows: not without being asked."""
    before = {str(column["name"]): str(column["type"]) for column in _columns(live)}
    for column in _columns(wanted):
        name, new = str(column["name"]), str(column["type"])
        old = before.get(name, new)
        if not data_types.same(old, new) and not data_types.changes_in_place(old, new):
            return f"column {name} cannot change from {old} to {new} in place"
    return ""


def _alter_column(alter: str, live: PropertyMap, wanted: PropertyMap) -> list[str]:
    texts = []
    if _is_nullable(live) != _is_nullable(wanted):
        texts.append(f"{alter} {'DROP' if _is_nullable(wanted) else 'SET'} NOT NULL")
    if not _same_default(live.get("default"), wanted.get("default")):
        # SET DEFAULT takes sequences alone: what else changes is said by Snowflake itself.
        default = wanted.get("default")
        texts.append(
            f"{alter} SET DEFAULT {_render_default(default)}"
            if isinstance(default, Mapping)
            else f"{alter} DROP DEFAULT"
        )
    if (live.get("comment") or "") != (wanted.get("comment") or ""):
        texts.append(f"{alter} COMMENT {sqltext.literal(str(wanted.get('comment') or ''))}")
    if not sqltext.same_name(live.get("maskingPolicy"), wanted.get("maskingPolicy")):
        policy = wanted.get("maskingPolicy")
        texts.append(
            f"{alter} SET MASKING POLICY {sqltext.requalified(str(policy))}"
            if policy
            else f"{alter} UNSET MASKING POLICY"
        )
    return texts


def same_columns(left: Value, right: Value) -> bool:
    """Do two lists describe the same columns? Their order cannot change in place and is not compared."""
    one = {str(column["name"]): column for column in _columns(left)}
    two = {str(column["name"]): column for column in _columns(right)}
    return one.keys() == two.keys() and all(_same_column(one[name], two[name]) for name in one)


def _same_column(left: PropertyMap, right: PropertyMap) -> bool:
    return (
        data_types.same(str(left["type"]), str(right["type"]))
        and _is_nullable(left) == _is_nullable(right)
        and (left.get("comment") or "") == (right.get("comment") or "")
        and _same_default(left.get("default"), right.get("default"))
        and sqltext.same_name(left.get("maskingPolicy"), right.get("maskingPolicy"))
    )


def _same_default(left: Value, right: Value) -> bool:
    return _default_text(left) == _default_text(right)


def _default_text(default: Value) -> str:
    """A default in one form: DESCRIBE prints constants quoted, numbers bare, sequences as NEXTVAL."""
    if not isinstance(default, Mapping):
        return ""
    if default.get("sequence"):
        return ".".join(sqltext.parts(str(default["sequence"]))) + ".NEXTVAL"
    text = str(default.get("expression") or default.get("constant") or "").strip()
    return re.sub(r"\s+|\"", "", text.strip("'")).upper() if default.get("expression") else text.strip("'")


def _is_nullable(column: PropertyMap) -> bool:
    return str(column.get("nullable", True)).lower() != "false"


def _columns(value: Value) -> tuple[PropertyMap, ...]:
    value = reveal(value)
    if not isinstance(value, tuple):
        return ()
    return tuple(item for item in value if isinstance(item, Mapping) and not isinstance(item.get("name"), Unknown))


def _observe_columns(observation: sql.Observation) -> Value:
    """Source: DESCRIBE TABLE: name, type, null?, default, comment, policy name."""
    return tuple(_observed(row) for row in observation.described if (row.get("kind") or "COLUMN") == "COLUMN")


def _observed(row: sql.Row) -> Value:
    column: dict[str, Value] = {
        "name": row.get("name"),
        "type": row.get("type"),
        "nullable": (row.get("null?") or "Y") == "Y",
    }
    default = row.get("default")
    identity = _IDENTITY.match(default or "")
    if identity:
        column["identity"] = {"startNum": int(identity.group(1)), "stepNum": int(identity.group(2))}
    elif default and default.upper().endswith(".NEXTVAL"):
        column["default"] = {"sequence": default[: -len(".NEXTVAL")]}
    elif default and default.startswith("'"):
        column["default"] = {"constant": default[1:-1].replace("''", "'")}
    elif default:
        column["default"] = {"expression": default}
    if row.get("comment"):
        column["comment"] = row["comment"]
    if row.get("policy name"):
        column["maskingPolicy"] = row["policy name"]
    return column


def _render_primary_key(value: Value) -> str:
    if not isinstance(value, Mapping):
        return ""
    keys = value.get("keys")
    quoted = ", ".join(sqltext.quote(str(key)) for key in keys) if isinstance(keys, tuple) else ""
    named = f"CONSTRAINT {sqltext.quote(str(value['name']))} " if value.get("name") else ""
    return f"{named}PRIMARY KEY ({quoted})"


def _alter_primary_key(alter: str, live: Value, wanted: Value) -> tuple[sql.Statement, ...]:
    dropped = (sql.Statement(f"{alter} DROP PRIMARY KEY"),) if _keys(live) else ()
    clause = _render_primary_key(wanted)
    return (*dropped, *((sql.Statement(f"{alter} ADD {clause}"),) if clause else ()))


def _keys(value: Value) -> frozenset[str]:
    keys = value.get("keys") if isinstance(value, Mapping) else None
    return frozenset(str(key) for key in keys) if isinstance(keys, tuple) else frozenset()


def _same_primary_key(left: Value, right: Value) -> bool:
    # DESCRIBE tells which columns are in the key, neither their order nor its name.
    return _keys(left) == _keys(right)


def _observe_primary_key(observation: sql.Observation) -> Value:
    keys = tuple(row.get("name") for row in observation.described if row.get("primary key") == "Y")
    return {"keys": keys} if keys else None


def _render_body(inputs: PropertyMap) -> str:
    key = _render_primary_key(inputs.get("primaryKey"))
    return "(" + ", ".join(filter(None, (render_columns(inputs.get("columns")), key))) + ")"


def _render_clustering(value: Value) -> str:
    expressions = ", ".join(str(item) for item in value) if isinstance(value, tuple) else ""
    return f"CLUSTER BY ({expressions})" if expressions else ""


def _alter_clustering(alter: str, _live: Value, wanted: Value) -> tuple[sql.Statement, ...]:
    return (sql.Statement(f"{alter} {_render_clustering(wanted) or 'DROP CLUSTERING KEY'}"),)


def _observe_clustering(observation: sql.Observation) -> Value:
    """`LINEAR(a, f(b, c))` -> ("a", "f(b, c)")."""
    text = (observation.row.get("cluster_by") or "").strip()
    text = re.sub(r"^(?:LINEAR)?\((.*)\)$", r"\1", text, flags=re.DOTALL)
    found, depth, start = [], 0, 0
    for position, letter in enumerate(text + ","):
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth == 0:
            found.append(text[start:position].strip())
            start = position + 1
    return tuple(expression for expression in found if expression)


def _same_clustering(left: Value, right: Value) -> bool:
    return _clustering(left) == _clustering(right)


def _clustering(value: Value) -> list[str]:
    return [re.sub(r"\s|\"", "", str(item)).upper() for item in value] if isinstance(value, tuple) else []


def _observe_tracking(observation: sql.Observation) -> Value:
    return observation.row.get("change_tracking") in ("ON", "true", "Y")


def _check(inputs: PropertyMap) -> tuple[tuple[str, str], ...]:
    columns = _columns(inputs.get("columns"))
    seen: set[str] = set()
    problems = []
    for index, column in enumerate(columns):
        name = str(column.get("name"))
        if name in seen:
            problems.append((f"columns[{index}].name", f"two columns are named {name}"))
        seen.add(name)
    return tuple(problems)


_COLUMN: Final = spec.Block(
    (
        spec.Field("name", required=True),
        spec.Field("type", required=True),
        spec.Field("nullable", spec.FLAG, default=True),
        spec.Field("comment"),
        spec.Field("collate"),
        spec.Field("default", spec.Block((spec.Field("constant"), spec.Field("expression"), spec.Field("sequence")))),
        spec.Field(
            "identity", spec.Block((spec.Field("startNum", spec.Integer()), spec.Field("stepNum", spec.Integer())))
        ),
        spec.Field("maskingPolicy"),
        spec.Field("schemaEvolutionRecord"),
    )
)
_FIELDS = (
    sql.DATABASE,
    sql.SCHEMA,
    sql.NAME,
    sql.Property(
        "columns",
        spec.ListOf(_COLUMN),
        required=True,
        place=sql.Place.BODY,
        read_from=sql.ReadFrom.DESCRIBE,
        observe=_observe_columns,
        alter=alter_columns,
        same=same_columns,
        refuses=_refuses,
    ),
    sql.Property(
        "primaryKey",
        spec.Block((spec.Field("keys", spec.ListOf(spec.TEXT), required=True), spec.Field("name"))),
        place=sql.Place.BODY,
        read_from=sql.ReadFrom.DESCRIBE,
        observe=_observe_primary_key,
        alter=_alter_primary_key,
        same=_same_primary_key,
    ),
    sql.Property(
        "clusterBies",
        spec.ListOf(spec.TEXT),
        default=(),
        shown_as="cluster_by",
        render=_render_clustering,
        alter=_alter_clustering,
        observe=_observe_clustering,
        same=_same_clustering,
    ),
    sql.Property("changeTracking", spec.FLAG, default=False, observe=_observe_tracking),
    sql.Property(
        "dataRetentionTimeInDays",
        spec.Integer(minimum=0, maximum=90, unmanaged=-1, unit="days"),
        default=1,
        shown_as="retention_time",
    ),
    sql.COMMENT,
)

TABLE = sql.SqlKind(
    token="snowflake:index/table:Table",
    words="TABLE",
    scope=sql.Scope.SCHEMA,
    source="Snowflake SQL reference: CREATE TABLE, ALTER TABLE, SHOW TABLES, DESCRIBE TABLE",
    autoname=sql.AUTONAME,
    fields=_FIELDS,
    outputs=(*sql.outputs(_FIELDS, show=False), spec.Output("owner", shown_as="owner", doc="The owning role.")),
    gaps=("tags",),
    described=True,
    body=_render_body,
    check=_check,
    shows=sql.columns(
        "created_on",
        "name",
        "schema_name",
        "database_name",
        "kind",
        "comment",
        "cluster_by",
        "rows:number~",
        "bytes:number~",
        "owner",
        "retention_time",
        "automatic_clustering",
        "change_tracking",
        "is_external",
        "enable_schema_evolution",
        "owner_role_type",
    ),
)
