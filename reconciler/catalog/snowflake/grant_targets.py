"""What privileges are granted on: an account, an object, all or future objects of a container.

Answers for one target how GRANT … ON spells it, how the id of the grant tells
it, and which rows of SHOW GRANTS are about it.
Source: Snowflake SQL reference, GRANT <privileges>, SHOW GRANTS; ids as the public provider writes them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from reconciler.catalog import sql, sqltext
from reconciler.model.values import PropertyMap, Value

# SHOW GRANTS' word -> GRANT's word.
_SHOWN_AS: Final = {
    "VOLUME": "EXTERNAL VOLUME",
    "MODULE": "MODEL",
    "CORTEX AGENT": "AGENT",
    "CORTEX AGENT SERVER": "MCP SERVER",
    "QUALITY MONITOR": "MODEL MONITOR",
    "APPLICATION": "DATABASE",
}
# Granted as TABLE, some rows come back under what the table really is.
_TABLE_LIKE: Final = frozenset({"TABLE", "EVENT TABLE", "DYNAMIC TABLE", "ICEBERG TABLE", "HYBRID TABLE"})
_WITH_ARGUMENTS: Final = frozenset({"FUNCTION", "PROCEDURE", "EXTERNAL FUNCTION"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What one grant is on.

    Attributes:
        on: as GRANT … ON spells it.
        id: the grant id's last parts.
        object_type: the objects' sort, singular.
        name: the object's, or for all and future objects the container's, quoted name; "" for the account.
        every: "ALL" or "FUTURE" objects of the container, "" for one object.
        listing: SHOW … IN …, which lists the objects of an ALL target; "" when it does not.
    """

    on: str
    id: str
    object_type: str
    name: str = ""
    every: str = ""
    listing: str = ""

    def holds(self, row: sql.Row, name: str | None = None) -> bool:
        """Is a row of SHOW [FUTURE] GRANTS about this target, or about the object `name` of it?"""
        shown = (row.get("granted_on") or row.get("grant_on") or "").replace("_", " ").upper()
        shown = _SHOWN_AS.get(shown, shown)
        if shown != self.object_type and not {shown, self.object_type} <= _TABLE_LIKE:
            return False
        row_name = row.get("name") or ""
        if self.every == "FUTURE":
            # DB.<SCHEMA>, DB.S.<TABLE>: the container, then the sort.
            return sqltext.same_name(row_name.rpartition(".<")[0], self.name)
        wanted = name or self.name
        if not wanted:
            return True
        if self.object_type in _WITH_ARGUMENTS:
            return _signature(row_name) == _signature(wanted)
        return sqltext.same_name(row_name, wanted)


def find_target(inputs: PropertyMap) -> Target:
    """The target of a grant's inputs, of which exactly one is given (`check` has seen to that)."""
    if inputs.get("onAccount"):
        return Target(on="ACCOUNT", id="OnAccount", object_type="ACCOUNT")
    if inputs.get("onDatabase"):
        name = sqltext.quote(str(inputs["onDatabase"]))
        return Target(on=f"DATABASE {name}", id=f"OnDatabase|{name}", object_type="DATABASE", name=name)
    block = _block(inputs.get("onAccountObject"))
    if block:
        sort, name = _upper(block["objectType"]), sqltext.quote(str(block["objectName"]))
        return Target(on=f"{sort} {name}", id=f"OnAccountObject|{sort}|{name}", object_type=sort, name=name)
    block = _block(inputs.get("onSchema"))
    if block:
        return _schema_target(block)
    return _object_target(_block(inputs.get("onSchemaObject")))


def parse_target(parts: tuple[str, ...]) -> PropertyMap:
    """The inputs that an id's last parts imply.

    >>> parse_target(("OnSchema", "OnSchema", '"D"."S"'))
    {'onSchema': {'schemaName': '"D"."S"'}}

    Raises:
        ValueError: they are of no known form.
    """
    match parts:
        case ("OnAccount",):
            return {"onAccount": True}
        case ("OnDatabase", name):
            return {"onDatabase": sqltext.bare(name)}
        case ("OnAccountObject", sort, name):
            return {"onAccountObject": {"objectType": sort, "objectName": sqltext.bare(name)}}
        case ("OnSchema", "OnSchema", name):
            return {"onSchema": {"schemaName": name}}
        case ("OnSchema", "OnAllSchemasInDatabase", name):
            return {"onSchema": {"allSchemasInDatabase": sqltext.bare(name)}}
        case ("OnSchema", "OnFutureSchemasInDatabase", name):
            return {"onSchema": {"futureSchemasInDatabase": sqltext.bare(name)}}
        case ("OnSchemaObject", "OnObject", sort, name):
            return {"onSchemaObject": {"objectType": sort, "objectName": name}}
        case ("OnSchemaObject", ("OnAll" | "OnFuture") as every, plural, ("InDatabase" | "InSchema") as place, name):
            field = "inDatabase" if place == "InDatabase" else "inSchema"
            container = sqltext.bare(name) if place == "InDatabase" else name
            inside: PropertyMap = {"objectTypePlural": plural, field: container}
            return {"onSchemaObject": {"all" if every == "OnAll" else "future": inside}}
        case _:
            raise ValueError(f"{'|'.join(parts)!r} tells no target of a grant")


def same_target(left: Value, right: Value) -> bool:
    """Do two target blocks mean the same, whatever the spelling of names and sorts?"""
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        names = {name for block in (left, right) for name, value in block.items() if value is not None}
        return all(_same_part(name, left.get(name), right.get(name)) for name in names)
    return sqltext.same_name(left, right) if isinstance(left, str) else (left or None) == (right or None)


def _same_part(name: str, left: Value, right: Value) -> bool:
    if name.startswith("objectType"):
        return str(left).upper() == str(right).upper()
    return same_target(left, right)


def _schema_target(block: PropertyMap) -> Target:
    if block.get("schemaName"):
        name = sqltext.requalified(str(block["schemaName"]))
        return Target(on=f"SCHEMA {name}", id=f"OnSchema|OnSchema|{name}", object_type="SCHEMA", name=name)
    every = "ALL" if block.get("allSchemasInDatabase") else "FUTURE"
    name = sqltext.quote(str(block.get("allSchemasInDatabase") or block["futureSchemasInDatabase"]))
    return Target(
        on=f"{every} SCHEMAS IN DATABASE {name}",
        id=f"OnSchema|On{every.capitalize()}SchemasInDatabase|{name}",
        object_type="SCHEMA",
        name=name,
        every=every,
        listing=f"SHOW SCHEMAS IN DATABASE {name}" if every == "ALL" else "",
    )


def _object_target(block: PropertyMap) -> Target:
    if block.get("objectName"):
        sort, text = _upper(block["objectType"]), str(block["objectName"])
        path, bracket, arguments = text.partition("(")
        name = sqltext.requalified(path) + bracket + arguments
        return Target(on=f"{sort} {name}", id=f"OnSchemaObject|OnObject|{sort}|{name}", object_type=sort, name=name)
    every = "ALL" if block.get("all") else "FUTURE"
    inside = _block(block.get("all") or block.get("future"))
    plural = _upper(inside["objectTypePlural"])
    in_schema = bool(inside.get("inSchema"))
    name = (
        sqltext.requalified(str(inside["inSchema"])) if in_schema else sqltext.quote(str(inside.get("inDatabase", "")))
    )
    sort = singular(plural)
    place = "SCHEMA" if in_schema else "DATABASE"
    listed = every == "ALL" and sort not in _WITH_ARGUMENTS
    return Target(
        on=f"{every} {plural} IN {place} {name}",
        id=f"OnSchemaObject|On{every.capitalize()}|{plural}|In{place.capitalize()}|{name}",
        object_type=sort,
        name=name,
        every=every,
        listing=f"SHOW {plural} IN {place} {name}" if listed else "",
    )


def singular(plural: str) -> str:
    """The singular of an object sort.

    >>> singular("TABLES"), singular("MASKING POLICIES")
    ('TABLE', 'MASKING POLICY')
    """
    return plural[:-3] + "Y" if plural.endswith("IES") else plural.removesuffix("S")


def _signature(name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """`DB.S."F(A NUMBER):VARCHAR"` and `"DB"."S"."F"(NUMBER)` -> (("DB", "S", "F"), ("NUMBER",))."""
    match = re.fullmatch(r"(.*?)\(([^)]*)\).*", name)
    if match is None:
        return sqltext.parts(name), ()
    path, arguments = match.groups()
    # In a printed name the closing quote stands after the return type.
    path = path + '"' if path.count('"') % 2 else path
    types = tuple(part.split()[-1].upper() for part in arguments.split(",") if part.strip())
    return sqltext.parts(path), types


def _block(value: Value) -> PropertyMap:
    return value if isinstance(value, Mapping) else {}


def _upper(value: Value) -> str:
    return str(value).upper()
