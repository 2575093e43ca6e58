"""What dropping an object takes along: rows, the tables of a container, grants that others hold.

Source: Snowflake's SHOW TABLES (`rows`, `bytes`), SHOW GRANTS ON, TO and OF.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from reconciler.catalog import sql, sqltext
from reconciler.contract.foresight import counted
from reconciler.model.values import PropertyMap
from reconciler.providers.snowflake import statements
from reconciler.providers.snowflake.session import Session

_CONTAINERS: Final = frozenset({"DATABASE", "SCHEMA"})
_OWNERSHIP: Final = "OWNERSHIP"
_UNITS: Final = ("B", "KB", "MB", "GB", "TB", "PB")
_STEP: Final = 1024


async def lost_with(session: Session, kind: sql.SqlKind, names: PropertyMap) -> tuple[str, ...]:
    """What is lost with one object, a clause each."""
    name = sqltext.qualified(*statements.name_parts(kind, names))
    if kind.words == "ROLE":
        held = len(await session.fetch(f"SHOW GRANTS OF ROLE {name}"))
        return (counted(held, "user or role loses it", "users and roles lose it"),) if held else ()
    told = [*await _rows(session, kind, names, name)]
    others = [row for row in await session.fetch(f"SHOW GRANTS ON {kind.words} {name}") if _is_given(row)]
    if others:
        to = ", ".join(sorted({str(row["grantee_name"]) for row in others}))
        told.append(f"{counted(len(others), 'grant on it is lost', 'grants on it are lost')} (to {to})")
    return tuple(told)


async def _rows(session: Session, kind: sql.SqlKind, names: PropertyMap, name: str) -> Iterator[str]:
    if kind.words == "TABLE":
        parts = statements.name_parts(kind, names)
        tables = [row for row in await session.fetch(statements.show_one(kind, parts)) if row["name"] == parts[-1]]
        return _told(tables, as_container=False)
    if kind.words in _CONTAINERS:
        return _told(await session.fetch(f"SHOW TABLES IN {kind.words} {name}"), as_container=True)
    return iter(())


def _told(tables: sql.Rows | list[sql.Row], *, as_container: bool) -> Iterator[str]:
    rows = sum(int(table.get("rows") or 0) for table in tables)
    size = sum(int(table.get("bytes") or 0) for table in tables)
    if tables and as_container:
        yield counted(len(tables), "table is lost", "tables are lost")
    if rows:
        yield counted(rows, "row is lost", "rows are lost") + (f" ({_size(size)})" if size else "")


def _is_given(row: sql.Row) -> bool:
    return row.get("privilege") != _OWNERSHIP


def _size(count: int) -> str:
    """Bytes in the largest unit that leaves at least one.

    >>> _size(5 * 1024 * 1024 + 300000)
    '5.3 MB'
    """
    value, unit = float(count), 0
    while value >= _STEP and unit < len(_UNITS) - 1:
        value, unit = value / _STEP, unit + 1
    return f"{value:.1f} {_UNITS[unit]}" if unit else f"{count} B"
