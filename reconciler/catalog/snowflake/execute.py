"""Execute: any statement, with the statement that takes it back and a query that looks at it."""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.catalog import spec, sql
from reconciler.model.values import PropertyMap


def _identify(_inputs: PropertyMap) -> str:
    return ""


def _parse_id(_id: str) -> PropertyMap:
    raise ValueError("an Execute cannot be imported: nothing in Snowflake tells what was run")


def _create(inputs: PropertyMap) -> tuple[sql.Statement, ...]:
    return (sql.Statement(str(inputs["execute"])),)


def _alter(_live: PropertyMap, _inputs: PropertyMap) -> tuple[sql.Statement, ...]:
    # `revert` is only kept for the delete, and `query` is run by the read that follows.
    return ()


def _drop(inputs: PropertyMap) -> tuple[sql.Statement, ...]:
    return (sql.Statement(str(inputs["revert"])),)


def _queries(inputs: PropertyMap) -> tuple[str, ...]:
    return (str(inputs["query"]),) if inputs.get("query") else ()


def _observe(inputs: PropertyMap, results: Mapping[str, sql.Rows | None]) -> PropertyMap | None:
    rows = results.get(str(inputs.get("query"))) or ()
    return {"queryResults": tuple({name: value or "" for name, value in row.items()} for row in rows)}


EXECUTE = sql.SqlKind(
    token="snowflake:index/execute:Execute",
    words="",
    scope=sql.Scope.ACCOUNT,
    source="snowflakedb/snowflake provider, resource snowflake_execute",
    fields=(
        # A statement that ran cannot run differently: the old one is reverted and the new one run.
        sql.Property("execute", required=True, change=spec.Change.REPLACE, shown_as=None),
        sql.Property("revert", required=True, shown_as=None),
        sql.Property("query", shown_as=None),
    ),
    outputs=(spec.Output("queryResults", follows=("query",), doc="The rows of `query`, values as text."),),
    delete_first=True,
    runs_own_text=True,
    oddity=sql.Oddity(
        identify=_identify,
        parse_id=_parse_id,
        create=_create,
        alter=_alter,
        drop=_drop,
        queries=_queries,
        observe=_observe,
    ),
)
